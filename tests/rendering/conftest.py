"""A small model with random weights, loaded once for all tests here."""

import pytest
import torch
from diffusers import CogVideoXDDIMScheduler, CogVideoXTransformer3DModel

from dreamrunner.backbones import describe, load
from tests.material.models import autoencoder, randomize, save_pipeline, text_encoder


@pytest.fixture(scope="session")
def loaded(tmp_path_factory):
    """48 x 32 pixels, 9 frames. It has three blocks: with fewer there are none that a cache could leave out."""
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=3,
        in_channels=4,
        out_channels=4,
        time_embed_dim=32,
        text_embed_dim=64,
        sample_width=12,
        sample_height=8,
        sample_frames=9,
        max_text_seq_length=24,
        spatial_interpolation_scale=1.0,
    )
    scheduler = CogVideoXDDIMScheduler(prediction_type="sample", timestep_spacing="trailing")
    torch.manual_seed(0)
    encoder, vae = text_encoder(64), autoencoder(3, 4, channels=4)
    folder = tmp_path_factory.mktemp("models") / "small"
    return load(describe(str(save_pipeline(folder, encoder, vae, randomize(transformer, 0, 0.2), scheduler))))
