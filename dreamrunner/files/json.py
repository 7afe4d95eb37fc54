"""JSON of strangers: read so that whatever it holds comes to a value or to one kind of error."""

from __future__ import annotations

import json
import math
from typing import Any

DEEPEST = 64
"""How many lists and objects may stand within each other. Nothing that is read here has ten."""


def parse(text: str | bytes, *, blank: str = "") -> Any:
    """The value that ``text`` holds. Its numbers are all finite. ``blank`` is a name that is no JSON and stands for
    nothing, as Python's own writers put ``NaN``: it is read as None.

    Raises:
        ValueError: it is not JSON, is nested deeper than :data:`DEEPEST`, or holds a number without end (``NaN``,
            ``Infinity``, ``1e999``, an integer of thousands of digits). ``str()`` says which, in one line.
    """

    def constant(name: str) -> None:
        if name != blank:
            raise ValueError(f"{name} is not a number")

    try:
        value = json.loads(text, parse_constant=constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if _deeper(value, DEEPEST):
        raise ValueError("it is nested too deep")
    return value


def encodable(value: Any) -> Any:
    """``value`` without halves of letters (lone surrogates), which no file and no request can hold, in its texts."""
    if isinstance(value, dict):
        return {encodable(name): encodable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [encodable(each) for each in value]
    return value.encode("utf-8", "ignore").decode() if isinstance(value, str) else value


def _deeper(value: Any, depth: int) -> bool:
    """Whether lists and objects stand within each other more than ``depth`` times."""
    level = [value]
    for _ in range(depth + 1):
        within: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                within += each.values()
            elif isinstance(each, list):
                within += each
        if not within:
            return False
        level = within
    return True


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number
