"""The miniature's parts, in stock classes: text encoder, transformer, scheduler, and the folder that holds them all."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import ModelMixin, SchedulerMixin
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from dreamrunner.backbones.family import Stock
from dreamrunner.backbones.folder import WORDS
from dreamrunner.backbones.table import DEFAULT_MODEL, family_filming
from dreamrunner.miniature.latents import CHANNELS
from dreamrunner.miniature.words import END, MAX_TOKENS, PAD, UNKNOWN, build_tokenizer, vocabulary, words_by_kind

DIM, HEADS, LAYERS = 128, 4, 6
FRAMES = 17


def stock() -> Stock:
    """The classes in diffusers that the miniature is made of."""
    return family_filming(DEFAULT_MODEL).stock()


def build_text_encoder() -> T5EncoderModel:
    """A T5 encoder of two layers over the miniature's vocabulary, random weights."""
    config = T5Config(
        vocab_size=len(vocabulary()),
        d_model=DIM,
        d_kv=32,
        d_ff=2 * DIM,
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


def build_transformer() -> ModelMixin:
    """A transformer of the family with sincos positions, adaLN and output starting at zero."""
    transformer = stock().transformer(
        num_attention_heads=HEADS,
        attention_head_dim=DIM // HEADS,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        time_embed_dim=DIM,
        text_embed_dim=DIM,
        num_layers=LAYERS,
        sample_width=24,
        sample_height=16,
        sample_frames=FRAMES,
        patch_size=2,
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


def build_scheduler() -> SchedulerMixin:
    """The family's schedule, but the network predicts the clean sample, which left no mosaic where velocity did."""
    return stock().scheduler(
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


def stock_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer as transformers loads it."""
    return PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(), pad_token=PAD, eos_token=END, unk_token=UNKNOWN, model_max_length=MAX_TOKENS
    )


def assemble(
    folder: Path,
    transformer: ModelMixin,
    text_encoder: T5EncoderModel,
    vae: ModelMixin,
) -> None:
    """Write the pipeline folder in the stock layout, half precision, safetensors, and the list of its words."""
    pipe = stock().pipeline(stock_tokenizer(), text_encoder, vae, transformer, build_scheduler())
    pipe.to(dtype=torch.float16)
    pipe.save_pretrained(folder, safe_serialization=True)
    for name, change in (
        ("model_index.json", {"tokenizer": ["transformers", "PreTrainedTokenizerFast"]}),
        ("tokenizer/tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"}),
    ):
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | change, indent=2) + "\n")
    (folder / WORDS).write_text(json.dumps(words_by_kind(), indent=2) + "\n")
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)  # safetensors writes for its owner alone; a package is for everyone
