"""Where a planned way turns: the fewest of its key frames that a box takes the same way by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from dreamrunner.language.story import KeyFrame
from dreamrunner.planning.keyframes import between

_CLOSE = 2e-3  # of the frame: nobody sees a box that far off


def turns(keyframes: Sequence[KeyFrame]) -> tuple[KeyFrame, ...]:
    """The key frames, sorted by time and one or more, without those that lie on a straight way between others.

    A box that stands still is left with its first one.
    """
    kept = [keyframes[0]]
    start = 0
    for end in range(2, len(keyframes)):
        if not all(_on_way(keyframes[start], each, keyframes[end]) for each in keyframes[start + 1 : end]):
            start = end - 1
            kept.append(keyframes[start])
    last = keyframes[-1]
    return tuple(kept) if _same(kept[-1], last) else (*kept, last)


def _on_way(start: KeyFrame, middle: KeyFrame, end: KeyFrame) -> bool:
    share = (middle.at - start.at) / (end.at - start.at)
    straight = between(astuple(start.box), astuple(end.box), share)
    return all(abs(edge - other) <= _CLOSE for edge, other in zip(straight, astuple(middle.box), strict=True))


def _same(one: KeyFrame, other: KeyFrame) -> bool:
    return all(
        abs(edge - another) <= _CLOSE for edge, another in zip(astuple(one.box), astuple(other.box), strict=False)
    )
