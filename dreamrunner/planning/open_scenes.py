"""The scenes that the offline planner fills from their narrations, read as it reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dreamrunner.files.heard import through
from dreamrunner.language.story import Beat, Scene, Story
from dreamrunner.planning import rules


@dataclass(frozen=True, slots=True)
class OpenScene:
    """A scene without beats whose narration says what is filmed: as it was read, and the ``beats`` that this gives."""

    scene: Scene
    read: rules.SceneReading
    beats: tuple[Beat, ...]


def open_scenes(story: Story) -> tuple[OpenScene, ...]:
    """The open scenes of a story, in its order; none where another planner fills them."""
    return tuple(_read(story)) if story.planner == "offline" else ()


def _read(story: Story) -> Iterator[OpenScene]:
    before: list[str] = []
    for scene in through(story.scenes, "reading the narrations", lambda scene: len(scene.narration or "")):
        if scene.beats or scene.filled_from or not (scene.narration or "").strip():
            before = list(dict.fromkeys(beat.entity for beat in scene.beats)) or before
            continue
        read = rules.read_scene(story, scene, before)
        beats = rules.cast(story, scene, read)
        yield OpenScene(scene, read, beats)
        before = list(dict.fromkeys(beat.entity for beat in beats))
