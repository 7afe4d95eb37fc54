"""What a planner of scenes is asked, and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dreamrunner.language import Scene, Story


@dataclass(frozen=True, slots=True)
class Failure:
    """A scene that the planner could not fill, and why. ``scene`` is empty for the story as a whole."""

    scene: str
    reason: str

    def __str__(self) -> str:
        return f"scene `{self.scene}`: {self.reason}" if self.scene else self.reason


@dataclass(frozen=True, slots=True)
class Outline:
    """The scenes of a story that had none, each with its narration."""

    scenes: tuple[Scene, ...]


Answer = Scene | Outline | Failure
"""What a chat model's planner gives: a scene without a gap, the story's scenes, or why there is none."""


Ask = Callable[[Story, tuple[str, ...]], Iterator[Answer]]
"""Fills the named scenes of a story, in any order, each given back as soon as it is answered."""
