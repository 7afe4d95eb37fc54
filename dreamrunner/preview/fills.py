"""Two planners' fills of a scene, as a board has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dreamrunner.film.storyboard_page import board_scene
from dreamrunner.planning.plan import Plan, PlannedScene
from dreamrunner.planning.written.comparing import Comparison
from dreamrunner.planning.written.origins import scene_origins


def fills_of(comparison: Comparison, written: Iterable[PlannedScene]) -> dict[str, list[dict[str, Any]]]:
    """By scene the fills as a board has them: the planner, the scene or why there is none, and whether it is the
    one that is ``written`` in the filled story."""
    found: dict[str, list[dict[str, Any]]] = {scene.name: [] for scene in comparison.scenes}
    now = {scene.name: _told(scene) for scene in written}
    for number, first in enumerate(comparison.scenes[0].fills if comparison.scenes else ()):
        scenes = tuple(scene for each in comparison.scenes if (scene := each.fills[number].scene) is not None)
        plan = Plan(title="", style="", planner=first.planner, scenes=scenes)
        story = comparison.story
        origins = scene_origins(story, plan, {}) if story is not None else {}
        drawn = {scene.name: board_scene(scene, origins[scene.name]) for scene in scenes if scene.name in origins}
        for each in comparison.scenes:
            fill = each.fills[number]
            found[each.name].append(
                {
                    "planner": fill.planner,
                    "failure": fill.failure,
                    "scene": drawn.get(each.name),
                    "taken": fill.scene is not None and now.get(each.name) == _told(fill.scene),
                }
            )
    return found


def _told(scene: PlannedScene) -> object:
    """What a planner says of a scene."""
    return scene.background, scene.narration, scene.beats


def cast_of(comparison: Comparison) -> list[str]:
    """Everybody in a fill, in the order of the scenes."""
    fills = (fill.scene for each in comparison.scenes for fill in each.fills)
    return list(dict.fromkeys(beat.entity for scene in fills if scene is not None for beat in scene.beats))
