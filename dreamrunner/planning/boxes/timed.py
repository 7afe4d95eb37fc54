"""An entity's boxes by time: as they become known, and as key frames."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence

from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.planning.boxes.lanes import FRAME
from dreamrunner.planning.boxes.simplify import without_rests
from dreamrunner.planning.keyframes import Edges, between


class TimedBoxes:
    """Boxes at moments, in seconds, in any order of coming."""

    def __init__(self) -> None:
        self._frames: list[tuple[float, Edges]] = []

    def add(self, frames: Iterable[tuple[float, Edges]]) -> None:
        """Learn of boxes at moments."""
        for frame in frames:
            if not self._frames or self._frames[-1][0] <= frame[0]:
                self._frames.append(frame)
            else:
                bisect.insort_right(self._frames, frame, key=_time)

    def at(self, time: float) -> Edges | None:
        """The box at a time: on the straight way between those before and after it; None where none is known."""
        if not self._frames:
            return None
        last = len(self._frames) - 1
        t0, before = self._frames[max(0, bisect.bisect_right(self._frames, time, key=_time) - 1)]
        t1, after = self._frames[min(last, bisect.bisect_left(self._frames, time, key=_time))]
        share = (time - t0) / (t1 - t0) if t1 > t0 else 0.0
        return between(before, after, min(max(share, 0.0), 1.0))


def _time(frame: tuple[float, Edges]) -> float:
    return frame[0]


def rounded(frames: Sequence[tuple[float, Edges]]) -> tuple[KeyFrame, ...]:
    """Moments and boxes as key frames, in whole thousandths of the frame; of a rest only where it begins and ends."""
    found = []
    for time, edges in frames:
        # Who comes or goes is outside on a side of the frame, up to its own width.
        x0, x1 = (min(max(round(edge), -FRAME), 2 * FRAME) for edge in (edges[0], edges[2]))
        y0, y1 = (min(max(round(edge), 0), FRAME) for edge in (edges[1], edges[3]))
        x0, y0 = min(x0, 2 * FRAME - 1), min(y0, FRAME - 1)
        found.append(KeyFrame(time, Box(x0 / FRAME, y0 / FRAME, max(x1, x0 + 1) / FRAME, max(y1, y0 + 1) / FRAME)))
    return without_rests(found)


def times_of(start: float, end: float) -> tuple[float, ...]:
    """The key frames of a span: its start and every whole second after it."""
    return (start, *(float(second) for second in range(math.floor(start) + 1, math.ceil(end))))
