"""The miniature's autoencoder: a stock one of its family whose encoder is written down instead of trained.

A latent holds, for every 4 x 4 pixels (and every four frames after the first): mean red, green and blue, the two Haar
differences of brightness, and how brightness changes over time. The encoder being linear, :func:`encode` computes the
same numbers with plain pooling, so latents for training cost next to nothing. Only the decoder is trained.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from dreamrunner.backbones.table import DEFAULT_MODEL, family_filming

CHANNELS = 6
WIDTH = 16
COLOUR_GAIN, DETAIL_GAIN, CHANGE_GAIN = 1.6, 6.0, 12.0
"""Gains that bring the latents' channels to comparable spreads; part of the model."""

SCALING = 1.3
"""The scaling factor: one over the spread of a latent."""

_CONSTANT = 30.0
"""Swamps group normalization with a constant, which keeps the encoder linear to a thousandth."""


def build_autoencoder() -> torch.nn.Module:
    """A stock autoencoder, 4x in space and 4x in time, encoder set and frozen, decoder near a plain upsampling."""
    stock = family_filming(DEFAULT_MODEL).stock()
    vae = stock.autoencoder(
        **{argument: (block,) * 3 for argument, block in stock.autoencoder_blocks.items()},
        block_out_channels=(WIDTH,) * 3,
        latent_channels=CHANNELS,
        layers_per_block=0,
        norm_num_groups=2,
        temporal_compression_ratio=4,
        sample_height=64,
        sample_width=96,
        scaling_factor=SCALING,
    )
    with torch.no_grad():
        _write_encoder(vae.encoder)
        _prepare_decoder(vae.decoder)
    vae.encoder.requires_grad_(False)
    return vae


def _write_encoder(encoder: torch.nn.Module) -> None:
    # Channel c and its negative c + 3 pass SiLU as a pair: silu(x) - silu(-x) = x.
    for module in encoder.modules():
        if hasattr(module, "conv2"):  # a residual block
            module.conv2.conv.weight.zero_()
            module.conv2.conv.bias.zero_()
    weight, bias = encoder.conv_in.conv.weight, encoder.conv_in.conv.bias
    weight.zero_()
    bias.zero_()
    for sign, colours, details in ((1.0, 0, 8), (-1.0, 3, 11)):
        for k in range(3):
            weight[colours + k, k, 2, 1, 1] = sign
        weight[details : details + 2, :, 2, 1, 1] = sign / 3
        weight[details + 2, :, 2, 1, 1] = sign / 3
        weight[details + 2, :, 1, 1, 1] = -sign / 3
    for channel, sign in ((6, 1.0), (7, -1.0), (14, 1.0), (15, -1.0)):
        bias[channel] = sign * _CONSTANT
    mean = torch.full((2, 2), 0.25)
    across = torch.tensor([[0.5, -0.5], [0.5, -0.5]])
    for level in range(2):
        conv = encoder.down_blocks[level].downsamplers[0].conv
        conv.weight.zero_()
        conv.bias.zero_()
        for channel in range(WIDTH):
            kernel = mean
            if level == 1 and channel in (8, 11):
                kernel = across
            elif level == 1 and channel in (9, 12):
                kernel = across.T
            conv.weight[channel, channel, :2, :2] = kernel
    weight, bias = encoder.conv_out.conv.weight, encoder.conv_out.conv.bias
    weight.zero_()
    bias.zero_()
    spread = _CONSTANT / 2  # standard deviation of a group: two of its eight channels are +-_CONSTANT
    for k in range(3):
        weight[k, k, 2, 1, 1], weight[k, 3 + k, 2, 1, 1] = COLOUR_GAIN * spread, -COLOUR_GAIN * spread
        gain = DETAIL_GAIN if k < 2 else CHANGE_GAIN
        weight[3 + k, 8 + k, 2, 1, 1], weight[3 + k, 11 + k, 2, 1, 1] = gain * spread, -gain * spread
    bias[CHANNELS:] = -12.0  # log variance: sampling and mode agree


def _prepare_decoder(decoder: torch.nn.Module) -> None:
    for module in decoder.modules():
        if hasattr(module, "conv_y"):  # a norm that takes the latents, too
            module.conv_y.conv.weight.mul_(0.1)
            module.conv_y.conv.bias.fill_(1.0)
            module.conv_b.conv.weight.mul_(0.1)
            module.conv_b.conv.bias.zero_()
        elif hasattr(module, "conv2"):
            module.conv2.conv.weight.mul_(0.1)
            module.conv2.conv.bias.zero_()
    for block in decoder.up_blocks:
        for module in block.upsamplers or ():
            module.conv.weight.mul_(0.2)
            module.conv.bias.zero_()
            for channel in range(WIDTH):
                module.conv.weight[channel, channel, 1, 1] += 1.0


def encode(video: torch.Tensor) -> torch.Tensor:
    """What the autoencoder's encoder gives, by pooling.

    ``video`` is (batch, 3, frames, height, width) in -1..1 with 1 or 8k + 1 frames; the result is
    (batch, 6, 1 + (frames - 1) / 4, height / 4, width / 4), not yet times the scaling factor.
    """
    batch, _, frames, height, width = video.shape
    brightness = video.mean(1)
    change = torch.cat([torch.zeros_like(brightness[:, :1]), brightness[:, 1:] - brightness[:, :-1]], 1)
    planes = torch.cat([video, brightness[:, None], change[:, None]], 1).transpose(1, 2).reshape(-1, 5, height, width)
    half = F.avg_pool2d(planes, 2)
    quarter = F.avg_pool2d(half, 2)
    top_left, top_right = half[:, 3, ::2, ::2], half[:, 3, ::2, 1::2]
    low_left, low_right = half[:, 3, 1::2, ::2], half[:, 3, 1::2, 1::2]
    latent = (
        torch.stack(
            [
                COLOUR_GAIN * quarter[:, 0],
                COLOUR_GAIN * quarter[:, 1],
                COLOUR_GAIN * quarter[:, 2],
                DETAIL_GAIN * (top_left - top_right + low_left - low_right) / 2,
                DETAIL_GAIN * (top_left + top_right - low_left - low_right) / 2,
                CHANGE_GAIN * quarter[:, 4],
            ],
            1,
        )
        .view(batch, frames, CHANNELS, height // 4, width // 4)
        .transpose(1, 2)
    )
    if frames == 1:
        return latent
    rest = latent[:, :, 1:].unflatten(2, (-1, 4)).mean(3)
    return torch.cat([latent[:, :, :1], rest], 2)
