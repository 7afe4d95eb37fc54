"""What a story's author should know before it is planned or filmed: what its planner would film nothing of, and what
its model can't draw."""

from __future__ import annotations

from dataclasses import replace
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


def undrawn_by(story: Story, model: str) -> tuple[Diagnostic, ...]:
    """What a model that is named in place of the story's can't draw of it; nothing where that isn't known."""
    other = replace(story, model=model)
    told, _ = unanswered(_undrawn(other, _opened(other)), story.ignores)
    return told


def _noticed(story: Story) -> tuple[Diagnostic, ...]:
    told: tuple[Diagnostic, ...] = ()
    if opened := _opened(story):
        from dreamrunner.planning.crowding import crowded
        from dreamrunner.planning.unfilmed import unfilmed

        told = (*unfilmed(opened), *crowded(opened))
    return (*told, *_undrawn(story, opened))


def _opened(story: Story) -> tuple[OpenScene, ...]:
    """The scenes whose narrations say what is filmed, read."""
    if not any(scene.narration and not scene.beats for scene in story.scenes):
        return ()
    from dreamrunner.planning.open_scenes import open_scenes  # reading English takes dictionaries

    return open_scenes(story)


def _undrawn(story: Story, opened: tuple[OpenScene, ...]) -> tuple[Diagnostic, ...]:
    vocabulary = known_words(story)
    if vocabulary is None:
        return ()
    from dreamrunner.planning.undrawn import undrawn

    return undrawn(story, vocabulary, opened)
