"""Boxes in time: where an entity stands at each token frame of a clip.

A scene lasts what the story says, a clip has as many frames as its backbone gives, so the frames are spread evenly over
the scene's seconds: frame ``f`` of ``F`` is on screen from ``f / F`` to ``(f + 1) / F`` of the scene.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dreamrunner.language.parts import Box
from dreamrunner.regions.program import Grid, Rectangle


def step_times(grid: Grid, duration: float) -> tuple[float, ...]:
    """The time of each token frame in seconds from the scene's start, ascending, one per ``grid.steps``.

    The first latent frame stands for the first pixel frame alone, each later one for ``temporal_compression`` frames;
    a token frame joins ``temporal_patch`` latent frames, the clip being padded in front where they do not come out
    even. Its time is the middle of the frames that it stands for.
    """
    latents = (grid.frames - 1) // grid.temporal_compression + 1
    padding = grid.steps * grid.temporal_patch - latents
    times = []
    for step in range(grid.steps):
        first = max(step * grid.temporal_patch - padding, 0)
        last = (step + 1) * grid.temporal_patch - padding - 1
        first_frame = 0 if first == 0 else (first - 1) * grid.temporal_compression + 1
        last_frame = last * grid.temporal_compression
        times.append((first_frame + last_frame + 1) / 2 / grid.frames * duration)
    return tuple(times)


def steps_of_span(times: Sequence[float], start: float, end: float) -> range:
    """The token frames whose time lies in [start, end), in seconds; for a shorter span the nearest one, never none."""
    inside = [step for step, time in enumerate(times) if start <= time < end]
    if inside:
        return range(inside[0], inside[-1] + 1)
    middle = (start + end) / 2
    nearest = min(range(len(times)), key=lambda step: abs(times[step] - middle))
    return range(nearest, nearest + 1)


def rectangle_of(box: Box, rows: int, columns: int) -> Rectangle | None:
    """The tokens of a box: each edge goes to the nearest line between tokens, so boxes that touch neither overlap nor
    leave a gap. A box that comes out with no token in a row or column takes the one under its middle. What lies outside
    0..1 is cut off, and of a box that reaches into the frame by less than half a token, or not at all, there is none.
    """
    down, across = _tokens(box.y0, box.y1, rows), _tokens(box.x0, box.x1, columns)
    if down is None or across is None:
        return None
    return Rectangle(row0=down[0], row1=down[1], column0=across[0], column1=across[1])


def _tokens(low: float, high: float, count: int) -> tuple[int, int] | None:
    inside = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
    # floor(x + 1/2), not round(): Python rounds halves to even, which would treat equal boxes unequally
    first, last = (math.floor(edge * count + 0.5) for edge in inside)
    if first < last:
        return first, last
    if inside != (low, high):
        return None
    first = min(int((low + high) / 2 * count), count - 1)
    return first, first + 1
