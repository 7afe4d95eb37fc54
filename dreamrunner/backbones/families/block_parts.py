"""How small worlds' autoencoders see and draw: blocks of 4 x 4 pixels of four frames as 16 numbers, and a small network
that draws them again.

The first frame of a clip counts as four frames that are alike. The encoder is linear, so latents for training cost next
to nothing. The decoder begins with the linear guess and adds what it learned from a block's neighbours in space and
time.

Stock decoders can't do this: they enlarge by repeating pixels, so that pixels of one block differ only as far as the
blocks beside it do. They also take ten times as long on a processor.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

CHANNELS = 16
"""Numbers of a latent."""

SIDE, DEEP = 4, 4
"""Pixels and frames that a latent stands for, in each direction."""

PIXELS = DEEP * SIDE * SIDE * 3

WIDTHS = (128, 5, 32)
"""Channels and residual layers between latents, and channels at half the picture's size."""


def blocks(video: torch.Tensor) -> torch.Tensor:
    """What each latent stands for: (batch, 3, 1 + 4k, 4h, 4w) to (batch, 192, 1 + k, h, w), the first frame four
    times.
    """
    video = torch.cat([video[:, :, :1]] * (DEEP - 1) + [video], 2)
    batch, _, frames, height, width = video.shape
    count, rows, columns = frames // DEEP, height // SIDE, width // SIDE
    parts = video.reshape(batch, 3, count, DEEP, rows, SIDE, columns, SIDE)
    return parts.permute(0, 3, 5, 7, 1, 2, 4, 6).reshape(batch, PIXELS, count, rows, columns)


def pixels(found: torch.Tensor) -> torch.Tensor:
    """The video of such blocks; of the first ones only the last of four frames counts."""
    batch, _, count, rows, columns = found.shape
    parts = found.reshape(batch, DEEP, SIDE, SIDE, 3, count, rows, columns).permute(0, 4, 5, 1, 6, 2, 7, 3)
    return parts.reshape(batch, 3, DEEP * count, SIDE * rows, SIDE * columns)[:, :, DEEP - 1 :]


class Encoder(nn.Module):
    """Each block's 192 numbers to its 16, linearly."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Conv3d(PIXELS, CHANNELS, 1)

    def forward(self, video: torch.Tensor) -> torch.Tensor:
        return self.blocks(blocks(video))


class Residual(nn.Module):
    """What a latent's 3 x 3 x 3 neighbours add to it; nothing at first."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.around = nn.Conv3d(width, width, 3, padding=1)
        self.back = nn.Conv3d(width, width, 1)
        nn.init.zeros_(self.back.weight)
        nn.init.zeros_(self.back.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.back(F.silu(self.around(F.silu(x))))


class Decoder(nn.Module):
    """Latents to video: a linear guess, what neighbouring latents add, and a last touch at half the picture's size."""

    def __init__(self, width: int = WIDTHS[0], depth: int = WIDTHS[1], middle: int = WIDTHS[2]) -> None:
        super().__init__()
        self.guess = nn.Conv3d(CHANNELS, PIXELS, 1)
        self.first = nn.Conv3d(CHANNELS, width, 3, padding=1)
        self.layers = nn.Sequential(*(Residual(width) for _ in range(depth)))
        self.last = nn.Conv3d(width, PIXELS, 1)
        self.touch = nn.Sequential(
            nn.Conv2d(12, middle, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(middle, middle, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(middle, 12, 3, padding=1),
        )
        for layer in (self.last, self.touch[4]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        learned = self.last(F.silu(self.layers(self.first(latents))))
        video = pixels(self.guess(latents) + learned)
        frames = video.transpose(1, 2).flatten(0, 1)
        frames = frames + F.pixel_shuffle(self.touch(F.pixel_unshuffle(frames, 2)), 2)
        return frames.unflatten(0, (len(latents), -1)).transpose(1, 2)
