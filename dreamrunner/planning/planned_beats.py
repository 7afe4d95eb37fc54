"""From a beat of a story whose gaps are filled to a beat of its plan."""

from __future__ import annotations

from dreamrunner.language.sides import crossing
from dreamrunner.language.story import Beat, Missing
from dreamrunner.planning.plan import PlannedBeat


def planned_beat(beat: Beat) -> PlannedBeat:
    """A beat whose motion, span and description are known, as a plan has it. Raises ValueError where one is missing."""
    motion, span, description = beat.motion, beat.span, beat.description
    if isinstance(motion, Missing) or isinstance(span, Missing) or isinstance(description, Missing):
        raise ValueError(f"a beat of {beat.entity} has a gap")
    return PlannedBeat(
        entity=beat.entity,
        motion=motion,
        start=span.start,
        end=span.end,
        description=description,
        keyframes=crossing(beat.keyframes, span.start, span.end, beat.enters, beat.leaves),
        says=beat.says,
    )
