"""Wan's models with random weights, and their published configs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from transformers import UMT5EncoderModel

from benchmarks.attention_wan import Dense, text_mask
from benchmarks.gpu_models import Model, made_in, tokenizer, twin_of
from dreamrunner.backbones.families.wan import FAMILY, WORDS
from dreamrunner.backbones.family import Family, Row
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.table import TABLE
from dreamrunner.regions import RegionProgram

TRANSFORMERS: Mapping[str, Mapping[str, int]] = {
    "wan-1.3b": {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30},
    "wan-14b": {"num_attention_heads": 40, "ffn_dim": 13824, "num_layers": 40},
    "wan-2.2-14b": {"num_attention_heads": 40, "ffn_dim": 13824, "num_layers": 40},
    "wan-2.2-5b": {
        "num_attention_heads": 24,
        "ffn_dim": 14336,
        "num_layers": 30,
        "in_channels": 48,
        "out_channels": 48,
    },
}
"""The published configs by the name of their row, where they are not the class's own."""

LARGE_AUTOENCODER = {
    "base_dim": 160,
    "decoder_base_dim": 256,
    "z_dim": 48,
    "latents_mean": [0.0] * 48,
    "latents_std": [1.0] * 48,
    "is_residual": True,
    "in_channels": 12,
    "out_channels": 12,
    "patch_size": 2,
    "scale_factor_spatial": 16,
}
"""That of 2.2's 5B; the others' is the class's own."""

SMALLER = {"base_dim": 4, "num_res_blocks": 1}
"""What toys' autoencoders have instead."""


def grid_of(row: Row) -> Grid:
    """The video tokens of a model at its own size."""
    return _grid(row.frames, row.size, row.token)


def _grid(frames: int, size: tuple[int, int], token: int) -> Grid:
    latents = (frames - 1) // 4 + 1
    return Grid(frames=frames, steps=latents, rows=size[1] // token, columns=size[0] // token, growth=1)


@dataclass(frozen=True)
class Wan(Model):
    """One of them. ``token`` is how many pixels a token is wide and high, ``config`` its transformer's."""

    token: int = 16
    config: Mapping[str, int] = field(default_factory=dict)

    family: ClassVar[Family] = FAMILY
    reader: ClassVar[type] = UMT5EncoderModel
    vocabulary: ClassVar[int] = 256384
    sampled: ClassVar[dict[str, Any]] = {"steps": 50, "guidance": 5.0, "scheduler": "own"}

    @property
    def row(self) -> str:
        return self.name

    @property
    def grid(self) -> Grid:
        return _grid(self.frames, self.size, self.token)

    @property
    def latents(self) -> tuple[int, int, int, int]:
        scale = self.token // 2
        return self.grid.steps, self.config.get("in_channels", 16), self.size[1] // scale, self.size[0] // scale

    @property
    def large(self) -> bool:
        """Whether it is one with the autoencoder of 2.2's 5B, and a timestep for each token."""
        return self.token == 32

    def transformer(self, device: str) -> WanTransformer3DModel:
        with made_in(self.dtype, device):
            made = WanTransformer3DModel(**self.config, text_dim=self.wide)
        return made.eval().requires_grad_(False)

    def autoencoder(self, device: str) -> AutoencoderKLWan:
        """In float32, as the model cards have it."""
        config = (LARGE_AUTOENCODER if self.large else {}) | (SMALLER if self.toy else {})
        if self.toy and self.large:
            config |= {"decoder_base_dim": SMALLER["base_dim"]}
        with made_in(torch.float32, device):
            made = AutoencoderKLWan(**config)
        return made.eval().requires_grad_(False)

    def given(self, network: WanTransformer3DModel, conditions: int, device: str) -> dict[str, Any]:
        """Where a stock pipeline gives a timestep for each token, so does this."""
        kind = {"device": device, "dtype": self.dtype}
        count = self.grid.steps * self.grid.rows * self.grid.columns
        return {
            "hidden_states": torch.randn(1, *self.latents, **kind).transpose(1, 2),
            "encoder_hidden_states": torch.randn(1, conditions * self.words, self.wide, **kind),
            "timestep": torch.full((1, count) if self.large else (1,), 500.0, device=device),
        }

    @contextlib.contextmanager
    def densely(self, network: WanTransformer3DModel, program: RegionProgram) -> Iterator[None]:
        processor = Dense(text_mask(program, self.words, str(network.device)))
        before = [(each, each.processor) for each in self.family.text_attentions(network)]
        for each, _ in before:
            each.set_processor(processor)
        try:
            yield
        finally:
            for each, own in before:
                each.set_processor(own)

    def pipe(self, device: str) -> WanPipeline:
        """Two experts share their weights: what they are changes neither time nor memory on the card."""
        first = self.transformer(device)
        second = {"transformer_2": twin_of(first), "boundary_ratio": 0.875} if self.experts == 2 else {}
        return WanPipeline(
            tokenizer(self.words),
            self.text_encoder(device, layers=0),
            self.autoencoder(device),
            UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0),
            first,
            expand_timesteps=self.large,
            **second,
        )


def _full(name: str) -> Wan:
    row, config = TABLE[name], TRANSFORMERS[name]
    return Wan(
        name,
        heads=config["num_attention_heads"],
        layers=config["num_layers"],
        dtype=torch.bfloat16,
        size=row.size,
        frames=row.frames,
        words=WORDS,
        wide=4096,
        experts=1 + len(row.optional),
        token=row.token,
        config=config,
    )


FULL = {name: _full(name) for name in TRANSFORMERS}
"""Those that are filmed with."""


def small(which: str, *, width: int, layers: int, dtype: torch.dtype) -> Wan:
    """One of them with ``width`` heads, at a size that takes no time."""
    full = FULL[which]
    sizes = {"num_attention_heads": width, "num_layers": layers, "attention_head_dim": 12, "ffn_dim": 64}
    config = {**full.config, **sizes, "freq_dim": 16}
    shown = {"size": (128, 64) if full.large else (96, 64), "frames": 5, "words": 24, "wide": 64}
    return replace(full, heads=width, layers=layers, dtype=dtype, config=config, **shown)
