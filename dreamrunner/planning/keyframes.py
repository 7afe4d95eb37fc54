"""Boxes between key frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dreamrunner.language.story import Box, KeyFrame

Interpolation = Literal["linear", "hold"]


def box_at(keyframes: Sequence[KeyFrame], time: float, interpolation: Interpolation = "linear") -> Box:
    """The box at a time in seconds, from key frames sorted by time (one or more).

    ``linear`` moves the four edges in a straight line from key frame to key frame, ``hold`` keeps each box until the
    next key frame; before the first and after the last key frame both hold.
    """
    earlier = [frame for frame in keyframes if frame.at <= time]
    later = [frame for frame in keyframes if frame.at > time]
    if not earlier:
        return later[0].box
    if not later or interpolation == "hold":
        return earlier[-1].box
    before, after = earlier[-1], later[0]
    share = (time - before.at) / (after.at - before.at)

    def between(a: float, b: float) -> float:
        return a + (b - a) * share

    return Box(
        between(before.box.x0, after.box.x0),
        between(before.box.y0, after.box.y0),
        between(before.box.x1, after.box.x1),
        between(before.box.y1, after.box.y1),
    )
