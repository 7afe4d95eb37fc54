"""What a story's author should know before it is planned or filmed: what its planner would film nothing of, and what
its model can't draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamrunner.files.paths import FILLED
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.ignoring import unanswered, unheeded
from dreamrunner.language.story import Story
from dreamrunner.planning.drawable import known_words

if TYPE_CHECKING:
    from dreamrunner.planning.open_scenes import OpenScene


LATER = ("left-alone", "long-text", "no-clip", "plain-day")
"""Warnings that only come when a story is planned or filmed."""


def noticed(story: Story) -> tuple[Diagnostic, ...]:
    """Warnings about a story without an error. Narrations are read where no beats say what is filmed.

    What a comment answers is not told, but a comment that answers nothing is: not of a filled story, whose comments
    are its author's, nor of a cast, whose stories they may be for.
    """
    told, ignores = unanswered(_noticed(story), story.ignores)
    own = story.path if story.scenes and not story.path.name.endswith(FILLED) else None
    return (*told, *(unheeded(ignores, own, LATER) if own is not None else ()))


def _noticed(story: Story) -> tuple[Diagnostic, ...]:
    told: tuple[Diagnostic, ...] = ()
    opened: tuple[OpenScene, ...] = ()
    if any(scene.narration and not scene.beats for scene in story.scenes):
        from dreamrunner.planning.crowding import crowded
        from dreamrunner.planning.open_scenes import open_scenes  # reading English takes dictionaries
        from dreamrunner.planning.unfilmed import unfilmed

        opened = open_scenes(story)
        told = (*unfilmed(opened), *crowded(opened))
    vocabulary = known_words(story)
    if vocabulary is None:
        return told
    from dreamrunner.planning.undrawn import undrawn

    return (*told, *undrawn(story, vocabulary, opened))
