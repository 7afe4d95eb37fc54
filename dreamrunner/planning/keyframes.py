"""Boxes between key frames: the one place in which they are interpolated.

The pages move boxes too, in the browser, where there is no Python: ``film/page/drawing.js`` has the same rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Literal

from dreamrunner.language.parts import Box, KeyFrame

Interpolation = Literal["linear", "hold"]
Edges = tuple[float, float, float, float]
"""x0, y0, x1, y1 of a box, in any unit."""


def between(start: Edges, end: Edges, share: float) -> Edges:
    """The edges of a box on its straight way: ``start`` at a ``share`` of 0, ``end`` at 1."""
    x0, y0, x1, y1 = (a + (b - a) * share for a, b in zip(start, end, strict=True))
    return x0, y0, x1, y1


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
    return Box(*between(astuple(before.box), astuple(after.box), share))
