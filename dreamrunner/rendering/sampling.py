"""Sampling that can be cut short: the state of denoising, kept every now and then, and taken up again.

Between two steps there is nothing but the stock pipeline's latents, what the scheduler remembers of earlier steps and
the random generator. The loop itself can't be entered in the middle, so it is run over the steps that are left, with a
scheduler that is told what went before, where it asks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline
from torch import Tensor

from dreamrunner.backbones.table import family_of
from dreamrunner.files.checkpoint import Checkpoint, Keeper, read_checkpoint
from dreamrunner.files.paths import cache_folder


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a sampling begins: after ``done`` steps, with these ``latents`` (the pipeline's own when None)."""

    done: int = 0
    latents: Tensor | None = None


def sampling_file(key: str) -> Path:
    """Where the checkpoint of a sampling is kept unless told."""
    return cache_folder() / "sampling" / f"{key}.safetensors"


@contextlib.contextmanager
def resumable(
    pipe: DiffusionPipeline,
    generator: torch.Generator,
    steps: int,
    *,
    key: str,
    checkpoint: Path,
    save_every: float | None = None,
) -> Iterator[Begun]:
    """Let a pipeline denoise from where the checkpoint with this ``key`` left off, and keep new ones, for a while.

    The pipeline is to be called once, for ``steps`` steps, with the latents given and ``generator``, whose state is set
    to what it was. What follows is the same, bit for bit, as if nothing had been cut short.

    Raises:
        OSError: a checkpoint can't be written.
    """
    family, scheduler, keeper = family_of(pipe.transformer), pipe.scheduler, Keeper(checkpoint, save_every)
    found = read_checkpoint(checkpoint, key)
    done = found.step if found is not None else 0
    set_timesteps, step = scheduler.set_timesteps, scheduler.step
    timesteps: Tensor | None = None
    beginning = found is not None

    def set_later_timesteps(*arguments: Any, **named: Any) -> None:
        nonlocal timesteps
        set_timesteps(*arguments, **named)
        timesteps = scheduler.timesteps
        if found is not None:
            scheduler.timesteps = timesteps[done:]

    @wraps(step)
    def step_and_keep(output: Tensor, *arguments: Any, **named: Any) -> tuple[Tensor, ...]:
        nonlocal beginning, done
        if beginning and found is not None and timesteps is not None:
            # where the network computes, which is not where it lies if it comes and goes
            state = {name: tensor.to(output.device) for name, tensor in found.tensors.items()}
            arguments = family.resumed(scheduler, arguments, state, timesteps, done)
        beginning = False
        stepped = step(output, *arguments, **named)
        done += 1
        if keeper.due and done < steps:
            state = {"latents": stepped[0]} | family.sampler_state(scheduler, stepped)
            tensors = {name: tensor.contiguous() for name, tensor in state.items()}
            keeper.write(Checkpoint(key, done, tensors | {"generator": generator.get_state()}, {}))
        return stepped

    if found is not None:
        generator.set_state(found.tensors["generator"])
    scheduler.set_timesteps, scheduler.step = set_later_timesteps, step_and_keep
    try:
        yield Begun(done, found.tensors["latents"] if found is not None else None)
    finally:
        del scheduler.set_timesteps, scheduler.step
