"""CogVideoX-2B and 5B with random weights."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLCogVideoX, CogVideoXDPMScheduler, CogVideoXPipeline, CogVideoXTransformer3DModel

from benchmarks.attention_ways import attending, dense_mask, grid_of
from benchmarks.gpu_models import Model, made_in, tokenizer
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.backbones.family import Family
from dreamrunner.backbones.grid import Grid
from dreamrunner.regions import RegionProgram


@dataclass(frozen=True)
class CogVideoX(Model):
    """One of the two. ``rotary`` is its kind of positions, ``snr_shift`` its sampler's scale."""

    size: tuple[int, int] = (720, 480)
    frames: int = 49
    words: int = 226
    wide: int = 4096
    rotary: bool = False
    snr_shift: float = 1.0

    family: ClassVar[Family] = FAMILY
    sampled: ClassVar[dict[str, Any]] = {"steps": 50, "guidance": 9.0, "scheduler": "dpm"}

    @property
    def row(self) -> str:
        return f"cogvideox-{self.name}"

    @property
    def grid(self) -> Grid:
        return grid_of(self.frames, *self.size)

    @property
    def latents(self) -> tuple[int, int, int, int]:
        return self.grid.steps, 16, self.size[1] // 8, self.size[0] // 8

    def transformer(self, device: str) -> CogVideoXTransformer3DModel:
        width, height = self.size
        with made_in(self.dtype, device):
            made = CogVideoXTransformer3DModel(
                num_attention_heads=self.heads,
                num_layers=self.layers,
                sample_width=width // 8,
                sample_height=height // 8,
                sample_frames=self.frames,
                max_text_seq_length=self.words,
                text_embed_dim=self.wide,
                use_rotary_positional_embeddings=self.rotary,
            )
        return made.eval().requires_grad_(False)

    def autoencoder(self, device: str) -> AutoencoderKLCogVideoX:
        with made_in(self.dtype, device):
            made = AutoencoderKLCogVideoX(
                block_out_channels=(8, 8, 8, 8) if self.toy else (128, 256, 256, 512),
                layers_per_block=1 if self.toy else 3,
                norm_num_groups=4 if self.toy else 32,
                latent_channels=16,
                down_block_types=("CogVideoXDownBlock3D",) * 4,
                up_block_types=("CogVideoXUpBlock3D",) * 4,
            )
        return made.eval().requires_grad_(False)

    def given(self, network: CogVideoXTransformer3DModel, conditions: int, device: str) -> dict[str, Any]:
        kind = {"device": device, "dtype": self.dtype}
        rotary = None
        if self.rotary:
            held = SimpleNamespace(vae_scale_factor_spatial=8, transformer=network)
            prepare = CogVideoXPipeline._prepare_rotary_positional_embeddings
            width, height = self.size
            rotary = prepare(held, height, width, self.grid.steps, torch.device(device))
        return {
            "hidden_states": torch.randn(2, *self.latents, **kind),
            "encoder_hidden_states": torch.randn(2, conditions * self.words, self.wide, **kind),
            "timestep": torch.full((2,), 500, device=device),
            "image_rotary_emb": rotary,
        }

    def densely(
        self, network: CogVideoXTransformer3DModel, program: RegionProgram
    ) -> contextlib.AbstractContextManager[None]:
        mask = dense_mask(program, self.words, str(network.device))
        return attending(network, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=mask))

    def sampler(self) -> CogVideoXDPMScheduler:
        """Its sampler, as the loaded model has it."""
        return CogVideoXDPMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type="v_prediction",
            rescale_betas_zero_snr=True,
            timestep_spacing="trailing",
            snr_shift_scale=self.snr_shift,
        )

    def pipe(self, device: str) -> CogVideoXPipeline:
        return CogVideoXPipeline(
            tokenizer(self.words),
            self.text_encoder(device, layers=0),
            self.autoencoder(device),
            self.transformer(device),
            self.sampler(),
        )


FULL = {
    "2b": CogVideoX("2b", heads=30, layers=30, dtype=torch.float16, snr_shift=3.0),
    "5b": CogVideoX("5b", heads=48, layers=42, dtype=torch.bfloat16, rotary=True),
}
"""Those that are filmed with."""


def small(which: str, *, width: int, layers: int, dtype: torch.dtype) -> CogVideoX:
    """One of them with ``width`` heads, at a size that takes no time."""
    full = FULL[which]
    sizes = {"size": (96, 64), "frames": 9, "words": 24, "wide": 64}
    return CogVideoX(which, width, layers, dtype, rotary=full.rotary, snr_shift=full.snr_shift, **sizes)
