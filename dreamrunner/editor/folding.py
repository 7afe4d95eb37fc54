"""Folding: blocks, beats with their key frames, long texts, runs of comments."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.language.parsing.lines import Line


def folding_ranges(analysis: Analysis) -> list[types.FoldingRange]:
    """What can be folded, by the indentation alone, so that a line that can't be read folds as well."""
    found = [_range(first, last) for line in analysis.layout.lines for first, last in _folds(line)]
    found += [_range(first, last, types.FoldingRangeKind.Comment) for first, last in _comments(analysis)]
    found += [_range(first, last, types.FoldingRangeKind.Imports) for first, last in _uses(analysis)]
    return sorted(found, key=lambda item: (item.start_line, -item.end_line))


def _folds(line: Line) -> Iterator[tuple[int, int]]:
    start = line.tokens[0].line
    last = max(token.end_line for each in (line, *line.below()) for token in each.tokens)
    if line.children and last > start:
        yield start, last
    for token in line.tokens:
        is_long = token.type in ("LONG_STRING", "UNCLOSED_LONG_STRING") and token.end_line > token.line
        if is_long and not (line.children and token.line == start and token.end_line == last):
            yield token.line, token.end_line
    for child in line.children:
        yield from _folds(child)


def _comments(analysis: Analysis) -> Iterator[tuple[int, int]]:
    """Runs of two or more comment lines."""
    lines = [token.line for token, own in analysis.layout.comments if own]
    return _runs(lines)


def _uses(analysis: Analysis) -> Iterator[tuple[int, int]]:
    return _runs([line.tokens[0].line for line in analysis.layout.lines if line.tokens[0].type == "USE"])


def _runs(lines: list[int]) -> Iterator[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], line
        else:
            runs.append((line, line))
    yield from (run for run in runs if run[0] < run[1])


def _range(first: int, last: int, kind: types.FoldingRangeKind | None = None) -> types.FoldingRange:
    return types.FoldingRange(first - 1, last - 1, kind=kind)
