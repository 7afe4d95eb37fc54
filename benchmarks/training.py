"""What a step of training a motion takes. ``python benchmarks/training.py [--json] [--cogvideox]``

Our step against a plain one, written here after the released training loop: it encodes the prompt in every step, sends
all frames through the network twice, once for the spatial and once for the temporal loss, keeps both graphs, computes
gradients for every LoRA in each, and drops what must not be learnt. Ours reads prompts encoded once, gives the spatial
pass the one frame that its loss looks at, and computes no gradient that is dropped. Both see the same clips, timesteps
and noise, on the miniature with its trained weights; rounds take turns.

- ``ours_over_plain_loop``: time of our step over the plain one's, median of the rounds.
- ``loss_difference``: largest difference of a loss over all steps when the plain loop, too, gives its spatial pass that
  frame alone: the two are then the same training.
- ``temporal_loss_difference``: the same of the temporal losses with the plain loop as it was released; its spatial
  LoRAs learn from a frame seen among its neighbours, so that the two trainings part.

``--cogvideox`` measures, on a GPU, our step alone at the size of CogVideoX-2B (random weights, 49 frames of 720x480,
half precision): seconds a step and the peak of the memory, with and without gradient checkpointing. ``--layers`` and
``--size`` make it smaller.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from dreamrunner.backbones import Backbone, Loaded, describe, load
from dreamrunner.backbones.table import TABLE
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.miniature.footage import shot
from dreamrunner.miniature.world import caption, draw
from dreamrunner.priors import Encoder, TrainingClip
from dreamrunner.priors.encoding import Sample, encode_text
from dreamrunner.priors.motion import TEMPORAL, MotionObjective
from dreamrunner.priors.network import with_loras
from dreamrunner.priors.training import draw_step, train

CLIPS = 4


def clips(backbone: Backbone) -> list[TrainingClip]:
    """Drawn clips of a motion that the miniature never saw."""
    rng = np.random.default_rng(5)
    shots = [shot(rng, "spins", known=True) for _ in range(CLIPS)]
    return [TrainingClip(draw(clip, backbone.frames), caption(clip), f"{index}") for index, clip in enumerate(shots)]


def ours(loaded: Loaded, footage: list[TrainingClip], recipe: TrainingRecipe, folder: Path) -> tuple[list, float]:
    """Losses of every step, and seconds a step; what is encoded once is counted too."""
    losses, begun = [], time.process_time()
    samples = Encoder(loaded, folder / "encodings").samples(footage)
    objective = MotionObjective(CLIPS, len(loaded.pipe.transformer.transformer_blocks), recipe)
    train(loaded, samples, objective, recipe, seed=0, key="", checkpoint=folder / "checkpoint", save_every=1e9,
          on_step=lambda report: losses.append(dict(report.losses)))  # fmt: skip
    return losses, (time.process_time() - begun) / recipe.steps


def plain(
    loaded: Loaded, footage: list[TrainingClip], latents: list[Sample], recipe: TrainingRecipe, *, alone: bool
) -> tuple[list, float]:
    """The plain loop on cached latents; ``alone`` gives the spatial pass its one frame only."""
    objective = MotionObjective(CLIPS, len(loaded.pipe.transformer.transformer_blocks), recipe)
    scheduler, losses, begun = loaded.pipe.scheduler, [], time.process_time()
    with with_loras(loaded, objective.loras, recipe, seed=0) as network:
        optimizers = {
            name: torch.optim.AdamW(weights.values(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
            for name, weights in network.parameters.items()
        }
        for step in range(recipe.steps):
            at = draw_step(loaded, latents, 0, step)
            text = encode_text(loaded, footage[at.index].caption)
            frame, anchor = at.frame(), at.frame()
            clean, spatial = at.sample.latents.float(), objective.spatial(at.index)
            noisy = scheduler.add_noise(clean, at.noise, at.timestep)
            target = loaded.family.target(scheduler, clean, at.noise, at.timestep)
            one = slice(frame, frame + 1)

            network.use([spatial], learning=list(network.parameters))
            if alone:
                seen = network.predict(noisy[one], text, at.timestep)
            else:
                seen = network.predict(noisy, text, at.timestep)[one]
            spatial_loss = F.mse_loss(seen, target[one])
            network.use([TEMPORAL, spatial], learning=list(network.parameters))
            said = network.predict(noisy, text, at.timestep)
            bare, wanted = (2**0.5 * each - each[anchor] for each in (said, target))
            temporal_loss = F.mse_loss(said, target) + F.mse_loss(bare, wanted)

            gradients = {}
            for name, loss in ((spatial, spatial_loss), (TEMPORAL, temporal_loss)):
                loss.backward(retain_graph=True)
                gradients[name] = [weight.grad.clone() for weight in network.parameters[name].values()]
                for optimizer in optimizers.values():
                    optimizer.zero_grad()
            for name, its in gradients.items():
                for weight, gradient in zip(network.parameters[name].values(), its, strict=True):
                    weight.grad = gradient
                optimizers[name].param_groups[0]["lr"] = recipe.rate_at(step)
                optimizers[name].step()
                optimizers[name].zero_grad()
            losses.append({"temporal": temporal_loss.item(), "spatial": spatial_loss.item()})
    return losses, (time.process_time() - begun) / recipe.steps


def difference(one: list[dict], other: list[dict], names: tuple[str, ...]) -> float:
    return max(abs(a[name] - b[name]) for a, b in zip(one, other, strict=True) for name in names)


def compare(rounds: int, steps: int) -> dict[str, float]:
    """The plain loop and ours on the miniature."""
    torch.set_num_threads(1)
    loaded = load(describe("miniature"))
    # Dropout draws differ between one frame and many.
    recipe = replace(TABLE["miniature"].training.motion, steps=steps, dropout=0.0)
    footage, ratios = clips(loaded.backbone), []
    with tempfile.TemporaryDirectory() as folder:
        latents = Encoder(loaded, Path(folder) / "before").samples(footage)
        for round in range(rounds):
            losses, seconds = ours(loaded, footage, recipe, Path(folder) / str(round))
            released, plain_seconds = plain(loaded, footage, latents, recipe, alone=False)
            ratios.append(seconds / plain_seconds)
        same, _ = plain(loaded, footage, latents, recipe, alone=True)
    both = ("temporal", "spatial")
    return {
        "ours_over_plain_loop": statistics.median(ratios),
        "loss_difference": difference(losses, same, both),
        "temporal_loss_difference": difference(losses, released, ("temporal",)),
    }


def cogvideox(layers: int, size: tuple[int, int], frames: int, steps: int, device: str) -> dict[str, dict[str, float]]:
    """Our step at CogVideoX-2B's size, random weights in half precision, with and without gradient checkpointing."""
    from types import SimpleNamespace

    from diffusers import CogVideoXDDIMScheduler, CogVideoXTransformer3DModel

    width, height = size
    with torch.device(device):
        transformer = CogVideoXTransformer3DModel(
            num_layers=layers, sample_width=width // 8, sample_height=height // 8, sample_frames=frames
        )
    transformer = transformer.to(torch.float16 if device == "cuda" else torch.float32).eval().requires_grad_(False)
    parts = {name: torch.nn.Identity() for name in ("text_encoder", "vae")}
    pipe = SimpleNamespace(
        transformer=transformer, scheduler=CogVideoXDDIMScheduler(prediction_type="v_prediction"), **parts
    )
    backbone = describe("miniature").model_copy(update={"width": width, "height": height, "frames": frames})
    loaded = Loaded(backbone, pipe, torch.device(device))
    shape = ((frames - 1) // 4 + 1, 16, height // 8, width // 8)
    samples = [Sample(torch.randn(shape), torch.randn(226, 4096)) for _ in range(2)]
    out = {}
    for name, checkpointing in (("checkpointing", True), ("plain", False)):
        recipe = replace(TABLE["cogvideox-2b"].training.motion, steps=steps, checkpointing=checkpointing)
        objective, moments = MotionObjective(len(samples), layers, recipe), [time.monotonic()]
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        with tempfile.TemporaryDirectory() as folder:
            train(loaded, samples, objective, recipe, seed=0, key="", checkpoint=Path(folder) / "checkpoint",
                  save_every=1e9, on_step=_ticking(moments))  # fmt: skip
        out[name] = {"seconds": statistics.median(b - a for a, b in itertools.pairwise(moments))}
        if device == "cuda":
            out[name]["peak_gb"] = torch.cuda.max_memory_allocated() / 1e9
    return out


def _ticking(moments: list[float]) -> Callable:
    return lambda report: moments.append(time.monotonic())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--cogvideox", action="store_true", help="our step at the size of CogVideoX-2B, on a GPU")
    parser.add_argument("--layers", type=int, default=30)
    parser.add_argument("--size", default="720x480x49", help="width, height and frames (default: 720x480x49)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu only for a try at a small size")
    options = parser.parse_args()
    if options.cogvideox:
        if options.device == "cuda" and not torch.cuda.is_available():
            sys.exit(
                "there is no GPU here; --cogvideox needs one of 48 GB, or --device cpu with few --layers and a small"
                " --size"
            )
        width, height, frames = map(int, options.size.split("x"))
        found = cogvideox(options.layers, (width, height), frames, max(3, options.steps // 4), options.device)
    else:
        found = compare(options.rounds, options.steps)
    print(json.dumps(found) if options.json else "\n".join(f"{name:26} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
