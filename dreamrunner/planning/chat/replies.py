"""What a chat server's reply says: the model's words, why it stopped, and the tokens, wherever servers put them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dreamrunner.files.json import parse
from dreamrunner.planning.chat.json_in_text import objects_in
from dreamrunner.servers.request import Reply

_MOST_TOKENS = 10**12


class Unreadable(Exception):
    """A reply that is no answer of a chat model. ``str()`` says what it is instead; ``page`` if it is a web page."""

    def __init__(self, why: str, page: bool = False) -> None:
        super().__init__(why)
        self.page = page


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said.

    ``text``: its answer.
    ``refusal``: why it gives none, "" where it does.
    ``stopped``: why it ended: ``stop``, ``length``, ``content_filter``, ... in lower case.
    ``tokens_in``: tokens read, as the server counts them; 0 where it does not.
    ``tokens_out``: tokens written.
    """

    text: str
    refusal: str
    stopped: str
    tokens_in: int
    tokens_out: int


def read(reply: Reply) -> Said:
    """What a model said in a reply that is no refusal. Raises :class:`Unreadable`."""
    text = reply.text
    if text.startswith("<"):
        raise Unreadable("the server answers with a web page", page=True)
    if text.startswith(("data:", "event:", ":")):
        return _said(list(_events(text)))
    try:
        value = parse(text)
    except ValueError:
        raise Unreadable("the server's reply can't be read") from None
    return _said(value if isinstance(value, list) else [value])


def _events(text: str) -> Iterator[Any]:
    """The values of a stream of events, which some servers send without being asked to."""
    for line in text.splitlines():
        name, _, data = line.partition(":")
        if name == "data" and data.strip() not in ("", "[DONE]"):
            try:
                yield parse(data)
            except ValueError:
                raise Unreadable("the server's reply can't be read") from None


def _said(values: list[Any]) -> Said:
    """What one reply, or the pieces of one, say."""
    texts, refusals, thoughts = [], [], []
    stopped, tokens, there = "", (0, 0), False
    for value in values:
        if not isinstance(value, dict):
            continue
        usage = value.get("usage")
        if isinstance(usage, dict):
            tokens = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        choices = value.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            continue
        message = choice.get("message", choice.get("delta", choice.get("text")))
        message = {"content": message} if isinstance(message, str) else message
        if not isinstance(message, dict):
            continue
        there = True
        texts.append(_content(message))
        thoughts += [_text(message.get(name)) for name in ("reasoning_content", "reasoning")]
        refusals.append(_text(message.get("refusal")))
        why = choice.get("finish_reason")
        stopped = why.lower() if isinstance(why, str) else stopped
    if not there:
        raise Unreadable("the server's reply has no message of a model")
    text, thought = "".join(texts), "".join(thoughts)
    if not text.strip() and any(objects_in(thought)):
        text = thought
    return Said(text, "".join(refusals).strip(), stopped, *tokens)


def _content(message: dict[str, Any]) -> str:
    """A message's words: its content, or what it calls a tool with."""
    if (text := _text(message.get("content"))).strip():
        return text
    calls = message.get("tool_calls")
    calls = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    for call in (*calls, message.get("function_call"), {"arguments": message.get("parsed")}):
        if isinstance(call, dict) and (text := _text(call.get("arguments"))).strip():
            return text
    return ""


def _text(content: Any) -> str:
    """Content as text: texts as they are, parts put together, an object as JSON."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(
            part if isinstance(part, str) else _text(part.get("text"))
            for part in content
            if isinstance(part, str) or (isinstance(part, dict) and part.get("type") in ("text", "output_text", None))
        )
    if isinstance(content, dict) and content:
        return json.dumps(content)
    return ""


def _count(value: Any) -> int:
    """Tokens as a server counts them, perhaps as text; 0 for what is no number of tokens."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 15:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else 0
