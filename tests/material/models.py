"""Model folders with random weights, in stock diffusers layout, for tests that need a backbone but no picture."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLCogVideoX,
    CogVideoXDDIMScheduler,
    CogVideoXPipeline,
    CogVideoXTransformer3DModel,
)
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from dreamrunner.backbones.loading import quiet

WORDS = "a witch cat dog is walking waving sitting in the garden kitchen red blue small and".split()


def word_tokenizer(length: int) -> PreTrainedTokenizerFast:
    """A tokenizer that knows a few words."""
    vocabulary = {word: index for index, word in enumerate(["<pad>", "</s>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=length
    )


def text_encoder(width: int) -> T5EncoderModel:
    """A T5 encoder of two layers with ``width`` channels."""
    return T5EncoderModel(
        T5Config(vocab_size=len(WORDS) + 3, d_model=width, d_kv=32, d_ff=64, num_layers=2, num_heads=2)
    )


def autoencoder(levels: int, latent_channels: int, channels: int = 8) -> AutoencoderKLCogVideoX:
    """A VAE that makes pictures ``2 ** (levels - 1)`` times smaller and clips 4 times shorter."""
    return AutoencoderKLCogVideoX(
        block_out_channels=(channels,) * levels,
        latent_channels=latent_channels,
        down_block_types=("CogVideoXDownBlock3D",) * levels,
        up_block_types=("CogVideoXUpBlock3D",) * levels,
        layers_per_block=1,
        norm_num_groups=4,
    )


def randomize(model: torch.nn.Module, seed: int, spread: float = 0.1) -> torch.nn.Module:
    """Fill every parameter, also those that start at zero, so that nothing cancels; in evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * spread)
    return model.eval()


def two_blocks(words: int) -> CogVideoXTransformer3DModel:
    """A transformer alone, with random weights: two blocks, pictures of 8 x 6 latents, ``words`` tokens of text."""
    torch.manual_seed(0)
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=4,
        out_channels=4,
        time_embed_dim=8,
        text_embed_dim=32,
        num_layers=2,
        sample_width=8,
        sample_height=6,
        sample_frames=5,
        max_text_seq_length=words,
    )
    return randomize(transformer, 1, 0.3)


def build_small(folder: Path, blocks: int, prediction: str = "sample", rotary: bool = False) -> Path:
    """A folder with a model of 32 x 32 pixels, 9 frames (3 latent ones) and so many blocks, with random weights."""
    torch.manual_seed(0)
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=blocks,
        in_channels=4,
        out_channels=4,
        time_embed_dim=32,
        text_embed_dim=64,
        sample_width=8,
        sample_height=8,
        sample_frames=9,
        max_text_seq_length=16,
        spatial_interpolation_scale=1.0,
        use_rotary_positional_embeddings=rotary,
    )
    scheduler = CogVideoXDDIMScheduler(prediction_type=prediction, timestep_spacing="trailing")
    return save_pipeline(folder, text_encoder(64), autoencoder(3, 4), randomize(transformer, 0, 0.2), scheduler)


def save_pipeline(
    folder: Path,
    encoder: T5EncoderModel,
    vae: AutoencoderKLCogVideoX,
    transformer: CogVideoXTransformer3DModel,
    scheduler: CogVideoXDDIMScheduler,
) -> Path:
    """Write a whole model folder."""
    tokenizer = word_tokenizer(transformer.config.max_text_seq_length)
    with quiet():
        CogVideoXPipeline(tokenizer, encoder, vae, transformer, scheduler).save_pretrained(folder)
    return folder


def build_miniature(folder: Path, seed: int = 0) -> Path:
    """A folder with the miniature's architecture (96x64, 17 frames, 24 text tokens) and random weights."""
    torch.manual_seed(seed)
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=4,
        attention_head_dim=32,
        num_layers=6,
        in_channels=6,
        out_channels=6,
        time_embed_dim=128,
        text_embed_dim=128,
        sample_width=24,
        sample_height=16,
        sample_frames=17,
        max_text_seq_length=24,
        spatial_interpolation_scale=1.0,
    )
    scheduler = CogVideoXDDIMScheduler(prediction_type="sample", timestep_spacing="trailing")
    return save_pipeline(folder, text_encoder(128), autoencoder(3, 6), randomize(transformer, seed, 0.05), scheduler)
