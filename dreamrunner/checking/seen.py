"""What a watcher sees in a scene's frames, and what every watcher can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dreamrunner.checking.script import Script
from dreamrunner.language.parts import Box

if TYPE_CHECKING:
    import numpy as np

SURE = 0.5
"""From which chance on something counts as seen. A watcher scales what it measures so that this is the border."""


class WatcherError(Exception):
    """A watcher that can't be used. Its text is one line: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Sighting:
    """Somebody or something in a picture.

    ``box``: where, normalized to 0..1.
    ``who``: for every subject of the script, the chance (0..1) that it is this one, by what it is.
    ``like``: for every subject, the chance that it looks as the story says; None where the watcher can't tell.
    """

    box: Box
    who: tuple[float, ...]
    like: tuple[float | None, ...]


@dataclass(frozen=True)
class Seen:
    """What is seen of a scene.

    ``known``: for every subject of the script, whether the watcher can recognize it.
    ``sightings``: for every moment of the script, what is in the picture.
    ``done``: for every act of the script, the chance that it is done where the script says; None where the watcher
    doesn't know the motion.
    """

    known: tuple[bool, ...]
    sightings: tuple[tuple[Sighting, ...], ...]
    done: tuple[float | None, ...]


class Watcher(Protocol):
    """Looks at a scene's frames with the script in hand."""

    name: str
    """What people are told of it."""

    @property
    def key(self) -> str:
        """Names its networks and weights. For keys of tasks."""
        ...

    def watch(self, pixels: np.ndarray, script: Script) -> Seen:
        """What is seen in frames, uint8 (frames, height, width, 3), spread evenly over the script's duration.

        Raises:
            WatcherError: its weights can't be used.
        """
        ...


def frame_at(count: int, duration: float, moment: float) -> int:
    """The number of the frame that shows a moment, of ``count`` frames over ``duration`` seconds."""
    return min(count - 1, max(0, int(moment / duration * count)))


def frames_between(count: int, duration: float, start: float, end: float) -> range:
    """The numbers of the frames between two moments, one at least."""
    first = frame_at(count, duration, start)
    return range(first, max(first + 1, min(count, round(end / duration * count))))


def overlap(one: Box, other: Box) -> float:
    """Area of the intersection of two boxes over that of their union, 0..1."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def apart(one: Box, other: Box) -> float:
    """How far the middles of two boxes are apart, in the picture's width and height: the larger of both ways."""
    across = abs(one.x0 + one.x1 - other.x0 - other.x1) / 2
    down = abs(one.y0 + one.y1 - other.y0 - other.y1) / 2
    return max(across, down)


def once(boxes: Sequence[Box], strength: Sequence[float], *, shared: float = 0.5) -> list[int]:
    """The numbers of the boxes that are left when of those that overlap by more than ``shared`` the strongest stays,
    the strongest first."""
    kept: list[int] = []
    for number in sorted(range(len(boxes)), key=lambda each: -strength[each]):
        if all(overlap(boxes[number], boxes[other]) <= shared for other in kept):
            kept.append(number)
    return kept


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
