"""When each entity does what a text says: its steps laid over a scene's time, without a gap."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from dreamrunner.language.story import Span
from dreamrunner.planning.english.verb_groups import MOVING
from dreamrunner.planning.english.word_forms import motion_verb
from dreamrunner.planning.narration.events import Event, Path, RelationKind, SpatialRelation, Telling, Way

WAITING = "standing"
"""The motion of a character of which a scene says nothing."""

_LASTING = frozenset(
    "stand sit lie kneel sleep nap dream rest wait watch look read hide fly float hover swim hold carry ride lean"
    " hang perch play knit paint".split()
)
"""What goes on until something else is said."""


@dataclass(frozen=True, slots=True)
class Act:
    """One event from one step (inclusive) to another (exclusive)."""

    event: Event
    start: int
    end: int

    def span(self, steps: int, duration: float) -> Span:
        """The seconds that it takes in a scene of ``duration``, when all steps take equally long."""
        return Span(round(duration * self.start / steps, 3), round(duration * self.end / steps, 3))


def acts(entities: Iterable[str], telling: Telling, characters: Collection[str]) -> dict[str, tuple[Act, ...]]:
    """What each entity does in a text; see :func:`acts_of`."""
    events = telling.by_entity()
    return {entity: acts_of(entity, events.get(entity, ()), telling.steps, entity in characters) for entity in entities}


def acts_of(entity: str, said: tuple[Event, ...], steps: int, alive: bool) -> tuple[Act, ...]:
    """Everything that an entity does in a text of so many steps, without a gap from its coming to its going.

    ``said`` are its events, in order of time; an entity that is ``alive`` is a character.

    Before its first event a character waits. What lasts by its nature, such as sitting, goes on until the next event;
    what doesn't takes a step, and then the character waits, at the end of the way if it was one. A
    character that enters is not there before, one that leaves not after.
    """
    events = _one_a_step(said)
    if not events:
        return (Act(Event(entity, WAITING if alive else ""), 0, steps),)
    acts = []
    first = events[0]
    if first.step and not (first.path and first.path.way == "enter"):
        waiting = Event(entity, WAITING if alive else "", side=first.side if first.path is None else None)
        if first.relation and first.path is None and first.relation.kind in ("left", "right", "beside", "between"):
            waiting = replace(waiting, relation=first.relation)
        acts.append(Act(waiting, 0, first.step))
    for number, event in enumerate(events[1:], 1):
        if event.path and event.path == events[number - 1].path and event.path.way in ("up", "down"):
            # "flies down and lands" is one way down
            high = "top" if event.path.way == "up" else "bottom"
            events[number] = replace(event, path=None) if alive else replace(event, path=None, height=high, verb="")
    events = _staying(events)
    for event, after in zip(events, [*events[1:], None], strict=False):
        end = after.step if after else steps
        over = end > event.step + 1
        verb = motion_verb(event.motion) or event.verb
        if over and after is None and event.path and event.path.way == "leave":
            acts.append(Act(event, event.step, event.step + 1))
        elif over and (event.path is not None or event.over or (alive and verb not in _LASTING)):
            acts.append(Act(event, event.step, event.step + 1))
            acts.append(Act(_arrived(event, alive), event.step + 1, end))
        else:
            acts.append(Act(event, event.step, end))
    return tuple(acts)


def _one_a_step(events: tuple[Event, ...]) -> list[Event]:
    """At most one event for each step: what is only said of place joins what is done."""
    found: list[Event] = []
    for _, together in itertools.groupby(events, key=lambda event: event.step):
        first, *others = together
        found.append(_joined(first, others) if others else first)
    return found


def _joined(first: Event, others: Sequence[Event]) -> Event:
    """Events of one step as one: of each fact the first that is told."""
    every = (first, *others)
    return replace(
        first,
        motion=next((event.motion for event in every if event.motion), ""),
        path=next((event.path for event in every if event.path), None),
        relation=next((event.relation for event in every if event.relation), None),
        side=next((event.side for event in every if event.side is not None), None),
        height=next((event.height for event in every if event.height), ""),
        change=next((event.change for event in every if event.change), None),
        verb=next((event.verb for event in every if event.verb), ""),
        over=any(event.over for event in every),
        said=tuple(dict.fromkeys(itertools.chain.from_iterable(event.said for event in every))),
    )


def _staying(events: list[Event]) -> list[Event]:
    """The same, each where the one before ended: who sits on a box and then sings, sings on the box."""
    found: list[Event] = []
    where: Event | None = None
    for event in events:
        placed = event.path or event.relation or event.side is not None or event.height
        if where is not None and not placed and (motion_verb(event.motion) or event.verb) not in MOVING | _RISING:
            event = replace(event, relation=where.relation, side=where.side, height=where.height)
        where = event if event.path is None else _arrived(event, bool(event.motion))
        if where.relation and where.relation.kind not in _LASTING_PLACES:
            where = replace(where, relation=None)
        found.append(event)
    return found


_LASTING_PLACES = frozenset({"on", "under", "inside", "behind", "before"})
_RISING = frozenset({"stand", "wake"})
"""Whoever was sitting on something may be beside it afterwards."""
_ARRIVED: dict[Way, RelationKind] = {"onto": "on", "into": "inside", "to": "beside", "up": "on"}
"""By the kind of a way that leads to another entity: the relation to it in which the way ends."""


def _arrived(event: Event, alive: bool) -> Event:
    """The event that follows a way: the entity waits, or a thing lies, where the way ended."""
    path, relation = event.path, event.relation
    stays: SpatialRelation | None = relation
    if isinstance(path, Path) and path.other:
        kind = _ARRIVED.get(path.way)
        stays = SpatialRelation(kind, path.other) if kind else None
    high = "top" if path and path.way == "up" and not path.other else ""
    return Event(event.entity, WAITING if alive else "", event.step + 1, relation=stays, height=high, said=event.said)
