"""Where a part of a text's value stands in its file, between its quotes."""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_right
from functools import lru_cache

from dreamrunner.language.parsing.line_parser import ESCAPES
from dreamrunner.language.story import Location, Quoted


def part(quoted: Quoted, start: int, end: int) -> Location:
    """The place of the characters ``start`` to ``end`` (exclusive) of a text's value.

    Escapes are one character of the value, and what indents a long text is none.
    """
    places, lines = _places(quoted.raw)
    last = len(places) - 1
    first, after = places[min(max(start, 0), last)], places[min(max(end, start + 1), last)]
    line, column = _position(quoted, lines, first)
    end_line, end_column = _position(quoted, lines, max(after, first + 1))
    return Location(quoted.location.file, line, column, end_line, end_column)


@lru_cache(maxsize=16)
def _places(raw: str) -> tuple[list[int], list[int]]:
    """Where each character of the value stands in a text as it is written, and where its lines begin."""
    places = _long(raw) if raw.startswith('"""') else _short(raw)
    return places, [0, *(found.end() for found in re.finditer("\n", raw))]


def _position(quoted: Quoted, lines: list[int], offset: int) -> tuple[int, int]:
    """Line and column in the file of a character of the text as it is written."""
    line = bisect_right(lines, offset) - 1
    return quoted.location.line + line, offset - lines[line] + (1 if line else quoted.location.column)


def _short(raw: str) -> list[int]:
    """Where each character of the value stands in a text in single quotes, and where the text ends."""
    places: list[int] = []
    for found in re.finditer(r"\\(.)|.", raw[1:], re.DOTALL):
        at = found.start() + 1
        if found[0] == '"':
            return [*places, at]
        places.append(at)
        if found[1] is not None and found[1] not in ESCAPES:
            places.append(at + 1)  # no escape: both characters are meant
    return [*places, len(raw)]


def _long(raw: str) -> list[int]:
    """The same of a text in three quotes, whose common indentation and first and last line ends are left out."""
    inside = raw[3:-3] if len(raw) >= 6 and raw.endswith('"""') else raw[3:]
    lines, kept = inside.split("\n"), textwrap.dedent(inside).split("\n")
    places: list[int] = []
    at = 3
    for line, value in zip(lines, kept, strict=True):
        cut = len(line) - len(value) if value.strip() else 0
        places += [at + cut + number for number in range(len(value))]
        places.append(at + len(line))
        at += len(line) + 1
    blank = len("\n".join(kept)) - len("\n".join(kept).lstrip("\n"))
    return places[blank:]
