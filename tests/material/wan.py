"""Wan's models with random weights, in stock diffusers layout, for tests that need a backbone but no picture."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from transformers import UMT5Config, UMT5EncoderModel

from dreamrunner.backbones.loading import quiet
from tests.material.models import WORDS, randomize, word_tokenizer

CONFIGS = {
    "1.3b": {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30},
    "14b": {"num_attention_heads": 40, "ffn_dim": 13824, "num_layers": 40},
    "5b": {"num_attention_heads": 24, "ffn_dim": 14336, "num_layers": 30, "in_channels": 48, "out_channels": 48},
}
"""The published transformers' configs, where they are not the class's own."""


def small(layers: int = 2, channels: int = 4) -> WanTransformer3DModel:
    """A transformer of two heads that reads text of 32 channels."""
    torch.manual_seed(0)
    transformer = WanTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=channels,
        out_channels=channels,
        text_dim=32,
        freq_dim=16,
        ffn_dim=40,
        num_layers=layers,
    )
    return randomize(transformer, 1, 0.2)


def autoencoder(channels: int = 4) -> AutoencoderKLWan:
    """A VAE that makes pictures four times smaller and clips four times shorter."""
    return AutoencoderKLWan(
        base_dim=4,
        z_dim=channels,
        dim_mult=[1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[True, True],
        latents_mean=[0.1 * index for index in range(channels)],
        latents_std=[1 + 0.1 * index for index in range(channels)],
        scale_factor_spatial=4,
    )


def build_wan(
    folder: Path, *, layers: int = 2, experts: int = 1, timesteps: bool = False, size: tuple[int, int] = (48, 32)
) -> Path:
    """A folder with a model of ``size`` pixels and 9 frames (3 latent ones), with random weights.

    ``experts`` denoise, at most two; ``timesteps`` has one for each token, as 2.2's 5B does.
    """
    torch.manual_seed(0)
    encoder = UMT5EncoderModel(
        UMT5Config(vocab_size=len(WORDS) + 3, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2)
    )
    scheduler = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)
    parts = {
        "tokenizer": word_tokenizer(512),
        "text_encoder": encoder.eval(),
        "vae": autoencoder().eval(),
        "scheduler": scheduler,
        "transformer": small(layers),
        "expand_timesteps": timesteps,
    }
    if experts == 2:
        parts |= {"transformer_2": randomize(small(layers), 2, 0.2), "boundary_ratio": 0.875}
    with quiet():
        WanPipeline(**parts).save_pretrained(folder)
    for part in ("transformer", "transformer_2")[:experts]:
        file = folder / part / "config.json"
        more = {"sample_width": size[0] // 4, "sample_height": size[1] // 4, "sample_frames": 9}
        file.write_text(json.dumps(json.loads(file.read_text()) | more))
    return folder
