"""What planners are asked, and answer: one protocol for the rules, for a chat model, and for none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from dreamrunner.language import Diagnostic, Scene, Story, gaps
from dreamrunner.language.diagnostics import diagnostic
from dreamrunner.language.story import Location

MOST_MOTIONS = 4
"""Different motions that a planner gives a scene at most (paper 3.1)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A scene that a planner could not fill.

    ``scene``: its name; empty for the story as a whole.
    ``reason``: why, in words.
    ``diagnostics``: the same where it shows in the story, if it does.
    """

    scene: str
    reason: str
    diagnostics: tuple[Diagnostic, ...] = ()

    def __str__(self) -> str:
        return f"scene `{self.scene}`: {self.reason}" if self.scene else self.reason


@dataclass(frozen=True, slots=True)
class Outline:
    """The scenes of a story that had none, each with its narration.

    ``scenes``: the scenes, in the order of the film.
    ``remarks``: what the author should know of them.
    """

    scenes: tuple[Scene, ...]
    remarks: tuple[Diagnostic, ...] = ()


Answer = Scene | Outline | Failure
"""What a planner gives: a scene without a gap, the story's scenes, or why there is none."""


class Planner(Protocol):
    """Fills what a story leaves open."""

    def __call__(self, story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        """Fill the named scenes of a story, each given back as soon as it is filled, in any order.

        A story without scenes gets them first, as an :class:`Outline`, and then all of them are filled.
        """
        ...


def nobody(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    """The planner ``none``: every gap is an error of the author's."""
    for gap in gaps(story):
        yield Failure("", str(gap), (diagnostic("gap", gap.location, what=str(gap)),))


def absent(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    """A chat model where nobody asks it: one error, which says so."""
    if scenes or not story.scenes:
        found = diagnostic("planner-not-available", start_of(story), planner=story.planner)
        yield Failure("", found.message, (found,))


def start_of(story: Story) -> Location:
    """The beginning of a story's file."""
    return Location(story.path, 1, 1, 1, 2)
