"""A scout of the second edition's films: who is where in a picture?

A small network that has only ever seen drawings. It says for every eighth pixel how sure it is that the middle of each
kind of character or thing is there. :mod:`dreamrunner.miniature.second.training.scout` trains it; measurements use it
to ask whether somebody is anywhere else too, builds never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamrunner.miniature.second.characters import KINDS
from dreamrunner.miniature.second.judge import layer, pixels_of
from dreamrunner.miniature.second.props import PROPS
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS

WEIGHTS = Path(__file__).parent / "weights" / "scout.safetensors"

FOUND_NAMES = (*KINDS, *HELD_OUT_KINDS, *PROPS)
STRIDE = 8
"""Pixels between two places at which the scout says who is there."""
SURE = 0.4
"""How sure the scout must be for somebody to be found."""


@dataclass(frozen=True)
class Found:
    """Somebody in a picture: ``kind``, the middle of its box, normalized, and how sure the scout is, in 0..1."""

    kind: str
    x: float
    y: float
    sure: float


class Network(nn.Module):
    """Pictures (n, 3, 128, 192) in -1..1 to logits (n, kinds, 16, 24)."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(layer(3, 16, 2), layer(16, 32, 2), layer(32, 32, 1), layer(32, 64, 2))
        self.far = nn.Sequential(layer(64, 96, 2), layer(96, 96, 1), layer(96, 96, 1))
        self.both = nn.Sequential(layer(160, 96, 1), nn.Conv2d(96, len(FOUND_NAMES), 1))
        nn.init.constant_(self.both[-1].bias, -5.0)  # nearly nowhere is anybody

    def forward(self, pictures: Tensor) -> Tensor:
        near = self.near(pictures)
        far = F.interpolate(self.far(near), scale_factor=2.0, mode="bilinear")
        return self.both(torch.cat([near, far], 1))


def peaks(chances: Tensor, least: float) -> list[list[Found]]:
    """Who is found per picture, surest first: where a chance, (n, kinds, rows, columns), is at least ``least`` and the
    largest of its kind within two places in every direction.
    """
    tops = (chances == F.max_pool2d(chances, 5, 1, 2)) & (chances >= least)
    found: list[list[Found]] = [[] for _ in chances]
    rows, columns = chances.shape[2:]
    for picture, kind, row, column in tops.nonzero().tolist():
        found[picture].append(
            Found(
                FOUND_NAMES[kind],
                (column + 0.5) / columns,
                (row + 0.5) / rows,
                float(chances[picture, kind, row, column]),
            )
        )
    return [sorted(each, key=lambda one: -one.sure) for each in found]


class Scout:
    """Finds everybody in pictures; ``Scout.load()`` is the trained one."""

    def __init__(self, network: Network) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, file: Path = WEIGHTS) -> Scout:
        """The scout with the weights in ``file``."""
        from safetensors.torch import load_file

        network = Network()
        network.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in load_file(file).items()}
        )
        return cls(network)

    @torch.no_grad()
    def find(self, frames: np.ndarray, least: float = SURE) -> list[list[Found]]:
        """Who is in each of some pictures, uint8 (n, 128, 192, 3), surest first."""
        return peaks(torch.sigmoid(self.network(pixels_of(frames))), least)
