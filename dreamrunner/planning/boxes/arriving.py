"""Beats that an author lets enter or leave by a side of the picture: how they go, where nobody wrote their boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dreamrunner.language.parts import KeyFrame
from dreamrunner.language.sides import midway
from dreamrunner.language.story import Beat, Span
from dreamrunner.planning.keyframes import box_at
from dreamrunner.planning.narration.events import Event, Path

_HEADINGS = {"left": -1, "right": 1}


def told_by_sides(beat: Beat, event: Event | None) -> Event | None:
    """What is said of a beat, with the way that its ``enters`` and ``leaves`` say."""
    comes, goes = -_HEADINGS.get(beat.enters or "", 0), _HEADINGS.get(beat.leaves or "", 0)
    if not comes and not goes:
        vertical = beat.enters is not None and beat.leaves is not None
        return replace(event, path=None) if event is not None and vertical else event
    if comes and goes:
        path = Path("cross", heading=goes) if comes == goes else None
    else:
        path = Path("enter", heading=comes) if comes else Path("leave", heading=goes)
    return replace(event or Event(beat.entity), path=path)


def between_sides(beat: Beat, keyframes: Sequence[KeyFrame]) -> tuple[KeyFrame, ...]:
    """A planner's key frames of a beat as :func:`without_edges` leaves them.

    Who comes by one side and goes by another is in the middle
    of the picture then, and nowhere else said to be.
    """
    span = beat.span
    if not isinstance(span, Span) or (beat.enters is None and beat.leaves is None):
        return tuple(keyframes)
    middle = (span.start + span.end) / 2
    if beat.enters is not None and beat.leaves is not None and beat.enters != beat.leaves:
        return (KeyFrame(middle, midway(box_at(keyframes, middle), beat.enters, beat.leaves)),)
    return without_edges(beat, keyframes)


def without_edges(beat: Beat, keyframes: Sequence[KeyFrame]) -> tuple[KeyFrame, ...]:
    """Key frames of a beat, one or more and sorted, without those at the times when it enters or leaves; where none is
    left, the one in the middle of the beat."""
    span = beat.span
    if not isinstance(span, Span) or (beat.enters is None and beat.leaves is None):
        return tuple(keyframes)
    inside = tuple(
        frame
        for frame in keyframes
        if (beat.enters is None or frame.at > span.start) and (beat.leaves is None or frame.at < span.end)
    )
    middle = (span.start + span.end) / 2
    return inside or (KeyFrame(middle, box_at(keyframes, middle)),)
