"""Train text encoder and transformer: ``python -m dreamrunner.miniature.second.training.backbone --seconds 400``.

Stages follow one another: single pictures until places are known, short clips, whole clips. Footage is drawn by worker
processes while the network learns. The rate falls along a cosine to the end of the time, or of ``--steps``.
``--resume-from`` takes weights, averages and moments from a folder that an earlier run wrote and trains on, by the same
schedule or from a later stage. Nothing in it knows of regions but by ``--regions``.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import torch

from dreamrunner.miniature.second.autoencoder import read_autoencoder
from dreamrunner.miniature.second.footage import Footage, Kind, backdrops
from dreamrunner.miniature.second.model import Prediction
from dreamrunner.miniature.second.scripts import SIMPLE
from dreamrunner.miniature.second.training import checkpoint
from dreamrunner.miniature.second.training.muon import Muon
from dreamrunner.miniature.second.training.networks import NETWORKS, build, kept_kind
from dreamrunner.miniature.second.training.pool import Pool, encoded
from dreamrunner.miniature.second.training.preview import sheet
from dreamrunner.miniature.second.training.stepping import Step, at_most, whole_patches
from dreamrunner.miniature.second.training.swaps import listens
from dreamrunner.miniature.second.world import FRAMES

PARTS = ("average", "weights", "moments")
"""What a checkpoint holds: averaged weights, trained weights, the optimizers' moments."""

WARMUP = 60
"""Steps in which a stage's rate rises."""


@dataclass(frozen=True)
class Stage:
    """One part of the recipe.

    ``share`` is its part of the time, ``batch`` clips a step, ``rate`` its first and ``last`` its last learning rate.
    ``least`` clips are waited for before it begins, ``pool`` are kept.
    """

    name: str
    kind: Kind
    share: float
    batch: int
    rate: float
    last: float
    least: int
    pool: int


STAGES = (
    Stage(
        "pictures of one",
        Kind(frames=1, many=64, patterns=SIMPLE, varied=False),
        0.12,
        256,
        2.0e-3,
        1.6e-3,
        2048,
        200_000,
    ),
    Stage("pictures", Kind(frames=1, many=64), 0.10, 256, 1.6e-3, 1.4e-3, 2048, 200_000),
    Stage("short clips", Kind(frames=17, many=16), 0.18, 96, 1.4e-3, 1.2e-3, 512, 30_000),
    Stage("clips", Kind(frames=FRAMES, many=8), 0.60, 48, 1.2e-3, 2e-5, 256, 40_000),
)

TINY_STAGES = (
    Stage("pictures", Kind(frames=1, many=2, patterns=SIMPLE, varied=False), 0.4, 2, 1e-3, 1e-3, 4, 8),
    Stage("clips", Kind(frames=9, many=2), 0.6, 2, 1e-3, 1e-4, 4, 8),
)


class Trainer:
    """The network, its average and its optimizers.

    ``master`` holds the weights in full precision, which the optimizers move; ``model``, which computes, has copies of
    them, in half precision where ``half``.
    """

    def __init__(
        self,
        device: torch.device,
        *,
        tiny: bool,
        average_over: float,
        prediction: Prediction = "sample",
        half: bool = False,
        family: str = "cogvideox",
    ) -> None:
        torch.manual_seed(0)
        self.device = device
        self.master = build(family, prediction, tiny=tiny).to(device)
        self.average = copy.deepcopy(self.master).requires_grad_(False)
        self.model = self.master.copied(torch.bfloat16 if half else torch.float32)
        if half and device.type == "cpu":
            whole_patches(self.model)
        matrices = list(self.master.matrices().values())
        chosen = {id(weight) for weight in matrices}
        rest = [weight for weight in self.master.parameters() if id(weight) not in chosen]
        self.muon = Muon(matrices)
        self.adamw = torch.optim.AdamW(rest, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0, fused=device.type == "cuda")
        self.generator = torch.Generator(device)
        self.average_over, self.step = average_over, 0
        self.weights, self.copies, self.averages = (
            list(m.parameters()) for m in (self.master, self.model, self.average)
        )
        for weight in self.weights:
            weight.grad = torch.zeros_like(weight)

    def compile(self, wanted: bool) -> None:
        """Compile the transformer's layers, which are alike, at their next call, or have them run as they are."""
        for block in self.model.layers():
            if wanted:
                block.compile(dynamic=False)
            else:
                block._compiled_call_impl = None

    def take_step(self, grads: list[torch.Tensor], rate: float) -> None:
        """Move the weights by gradients that are in their order."""
        with torch.no_grad():
            torch._foreach_copy_([weight.grad for weight in self.weights], grads)
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0, foreach=True)
        for optimizer in (self.muon, self.adamw):
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        self.step += 1
        keep = min(1 - 1 / self.average_over, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.weights, 1 - keep)
            torch._foreach_copy_(self.copies, self.weights)

    def save(self, folder: Path, state: dict, *, compact: bool, keep: Sequence[str] = PARTS) -> None:
        """Write a checkpoint of the parts in ``keep``."""
        names = {id(weight): name for name, weight in self.master.named_parameters()}
        moments = {}
        for label, optimizer in (("muon", self.muon), ("adamw", self.adamw)):
            for weight, kept in optimizer.state.items():
                moments |= {f"{label}.{names[id(weight)]}.{key}": value for key, value in kept.items() if key != "step"}
        parts = {
            "average": (dict(self.average.named_parameters()), torch.half if compact else None),
            "weights": (dict(self.master.named_parameters()), torch.bfloat16 if compact else None),
            "moments": (moments, torch.bfloat16 if compact else None),
        }
        of_all = {"step": self.step, "prediction": self.master.prediction, "family": self.master.family}
        checkpoint.write(folder, {name: parts[name] for name in keep}, state | of_all)

    def load(self, folder: Path) -> dict | None:
        """Go on from a checkpoint: its state, or nothing where there is none. Where the trained weights were not kept
        the averaged ones are trained on.
        """
        if (state := checkpoint.read_state(folder)) is None:
            return None
        if (held := kept_kind(folder)[0]) != self.master.family:
            sys.exit(f"{folder} holds networks of {held}, not of {self.master.family}")
        for model, part in ((self.average, "average"), (self.master, "weights")):
            found = checkpoint.read_part(folder, part) or checkpoint.read_part(folder, "average")
            with torch.no_grad():
                for name, weight in model.named_parameters():
                    weight.copy_(found[name])
        found = checkpoint.read_part(folder, "moments")
        for label, optimizer in (("muon", self.muon), ("adamw", self.adamw)):
            for name, weight in self.master.named_parameters():
                start = f"{label}.{name}."
                kept = {
                    key.removeprefix(start): value.to(self.device, torch.float32)
                    for key, value in found.items()
                    if key.startswith(start) and "." not in key.removeprefix(start)
                }
                if kept:
                    if label == "adamw":
                        kept["step"] = torch.tensor(
                            float(state["step"]), device=self.device if self.device.type == "cuda" else "cpu"
                        )
                    optimizer.state[weight] = kept
        self.step = int(state["step"])
        with torch.no_grad():
            if state.get("prediction", "sample") != self.master.prediction:
                # where all is noise, the velocity is the sample turned round: a beginning
                for model in (self.master, self.average):
                    for weight in model.transformer.proj_out.parameters():
                        weight.neg_()
            torch._foreach_copy_(self.copies, self.weights)
        return state


def say(text: str, since: float) -> None:
    print(f"[{time.monotonic() - since:6.1f} s] {text}", flush=True)


def replayed(trainer: Trainer, step: Step, pool: Pool | None, begun: float, *, compiled: bool) -> Step:
    """The step as a graph, of compiled layers where wanted. What fails is told, and left out."""
    for attempt in (True, False) if compiled else (False,):
        trainer.compile(attempt)
        what = "by region" if step.regions else "by caption"
        try:
            with at_most(150):
                step.warm()
            with at_most(30), pool.lock if pool else nullcontext():
                step.capture()
            say(f"steps {what} are replayed{', of compiled layers' * attempt}", begun)
            return step
        except Exception as error:  # whatever goes wrong, training goes on without
            say(f"no graph {what}{' of compiled layers' * attempt}: {type(error).__name__}: {str(error)[:500]}", begun)
            torch.cuda.synchronize()
            step = step.anew()
    return step


def run(options: argparse.Namespace) -> None:
    begun = time.monotonic()
    torch.set_num_threads(1)
    stages = TINY_STAGES if options.tiny else STAGES
    if options.regions:
        stages = tuple(replace(stage, kind=replace(stage.kind, regions=stage.kind.frames > 1)) for stage in stages)
    if options.batch != 1:
        stages = tuple(replace(stage, batch=max(1, round(stage.batch * options.batch))) for stage in stages)
    seed = [7, options.seed]
    first = options.from_stage
    shares = [stage.share if first <= index <= options.to_stage else 0.0 for index, stage in enumerate(stages)]
    ends = np.cumsum(shares) / sum(shares)
    ends[ends > 1 - 1e-9] = 1.0
    # workers are forked before this process touches a GPU; those of later stages wait with full slots
    footage = {
        index: Footage(stage.kind, workers=options.workers, seed=[*seed, options.part, index])
        for index, stage in enumerate(stages)
        if shares[index] > 0
    }
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    trainer = Trainer(
        device,
        tiny=options.tiny,
        average_over=options.average_over,
        prediction=options.prediction or ("sample" if options.family == "cogvideox" else "velocity"),
        family=options.family,
        half=options.half if options.half is not None else device.type == "cuda",
    )
    count = sum(weight.numel() for weight in trainer.weights)
    say(f"{count / 1e6:.2f} M parameters on {device}, {options.workers} workers, torch {torch.__version__}", begun)
    state = trainer.load(options.resume_from) if options.resume_from else None
    if options.resume_from:
        say(f"resumed at step {trainer.step}" if state else f"nothing to resume from in {options.resume_from}", begun)
    start_step = trainer.step
    done = float(state["progress"]) if state and options.go_on else 0.0
    empty = backdrops().to(device)
    saved_at = time.monotonic()

    def progress() -> float:
        if options.steps:
            return done + (1 - done) * (trainer.step - start_step) / max(1, options.steps - (start_step if done else 0))
        return min(1.0, done + (1 - done) * (time.monotonic() - begun) / (options.seconds - options.margin))

    def save(compact: bool = not options.exact) -> None:
        trainer.save(
            options.out,
            {"progress": progress(), "seconds": time.monotonic() - begun, "seed": options.seed},
            compact=compact,
            keep=options.keep,
        )

    def listen(frames: int) -> None:
        found = listens(trainer.average, clips=options.swaps, frames=frames)
        say("wrong captions told: " + ", ".join(f"{fact} {share:.2f}" for fact, share in found.items()), begun)

    picker = torch.Generator(device)
    for index, stage in enumerate(stages):
        if shares[index] == 0 or progress() >= ends[index]:
            if index in footage:
                footage[index].close()
            continue
        source = footage[index]
        pool = None
        if options.workers:
            pool = Pool(min(stage.pool, options.pool or stage.pool), stage.kind.frames, device, empty)
            pool.follow(source)
            pool.refresh(stage.least)
        size = stage.batch
        kinds = (False, True) if stage.kind.regions else (False,)
        steps = {by: Step(trainer.model, size, stage.kind.frames, regions=by) for by in kinds}
        step = None
        if options.graph and device.type == "cuda":
            for by in kinds:
                steps[by] = replayed(trainer, steps[by], pool, begun, compiled=options.compile)
        say(f"stage {stage.name}: {size} clips of {stage.kind.frames} frames a step", begun)
        low = float(ends[index - 1]) if index else 0.0
        stage_step, noted, noted_step, losses = 0, time.monotonic(), trainer.step, []
        noted_drawn = source.drawn
        while (now := progress()) < ends[index] and trainer.step != options.stop_after:
            part = (now - low) / (ends[index] - low)
            rate = stage.last + (stage.rate - stage.last) * 0.5 * (1 + math.cos(math.pi * part))
            rate *= options.rate * min(1.0, (stage_step + 1) / WARMUP)
            mixed = (options.seed * 1_000_003 + trainer.step) * 2 + 1
            trainer.generator.manual_seed(mixed)
            if pool is None:
                batch = source.drawn_at(trainer.step, size)
                latents, masks, tokens, region_tokens, cover = encoded(batch, empty, device)
            else:
                pool.refresh()
                picker.manual_seed(mixed + 1)
                picks = torch.randint(0, pool.held, (size,), generator=picker, device=device)
                latents, masks, tokens, region_tokens, cover = pool.batch(picks)
            # every so many steps by region, evenly spread
            by_region = stage.kind.regions and (trainer.step * options.regions) % 1 + options.regions >= 1
            step = steps[by_region]
            loss = step(latents, masks, region_tokens if by_region else tokens, cover, trainer.generator)
            trainer.take_step(step.grads, rate)
            stage_step += 1
            losses.append(loss)
            if len(losses) == options.log_every:
                spent = time.monotonic() - noted
                value = torch.stack(losses).mean().item()
                paces = (trainer.step - noted_step) / spent
                drawn = (source.drawn - noted_drawn) / spent
                say(
                    f"{stage.name} step {trainer.step} {100 * now:.0f} % loss {value:.4f} rate {rate:.1e}"
                    f" {paces:.1f} steps/s"
                    f" {paces * size:.0f} clips/s drawn {drawn:.0f}/s pool {pool.held if pool else 0}",
                    begun,
                )
                if not math.isfinite(value):
                    sys.exit("the loss is no number any more")
                noted, noted_step, noted_drawn, losses = time.monotonic(), trainer.step, source.drawn, []
            if time.monotonic() - saved_at > options.save_every:
                save()
                saved_at = time.monotonic()
        if pool is not None:
            pool.close()
        source.close()
        pool = step = None
        steps.clear()
        if options.swaps and stage.kind.frames == 1:
            listen(stage.kind.frames)
    save()
    say(f"wrote {options.out} at step {trainer.step}", begun)
    if device.type == "cuda":
        say(f"at most {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB on the device", begun)
    if options.swaps:
        listen(stages[-1].kind.frames)
    if options.sheet:
        image, texts = sheet(trainer.average, read_autoencoder().to(device), device, frames=stages[-1].kind.frames)
        cv2.imwrite(str(options.sheet), image[:, :, ::-1])
        say("drawn, by caption, by region:\n" + "\n".join(texts), begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/miniature2/backbone"), help="folder of the checkpoint")
    parser.add_argument("--seconds", type=float, default=420, help="time for everything, start and saving included")
    parser.add_argument("--steps", type=int, default=0, help="this many steps instead of a time")
    parser.add_argument("--stop-after", type=int, default=-1, help="end after this step, as an interrupted run does")
    parser.add_argument("--margin", type=float, default=6, help="seconds of the time that are kept for the end")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="processes that draw")
    parser.add_argument("--device", default="", help="cuda or cpu; cuda where there is one")
    parser.add_argument("--resume-from", type=Path, help="a folder that an earlier run wrote")
    parser.add_argument("--go-on", action="store_true", help="on resuming, go on in the schedule where it was left")
    parser.add_argument("--from-stage", type=int, default=0, help="leave out the stages before this one")
    parser.add_argument("--to-stage", type=int, default=len(STAGES), help="leave out the stages behind this one")
    parser.add_argument("--rate", type=float, default=1.0, help="times the recipe's learning rates")
    parser.add_argument("--regions", type=float, default=0.0, help="share of the steps on clips that are by region")
    parser.add_argument("--batch", type=float, default=1.0, help="times the recipe's clips a step")
    parser.add_argument(
        "--half", action=argparse.BooleanOptionalAction, help="compute in bfloat16; as a rule on a GPU alone"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", type=int, default=0, help="another number draws other clips, for a run that goes on")
    parser.add_argument("--pool", type=int, default=0, help="clips that are kept at most")
    parser.add_argument("--prediction", choices=get_args(Prediction), help="what the network says; wan's the velocity")
    parser.add_argument("--average-over", type=float, default=400, help="steps that the averaged weights look back")
    parser.add_argument("--save-every", type=float, default=60, help="seconds from one checkpoint to the next")
    parser.add_argument("--log-every", type=int, default=100, help="steps from one line to the next")
    parser.add_argument("--graph", action=argparse.BooleanOptionalAction, default=True, help="steps as CUDA graphs")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True, help="compile layers")
    parser.add_argument("--sheet", type=Path, help="a contact sheet of the result, by captions and by region")
    parser.add_argument(
        "--swaps", type=int, default=0, help="clips on which each stage's end is measured by caption swap"
    )
    parser.add_argument("--keep", nargs="+", choices=PARTS, default=PARTS, help="what checkpoints hold")
    parser.add_argument("--exact", action="store_true", help="checkpoints in full precision")
    parser.add_argument("--family", choices=[*NETWORKS], default="cogvideox", help="whose layout the network has")
    parser.add_argument("--tiny", action="store_true", help="a network for tests")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
