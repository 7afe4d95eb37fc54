"""Coming into the picture and going out of it: which part of a box is filmed, and where one is that is about to come.

A box may reach from -1 to 2, of which 0..1 is the picture. What lies outside is not filmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

from dreamrunner.language.parts import Box, KeyFrame

LOWEST, HIGHEST = -1.0, 2.0
"""How far a box may reach beyond the picture, which is 0..1: a picture's width or height on every side."""

Side = Literal["left", "right", "top", "bottom"]
SIDES: tuple[Side, ...] = get_args(Side)
"""The sides by which somebody comes into the picture or goes out of it."""

_CLOSE = 1e-9  # times this near are the same


def filmed(box: Box) -> Box | None:
    """The part of a box that lies in the picture; None where there is none."""
    x0, y0, x1, y1 = max(box.x0, 0.0), max(box.y0, 0.0), min(box.x1, 1.0), min(box.y1, 1.0)
    return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def beyond(box: Box, side: Side) -> Box:
    """A box of the same size and height, or the same distance from the left, that lies just outside by a side.

    One that is larger than the picture is cut to its size there.
    """
    # Rounded, since a difference of decimals has many of them.
    width, height = round(min(box.x1 - box.x0, 1.0), 6), round(min(box.y1 - box.y0, 1.0), 6)
    match side:
        case "left":
            return Box(-width, box.y0, 0.0, box.y1)
        case "right":
            return Box(1.0, box.y0, 1.0 + width, box.y1)
        case "top":
            return Box(box.x0, -height, box.x1, 0.0)
        case "bottom":
            return Box(box.x0, 1.0, box.x1, 1.0 + height)


def midway(box: Box, enters: Side, leaves: Side) -> Box:
    """A box of the same size where somebody is halfway between two different sides of the picture.

    That is in its middle from left to right, or, between the top and the bottom, in its middle from top to bottom;
    along the other direction it stays where it is.
    """
    if {enters, leaves} == {"top", "bottom"}:
        half = (box.y1 - box.y0) / 2
        return replace(box, y0=round(0.5 - half, 4), y1=round(0.5 + half, 4))
    half = (box.x1 - box.x0) / 2
    return replace(box, x0=round(0.5 - half, 4), x1=round(0.5 + half, 4))


def crossing(
    keyframes: Sequence[KeyFrame], start: float, end: float, enters: Side | None, leaves: Side | None
) -> tuple[KeyFrame, ...]:
    """The key frames of a beat from ``start`` to ``end``, in seconds, with those that ``enters`` and ``leaves`` mean.

    They are at the beat's beginning and at its end, with the box that is nearest in time moved out of the picture. A
    key frame that stands at that time already says itself where it is then. None are made where ``keyframes``, which
    are sorted by time, are empty.
    """
    frames = list(keyframes)
    for side, at, nearest in ((enters, start, 0), (leaves, end, -1)):
        if side is not None and frames and not any(abs(frame.at - at) < _CLOSE for frame in frames):
            frames.append(KeyFrame(at, beyond(frames[nearest].box, side)))
            frames.sort(key=lambda frame: frame.at)
    return tuple(frames)
