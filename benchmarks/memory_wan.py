"""The memory that Wan's models take on a GPU: what their rows say against live tensors.

``python benchmarks/memory_wan.py`` runs every network at its full size as fake tensors (some minutes on one core; no
GPU) and prints the peaks beside the rows' figures. ``benchmarks/memory_table.py`` has the table of the docs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from torch import Tensor
from transformers import UMT5Config, UMT5EncoderModel

from benchmarks.attention_ways import scene
from benchmarks.gpu_models import made_in
from benchmarks.gpu_models_wan import LARGE_AUTOENCODER, TRANSFORMERS, grid_of
from benchmarks.live_memory import adapt, counted
from benchmarks.memory import no_seed
from dreamrunner.backbones.families.wan import FAMILY, WORDS
from dreamrunner.backbones.family import Row
from dreamrunner.backbones.footprint import GB, USUAL_CONDITIONS
from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.table import TABLE
from dreamrunner.priors.losses import spatial_loss, temporal_loss
from dreamrunner.priors.motion import TEMPORAL, MotionObjective
from dreamrunner.priors.network import with_loras
from dreamrunner.regions import lower
from dreamrunner.rendering.layout import RegionLayout, SignatureTokens
from dreamrunner.rendering.renderer import regional

WIDE = 4096
"""Channels of a prompt's embedding."""


def layers_of(name: str) -> int:
    """How many blocks a model has."""
    return TRANSFORMERS[name]["num_layers"]


def transformer(name: str, layers: int | None, device: str) -> WanTransformer3DModel:
    """A model's transformer, with so many of its blocks."""
    config = TRANSFORMERS[name] | ({} if layers is None else {"num_layers": layers})
    with made_in(torch.bfloat16, device):
        made = WanTransformer3DModel(**config).eval().requires_grad_(False)
    return made


def latents_of(row: Row, device: str, dtype: torch.dtype) -> Tensor:
    """Latents of a clip as the transformer takes them."""
    width, height = row.size
    scale, channels = row.token // 2, 48 if row.token == 32 else 16
    return torch.empty(
        1, channels, (row.frames - 1) // 4 + 1, height // scale, width // scale, dtype=dtype, device=device
    )


def sampling(
    name: str, layers: int | None = None, conditions: int = USUAL_CONDITIONS, *, adapted: bool = False
) -> tuple[float, float]:
    """GB of a transformer's weights, and of what a step takes beside them, ``adapted`` by LoRAs or not. The latter is
    the same for any number of layers and of LoRAs; guidance's branches are two calls, of which the conditional one
    takes more."""
    row, device = TABLE[name], "cuda"
    layout = RegionLayout.of(lower(scene(conditions)[0], grid_of(row)), WORDS)

    def like(tensor: Tensor) -> Tensor:
        return torch.empty(tensor.shape, dtype=tensor.dtype, device=device)

    with counted() as live, torch.no_grad():
        network = transformer(name, layers, device)
        weights = live.live
        if adapted:
            adapt(network, FAMILY, sum(len(each.tokens) for each in layout.signatures), conditions * WORDS)
        parts = tuple(SignatureTokens(like(each.tokens), like(each.words)) for each in layout.signatures)
        regions = RegionLayout(conditions, WORDS, parts, tuple(like(each) for each in layout.covered))
        text = torch.empty(1, (conditions + 1) * WORDS, WIDE, dtype=torch.bfloat16, device=device)
        held = latents_of(row, device, torch.float32), latents_of(row, device, torch.float32)
        before = live.begin()
        with regional(network):
            network(
                hidden_states=held[0].to(torch.bfloat16),
                timestep=_timestep(row, device),
                encoder_hidden_states=text[:, WORDS:],
                attention_kwargs={"regions": regions},
                return_dict=False,
            )
        return weights / GB, (live.peak - before + sum(each.nbytes for each in (*held, text))) / GB


def _timestep(row: Row, device: str) -> Tensor:
    """As the stock pipeline gives it: 2.2's 5B has one for each token."""
    grid = grid_of(row)
    count = grid.steps * grid.rows * grid.columns
    return torch.empty((1, count) if row.token == 32 else (1,), device=device)


def picture(what: str, name: str, latents: int, *, size: tuple[int, int] | None = None, tiled: bool = False) -> float:
    """GB that it takes to ``decode`` or ``encode`` so many latent frames, beside the weights."""
    row = TABLE[name]
    width, height = size or row.size
    with counted() as live, torch.no_grad():
        vae = autoencoder(name, "cuda")
        if tiled:
            vae.enable_tiling(*FAMILY.tile)
        if what == "decode":
            scale = row.token // 2
            given = torch.empty(1, vae.config.z_dim, latents, height // scale, width // scale, device="cuda")
            before = live.begin()
            vae.decode(given)
        else:
            given = torch.empty(1, 3, (latents - 1) * 4 + 1, height, width, device="cuda")
            before = live.begin()
            vae.encode(given)
        return (live.peak - before) / GB


def autoencoder(name: str, device: str) -> AutoencoderKLWan:
    """A model's autoencoder, in float32."""
    with made_in(torch.float32, device):
        made = AutoencoderKLWan(**LARGE_AUTOENCODER) if TABLE[name].token == 32 else AutoencoderKLWan()
    return made.eval().requires_grad_(False)


def weights_of(part: str, name: str) -> float:
    """GB of the weights of a model's ``autoencoder`` or ``text_encoder``."""
    with counted() as live, torch.no_grad():
        if part == "autoencoder":
            made: torch.nn.Module = autoencoder(name, "cuda")
        else:
            with made_in(torch.bfloat16, "cuda"):
                made = UMT5EncoderModel(
                    UMT5Config(vocab_size=256384, d_model=WIDE, d_kv=64, d_ff=10240, num_layers=24, num_heads=64)
                )
        assert made is not None
        return live.live / GB


def training(name: str, layers: int, clips: int = 1) -> tuple[float, float]:
    """GB of one prior's matrices and of what a motion's training step takes beside weights and matrices. It rises by as
    much with every layer."""
    row, device = TABLE[name], "cpu"  # fake tensors go the way back on no GPU that isn't there
    recipe = row.training.motion
    with counted() as live:
        network = transformer(name, layers, device)
        backbone = SimpleNamespace(width=row.size[0], height=row.size[1], frames=row.frames, family=FAMILY)
        config = SimpleNamespace(expand_timesteps=row.token == 32)
        pipe = SimpleNamespace(transformer=network, scheduler=None, config=config)
        objective = MotionObjective(clips, layers, recipe)
        with no_seed(), with_loras(Loaded(backbone, pipe), objective.loras, recipe, seed=0) as net:
            lora = sum(weight.numel() * 4 for weight in net.parameters[TEMPORAL].values())
            noisy = latents_of(row, device, torch.float32)[0].transpose(0, 1)
            target, timestep = torch.empty_like(noisy), torch.empty(1)
            text = torch.empty(WORDS, WIDE, dtype=torch.bfloat16)
            before, spatial = live.begin(), objective.spatial(0)
            net.use([TEMPORAL, spatial], learning=[TEMPORAL])
            temporal_loss(net.predict(noisy, text, timestep), target, 0).backward()
            net.use([spatial], learning=[spatial])
            spatial_loss(net.predict(noisy[:1], text, timestep), target[:1]).backward()
        return lora / GB, (live.peak - before) / GB


def measured(name: str) -> Iterator[tuple[str, float, float]]:
    """What the row of a model says, by name, against live tensors, in GB."""
    row, layers = TABLE[name], layers_of(name)
    says = row.memory
    latents = (row.frames - 1) // 4 + 1
    weights, step = sampling(name)
    yield "transformer", getattr(says, "transformer", 0), weights
    yield "sampling", getattr(says, "sampling", 0), step
    yield "adapting", getattr(says, "adapting", 0), sampling(name, 1, adapted=True)[1] - step
    works: tuple[tuple[str, Callable[[], float]], ...] = (
        ("autoencoder", lambda: weights_of("autoencoder", name)),
        ("text_encoder", lambda: weights_of("text_encoder", name)),
        ("decoding", lambda: picture("decode", name, latents)),
        ("decoding_tiled", lambda: picture("decode", name, latents, tiled=True)),
        ("encoding", lambda: picture("encode", name, latents)),
        ("encoding_tiled", lambda: picture("encode", name, latents, tiled=True)),
        ("lora", lambda: training(name, layers)[0]),
        ("training", lambda: training(name, layers)[1]),
    )
    for what, work in works:
        yield what, getattr(says, what, 0), work()


def main() -> int:
    """Print it; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=[*TRANSFORMERS], action="append", help="measure this one alone")
    for name in parser.parse_args().model or TRANSFORMERS:
        for what, says, found in measured(name):
            print(f"{name:18} {what:16} {says:8.2f} {found:8.2f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
