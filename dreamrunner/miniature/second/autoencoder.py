"""The autoencoder: a stock CogVideoX VAE whose encoder is written down instead of trained.

A latent stands for 4 x 4 pixels of four frames (the first one of a single frame). What the stock encoder can compute
linearly of them is taken: the mean over time of 4 x 4 colours, how the colours of 2 x 2 pixels change, and how
brightness changes a frame earlier. Of these numbers the 16 combinations are kept from which pixels are predicted best,
found by reduced-rank regression on drawn clips. So :func:`encode` is one convolution, and latents for training cost
next to nothing. Only the decoder is trained.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLCogVideoX
from diffusers.models.autoencoders.autoencoder_kl_cogvideox import CogVideoXResnetBlock3D, CogVideoXSpatialNorm3D
from safetensors.torch import load_file, save_file

from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.scripts import sample_clip
from dreamrunner.miniature.second.world import draw

CHANNELS = 16
WIDTHS = (16, 32, 64)
GROUPS = 4
ENCODER_FILE = Path(__file__).parent / "encoder.safetensors"

_FEATURES = 16
"""Numbers for 2 x 2 pixels: their twelve colours, the change of each colour, the change of brightness before."""

_CONSTANT = 60.0
"""Swamps group normalization with a constant, which keeps the encoder linear."""

_LIFT = 24.0
"""How far the last activation is lifted above zero, where SiLU is the identity."""

_WHITENING = 0.6
"""Latents' spreads are their components' own to the power of one minus this."""


def features(video: torch.Tensor) -> torch.Tensor:
    """The numbers that the encoder chooses from.

    ``video`` is (batch, 3, frames, height, width) in -1..1 with 1 or 4k + 1 frames; the result is (batch, 16,
    1 + (frames - 1) / 4, height / 2, width / 2).
    """
    frames = video.shape[2]
    steps = torch.arange(0, frames, 4, device=video.device)
    mean = video if frames == 1 else torch.cat([video[:, :, :1], video[:, :, 1:].unflatten(2, (-1, 4)).mean(3)], 2)
    change = (video[:, :, steps] - video[:, :, (steps - 4).clamp(min=0)]) / 4
    bright = video.mean(1, keepdim=True)
    before = (bright[:, :, (steps - 1).clamp(min=0)] - bright[:, :, (steps - 5).clamp(min=0)]) / 4
    if frames > 1:
        change[:, :, 0], before[:, :, 0] = 0.0, 0.0
    batch, _, count, height, width = mean.shape
    colours = mean.reshape(batch, 3, count, height // 2, 2, width // 2, 2).permute(0, 4, 6, 1, 2, 3, 5).flatten(1, 3)
    changes = F.avg_pool3d(torch.cat([change, before], 1), (1, 2, 2))
    return torch.cat([colours, changes], 1)


def _blocks(found: torch.Tensor) -> torch.Tensor:
    """Features of 2 x 2 neighbours side by side: (rows, 64)."""
    batch, channels, count, height, width = found.shape
    return (
        found.reshape(batch, channels, count, height // 2, 2, width // 2, 2)
        .permute(0, 2, 3, 5, 4, 6, 1)
        .reshape(-1, 4 * channels)
    )


def _pixels(video: torch.Tensor) -> torch.Tensor:
    """What a latent stands for: (rows, 192), the first frame four times."""
    video = torch.cat([video[:, :, :1]] * 3 + [video], 2)
    batch, _, frames, height, width = video.shape
    return (
        video.reshape(batch, 3, frames // 4, 4, height // 4, 4, width // 4, 4)
        .permute(0, 2, 4, 6, 3, 5, 7, 1)
        .reshape(-1, 192)
    )


def fit_encoder(clips: int = 220, seed: int = 0) -> dict[str, torch.Tensor]:
    """Find the encoder on drawn clips: ``weight`` (16, 64) and ``bias`` (16) over features of 2 x 2 neighbours, and
    ``inverse`` (192, 16) with ``mean`` (192), which predict pixels from latents linearly.
    """
    rng = np.random.default_rng([41, seed])
    gram, cross, total_u, total_y, weight = (
        torch.zeros(64, 64, dtype=torch.float64),
        torch.zeros(64, 192, dtype=torch.float64),
        0.0,
        0.0,
        0.0,
    )
    for _ in range(clips):
        start = 4 * int(rng.integers(0, 8))
        frames = draw(sample_clip(rng), 17, start=start)
        video = torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() / 127.5 - 1
        u, y = _blocks(features(video)).double(), _pixels(video).double()
        w = y.std(1, keepdim=True) + 0.02  # what is detailed counts for more, and what moves for still more
        w = w + 4 * y.view(-1, 4, 48).std(1).mean(1, keepdim=True)
        gram += (u * w).T @ u
        cross += (u * w).T @ y
        total_u, total_y, weight = total_u + (u * w).sum(0), total_y + (y * w).sum(0), weight + w.sum()
    mean_u, mean_y = total_u / weight, total_y / weight
    cov = gram / weight - torch.outer(mean_u, mean_u)
    cov += 1e-6 * torch.eye(64, dtype=torch.float64) * cov.diagonal().mean()
    cov_uy = cross / weight - torch.outer(mean_u, mean_y)
    ols = torch.linalg.solve(cov, cov_uy)  # (64, 192)
    fitted = ols.T @ cov @ ols
    values, vectors = torch.linalg.eigh(fitted)
    top = vectors.flip(1)[:, :CHANNELS]
    spread = values.flip(0)[:CHANNELS].clamp(min=1e-12).sqrt()
    scale = spread**_WHITENING
    scale = scale * ((spread / scale).square().mean()).sqrt()  # latents' variance is 1 on average
    rows = (ols @ top / scale).T  # (16, 64)
    return {
        "weight": rows.float().contiguous(),
        "bias": (-(rows @ mean_u)).float().contiguous(),
        "inverse": (top * scale).float().contiguous(),
        "mean": mean_y.float().contiguous(),
    }


@cache
def encoder_weights(file: Path = ENCODER_FILE) -> dict[str, torch.Tensor]:
    """The encoder that was found once and is part of the model."""
    return load_file(file)


def encode(video: torch.Tensor) -> torch.Tensor:
    """What the autoencoder's encoder gives: (batch, 3, frames, 4h, 4w) in -1..1 to (batch, 16, latent frames, h, w)."""
    own = encoder_weights()
    found = features(video)
    batch, channels, count, height, width = found.shape
    weight = own["weight"].to(found).view(CHANNELS, 2, 2, channels).permute(0, 3, 1, 2)
    flat = found.transpose(1, 2).reshape(batch * count, channels, height, width)
    latent = F.conv2d(flat, weight, own["bias"].to(found), stride=2)
    return latent.view(batch, count, CHANNELS, height // 2, width // 2).transpose(1, 2)


def decode_linearly(latent: torch.Tensor) -> torch.Tensor:
    """Pixels predicted linearly from latents (batch, 16, n, h, w): (batch, 3, 4n - 3, 4h, 4w); rough, but instant."""
    own = encoder_weights()
    batch, _, count, height, width = latent.shape
    rows = latent.permute(0, 2, 3, 4, 1) @ own["inverse"].to(latent).T + own["mean"].to(latent)
    video = rows.view(batch, count, height, width, 4, 4, 4, 3).permute(0, 7, 1, 4, 2, 5, 3, 6)
    return video.reshape(batch, 3, 4 * count, 4 * height, 4 * width)[:, :, 3:]


def build_autoencoder() -> AutoencoderKLCogVideoX:
    """A stock autoencoder, 4x in space and 4x in time, its encoder written and frozen, its decoder random."""
    vae = AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 3,
        up_block_types=("CogVideoXUpBlock3D",) * 3,
        block_out_channels=WIDTHS,
        latent_channels=CHANNELS,
        layers_per_block=1,
        norm_num_groups=GROUPS,
        temporal_compression_ratio=4,
        sample_height=HEIGHT,
        sample_width=WIDTH,
        scaling_factor=1.0,
    )
    with torch.no_grad():
        _write_encoder(vae.encoder)
        _prepare_decoder(vae.decoder)
    vae.encoder.requires_grad_(False)
    return vae


def _place(latent: int) -> int:
    """The channel that a latent has before the last normalization: four to each group of sixteen."""
    return 16 * (latent // 4) + latent % 4


def _write_encoder(encoder: torch.nn.Module) -> None:
    for module in encoder.modules():
        if isinstance(module, CogVideoXResnetBlock3D):  # each passes its input on
            for conv in (module.conv1.conv, module.conv2.conv):
                conv.weight.zero_()
                conv.bias.zero_()
            if module.in_channels != module.out_channels:
                module.conv_shortcut.weight.zero_()
                module.conv_shortcut.bias.zero_()
    # whole size: colours 0..2, their change from frame to frame 3..5, the change of brightness a frame earlier 6
    weight, bias = encoder.conv_in.conv.weight, encoder.conv_in.conv.bias
    weight.zero_()
    bias.zero_()
    for k in range(3):
        weight[k, k, 2, 1, 1] = 1.0
        weight[3 + k, k, 2, 1, 1], weight[3 + k, k, 1, 1, 1] = 1.0, -1.0
    weight[6, :, 1, 1, 1], weight[6, :, 0, 1, 1] = 1 / 3, -1 / 3
    # half size: the sixteen features
    half = encoder.down_blocks[0].downsamplers[0].conv
    half.weight.zero_()
    half.bias.zero_()
    for row in range(2):
        for column in range(2):
            for k in range(3):
                half.weight[6 * row + 3 * column + k, k, row, column] = 1.0
    for k in range(4):
        half.weight[12 + k, 3 + k, :2, :2] = 0.25
    # quarter size: the latents
    own = encoder_weights()
    for k in range(_FEATURES):
        encoder.down_blocks[1].resnets[0].conv_shortcut.weight[k, k] = 1.0
    quarter = encoder.down_blocks[1].downsamplers[0].conv
    quarter.weight.zero_()
    quarter.bias.zero_()
    quarter.weight[:CHANNELS, :_FEATURES, :2, :2] = own["weight"].view(CHANNELS, 2, 2, _FEATURES).permute(0, 3, 1, 2)
    quarter.bias[:CHANNELS] = own["bias"]
    last = encoder.down_blocks[2].resnets[0].conv_shortcut
    for latent in range(CHANNELS):
        last.weight[_place(latent), latent] = 1.0
    for group in range(GROUPS):
        last.bias[16 * group + 4], last.bias[16 * group + 5] = _CONSTANT, -_CONSTANT
    spread = _CONSTANT * (2 / 16) ** 0.5  # a group's standard deviation, up to what the latents add
    encoder.norm_out.weight.fill_(spread)
    encoder.norm_out.bias.fill_(_LIFT)
    weight, bias = encoder.conv_out.conv.weight, encoder.conv_out.conv.bias
    weight.zero_()
    for latent in range(CHANNELS):
        weight[latent, _place(latent), 2, 1, 1] = 1.0
    bias[:CHANNELS] = -_LIFT
    bias[CHANNELS:] = -14.0  # log variance: sampling and mode agree


def _prepare_decoder(decoder: torch.nn.Module) -> None:
    for module in decoder.modules():
        if isinstance(module, CogVideoXSpatialNorm3D):
            module.conv_y.conv.weight.mul_(0.1)
            module.conv_y.conv.bias.fill_(1.0)
            module.conv_b.conv.weight.mul_(0.1)
            module.conv_b.conv.bias.zero_()
        elif isinstance(module, CogVideoXResnetBlock3D):
            module.conv2.conv.weight.mul_(0.1)
            module.conv2.conv.bias.zero_()


def save_encoder(file: Path = ENCODER_FILE) -> None:
    """Find the encoder and write it down."""
    save_file(fit_encoder(), file)
    encoder_weights.cache_clear()


if __name__ == "__main__":
    save_encoder()
