"""The second miniature's parts, in stock classes: text encoder, transformer, scheduler, and the folder that holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKLCogVideoX, CogVideoXDDIMScheduler, CogVideoXPipeline, CogVideoXTransformer3DModel
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from dreamrunner.miniature.second.autoencoder import CHANNELS
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.words import END, MAX_TOKENS, PAD, UNKNOWN, build_tokenizer, vocabulary
from dreamrunner.miniature.second.world import FRAMES

PATCH = 4
ROWS, COLUMNS = HEIGHT // (4 * PATCH), WIDTH // (4 * PATCH)
"""Video tokens of one latent frame: 8 rows of 12."""

STEPS = (FRAMES - 1) // 4 + 1
"""Latent frames of a clip."""


@dataclass(frozen=True)
class Size:
    """How large the networks are.

    ``dim`` is the transformer's width, ``heads`` and ``layers`` its attention heads and blocks, ``time`` the width of its
    time embedding, ``text`` the width of the text encoder.
    """

    dim: int = 256
    heads: int = 4
    layers: int = 8
    time: int = 64
    text: int = 128


FULL = Size()
TINY = Size(dim=64, heads=2, layers=2, time=32, text=32)
"""For tests: learns nothing worth seeing, but runs in a moment."""


def build_text_encoder(size: Size = FULL) -> T5EncoderModel:
    """A T5 encoder of two layers over the small world's vocabulary, random weights."""
    config = T5Config(
        vocab_size=len(vocabulary()),
        d_model=size.text,
        d_kv=32,
        d_ff=2 * size.text,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        dropout_rate=0.0,
        relative_attention_num_buckets=16,
        relative_attention_max_distance=32,
        pad_token_id=0,
        eos_token_id=1,
    )
    return T5EncoderModel(config)


def build_transformer(size: Size = FULL) -> CogVideoXTransformer3DModel:
    """A CogVideoX transformer in the 2B layout (sincos positions), adaLN and output starting at zero."""
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=size.heads,
        attention_head_dim=size.dim // size.heads,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        time_embed_dim=size.time,
        text_embed_dim=size.text,
        num_layers=size.layers,
        sample_width=WIDTH // 4,
        sample_height=HEIGHT // 4,
        sample_frames=FRAMES,
        patch_size=PATCH,
        temporal_compression_ratio=4,
        max_text_seq_length=MAX_TOKENS,
        spatial_interpolation_scale=1.0,
        temporal_interpolation_scale=1.0,
        use_rotary_positional_embeddings=False,
    )
    zeroed = [transformer.proj_out, transformer.norm_out.linear]
    for block in transformer.transformer_blocks:
        zeroed += [block.norm1.linear, block.norm2.linear]
    for layer in zeroed:
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    return transformer


def build_scheduler() -> CogVideoXDDIMScheduler:
    """CogVideoX-2B's schedule, but the network predicts the clean sample, which left no mosaic where velocity did."""
    return CogVideoXDDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=True,
        prediction_type="sample",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
        snr_shift_scale=3.0,
    )


class Backbone(torch.nn.Module):
    """Text encoder and transformer, trained as one: tokens and noisy latents to clean latents.

    What is special to CogVideoX is in here and in the two functions above; the recipe knows of nothing else.
    """

    def __init__(self, size: Size = FULL) -> None:
        super().__init__()
        self.text_encoder = build_text_encoder(size)
        self.transformer = build_transformer(size)

    def forward(self, tokens: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """``tokens`` (batch, MAX_TOKENS), ``latents`` (batch, latent frames, 16, 32, 48), ``timesteps`` (batch)."""
        text = self.text_encoder(input_ids=tokens).last_hidden_state
        return self.transformer(
            hidden_states=latents, encoder_hidden_states=text, timestep=timesteps, return_dict=False
        )[0]

    def matrices(self) -> dict[str, torch.nn.Parameter]:
        """The blocks' own weight matrices by name, which Muon trains; all else is AdamW's."""
        return {
            name: weight
            for name, weight in self.named_parameters()
            if name.startswith("transformer.transformer_blocks") and weight.ndim == 2 and "norm" not in name
        }

    def blocks(self) -> torch.nn.ModuleList:
        """The repeated blocks, which are compiled one by one."""
        return self.transformer.transformer_blocks


def stock_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer as transformers loads it."""
    return PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(), pad_token=PAD, eos_token=END, unk_token=UNKNOWN, model_max_length=MAX_TOKENS
    )


def assemble(
    folder: Path,
    transformer: CogVideoXTransformer3DModel,
    text_encoder: T5EncoderModel,
    vae: AutoencoderKLCogVideoX,
) -> None:
    """Write the pipeline folder in the stock layout, half precision, safetensors."""
    pipe = CogVideoXPipeline(stock_tokenizer(), text_encoder, vae, transformer, build_scheduler())
    pipe.to(dtype=torch.float16)
    pipe.save_pretrained(folder, safe_serialization=True)
    for file, change in (
        ("model_index.json", {"tokenizer": ["transformers", "PreTrainedTokenizerFast"]}),
        ("tokenizer/tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"}),
    ):
        path = folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | change, indent=2) + "\n")
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)  # safetensors writes for its owner alone; a package is for everyone
