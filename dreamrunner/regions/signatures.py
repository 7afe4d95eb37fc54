"""Which conditions guide which video token: as dense masks, and grouped by signature.

A token's signature is the set of conditions that cover it. A scene has few of them, which is what makes exact region
attention cheap: all tokens of one signature read the same text (``rendering/attention.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dreamrunner.regions.program import Grid, Rectangle, RegionProgram


@dataclass(frozen=True, slots=True)
class Signature:
    """The tokens that the same conditions cover: ``conditions`` ascending and never empty, ``tokens`` ascending int64.

    Tokens are numbered in raster order (step, row, column).
    """

    conditions: tuple[int, ...]
    tokens: np.ndarray


def region_mask(regions: Sequence[Sequence[Rectangle]], grid: Grid) -> np.ndarray:
    """The union of rectangles as a bool array of shape (steps, rows, columns)."""
    mask = np.zeros((grid.steps, grid.rows, grid.columns), dtype=bool)
    for step, rectangles in enumerate(regions):
        for r in rectangles:
            mask[step, r.row0 : r.row1, r.column0 : r.column1] = True
    return mask


def uncovered(regions: Iterable[Sequence[Sequence[Rectangle]]], grid: Grid) -> tuple[tuple[Rectangle, ...], ...]:
    """For each token frame the tokens that none of several unions of rectangles covers, as rectangles apart.

    Each is a stretch of a row that is as wide in as many rows below as possible.
    """
    covered = np.zeros((grid.steps, grid.rows, grid.columns), dtype=bool)
    for each in regions:
        covered |= region_mask(each, grid)
    return tuple(tuple(_rectangles(~step)) for step in covered)


def _rectangles(mask: np.ndarray) -> Iterator[Rectangle]:
    """The tokens of a mask of shape (rows, columns), row by row."""
    growing: dict[tuple[int, int], int] = {}  # where each that goes on began, by its columns
    for row in range(len(mask) + 1):
        edges = np.flatnonzero(np.diff(mask[row], prepend=False, append=False)) if row < len(mask) else np.zeros(0, int)
        here = {(int(first), int(last)) for first, last in edges.reshape(-1, 2)}
        for columns in sorted(growing.keys() - here):
            yield Rectangle(row0=growing.pop(columns), row1=row, column0=columns[0], column1=columns[1])
        for columns in sorted(here - growing.keys()):
            growing[columns] = row


def masks(program: RegionProgram) -> np.ndarray:
    """Bool array of shape (conditions, steps * rows * columns): the video tokens of each condition.

    The last row is the background's: every token that no other condition covers.
    """
    rows = [region_mask(condition.regions, program.grid).ravel() for condition in program.conditions[:-1]]
    count = program.grid.steps * program.grid.rows * program.grid.columns
    covered = np.logical_or.reduce(rows) if rows else np.zeros(count, dtype=bool)
    return np.stack([*rows, ~covered])


def signatures(covering: np.ndarray) -> tuple[Signature, ...]:
    """Group tokens by the conditions that cover them.

    ``covering`` has shape (conditions, tokens) and covers every token at least once, as :func:`masks` gives it. The
    result is sorted by conditions and its tokens are a partition of all tokens.
    """
    # a token's column packed to bytes, so that any number of conditions sorts in one pass
    packed = np.ascontiguousarray(np.packbits(covering, axis=0).T)
    _, group_of, sizes = np.unique(packed, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(group_of.ravel(), kind="stable")
    groups = np.split(order, np.cumsum(sizes)[:-1])
    found = [Signature(tuple(np.flatnonzero(covering[:, tokens[0]]).tolist()), tokens) for tokens in groups]
    return tuple(sorted(found, key=lambda signature: signature.conditions))
