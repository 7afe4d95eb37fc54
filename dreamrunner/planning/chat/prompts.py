"""What a chat model is asked: the prompts' files, and a story's facts as the JSON that goes with them.

An author's words only ever travel as JSON strings in a message of their own, apart from the instructions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.language import MISSING, Character, Prop, Scene, Story
from dreamrunner.language.story import Beat

if TYPE_CHECKING:
    from openai.types.chat import (
        ChatCompletionAssistantMessageParam,
        ChatCompletionSystemMessageParam,
        ChatCompletionUserMessageParam,
    )

    Message = ChatCompletionSystemMessageParam | ChatCompletionUserMessageParam | ChatCompletionAssistantMessageParam

MOST_RETURNS = 2
"""How often a bad answer is sent back with its faults; a paid one with the very faults of the answer before is not."""

_LONGEST_RETURNED = 20_000

VERSION = 2
"""Counts up whenever a prompt's file or the request's form changes; part of what a fill is signed with."""


def story_messages(story: Story) -> list[Message]:
    """Ask for the scenes of a story that has none (paper 3.1, story level)."""
    return _messages("story", _story_facts(story))


def scene_messages(story: Story, scene: Scene) -> list[Message]:
    """Ask for what one scene leaves open (paper 3.1, scene level); what is written goes along as fixed."""
    facts: dict[str, object] = {
        "story": {**_story_facts(story), "motions": [motion.phrase for motion in story.motions]},
        "scenes": [{"scene": each.name, "narration": each.narration or None} for each in story.scenes],
        "scene": {
            "name": scene.name,
            "seconds": seconds_of(scene),
            "background": _open(scene.background),
            "narration": _open(scene.narration),
            "camera": scene.camera,
            "lines": [_line(number, beat) for number, beat in enumerate(scene.beats, 1)],
        },
    }
    return _messages("scene", facts)


def sent_back(messages: list[Message], answer: str, faults: Sequence[str]) -> list[Message]:
    """Ask again for an answer that can't be used, with what is wrong with it."""
    listed = "\n".join(f"- {fault}" for fault in faults)
    return [
        *messages[:2],
        {"role": "assistant", "content": answer[:_LONGEST_RETURNED]},
        {"role": "user", "content": f"This answer can't be used:\n{listed}\nGive the whole answer again."},
    ]


def seconds_of(scene: Scene) -> int:
    """How many key frames a scene has: one for each second that it has begun (six for the usual six seconds)."""
    return max(1, math.ceil(scene.seconds))


def _story_facts(story: Story) -> dict[str, object]:
    def things(found: Sequence[Character | Prop]) -> list[dict[str, str]]:
        return [{"name": thing.name, "looks": thing.looks or ""} for thing in found]

    return {
        "title": story.title,
        "topic": story.topic or "",
        "style": story.style,
        "characters": things(story.characters),
        "props": things(story.props),
    }


def _line(number: int, beat: Beat) -> dict[str, object]:
    return {
        "line": number,
        "entity": beat.entity,
        "motion": "none" if beat.motion is None else _open(beat.motion),
        "from_second": beat.span.start if beat.span else None,
        "to_second": beat.span.end if beat.span else None,
        "description": _open(beat.description),
        "enters": beat.enters,
        "leaves": beat.leaves,
        "boxes": [
            {"second": frame.at, "box": [frame.box.x0, frame.box.y0, frame.box.x1, frame.box.y1]}
            for frame in beat.keyframes
        ]
        or None,
        # Only where somebody speaks: of what isn't so, nothing has to be read.
        **({"says": [saying.text for saying in beat.says]} if beat.says else {}),
    }


def _open(value: object) -> object:
    return None if value is MISSING else value


def _messages(prompt: str, facts: dict[str, object]) -> list[Message]:
    instructions = (Path(__file__).with_name("prompt_texts") / f"{prompt}.md").read_text(encoding="utf-8")
    return [
        {"role": "system", "content": instructions},
        {"role": "user", "content": json.dumps(facts, ensure_ascii=False)},
    ]
