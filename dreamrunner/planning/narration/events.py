"""What a narration says of where and when: the values that the offline planner reads a text into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Bond = Literal["left", "right", "above", "under", "on", "inside", "behind", "before", "beside", "between", "held"]
"""How one entity stands to another: ``left`` is left of it, ``before`` in front of it, ``held`` carried by it."""

Way = Literal["go", "cross", "to", "from", "past", "over", "around", "follow", "enter", "leave", "up", "down",
              "to-and-fro", "into",
              "onto", "beyond", "near", "far", "grow", "shrink"]  # fmt: skip
"""How an entity moves through a stretch of time. ``go`` has a heading at most, ``cross`` goes from one side of
the frame to the other, ``beyond`` ends on the other side."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Where an entity is, seen from another one; ``and_other`` is the second one that it is ``between``."""

    bond: Bond
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

    ``motion`` is a motion's name, or ``""`` when the text only says where the entity is or goes. ``step`` counts the
    moments of the text: what has the same step happens at the same time. ``side`` is -1 for left, 1 for right, 0 for
    the middle, ``None`` when nothing is said; ``height`` is ``"top"``, ``"bottom"`` or ``""``. ``verb`` is the base form
    of the verb that said it, for things, which have no motion. ``over`` says that the text ends it before what comes
    next.
    """

    entity: str
    motion: str = ""
    step: int = 0
    path: Path | None = None
    relation: Relation | None = None
    side: int | None = None
    height: str = ""
    change: Change | None = None
    verb: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """A whole text: its events in the order of the text, how many steps it takes, and sizes it gives (1 is usual)."""

    events: tuple[Event, ...] = ()
    steps: int = 1
    sizes: dict[str, float] = field(default_factory=dict)

    def of(self, entity: str) -> tuple[Event, ...]:
        """The events of one entity, in order of time."""
        return tuple(sorted((event for event in self.events if event.entity == entity), key=lambda event: event.step))
