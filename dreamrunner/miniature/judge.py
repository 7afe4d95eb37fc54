"""An honest judge of the miniature's films: what is in this box, of which colour, and what does it do?

A small classifier that has only ever seen drawings, also those that went through the autoencoder, and never a generated
frame. It looks at a box through the whole clip and answers in probabilities.
:mod:`dreamrunner.miniature.training.judge` trains it; measurements use it, builds never do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.miniature.sprites import COLOURS, HELD_OUT_KINDS, HELD_OUT_LOOKS, KINDS, PROPS
from dreamrunner.miniature.world import HELD_OUT_MOTIONS, MOTIONS

WEIGHTS = MINIATURE_WEIGHTS / "judge.safetensors"

NOTHING, OWN, PLAIN = "nothing", "own", "plain"
KIND_NAMES = (*KINDS, *HELD_OUT_KINDS, *PROPS, NOTHING)
COLOUR_NAMES = (*COLOURS, OWN)
"""``own`` is the colour that a kind has when none is said."""
LOOK_NAMES = (PLAIN, *HELD_OUT_LOOKS)
MOTION_NAMES = (*MOTIONS, *HELD_OUT_MOTIONS)

FRAMES = 9
"""Frames that the judge looks at, evenly spaced over the clip's 17."""
SIZE = 32
MARGIN = 0.3
"""How much wider than the box the judge looks, on every side, as a share of it: it must see where the box ends."""


@dataclass(frozen=True)
class Verdict:
    """What is seen in a box: the probability of every kind (``nothing`` is one), colour, look and motion."""

    kind: Mapping[str, float]
    colour: Mapping[str, float]
    look: Mapping[str, float]
    motion: Mapping[str, float]

    def best(self, what: str) -> str:
        """The likeliest of ``kind``, ``colour``, ``look`` or ``motion``."""
        chances = getattr(self, what)
        return max(chances, key=chances.get)


class Network(nn.Module):
    """Crops with their coordinates, (n, frames, 5, 32, 32), to logits of kind, colour, look and motion."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(5, 24, 3, 2, 1), nn.BatchNorm2d(24), nn.ReLU(),
            nn.Conv2d(24, 48, 3, 2, 1), nn.BatchNorm2d(48), nn.ReLU(),
            nn.Conv2d(48, 64, 3, 1, 1), nn.BatchNorm2d(64), nn.ReLU(),
        )  # fmt: skip
        self.time = nn.Sequential(
            nn.Conv3d(64, 96, 3, (1, 2, 2), 1), nn.BatchNorm3d(96), nn.ReLU(),
            nn.Conv3d(96, 128, 3, (2, 1, 1), 1), nn.BatchNorm3d(128), nn.ReLU(),
        )  # fmt: skip
        self.heads = nn.ModuleList(
            nn.Linear(256, len(names)) for names in (KIND_NAMES, COLOUR_NAMES, LOOK_NAMES, MOTION_NAMES)
        )

    def forward(self, crops: Tensor) -> list[Tensor]:
        count, frames = crops.shape[:2]
        features = self.stem(crops.flatten(0, 1)).unflatten(0, (count, frames)).transpose(1, 2)
        features = self.time(features)
        pooled = torch.cat([features.mean((2, 3, 4)), features.amax((2, 3, 4))], 1)
        return [head(pooled) for head in self.heads]


def crops_of(frames: Tensor, boxes: Tensor) -> Tensor:
    """What the judge sees of clips, float (n, 9, 5, 32, 32).

    ``frames`` are (n, F, 3, H, W) in 0..1, ``boxes`` (n, F, 4) normalized. The last two channels say where in the whole
    picture each pixel of the crop lies, in -1..1; outside the picture everything is 0.
    """
    chosen = torch.linspace(0, frames.shape[1] - 1, FRAMES).round().long()
    frames, boxes = frames[:, chosen], boxes[:, chosen]
    size = boxes[..., 2:] - boxes[..., :2]
    low, size = boxes[..., :2] - MARGIN * size, size * (1 + 2 * MARGIN)
    steps = (torch.arange(SIZE) + 0.5) / SIZE
    x = (low[..., 0, None] + size[..., 0, None] * steps) * 2 - 1
    y = (low[..., 1, None] + size[..., 1, None] * steps) * 2 - 1
    shape = (*x.shape[:-1], SIZE, SIZE)
    grid = torch.stack([x[..., None, :].expand(shape), y[..., :, None].expand(shape)], -1)
    seen = F.grid_sample(frames.flatten(0, 1), grid.flatten(0, 1), align_corners=False)
    inside = (grid.abs().amax(-1) <= 1).flatten(0, 1)[:, None]
    place = grid.flatten(0, 1).permute(0, 3, 1, 2) * inside
    return torch.cat([seen, place], 1).unflatten(0, frames.shape[:2])


class Judge:
    """Looks into boxes of clips; ``Judge.load()`` is the trained one."""

    def __init__(self, network: Network) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, file: Path = WEIGHTS) -> Judge:
        """The judge with the weights in ``file``."""
        from safetensors.torch import load_file

        network = Network()
        weights = load_file(file)
        network.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}
        )
        return cls(network)

    @torch.no_grad()
    def look(self, frames: np.ndarray, boxes: np.ndarray) -> Verdict:
        """Judge what is in a box of a clip.

        ``frames`` is uint8 (F, H, W, 3); ``boxes`` (F, 4) or, for one that stands still, (4,): x0, y0, x1, y1
        normalized. What travels is seen best in a box that stands still and holds the whole way.
        """
        return self.look_all(frames[None], np.broadcast_to(boxes, (1, len(frames), 4)))[0]

    @torch.no_grad()
    def look_all(self, frames: np.ndarray, boxes: np.ndarray) -> list[Verdict]:
        """Judge many clips at once: uint8 (n, F, H, W, 3) and (n, F, 4)."""
        video = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 1, 4, 2, 3).float() / 255
        logits = self.network(crops_of(video, torch.from_numpy(np.array(boxes, np.float32))))
        names = (KIND_NAMES, COLOUR_NAMES, LOOK_NAMES, MOTION_NAMES)
        chances = [torch.softmax(each, 1).tolist() for each in logits]
        return [
            Verdict(*(dict(zip(name, row, strict=True)) for name, row in zip(names, rows, strict=True)))
            for rows in zip(*chances, strict=True)
        ]
