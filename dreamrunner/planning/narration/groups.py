"""Several in one place: in a row, one behind the other, round a fire."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from dreamrunner.planning.english.verb_groups import MOVING
from dreamrunner.planning.narration.events import Event, Path, RelationKind, SpatialRelation

_AROUND = re.compile(r"\b(?:around|round) @(\d+)")
_IN_CIRCLE = re.compile(r"\bin (?:\w+ )?(?:circle|ring)\b(?! around| round)")
_FILE = re.compile(
    r"\b(?:in single file|behind (?:other|another)|after (?:another|other)|in (?:\w+ )?(?:queue|file))\b"
)
_ROW = re.compile(r"\bin (?:\w+ )?(?:row|line)\b|\bside by side\b")
_PLACES: tuple[RelationKind, ...] = ("left", "right", "behind", "before")
"""Where those stand that stand round something, one after the other."""
_SURROUNDING = frozenset("surround encircle ring circle".split())


def grouped(events: list[Event], verb: str, tail: str, names: Sequence[str]) -> list[Event]:
    """The events of those who do one thing together, each in its own place where the phrase ``tail`` tells one of all
    of them; as they are where it doesn't.

    ``verb`` is the base form of what they do, ``names`` are the entities that ``@0``, ``@1`` ... stand for.
    """
    moving = verb in MOVING
    middle = _AROUND.search(tail) or (re.match(r"@(\d+)", tail) if verb in _SURROUNDING else None)
    if middle and names[int(middle[1])] not in {event.entity for event in events} and not moving:
        return _round(events, names[int(middle[1])])
    if len(events) < 2:
        return events
    if _IN_CIRCLE.search(tail) and not moving:
        return [
            replace(event, relation=SpatialRelation("behind", events[number - 1].entity)) if number % 2 else event
            for number, event in enumerate(events)
        ]
    file = bool(_FILE.search(tail)) or (moving and re.search(r"\bin (?:\w+ )?line\b", tail) is not None)
    if any(event.relation or (event.path and event.path.other) for event in events):
        return events
    if file or verb in ("queue", "line"):
        return _file(events, moving=moving)
    if _ROW.search(tail) and not moving:
        after = [
            replace(event, relation=SpatialRelation("right", before.entity))
            for before, event in itertools.pairwise(events)
        ]
        return [events[0], *after]
    return events


def _round(events: list[Event], middle: str) -> list[Event]:
    """Each on a side of what is in the middle; one alone is beside it."""
    if len(events) == 1:
        return [replace(events[0], path=None, relation=SpatialRelation("beside", middle))]
    return [
        replace(event, path=None, relation=SpatialRelation(_PLACES[number % len(_PLACES)], middle))
        for number, event in enumerate(events)
    ]


def _file(events: list[Event], *, moving: bool) -> list[Event]:
    """One behind the other: the first is foremost, and looks to the right where nothing else is said."""
    first, heading = events[0], (events[0].path.heading if events[0].path else 0) or 1
    if not moving:
        side: RelationKind = "left" if heading > 0 else "right"
        behind = [
            replace(event, relation=SpatialRelation(side, before.entity))
            for before, event in itertools.pairwise(events)
        ]
        return [first, *behind]
    led = [replace(event, path=Path("follow", before.entity, heading)) for before, event in itertools.pairwise(events)]
    return [replace(first, path=first.path or Path("go", heading=heading)), *led]
