"""The form that a local model's answer is held to: the schema of a chat model's, and every bound that is known.

Bounds end what a model would never end by itself: a reply always comes to its end within the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from dreamrunner.language import Scene, Story
from dreamrunner.planning.chat.answers import (
    FEWEST_SCENES,
    MOST_SCENES,
    EntityAnswer,
    OutlineScene,
    SceneAnswer,
    StoryAnswer,
)
from dreamrunner.planning.chat.forms import schema_of
from dreamrunner.planning.chat.prompts import seconds_of
from dreamrunner.planning.planner import MOST_MOTIONS

LONGEST: Mapping[str, int] = {
    "reasoning": 600,
    "background": 150,
    "narration": 300,
    "description": 200,
    "motion": 50,
    "scene": 40,
}
"""Letters of a text at most."""

_PARTS = 100
"""Boxes are given in hundredths of the frame, so that no number goes on for ever."""


def scene_form(story: Story, scene: Scene, longest: Mapping[str, int] = LONGEST) -> dict[str, Any]:
    """The JSON schema of a scene's answer: a key frame for each second, of the cast, in the frame or beside it;
    ``longest`` has the most letters of its texts."""
    schema = _bounded(SceneAnswer, longest)
    cast = [thing.name for thing in story.entities]
    lines = list(range(1, len(scene.beats) + 1)) or [0]
    entity = _bounded(EntityAnswer, longest)
    entity["properties"] |= {
        "line": {"enum": lines},
        "entity": {"enum": cast},
        "box": _list({"enum": [part / _PARTS for part in range(-_PARTS, 2 * _PARTS + 1)]}, 4, 4),
    }
    frames = [_object(second={"const": second}, entities=_list(entity, 0, len(cast))) for second in _seconds(scene)]
    schema["properties"]["key_frames"] = _list(False, len(frames), len(frames)) | {"prefixItems": frames}
    return schema


def outline_form(longest: Mapping[str, int] = LONGEST) -> dict[str, Any]:
    """The JSON schema of the answer for a story without scenes."""
    schema, scene = _bounded(StoryAnswer, longest), _bounded(OutlineScene, longest)
    motion = {"type": "string", "minLength": 1, "maxLength": longest["motion"]}
    scene["properties"] |= {
        "scene": {"type": "string", "pattern": r"^[a-z][a-z0-9]{0,18}(-[a-z0-9]{1,18})?$"},
        "motions": _list(motion, 1, MOST_MOTIONS),
    }
    schema["properties"]["scenes"] = _list(scene, FEWEST_SCENES, MOST_SCENES)
    return schema


def _seconds(scene: Scene) -> range:
    return range(seconds_of(scene))


def _bounded(form: type[BaseModel], longest: Mapping[str, int]) -> dict[str, Any]:
    """The schema of a form, with the length of its texts bounded."""
    schema = schema_of(form)
    for name, kind in schema["properties"].items():
        if name in longest and kind.get("type") == "string":
            kind["maxLength"] = longest[name]
    return schema


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def _list(items: Any, fewest: int, most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": fewest, "maxItems": most}
