"""The plan: a story without a gap, the value that everything after planning reads.

Every model is frozen and printable as JSON (``plan.model_dump_json()``) and holds no path, time or machine fact,
so that two plans that film the same are the same text.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from dreamrunner.language.parts import KeyFrame, Saying, Transition


class PlannedBeat(BaseModel):
    """One entity for a stretch of a scene.

    ``start`` and ``end`` are seconds within the scene. ``motion`` is the motion's name, ``None`` for a prop.
    ``keyframes`` holds one box or more, sorted by time; between two of them boxes are interpolated, outside they hold.
    What of a box lies outside 0..1 is not filmed. ``says`` is what is said, in the order of the text.
    """

    model_config = ConfigDict(frozen=True)

    entity: str
    motion: str | None
    start: float
    end: float
    description: str
    keyframes: tuple[KeyFrame, ...]
    says: tuple[Saying, ...] = ()


class PlannedScene(BaseModel):
    """One scene: ``duration`` in seconds, ``seed`` already the scene's own.

    ``setting`` is the name of the location that it is in, whose looks its ``background`` has; "" for none. ``takes``
    is how many films of it are asked for.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    background: str
    narration: str
    duration: float
    transition: Transition
    avoid: str = ""
    camera: str = ""
    seed: int
    beats: tuple[PlannedBeat, ...]
    setting: str = ""
    takes: int = 1


class Plan(BaseModel):
    """A whole story, planned. ``planner`` names who filled the gaps."""

    model_config = ConfigDict(frozen=True)

    title: str
    style: str
    planner: str
    scenes: tuple[PlannedScene, ...]
