"""What a story's author should know before it is planned or filmed: what its planner would film nothing of, and what
its model can't draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.story import Story
from dreamrunner.planning.drawable import known_words

if TYPE_CHECKING:
    from dreamrunner.planning.open_scenes import OpenScene


def noticed(story: Story) -> tuple[Diagnostic, ...]:
    """Warnings about a story without an error. Narrations are read where no beats say what is filmed."""
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
