"""The memory that models take on a GPU: what their rows say against live tensors, and the table of the docs.

``python benchmarks/memory.py`` runs every network at its full size as fake tensors (some ten minutes on one core; no
GPU) and prints the peaks beside the rows' figures. ``--table`` prints what is planned for cards of many sizes.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from diffusers import CogVideoXTransformer3DModel

from benchmarks.attention_ways import scene
from benchmarks.gpu_models import loaded, made_in
from benchmarks.gpu_models_cogvideox import FULL, CogVideoX
from benchmarks.live_memory import adapt, counted
from benchmarks.memory_table import table
from dreamrunner.backbones.encodings import Encodings
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.backbones.footprint import GB, USUAL_CONDITIONS
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.memory_plan import MemoryPlan
from dreamrunner.backbones.table import TABLE
from dreamrunner.priors.losses import spatial_loss, temporal_loss
from dreamrunner.priors.motion import TEMPORAL, MotionObjective
from dreamrunner.priors.network import with_loras
from dreamrunner.regions import lower
from dreamrunner.rendering import render
from dreamrunner.rendering.layout import RegionLayout, SignatureTokens
from dreamrunner.rendering.renderer import regional

WHICH = {"cogvideox-2b": "2b", "cogvideox-5b": "5b", "cogvideox-1_5-5b": "1.5-5b"}
"""By the name of their row, those that are measured."""


@dataclass(frozen=True)
class Patching(CogVideoX):
    """A model whose tokens reach over two latent frames: CogVideoX 1.5."""

    @property
    def grid(self) -> Grid:
        width, height = self.size
        steps = -(-((self.frames - 1) // 4 + 1) // 2)
        return Grid(frames=self.frames, steps=steps, rows=height // 16, columns=width // 16, temporal_patch=2)


def model_of(name: str, layers: int | None = None) -> CogVideoX:
    """The model of a row, with as many of its transformer's ``layers``."""
    row, which = TABLE[name], WHICH[name]
    if which in FULL:
        made = FULL[which]
    else:
        full = FULL["5b"]
        sizes = {"size": row.size, "frames": row.frames, "words": row.memory.words}
        made = Patching(which, full.heads, full.layers, torch.bfloat16, rotary=True, **sizes)
    return made if layers is None else replace(made, layers=layers)


def network_of(model: CogVideoX, device: str) -> CogVideoXTransformer3DModel:
    """Its transformer."""
    if not isinstance(model, Patching):
        return model.transformer(device)
    with made_in(model.dtype, device):
        return CogVideoXTransformer3DModel(
            num_attention_heads=model.heads,
            num_layers=model.layers,
            sample_width=300,
            sample_height=300,
            sample_frames=model.frames,
            max_text_seq_length=model.words,
            use_rotary_positional_embeddings=True,
            use_learned_positional_embeddings=False,
            patch_size_t=2,
            patch_bias=False,
        ).requires_grad_(False)


def sampling(model: CogVideoX, conditions: int = USUAL_CONDITIONS, *, adapted: bool = False) -> tuple[float, float]:
    """GB of a transformer's weights, and of what a step with guidance takes beside them, ``adapted`` by LoRAs or not.
    The latter is the same for any number of layers and of LoRAs."""
    program, words, device = lower(scene(conditions)[0], model.grid), model.words, "cuda"
    layout = RegionLayout.of(program, words)
    grid = model.grid
    video, width, height = grid.steps * grid.rows * grid.columns, *model.size

    def made(*shape: int, dtype: torch.dtype = model.dtype) -> torch.Tensor:
        return torch.empty(*shape, dtype=dtype, device=device)

    def like(tensor: torch.Tensor) -> torch.Tensor:
        return made(*tensor.shape, dtype=tensor.dtype)

    with counted() as live, torch.no_grad():
        network = network_of(model, device)
        weights = live.live
        if adapted:
            adapt(network, FAMILY, video, conditions * words)
        parts = tuple(SignatureTokens(like(each.tokens), like(each.words)) for each in layout.signatures)
        regions = RegionLayout(conditions, words, parts, tuple(like(each) for each in layout.covered))
        latents = made(2, grid.steps * grid.temporal_patch, 16, height // 8, width // 8)
        text, timestep = made(2, conditions * words, model.wide), made(2, dtype=torch.int64)
        rotary = (made(video, 64, dtype=torch.float32),) * 2 if model.rotary else None
        before = live.begin()
        with FAMILY.text_length(network, text.shape[1]), regional(network):
            more = {"image_rotary_emb": rotary, "attention_kwargs": {"regions": regions}, "return_dict": False}
            network(latents, text, timestep, **more)
        return weights / GB, (live.peak - before) / GB


def picture(what: str, model: CogVideoX, size: tuple[int, int], latents: int, *, tiled: bool = False) -> float:
    """GB that it takes to ``decode`` or ``encode`` so many latent frames of a size in pixels, beside the weights."""
    width, height = size
    with counted() as live, torch.no_grad():
        vae = model.autoencoder("cuda")
        if tiled:
            vae.enable_tiling(*FAMILY.tile)
        kind = {"dtype": model.dtype, "device": "cuda"}
        if what == "decode":
            given = torch.empty(1, 16, latents, height // 8, width // 8, **kind)
            before = live.begin()
            vae.decode(given)
        else:
            given = torch.empty(1, 3, (latents - 1) * 4 + 1, height, width, **kind)
            before = live.begin()
            vae.encode(given)
        return (live.peak - before) / GB


def training(model: CogVideoX, clips: int = 1) -> tuple[float, float]:
    """GB of one prior's matrices and of what a motion's training step takes beside weights and matrices. It rises by as
    much with every layer."""
    recipe = TABLE["cogvideox-2b"].training.motion
    grid, device = model.grid, "cpu"  # fake tensors go the way back on no GPU that isn't there
    rows = grid.rows * grid.columns

    def rotary(_: int, __: int, frames: int, ___: object) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.empty(frames * rows, 64), torch.empty(frames * rows, 64)

    with counted() as live, no_seed():
        network = network_of(model, device)
        backbone = SimpleNamespace(width=model.size[0], height=model.size[1], frames=model.frames, family=FAMILY)
        pipe = SimpleNamespace(transformer=network, scheduler=None, _prepare_rotary_positional_embeddings=rotary)
        objective = MotionObjective(clips, model.layers, recipe)
        with with_loras(Loaded(backbone, pipe), objective.loras, recipe, seed=0) as net:
            lora = sum(weight.numel() * 4 for weight in net.parameters[TEMPORAL].values())
            shape = grid.steps, 16, model.size[1] // 8, model.size[0] // 8
            noisy, target = torch.empty(shape), torch.empty(shape)
            text, timestep = torch.empty(model.words, model.wide, dtype=model.dtype), torch.empty(1, dtype=torch.int64)
            before, spatial = live.begin(), objective.spatial(0)
            net.use([TEMPORAL, spatial], learning=[TEMPORAL])
            temporal_loss(net.predict(noisy, text, timestep), target, 0).backward()
            net.use([spatial], learning=[spatial])
            spatial_loss(net.predict(noisy[:1], text, timestep), target[:1]).backward()
        return lora / GB, (live.peak - before) / GB


class Still:
    """A sampler whose steps change nothing: a real one reads numbers, which fake tensors have not."""

    init_noise_sigma, order, config = 1.0, 1, SimpleNamespace(num_train_timesteps=1000)
    timesteps: Sequence[torch.Tensor] = ()

    def set_timesteps(self, count: int, device: torch.device) -> None:
        self.timesteps = [torch.tensor(step).to(device) for step in range(count)]

    def scale_model_input(self, latents: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        return latents

    def step(self, _: torch.Tensor, __: torch.Tensor, latents: torch.Tensor, **___: object) -> tuple[torch.Tensor]:
        return (latents,)


def film(model: CogVideoX, memory: MemoryPlan) -> tuple[float, float, float]:
    """GB on a card while the product's own ``render`` films by a plan: at the peak while it samples, when decoding
    begins, and at the peak while it decodes. Prompts are encoded before; the weights come from the CPU."""
    program = model.program(USUAL_CONDITIONS)
    real, found = RegionLayout.of(program, model.words), []

    def like(tensor: torch.Tensor) -> torch.Tensor:
        return torch.empty(tensor.shape, dtype=tensor.dtype, device="cuda")

    def layout(*_: object, **__: object) -> RegionLayout:
        parts = tuple(SignatureTokens(like(each.tokens), like(each.words)) for each in real.signatures)
        return RegionLayout(real.conditions, real.text_tokens, parts, tuple(like(each) for each in real.covered))

    def texts(_: object, asked: Sequence[str], __: object) -> dict[str, torch.Tensor]:
        return {text: torch.empty(model.words, model.wide, dtype=model.dtype) for text in asked}

    with counted("cuda") as live, contextlib.ExitStack() as stack:
        held = replace(loaded(model, "cpu"), device=torch.device("cuda"))
        pipe, decode = held.pipe, type(held.family).decode

        def decoding(family: object, *given: object) -> object:
            found.extend([live.peak, live.live])
            live.begin()
            pictures = decode(family, *given)
            found.append(live.peak)
            return pictures

        pipe.scheduler = Still()
        pipe.video_processor.postprocess_video = lambda video, output_type: [np.zeros(1)]
        stack.enter_context(patch.object(RegionLayout, "of", layout))
        stack.enter_context(patch.object(Encodings, "__init__", lambda *_: None))
        stack.enter_context(patch.object(Encodings, "texts", texts))
        stack.enter_context(patch.object(type(held.family), "decode", decoding))
        live.begin()
        render(program, held, seed=1, steps=2, speedups=memory.changing, memory=memory)
    sampled, begun, decoded = (size / GB for size in found)
    return sampled, begun, decoded


@contextlib.contextmanager
def no_seed() -> Iterator[None]:
    """Keep random states out of it: fake tensors have none."""
    with patch.object(torch.random, "fork_rng", lambda *_, **__: contextlib.nullcontext()):
        yield


def measured(name: str) -> Iterator[tuple[str, float, float]]:
    """What the row of a model says, by name, against live tensors, in GB."""
    model, says = model_of(name), TABLE[name].memory
    latents = (model.frames - 1) // 4 + 1
    weights, step = sampling(model)
    yield "transformer", says.transformer, weights
    yield "sampling", says.sampling, step
    yield "adapting", says.adapting, sampling(model_of(name, 1), adapted=True)[1] - step
    works: tuple[tuple[str, float, Callable[[], float]], ...] = (
        ("decoding", says.decoding, lambda: picture("decode", model, model.size, latents)),
        ("decoding_tiled", says.decoding_tiled, lambda: picture("decode", model, model.size, latents, tiled=True)),
        ("encoding", says.encoding, lambda: picture("encode", model, model.size, latents)),
        ("encoding_tiled", says.encoding_tiled, lambda: picture("encode", model, model.size, latents, tiled=True)),
    )
    for what, said, work in works:
        yield what, said, work()
    if says.training:
        lora, trained = training(model)
        yield "lora", says.lora, lora
        yield "training", says.training, trained
    if model.dtype == torch.bfloat16:  # what of T5 stays float32 under float16 can't be cast as fake tensors
        with counted() as live, torch.no_grad():
            model.text_encoder("cuda")
            yield "text_encoder", says.text_encoder, live.live / GB


def main() -> int:
    """Print it; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="print the table of the docs alone")
    parser.add_argument("--model", choices=[*WHICH], action="append", help="measure this one alone")
    asked = parser.parse_args()
    if asked.table:
        print("\n".join(table()))
        return 0
    for name in asked.model or WHICH:
        for what, says, found in measured(name):
            print(f"{name:18} {what:16} {says:8.2f} {found:8.2f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
