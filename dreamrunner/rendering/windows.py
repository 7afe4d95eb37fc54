"""Scenes longer than a clip: overlapping windows over one long latent, blended at every denoising step.

A backbone denoises as many latent frames at a time as it was trained on. A longer scene is one latent all the same: at
every step the transformer sees one window of it after the other, each with the boxes of its own stretch of time, and
where windows overlap their predictions are mixed, more and more of the later one. So all windows are denoised towards
one film, and no seam is cut.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from dreamrunner.backbones.family import Family
from dreamrunner.regions import RegionProgram
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.region_lora import Place, Rows


@dataclass(frozen=True, slots=True)
class Window:
    """One window: the first latent frame it sees, and where regions and region LoRAs are in it, if there are any."""

    start: int
    layout: RegionLayout | None = None
    rows: Mapping[Place, Rows] | None = None


def overlap_of(length: int) -> int:
    """How many latent frames two neighbouring windows of ``length`` share: a third, two at least."""
    return min(length - 1, max(2, length // 3))


def window_starts(total: int, length: int) -> tuple[int, ...]:
    """Where windows of ``length`` latent frames begin that cover ``total``; the last one ends with the scene."""
    if total <= length:
        return (0,)
    stride = length - overlap_of(length)
    return (*range(0, total - length, stride), total - length)


def blend_weights(starts: Sequence[int], length: int, total: int) -> Tensor:
    """How much each window counts in each latent frame: (windows, total), each column sums to one.

    In an overlap the earlier window fades out and the later one in. The first frame of a later window counts least: the
    backbone takes it for the beginning of a clip, which it isn't.
    """
    weights = torch.zeros(len(starts), total)
    for number, start in enumerate(starts):
        before = starts[number - 1] + length - start if number else 0
        after = start + length - starts[number + 1] if number + 1 < len(starts) else 0
        ramp = torch.ones(length)
        if before:
            ramp[:before] *= torch.arange(1, before + 1) / (before + 1)
        if after:
            ramp[length - after :] *= torch.arange(after, 0, -1) / (after + 1)
        weights[number, start : start + length] = ramp
    return weights / weights.sum(0)


def windows_of(program: RegionProgram, length: int) -> tuple[tuple[int, RegionProgram], ...]:
    """Cut a long program into windows of ``length`` steps: where each begins, and its part of the program.

    Every part has all conditions of the whole, so that the text is the same for all.
    """
    starts = window_starts(program.grid.steps, length)
    frames = (length - 1) * program.grid.temporal_compression + 1
    grid = program.grid.model_copy(update={"steps": length, "frames": frames})

    def part(start: int) -> RegionProgram:
        inside = slice(start, start + length)
        return program.model_copy(
            update={
                "grid": grid,
                "conditions": tuple(
                    each.model_copy(update={"regions": each.regions[inside]}) for each in program.conditions
                ),
                "lora_maps": tuple(
                    each.model_copy(update={"regions": each.regions[inside]}) for each in program.lora_maps
                ),
            }
        )

    return tuple((start, part(start)) for start in starts)


@contextlib.contextmanager
def windowed(
    transformer: Module,
    family: Family,
    windows: Sequence[Window],
    length: int,
    total: int,
    rows: dict[Place, Rows] | None = None,
) -> Iterator[None]:
    """Let a transformer of a family denoise ``total`` latent frames in ``windows`` for a while.

    ``rows`` is what its region LoRAs read where they work from; it is set to each window's own before its turn. With
    one window nothing changes.
    """
    if len(windows) == 1:
        yield
        return
    forward, own = transformer.forward, transformer.__dict__.get("forward")
    weights = blend_weights([window.start for window in windows], length, total)
    axis = family.time_axis
    along = [-1 if each == axis else 1 for each in range(5)]

    def in_windows(hidden_states: Tensor, *arguments: Any, **named: Any) -> tuple[Tensor]:
        named.pop("return_dict", None)
        named.pop("attention_kwargs", None)
        named = family.window_arguments(named, length, total)
        mixed = torch.zeros_like(hidden_states)
        for number, window in enumerate(windows):
            inside = window.start, length
            if rows is not None and window.rows is not None:
                rows.update(window.rows)
            predicted = forward(
                hidden_states.narrow(axis, *inside),
                *arguments,
                attention_kwargs={"regions": window.layout} if window.layout is not None else None,
                return_dict=False,
                **named,
            )[0]
            share = weights[number].narrow(0, *inside).to(predicted).reshape(along)
            mixed.narrow(axis, *inside).add_(predicted * share)
        return (mixed,)

    transformer.forward = in_windows
    try:
        yield
    finally:
        if own is None:
            del transformer.forward
        else:
            transformer.forward = own  # a hook's
