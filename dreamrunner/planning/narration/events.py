"""What a narration says of where and when: the values that the offline planner reads a text into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from dreamrunner.planning.english.clause import Unfilmed

Stretch = tuple[int, int]
"""Some letters of a text: the place of the first, and the place behind the last."""

RelationKind = Literal[
    "left", "right", "above", "under", "on", "inside", "behind", "before", "beside", "between", "held"
]
"""Spatial relations of one entity to another: ``left`` of it, ``before`` it (in front), ``held`` by it, and so on."""

Way = Literal["go", "cross", "to", "from", "past", "over", "around", "follow", "enter", "leave", "up", "down",
              "to-and-fro", "into",
              "onto", "beyond", "near", "far", "grow", "shrink"]  # fmt: skip
"""How an entity moves through a stretch of time. ``go`` has a heading at most, ``cross`` goes from one side of
the frame to the other, ``beyond`` ends on the other side."""


@dataclass(frozen=True, slots=True)
class SpatialRelation:
    """Where an entity is, seen from another one.

    ``kind``: the relation.
    ``other``: the other entity.
    ``and_other``: the second one that it is ``between``.
    """

    kind: RelationKind
    other: str
    and_other: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """A way that is taken. ``heading`` is -1 for leftwards, 1 for rightwards, 0 when the text doesn't say."""

    way: Way
    other: str = ""
    heading: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Something that turns into something else: ``before`` is ``""`` when the text doesn't say from what."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a text has an entity do, or the state that it is in.

    ``entity``: its name.
    ``motion``: a motion's name; ``""`` when the text only says where the entity is or goes.
    ``step``: the moment of the text, from 0: what has the same step happens at the same time.
    ``path``: the way that it takes.
    ``relation``: where it is, seen from another entity.
    ``side``: -1 for left, 1 for right, 0 for the middle; None when nothing is said.
    ``height``: ``"top"``, ``"bottom"`` or ``""``.
    ``change``: what it turns into.
    ``verb``: the base form of the verb that said it, for things, which have no motion.
    ``over``: whether the text ends it before what comes next.
    ``said``: the words that say it, in the order of the text.
    """

    entity: str
    motion: str = ""
    step: int = 0
    path: Path | None = None
    relation: SpatialRelation | None = None
    side: int | None = None
    height: str = ""
    change: Change | None = None
    verb: str = ""
    over: bool = False
    said: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One clause of a text.

    ``start``, ``end``: its words, as places in the text.
    ``unfilmed``: why nothing is filmed of it; empty where something is.
    ``word``: the word that it fails at, such as the verb; empty where there is none.
    """

    start: int
    end: int
    unfilmed: Unfilmed = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """A whole text as it was understood.

    ``events``: in the order of the text.
    ``steps``: how many moments it takes.
    ``sizes``: the sizes that it gives, by entity; 1 is usual.
    ``larger``: pairs of which the first is said to be larger than the second.
    ``present``: who is in the picture, in the order of the text: not who is only spoken or thought of.
    ``named``: by who of them is named, the words that do so first.
    ``clauses``: every clause, in the order of the text.
    """

    events: tuple[Event, ...] = ()
    steps: int = 1
    sizes: dict[str, float] = field(default_factory=dict)
    larger: tuple[tuple[str, str], ...] = ()
    present: tuple[str, ...] = ()
    named: dict[str, Stretch] = field(default_factory=dict)
    clauses: tuple[Said, ...] = ()

    def by_entity(self) -> Mapping[str, tuple[Event, ...]]:
        """The events of each entity, in order of time."""
        found: dict[str, list[Event]] = {}
        for event in sorted(self.events, key=lambda event: event.step):
            found.setdefault(event.entity, []).append(event)
        return {entity: tuple(events) for entity, events in found.items()}

    def in_steps(self, most: int) -> Telling:
        """The same in at most so many steps, one or more: where there are too many, neighbours become one."""
        if self.steps <= most:
            return self
        events = tuple(replace(event, step=event.step * most // self.steps) for event in self.events)
        return replace(self, events=events, steps=most)
