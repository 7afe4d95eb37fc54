"""The second edition's autoencoder as it was trained: encoder and decoder learned as one.

:func:`encode` is linear, so latents for training cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from dreamrunner.backbones.families.block_parts import blocks, pixels
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder

WEIGHTS = Path(__file__).parent / "weights"
"""The second edition's folder, in the layout that pipelines load."""


def read_autoencoder(folder: Path = WEIGHTS) -> BlockAutoencoder:
    """The trained autoencoder of a checkpoint or of a model's folder, in full precision, its weights frozen."""
    kept = _weights(folder)
    depth = len({name.split(".")[2] for name in kept if name.startswith("decoder.layers.")})
    vae = BlockAutoencoder(len(kept["decoder.first.weight"]), depth, len(kept["decoder.touch.0.weight"]))
    vae.load_state_dict({name: value.float() for name, value in kept.items()})
    return vae.eval().requires_grad_(False)


@cache
def _weights(folder: Path) -> Mapping[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for file in (*sorted(folder.glob("average-*.safetensors")), *(folder / "vae").glob("*.safetensors")):
        found |= load_file(file)
    return found


def encode(video: torch.Tensor, folder: Path = WEIGHTS) -> torch.Tensor:
    """What the autoencoder's encoder gives: (batch, 3, frames, 4h, 4w) in -1..1 to (batch, 16, latent frames, h, w)."""
    kept = _weights(folder)
    weight, bias = (kept[f"encoder.blocks.{name}"].to(video) for name in ("weight", "bias"))
    return F.conv3d(blocks(video), weight, bias)


def decode_linearly(latents: torch.Tensor, folder: Path = WEIGHTS) -> torch.Tensor:
    """Pixels predicted from each latent alone (batch, 16, n, h, w): (batch, 3, 4n - 3, 4h, 4w); rough, but instant."""
    kept = _weights(folder)
    weight, bias = (kept[f"decoder.guess.{name}"].to(latents) for name in ("weight", "bias"))
    return pixels(F.conv3d(latents, weight, bias))
