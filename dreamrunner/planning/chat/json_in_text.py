"""The JSON that a model's words hold, whatever stands round it: thoughts, fences, prose, a comma too many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dreamrunner.files.json import encodable, parse

_THOUGHT = re.compile(r"</(?:think|thinking|thought|reasoning|seed:think)>", re.IGNORECASE)
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)
_LONGEST = 1_000_000
_MOST = 20


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object that stands by itself in ``text``, the longest first; in its strings no lone surrogate.

    What a model thought aloud, up to a closing ``</think>``, is left out.
    """
    *_, text = _THOUGHT.split(text[:_LONGEST])
    try:
        values = [parse(text.strip().lstrip("\ufeff"))]
    except ValueError:
        values = [value for piece in _pieces(text) if (value := _parsed(piece)) is not None]
    for value in values:
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(value, dict):
            yield encodable(value)


def _pieces(text: str) -> list[str]:
    """What stands between matching braces and within no other such, the longest first."""
    found: list[str] = []
    begin = text.find("{")
    for _ in range(_MOST):
        if begin < 0:
            break
        end = _closing(text, begin)
        if end:
            found.append(text[begin:end])
        begin = text.find("{", end or begin + 1)
    return sorted(found, key=len, reverse=True)


def _closing(text: str, begin: int) -> int:
    """Where the object that begins there ends; 0 where it does not."""
    depth = 0
    for match in _STRING_OR_BRACE.finditer(text, begin):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return 0


def _parsed(text: str) -> Any:
    for each in (text, _COMMA.sub(lambda match: match[1] or "", text)):
        try:
            return parse(each)
        except ValueError:
            continue
    return None
