"""Edits of a text, as small as can be, so that cursors and folds stay where they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.workspace import Library
from dreamrunner.files.text import with_line_ends
from dreamrunner.language.edits import Edits

_AHEAD = 40  # lines


def line_edits(library: Library, analysis: Analysis, before: str, after: str, first: int = 0) -> list[types.TextEdit]:
    """The edits that turn ``before``, which stands in the text from line ``first`` (from 0) on, into ``after``."""
    old, new = before.split("\n"), with_line_ends(after).split("\n")
    edits = []
    for start, end, new_start, new_end in _differing(old, new):
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


def _differing(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """The stretches, begin and end in both, in which two sequences of lines differ, in order.

    After each the nearest lines that are the same again are looked for, a little way ahead: lines that are laid out
    anew stay near where they were, and the search takes as long as the text is.
    """
    at, there = 0, 0
    while at < len(old) or there < len(new):
        if at < len(old) and there < len(new) and old[at] == new[there]:
            at, there = at + 1, there + 1
            continue
        start, new_start = at, there
        while (at < len(old) or there < len(new)) and old[at : at + 1] != new[there : there + 1]:
            at, there = _same_again(old, at, new, there)
        while at > start and there > new_start and old[at - 1] == new[there - 1]:
            at, there = at - 1, there - 1
        yield start, at, new_start, there


def _same_again(old: Sequence[str], at: int, new: Sequence[str], there: int) -> tuple[int, int]:
    """Where two sequences, which differ at a place of each, are the same next, blank lines aside, or both end."""
    for steps in range(1, 2 * _AHEAD):
        for own in range(max(0, steps - _AHEAD), min(steps, _AHEAD) + 1):
            end, new_end = at + own, there + steps - own
            if end == len(old) and new_end == len(new):
                return end, new_end
            if end < len(old) and new_end < len(new) and old[end] == new[new_end] and old[end].strip():
                return end, new_end
    return min(at + _AHEAD, len(old)), min(there + _AHEAD, len(new))


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
