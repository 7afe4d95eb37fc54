"""Every text of the language that the repository holds, and what mistakes make of it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PIECES = (*' \n\t"#[],.-\\\r0s1xa\u00e9', '"""', "..", "  ", "\r\n", "\n\n", "# c\n")


@cache
def files() -> dict[str, str]:
    """The stories of the repository and those that tests read, by path, with their line ends as they are."""
    folders = ("stories", "tests/language", "grammar/new")
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.story"))
    return {str(path.relative_to(ROOT)): path.read_bytes().decode("utf-8") for path in found}


@cache
def examples() -> dict[str, str]:
    """The examples in Markdown, by page and number: the reference, the diagnostics, the documentation."""
    pages = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "grammar").rglob("*.md")])
    pages = [page for page in pages if "node_modules" not in page.parts]
    return {
        f"{page.relative_to(ROOT)} {number}": text
        for page in pages
        for number, text in enumerate(
            re.findall(r"^```story[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        )
    }


def mistaken(count: int, seed: int) -> Iterator[str]:
    """``count`` of those texts with one to three random changes each, in letters, words, lines or indentation."""
    chance = random.Random(seed)
    texts = [text for text in (*files().values(), *examples().values()) if 0 < len(text) < 3000]
    for _ in range(count):
        text = chance.choice(texts)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            text = _changed(text, chance) if text.strip() else text
        yield text


def _changed(text: str, chance: random.Random) -> str:
    kind, at = chance.random(), chance.randrange(len(text))
    if kind < 0.25:
        return text[:at] + text[at + 1 :]
    if kind < 0.5:
        return text[:at] + chance.choice(_PIECES) + text[at:]
    if kind < 0.75:
        return _with_changed_line(text, chance)
    words = list(re.finditer(r"\S+", text))
    one, other = chance.choice(words), chance.choice(words)
    return text[: one.start()] + other[0] + text[one.end() :]


def _with_changed_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    kind, row = chance.random(), chance.randrange(len(lines))
    if kind < 0.3:
        del lines[row]
    elif kind < 0.5:
        lines.insert(chance.randrange(len(lines)), lines[row])
    elif kind < 0.7:
        lines[row] = " " * chance.randrange(6) + lines[row].lstrip()
    elif kind < 0.8:
        lines[row] = lines[row].replace("  ", "\t", 1)
    else:
        lines.insert(row, chance.choice(("", " ", "   # c", "# c", "\t", "  # ignore: x y")))
    return "\n".join(lines)
