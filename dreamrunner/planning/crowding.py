"""What a narration puts into one picture that can't be shown there together, told at its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.parsing.quoted import part
from dreamrunner.language.story import Location
from dreamrunner.planning.boxes.constraints import ATTACHED
from dreamrunner.planning.boxes.lanes import FRAME, NARROWEST_LANE, Row
from dreamrunner.planning.narration.events import Event, SpatialRelation
from dreamrunner.planning.open_scenes import OpenScene

MOST_ABREAST = FRAME // NARROWEST_LANE
"""How many may stand beside each other before nobody has room for a figure."""


def crowded(opened: Sequence[OpenScene]) -> tuple[Diagnostic, ...]:
    """A warning for each place that contradicts what was told of places before it in the scene, and for each entity
    that has no room beside the others."""
    return tuple(told for each in opened for told in _of_scene(each))


def _of_scene(opened: OpenScene) -> Iterator[Diagnostic]:
    quoted, events = opened.scene.quoted, opened.read.telling.events
    if quoted is None:
        return

    def at(event: Event | None) -> Location:
        return part(quoted, *event.said[0]) if event is not None and event.said else quoted.location

    text = opened.scene.narration or ""
    for event in _contradicting(events):
        start, end = event.said[0]
        words = " ".join(text[start:end].split())
        yield diagnostic(
            "no-room", at(event), who=f'"{words}"', why="it can't be seen together with what is told before it"
        )
    placed = {event.entity for event in events if event.relation and event.relation.kind in ATTACHED}
    abreast = [name for name in dict.fromkeys(beat.entity for beat in opened.beats) if name not in placed]
    for name in abreast[MOST_ABREAST:]:
        first = next((event for event in events if event.entity == name), None)
        yield diagnostic("no-room", at(first), who=f"`{name}`", why=f"{MOST_ABREAST} stand beside each other already")


def _contradicting(events: Sequence[Event]) -> Iterator[Event]:
    """Events whose places no picture has that has the places of the events before them."""
    row = Row()
    on: dict[str, set[str]] = {}
    for event in events:
        relation = event.relation
        if relation is None or relation.other == event.entity:
            continue
        one, other = (event.entity, 0), (relation.other, 0)
        if relation.kind in ATTACHED:
            if _rests(relation, event.entity, on):
                yield event
            else:
                on.setdefault(event.entity, set()).add(relation.other)
        elif relation.kind in ("left", "right"):
            first, second = (one, other) if relation.kind == "left" else (other, one)
            if not row.before(first, second):
                yield event


def _rests(relation: SpatialRelation, entity: str, on: dict[str, set[str]]) -> bool:
    """Whether what a relation places an entity by is placed by that entity itself."""
    known, waiting = {relation.other}, [relation.other]
    while waiting:
        new = on.get(waiting.pop(), set()) - known
        known |= new
        waiting += new
    return entity in known
