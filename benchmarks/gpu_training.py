"""Sections of ``gpu.py``: training steps, going on after a cut, and compiled blocks."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.gpu_bench import GB, Bench, Found
from benchmarks.gpu_models import Model, loaded
from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.table import TABLE
from dreamrunner.priors.encoding import Sample
from dreamrunner.priors.motion import MotionObjective
from dreamrunner.priors.training import train
from dreamrunner.rendering import render, speedups
from dreamrunner.rendering.forms import form_of
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.renderer import regional

CHECKPOINTED = "2b", "wan-1.3b"
"""The models with which a training's first step writes a checkpoint."""


def training(bench: Bench, found: Found, model: Model, clips: int, steps: int) -> None:
    """A motion's training as the product does it, with the LoRAs of so many clips: the seconds of each step, memory;
    for the smallest models the first step also writes a checkpoint.
    """
    held = loaded(model, bench.device)
    found |= {"clips": clips, "weights_gb": bench.held_gb()}
    with bench.peak(found):
        trained(bench, found, held, model, clips, steps, checkpoint=model.name in CHECKPOINTED)


def trained(
    bench: Bench, found: Found, held: Loaded, model: Model, clips: int, steps: int, *, checkpoint: bool
) -> None:
    """Train for some steps on noise. With ``checkpoint`` the first step ends with writing one."""
    samples = [Sample(torch.randn(model.latents), torch.randn(model.words, model.wide)) for _ in range(clips)]
    recipe = replace(TABLE[model.row].training.motion, steps=steps)
    objective = MotionObjective(clips, len(model.family.blocks(held.pipe.transformer)), recipe)
    moments, losses = [time.perf_counter()], []

    def on_step(report: Any) -> None:
        bench.sync()
        moments.append(time.perf_counter())
        losses.append(dict(report.losses))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "training.safetensors"
        # it is due after a moment, and then not before ten times as long has passed as writing it took
        save_every = 1e-6 if checkpoint else 1e9
        train(held, samples, objective, recipe, seed=0, key="", checkpoint=file, save_every=save_every, on_step=on_step)
        bench.sync()
        if file.exists():
            found["checkpoint_gb"] = file.stat().st_size / GB
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    found |= {"seconds": gaps, "losses": losses[-1]}
    if len(gaps) > 1:
        # the last step writes no checkpoint, the first one sets up and writes one
        found |= {"first": gaps[0], "step": min(gaps[1:]), "median": statistics.median(gaps[1:])}


class _Cut(Exception):
    """A sampling is cut short."""


def resuming(bench: Bench, found: Found, model: Model) -> None:
    """Sampling cut short and gone on from, with and without offloading: the same picture? Then a training in the same
    process, and the film again: still the same? At a small size: the questions are of devices and kinds of numbers.
    """
    ways = ((), ("cpu-offload",), ("group-offload",)) if bench.device == "cuda" else ((),)
    program = model.program(3)
    for names in ways:
        row = found["+".join(names) or "no speed-ups"] = {"resumed": {}, "trained_afterwards": {}, "filmed_again": {}}
        held = loaded(model, bench.device)
        with bench.caught(row["resumed"]):
            row["resumed"] |= resumed(held, program, names)
        with bench.caught(row["filmed_again"]):
            before = filmed(held, program, names)
            with bench.caught(row["trained_afterwards"]):
                trained(bench, row["trained_afterwards"], held, model, clips=1, steps=1, checkpoint=False)
            row["filmed_again"] |= compared(before, filmed(held, program, names))
        del held
        bench.save()


def filmed(held: Loaded, program: Any, names: tuple[str, ...], **more: Any) -> np.ndarray:
    """The pixels of a scene."""
    return render(program, held, seed=1, steps=6, speedups=names, **more).pixels


def resumed(held: Loaded, program: Any, names: tuple[str, ...]) -> Found:
    """A film of six steps in one go, and one that is cut short after three and gone on from: the same bits? The last
    step alone would not tell, since it reads nothing of the one before."""

    def cut(step: int, _: int) -> None:
        if step == 3:
            raise _Cut

    with tempfile.TemporaryDirectory() as folder:
        kept = {"key": "k", "save_every": 0.0}
        whole = filmed(held, program, names)
        file = Path(folder) / "cut.safetensors"
        with contextlib.suppress(_Cut):
            filmed(held, program, names, checkpoint=file, on_step=cut, **kept)
        begun = file.exists()
        again = filmed(held, program, names, checkpoint=file, **kept)
    return {"checkpoint": begun, **compared(whole, again)}


def compared(one: np.ndarray, other: np.ndarray) -> Found:
    """Whether two films have the same pixels, and how far they are apart, in levels of 256."""
    off = int(np.abs(one.astype(int) - other.astype(int)).max())
    return {"same_picture": off == 0, "largest_difference": off}


def compiling(bench: Bench, found: Found, model: Model) -> None:
    """The product's ``compile``: what the first step of a scene costs, of one with fewer conditions after it, and again
    of the first, and what a step gains. What is told first is what tells most, since compiling may be cut off.
    """
    network = model.transformer(bench.device)

    def scene(count: int) -> Callable[[], Tensor]:
        program = model.program(count)
        form = form_of(program, bench.device)
        layout = RegionLayout.of(program, model.words, device=bench.device, form=form)
        given = model.given(network, count, bench.device)
        words = given["encoder_hidden_states"].shape[1]

        def work() -> Tensor:
            with torch.no_grad(), model.family.text_length(network, words), regional(network):
                return network(**given, attention_kwargs={"regions": layout}, return_dict=False)[0]

        return work

    scenes = {count: scene(count) for count in (5, 3, 4)}
    pipe = SimpleNamespace(transformer=network)
    for name, count, compiled in (
        ("n=5 as it is", 5, False),
        ("n=5 compiled", 5, True),
        ("n=3 compiled", 3, True),
        ("n=4 compiled", 4, True),
        ("n=5 compiled, again", 5, True),
        ("n=3 as it is", 3, False),
    ):
        row, told = found.setdefault(name, {}), []
        names = ("compile",) if compiled else ()
        with bench.caught(row), speedups.sped_up(pipe, names, device=network.device, tell=told.append):
            row |= bench.timed(scenes[count], 3)
        row["told"] = told
        bench.save()
