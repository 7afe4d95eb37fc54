"""Changes that declare a name, or take its declaration away."""

from __future__ import annotations

from dreamrunner.files.text import in_words
from dreamrunner.language.diagnostics import Change
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Syntax, stretches


def declaration(syntax: Syntax, kind: str, name: str) -> Change:
    """What declares ``name`` below the last declaration of its kind, or above the first scene."""
    row, before, after = _home(syntax, kind)
    value = f' "{in_words(name)}"' if kind != "motion" else ""
    place = Location(syntax.file, row + 1, 1, row + 1, 1)
    if before == _BEHIND:
        end = len(_lines(syntax)[row]) + 1
        place = Location(syntax.file, row + 1, end, row + 1, end)
    return Change(place, f"{before}{kind} {name}{value}\n{after}")


def taken(syntax: Syntax, kind: str, name: str) -> bool:
    """Whether a file declares what a new ``kind`` can't be called besides."""
    alike = {"motion": ("motion", "location"), "location": ("character", "prop", "motion", "location")}
    kinds = alike.get(kind, ("character", "prop", "location"))
    return any(block.kind.text in kinds and block.name.text == name for block in syntax.blocks)


_BEHIND = "\n"  # before what comes behind a last line that has no end


def _home(syntax: Syntax, kind: str) -> tuple[int, str, str]:
    """The line, from 0, above which a declaration goes, and the blank lines that it wants around it."""
    lines = _lines(syntax)
    alike = [lines for block, lines in stretches(syntax) if block.kind.text == kind]
    if alike:
        row = alike[-1].stop - 1
        while (row > alike[-1].start and not lines[row - 1].strip()) or _starts_comment(lines, row - 1):
            row -= 1
        return _last(lines) if row >= len(lines) else (row, "", "")
    scenes = [lines.start - 1 for block, lines in stretches(syntax) if block.kind.text == "scene"]
    if not scenes:
        return _last(lines)
    row = scenes[0]
    while row and _starts_comment(lines, row - 1):
        row -= 1
    return row, "", "\n"


def _last(lines: list[str]) -> tuple[int, str, str]:
    return len(lines) - 1, _BEHIND if lines[-1] else "", ""


def without(syntax: Syntax, where: Location) -> tuple[Change, ...]:
    """What takes away the block in which a place lies, with the blank lines after it."""
    text = _lines(syntax)
    for _, lines in stretches(syntax):
        if where.line in lines:
            start, end = lines.start, min(lines.stop, len(text) + 1)
            while end > start + 1 and _starts_comment(text, end - 2):
                end -= 1
            last = (end, 1) if end <= len(text) else (end - 1, len(text[-1]) + 1)
            return (Change(Location(syntax.file, start, 1, *last), ""),)
    return ()


def _lines(syntax: Syntax) -> list[str]:
    return syntax.text.split("\n")


def _starts_comment(lines: list[str], row: int) -> bool:
    return 0 <= row < len(lines) and lines[row].startswith("#")
