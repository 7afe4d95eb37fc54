"""Edits of a text, as small as can be, so that cursors and folds stay where they are."""

from __future__ import annotations

from difflib import SequenceMatcher

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.workspace import Library
from dreamrunner.language.edits import Edits


def line_edits(library: Library, analysis: Analysis, before: str, after: str, first: int = 0) -> list[types.TextEdit]:
    """The edits that turn ``before``, which stands in the text from line ``first`` (from 0) on, into ``after``."""
    old, new = before.split("\n"), after.replace("\r\n", "\n").split("\n")
    edits = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        lines = new[new_start:new_end]
        at = _place(library, analysis, first + start, 0)
        if end < len(old):
            edits.append(_edit(at, _place(library, analysis, first + end, 0), "".join(f"{line}\n" for line in lines)))
        elif start:
            # The last line has no end of its own: what precedes it is taken along.
            at = _place(library, analysis, first + start - 1, len(old[start - 1]))
            stop = _place(library, analysis, first + end - 1, len(old[-1]))
            edits.append(_edit(at, stop, "".join(f"\n{line}" for line in lines)))
        else:
            stop = _place(library, analysis, first + end - 1, len(old[-1]))
            edits.append(_edit(at, stop, "\n".join(lines)))
    for edit in edits:
        edit.new_text = edit.new_text.replace("\n", analysis.newline)
    return edits


def filling_edits(library: Library, analysis: Analysis, fills: Edits) -> list[types.TextEdit]:
    """The edits that write fills into a text, of which what was filled may have been only the sound part."""
    edits = []
    for line, changes in fills.within.items():
        for column, end, words in changes:
            at = _place(library, analysis, line - 1, column - 1)
            edits.append(_edit(at, _place(library, analysis, line - 1, end - 1), words))
    for line, lines in fills.after.items():
        last = len(analysis.lines)
        at = _place(library, analysis, line, 0) if line < last else _place(library, analysis, last - 1, 10**6)
        new = [f"{each}{analysis.newline}" if line < last else f"{analysis.newline}{each}" for each in lines]
        edits.append(_edit(at, at, "".join(new)))
    return edits


def _place(library: Library, analysis: Analysis, row: int, column: int) -> types.Position:
    return library.position(analysis, row, column)


def _edit(start: types.Position, end: types.Position, text: str) -> types.TextEdit:
    return types.TextEdit(types.Range(start, end), text)
