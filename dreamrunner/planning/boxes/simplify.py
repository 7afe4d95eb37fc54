"""Simplifying a planned way: the fewest of its key frames between which a box moves as with all of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import astuple

from dreamrunner.language.parts import KeyFrame

_Fan = tuple[tuple[float, float], ...]
_ANYWAY: _Fan = ((-math.inf, math.inf),) * 4
_CLOSE = 2e-3  # of the frame: nobody sees a box that far off


def turns(keyframes: Sequence[KeyFrame]) -> tuple[KeyFrame, ...]:
    """The key frames, sorted by time, without those that lie on a straight way between others.

    A box that stands still is left with its first one.
    """
    if not keyframes:
        return ()
    kept = [keyframes[0]]
    fan = _ANYWAY
    for before, frame in itertools.pairwise(keyframes):
        if before is not kept[-1]:
            fan = _narrowed(fan, kept[-1], before)
            if not all(low <= speed <= high for (low, high), speed in zip(fan, _speeds(kept[-1], frame), strict=True)):
                kept.append(before)
                fan = _ANYWAY
    last = keyframes[-1]
    return tuple(kept) if _same(kept[-1], last) else (*kept, last)


def without_rests(keyframes: Sequence[KeyFrame]) -> tuple[KeyFrame, ...]:
    """The key frames, sorted by time, without those that say once more where a box stands that does not move.

    The box is where it was at every time, exactly.
    """
    kept: list[KeyFrame] = []
    for position, frame in enumerate(keyframes):
        rests = position > 0 and frame.box == keyframes[position - 1].box
        if not rests or any(later.box != frame.box for later in keyframes[position + 1 : position + 2]):
            kept.append(frame)
    return tuple(kept)


def _narrowed(fan: _Fan, start: KeyFrame, frame: KeyFrame) -> _Fan:
    """The speeds of ``fan`` at which the edges that leave ``start`` come by a key frame's box."""
    about = _CLOSE / (frame.at - start.at)
    return tuple(
        (max(low, speed - about), min(high, speed + about))
        for (low, high), speed in zip(fan, _speeds(start, frame), strict=True)
    )


def _speeds(start: KeyFrame, end: KeyFrame) -> tuple[float, ...]:
    """How fast the four edges go from one box to another, in frames a second."""
    ways = zip(astuple(start.box), astuple(end.box), strict=True)
    return tuple((there - here) / (end.at - start.at) for here, there in ways)


def _same(one: KeyFrame, other: KeyFrame) -> bool:
    return all(
        abs(edge - another) <= _CLOSE for edge, another in zip(astuple(one.box), astuple(other.box), strict=True)
    )
