"""Formatting: a whole text in the language's one layout, or the blocks that a selection touches."""

from __future__ import annotations

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.edits import line_edits
from dreamrunner.editor.workspace import Library
from dreamrunner.language.formatter import UnsafeFormat, format_text
from dreamrunner.language.syntax import stretches


def format_whole(library: Library, analysis: Analysis) -> list[types.TextEdit]:
    """The edits that format a text; of a broken one, those that format the blocks which can be read."""
    if not analysis.text.strip():
        return []
    formatted = _formatted(analysis, analysis.text)
    if formatted is not None:
        return line_edits(library, analysis, analysis.text, formatted)
    return format_range(library, analysis, 0, len(analysis.lines))


def format_range(library: Library, analysis: Analysis, first: int, last: int) -> list[types.TextEdit]:
    """The edits that format the blocks which the lines ``first`` to ``last``, from 0, touch.

    A block in which something can't be read stays as it is; its neighbours are formatted all the same.
    """
    edits: list[types.TextEdit] = []
    for start, end in _blocks(analysis):
        if start > last or end <= first:
            continue
        while end > start and not analysis.lines[end - 1].strip():
            end -= 1
        text = "\n".join(analysis.lines[start:end]) + "\n"
        formatted = _formatted(analysis, text)
        if formatted is not None:
            edits += line_edits(library, analysis, text[:-1], formatted.rstrip("\n"), start)
    return edits


def _blocks(analysis: Analysis) -> list[tuple[int, int]]:
    """The lines of each block from 0, the end exclusive; comments right above a head belong to it."""
    heads = []
    for _, lines in stretches(analysis.syntax):
        head = lines.start - 1
        while head and analysis.lines[head - 1].startswith("#"):
            head -= 1
        heads.append(head)
    heads = sorted({0, *heads})
    return list(zip(heads, [*heads[1:], len(analysis.lines)], strict=False))


def _formatted(analysis: Analysis, text: str) -> str | None:
    try:
        return format_text(text, analysis.path).text
    except UnsafeFormat:
        return None
