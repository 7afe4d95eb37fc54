"""The marks of a film: what came out as its script says, and what did not. Values that are written as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Mark = Literal["right", "missing", "elsewhere", "twice", "unlike", "lingers", "unsaid", "unknown"]
"""Of an entity in a second: ``right``: where it should be, as it should look, or gone as it should be. ``missing``: not
seen. ``elsewhere``: seen, but not in its box. ``twice``: in its box and once more. ``unlike``: in its box with other
looks. ``lingers``: seen though it has left. ``unsaid``: the script says nothing of it. ``unknown``: the watcher can't
recognize it."""

JUDGED: frozenset[Mark] = frozenset({"right", "missing", "elsewhere", "twice", "unlike", "lingers"})
"""The marks that count."""


class EntityMarks(BaseModel):
    """An entity's ``marks``, one for each second of the scene."""

    model_config = ConfigDict(frozen=True)

    entity: str
    marks: tuple[Mark, ...]


class ActMark(BaseModel):
    """Whether an ``entity`` was seen doing a ``motion`` from ``start`` to ``end``, in seconds; ``done`` is None where
    the watcher doesn't know the motion. A beat in which it is outside of the picture for a while has one for each time
    that it is there."""

    model_config = ConfigDict(frozen=True)

    entity: str
    motion: str
    start: float
    end: float
    done: bool | None


class SceneMarks(BaseModel):
    """A scene's marks.

    ``moments`` are when it was looked at, in seconds, ``watcher`` says who looked. ``score`` is the share, 0..1, of
    what was judged that is right: seconds of entities, in which an act that was not seen done counts as wrong; None
    where nothing could be judged.
    """

    model_config = ConfigDict(frozen=True)

    scene: str
    watcher: str
    moments: tuple[float, ...]
    entities: tuple[EntityMarks, ...]
    acts: tuple[ActMark, ...]
    score: float | None

    def marks_of(self, entity: str) -> tuple[Mark, ...]:
        """An entity's marks; none for one that the scene has not."""
        return next((each.marks for each in self.entities if each.entity == entity), ())

    def text(self) -> str:
        """JSON, two spaces, a newline at the end."""
        return self.model_dump_json(indent=2) + "\n"
