"""Where the keys and texts of a TOML file stand, which the library that reads it does not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.language.story import Location

_LEXEME = re.compile(
    r'"""(?:\\.|[^\\])*?"""|'
    r"'''.*?'''|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'|#[^\n]*|[\[\]{}]|\n|=|[^\s\[\]{}\"'#=]+",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things stand in a file.

    ``keys``: by name, every key of the file's first level; a table's name counts as one.
    ``texts``: by key, what stands in quotes behind it, in its order.
    """

    file: Path
    keys: Mapping[str, Location]
    texts: Mapping[str, tuple[Location, ...]]

    def key(self, name: str) -> Location:
        """Where a key stands; the first letter of the file where that can't be told."""
        return self.keys.get(name, Location(self.file, 1, 1, 1, 2))

    def text(self, name: str, number: int = 0) -> Location:
        """Where the text of a key stands, the one of a number from 0 of several; else where the key does."""
        found = self.texts.get(name, ())
        return found[number] if number < len(found) else self.key(name)


def places_in(text: str, file: Path) -> Places:
    """The places of the keys of a text that is TOML."""
    keys: dict[str, Location] = {}
    texts: dict[str, list[Location]] = {}
    key, depth, fresh, inside = "", 0, True, False
    for match in _LEXEME.finditer(text):
        word = match[0]
        if word == "\n":
            fresh = fresh or not depth
            continue
        if word.startswith("#"):
            continue
        if fresh and not depth and word == "[":
            # What follows belongs to a table, whose name stands here.
            name = re.match(r"\[+\s*[\"']?([\w-]+)", text[match.start() :])
            key, inside, fresh = name[1] if name else "", True, False
            keys.setdefault(key, _span(text, file, match.start(), match.end()))
            depth += 1
            continue
        if fresh and not depth:
            fresh = False
            if not inside:
                key = word.strip("\"'").partition(".")[0]
                keys.setdefault(key, _span(text, file, match.start(), match.end()))
            continue
        if word in "[{":
            depth += 1
        elif word in "]}":
            depth = max(0, depth - 1)
        elif word[0] in "\"'" and not inside:
            texts.setdefault(key, []).append(_span(text, file, match.start(), match.end()))
    return Places(file, keys, {name: tuple(found) for name, found in texts.items()})


def _span(text: str, file: Path, start: int, end: int) -> Location:
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    last, behind = text.count("\n", 0, end) + 1, end - text.rfind("\n", 0, end)
    return Location(file, line, column, last, behind)
