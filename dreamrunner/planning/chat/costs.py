"""What asking a chat model costs: an estimate before anything is spent, and the account after.

Tokens are estimated from the very requests that would be sent, at four characters a token, and from the length of
usual answers. Prices are dollars for a million tokens, from a table that a file of the user's can add to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from dreamrunner.backbones import cache_folder
from dreamrunner.files.json import parse
from dreamrunner.files.regular import append_regular, read_regular
from dreamrunner.files.wording import reason
from dreamrunner.language import Story
from dreamrunner.language.story import DEFAULT_DURATION
from dreamrunner.planning.chat.answers import FEWEST_SCENES, MOST_SCENES, SceneAnswer, StoryAnswer
from dreamrunner.planning.chat.prompts import scene_messages, seconds_of, story_messages

if TYPE_CHECKING:
    from dreamrunner.planning.chat.prompts import Message

_CHARACTERS_A_TOKEN = 4
_REASONING = 250
_ENTITY = 75
_ENTITIES = 2
_OUTLINE_SCENE = 80


class PriceError(Exception):
    """A price table can't be used. ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calls to make, and tokens to send and to get, if every answer is sound at once."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def plus(self, tokens_in: int, tokens_out: int, calls: int = 1) -> Estimate:
        """With more calls of so many tokens each."""
        return Estimate(self.calls + calls, self.tokens_in + calls * tokens_in, self.tokens_out + calls * tokens_out)


def estimate(story: Story, scenes: tuple[str, ...]) -> Estimate:
    """Estimate the filling of the named scenes; of a story without scenes, the making of them and their filling."""
    total = Estimate()
    for scene in story.scenes:
        if scene.name in scenes:
            entities = len({beat.entity for beat in scene.beats}) or _ENTITIES
            sent = _tokens(scene_messages(story, scene), SceneAnswer)
            total = total.plus(sent, _REASONING + _ENTITY * entities * seconds_of(scene))
    if not story.scenes:
        wanted = (FEWEST_SCENES + MOST_SCENES) // 2
        sent = _tokens(story_messages(story), StoryAnswer)
        total = total.plus(sent, _REASONING + _OUTLINE_SCENE * wanted)
        scene_prompt = _tokens(story_messages(story), SceneAnswer) + wanted * _OUTLINE_SCENE
        total = total.plus(scene_prompt, _REASONING + _ENTITY * _ENTITIES * round(DEFAULT_DURATION), wanted)
    return total


def prices(own: Path | None = None) -> Mapping[str, tuple[float, float]]:
    """Dollars for a million tokens in and out, by model; what the file ``own`` says comes before the built-in table.

    Raises PriceError for a file that can't be read or has another form than ``{"MODEL": {"in": 1.5, "out": 6}}``.
    """
    table: dict[str, tuple[float, float]] = {}
    for path in (Path(__file__).with_name("prices.json"), own):
        if path is None:
            continue
        try:
            for model, price in parse(read_regular(path)).items():
                table[model] = (float(price["in"]), float(price["out"]))
        except OSError as error:
            raise PriceError(f"{path} can't be read: {reason(error)}") from None
        except (ValueError, TypeError, KeyError, AttributeError):
            form = '{"gpt-4o": {"in": 2.5, "out": 10}}, dollars for a million tokens'
            raise PriceError(f"{path} is no price table; it looks like {form}") from None
    return table


def dollars(table: Mapping[str, tuple[float, float]], model: str, tokens_in: int, tokens_out: int) -> str:
    """What so many tokens cost, in words."""
    if model not in table:
        return f"no price is known for {model}"
    into, out = table[model]
    return f"${(tokens_in * into + tokens_out * out) / 1e6:.4f}"


def record(model: str, replies: int, tokens_in: int, tokens_out: int, cost: str) -> None:
    """Add what a run used to ``planner-usage.jsonl`` in the cache folder, one line a run; a full disk is no error."""
    facts = {"model": model, "replies": replies, "tokens_in": tokens_in, "tokens_out": tokens_out, "cost": cost}
    line = json.dumps({"when": datetime.now(UTC).isoformat(timespec="seconds"), **facts})
    with suppress(OSError):
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        append_regular(folder / "planner-usage.jsonl", (line + "\n").encode())


def _tokens(messages: list[Message], form: type[BaseModel]) -> int:
    sent = sum(len(str(message["content"])) for message in messages) + len(json.dumps(form.model_json_schema()))
    return -(-sent // _CHARACTERS_A_TOKEN)
