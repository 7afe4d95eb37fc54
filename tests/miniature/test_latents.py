"""The written-down encoder, and the losses of training, against their formulas."""

import numpy as np
import pytest
import torch

from dreamrunner.miniature.latents import CHANGE_GAIN, COLOUR_GAIN, build_autoencoder, encode
from dreamrunner.miniature.model import build_scheduler
from dreamrunner.miniature.training.backbone import CHANGE_WEIGHT, SPRITE_WEIGHT, VELOCITY_CAP, loss_of
from dreamrunner.miniature.world import draw, sample_clip


@pytest.mark.parametrize("frames", [1, 9, 17])
def test_pooling_equals_the_stock_encoder(frames):
    torch.manual_seed(0)
    vae = build_autoencoder()
    rng = np.random.default_rng(2)
    video = torch.from_numpy(np.stack([draw(sample_clip(rng), frames) for _ in range(2)]))
    video = video.permute(0, 4, 1, 2, 3).float() / 127.5 - 1
    with torch.no_grad():
        stock = vae.encode(video).latent_dist.mode()
    assert stock.shape == (2, 6, 1 + (frames - 1) // 4, 16, 24)
    assert (encode(video) - stock).abs().max() < 3e-3


def test_latents_hold_means_and_changes():
    video = torch.zeros(1, 3, 9, 8, 8)
    video[:, 0] = 0.5
    video[:, :, 5:] += 0.25
    latent = encode(video)
    assert torch.allclose(latent[0, 0, 0], torch.full((2, 2), 0.5 * COLOUR_GAIN))
    assert torch.allclose(latent[0, 5, 2], torch.full((2, 2), 0.25 / 4 * CHANGE_GAIN))
    assert latent[0, 5, :2].abs().max() == 0


def test_the_loss_is_the_weighted_formula():
    torch.manual_seed(3)
    latents, masks = torch.randn(4, 3, 6, 4, 4), (torch.rand(4, 1, 1, 4, 4) > 0.5).float()
    alphas = build_scheduler().alphas_cumprod.float()
    seen = {}

    def model(tokens, noisy, timesteps):
        seen["timesteps"] = timesteps
        seen["clean"] = noisy * 0.5
        return seen["clean"]

    loss = loss_of(model, latents, masks, None, alphas)
    weight = (1 / (1 - alphas[seen["timesteps"]]).clamp(min=1e-3)).clamp(max=VELOCITY_CAP)
    total = change = 0.0
    error = seen["clean"] - latents
    for i in range(4):
        for f in range(3):
            sprite = weight[i] * (1 + SPRITE_WEIGHT * masks[i, 0])
            total += (sprite * error[i, f] ** 2).sum()
            if f:
                change += (weight[i] * (1 + SPRITE_WEIGHT * masks[i, 0]) * (error[i, f] - error[i, f - 1]) ** 2).sum()
    scale = (1 + SPRITE_WEIGHT * masks).mean()
    expected = (total / latents.numel() + CHANGE_WEIGHT * change / error[:, 1:].numel()) / scale
    assert loss.item() == pytest.approx(expected.item(), rel=1e-3)
