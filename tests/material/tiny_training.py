"""A backbone of four blocks with random weights, and clips and photos of noise to train on."""

from pathlib import Path

import numpy as np
import torch
from diffusers import CogVideoXDDIMScheduler, CogVideoXTransformer3DModel

from dreamrunner.backbones import Loaded, describe, load
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.priors import Photo, TrainingClip
from tests.material.models import autoencoder, randomize, save_pipeline, text_encoder

RECIPE = TrainingRecipe(steps=5, rank=2, learning_rate=1e-2)
BLOCKS = 4


def build_four_blocks(folder: Path, prediction: str = "sample", rotary: bool = False) -> Path:
    """32 x 32 pixels, 9 frames (3 latent frames), four blocks."""
    torch.manual_seed(0)
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=BLOCKS,
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


def load_four_blocks(folder: Path, **how) -> Loaded:
    return load(describe(str(build_four_blocks(folder, **how))))


def clips(count: int) -> list[TrainingClip]:
    rng = np.random.default_rng(0)
    captions = ["a witch is waving", "a cat is waving in the garden", "a small dog is waving"]
    return [
        TrainingClip(rng.integers(0, 256, (9, 32, 32, 3), dtype=np.uint8), captions[index % 3], f"{index:064x}")
        for index in range(count)
    ]


def photos(count: int) -> list[Photo]:
    return [Photo(clip.frames[0], clip.caption, clip.digest) for clip in clips(count)]
