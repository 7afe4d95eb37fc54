"""People in a video: where each of them is, and the stretches in which one of them stays in the picture.

Motion retrieval, step 3 of the paper's section 3.2: people are tracked, and a clip is cut into person-centred segments.
Who tracks is behind :class:`PeopleTracker`; :mod:`dreamrunner.retrieval.yolo` does by default.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

if TYPE_CHECKING:
    from dreamrunner.datasets.segments import Segment

Box = tuple[float, float, float, float]
"""Normalized x0, y0, x1, y1 of the picture as shown: 0 <= x0 < x1 <= 1, 0 <= y0 < y1 <= 1."""

AWAY = 0.75
"""Seconds for which a person may be out of sight, behind somebody else for instance, without the segment ending."""

LONGEST = 6.0
"""Seconds that a motion prior is trained on (48 frames at 8 a second). A person who stays twice as long gives two
segments, three times as long three, so that a walk along the whole street has windows that stay near the walker."""

MARGIN = 0.2
"""How much wider the window is than what it must hold, as a share of it."""


class Track(BaseModel, frozen=True):
    """One person on the way through a video: boxes in order of time, seconds counted as in the file."""

    person: int
    boxes: tuple[tuple[float, Box], ...]


class PeopleTracker(Protocol):
    """Finds people and follows them."""

    @property
    def key(self) -> str:
        """Names everything that the tracks depend on beside the video: weights, settings, version. For caches."""
        ...

    def track(self, file: Path, *, start: float = 0.0, end: float | None = None) -> tuple[Track, ...]:
        """Everybody between ``start`` and ``end`` seconds, in order of appearance.

        Someone who comes back after a while may count as another person. Raises
        :class:`~dreamrunner.datasets.video.VideoError` when the file cannot be read.
        """
        ...


def cut(
    tracks: Sequence[Track], *, clip: Segment, least_seconds: float, least_frames: int, rate: float
) -> tuple[Segment, ...]:
    """Cut ``clip`` into segments that show one person each, from that person's coming to going.

    A segment is at least ``least_seconds`` long and, at ``rate`` frames a second, ``least_frames`` frames. Its crop is
    a window that holds the person all the time and does not move; it has the shape of the whole picture. Segments come
    in order of time. Somebody who is never in the picture for long enough gives none.
    """
    least = max(least_seconds, least_frames / rate)
    segments = []
    for track in tracks:
        inside = [(moment, box) for moment, box in track.boxes if clip.start <= moment <= clip.end]
        for start, end, boxes in _stretches(inside, until=clip.end):
            if end - start < least - 1e-6:
                continue
            pieces = max(1, int((end - start) / max(LONGEST, least)))
            edges = [start + (end - start) * piece / pieces for piece in range(pieces + 1)]
            for first, last in pairwise(edges):
                held = [box for moment, box in boxes if first - 1e-6 <= moment <= last + 1e-6]
                segments.append(clip.model_copy(update={"start": first, "end": last, "crop": window(held)}))
    return tuple(sorted(segments, key=lambda segment: (segment.start, segment.end, segment.crop)))


def _stretches(
    boxes: Sequence[tuple[float, Box]], until: float
) -> Iterator[tuple[float, float, list[tuple[float, Box]]]]:
    """Split a track where its person is away for longer than :data:`AWAY`: start, end and boxes of each part."""
    if not boxes:
        return
    steps = sorted(after - before for (before, _), (after, _) in pairwise(boxes))
    step = steps[len(steps) // 2] if steps else 0.0
    part = [boxes[0]]
    for box in [*boxes[1:], (float("inf"), boxes[-1][1])]:
        if box[0] - part[-1][0] > max(AWAY, 2 * step):
            # The last box holds until the tracker looks again.
            yield part[0][0], min(part[-1][0] + step, until), part
            part = []
        part.append(box)


def window(boxes: Sequence[Box]) -> Box:
    """The smallest window round all the boxes that has the picture's shape, with a margin, inside the picture."""
    x0, y0 = (min(box[axis] for box in boxes) for axis in (0, 1))
    x1, y1 = (max(box[axis] for box in boxes) for axis in (2, 3))
    side = min(1.0, max(x1 - x0, y1 - y0) * (1 + MARGIN))
    left, top = (min(max((low + high - side) / 2, 0.0), 1 - side) for low, high in ((x0, x1), (y0, y1)))
    return left, top, left + side, top + side
