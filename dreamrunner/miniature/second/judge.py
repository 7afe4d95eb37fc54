"""A judge of the second edition's films: what is in this box, of which colour, and what does it do in every frame?
A small classifier that has only ever seen drawings, also those that went through the autoencoder, and never a generated
frame. It follows a box through a clip by a window of one size, so that it sees legs move and a figure grow, and sees no
numbers of the box: a box that moves is no walking. :mod:`dreamrunner.miniature.second.training.judge` trains it;
measurements use it, builds never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamrunner.miniature.second.backgrounds import ALWAYS, BACKGROUNDS, HEIGHT, WIDTH
from dreamrunner.miniature.second.characters import COLOURS, KINDS
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, MOTIONS
from dreamrunner.miniature.second.props import PROPS
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS, HELD_OUT_LOOKS

WEIGHTS = Path(__file__).parent / "weights" / "judge.safetensors"

NOTHING, OWN, PLAIN = "nothing", "own", "plain"
KIND_NAMES = (*KINDS, *HELD_OUT_KINDS, *PROPS, NOTHING)
COLOUR_NAMES = (*COLOURS, OWN)
"""``own`` is the colour that a kind has when none is said."""
LOOK_NAMES = (PLAIN, *HELD_OUT_LOOKS)
MOTION_NAMES = (*MOTIONS, *HELD_OUT_MOTIONS)
PLACE_NAMES = tuple((name, night) for name in BACKGROUNDS for night in (False, True) if not (night and name in ALWAYS))
"""Every place, by day or, where that is drawn, by night."""

FACTS: dict[str, tuple[str, ...]] = {
    "kind": KIND_NAMES, "colour": COLOUR_NAMES, "look": LOOK_NAMES, "motion": MOTION_NAMES,
}  # fmt: skip
"""What is asked of a box, and the answers in the order in which the network counts them."""

SIZE = 48
"""Pixels along a side of the window as the network sees it."""
AROUND = 1.35
"""How much longer a window's side is than the longest side that its box ever has."""
SMOOTH = 9
"""Frames over which a window's way is smoothed: what bobs inside of its box bobs inside of the window."""
OUTSIDE = 127
"""What is seen beyond the picture, in 0..255."""


def windows(boxes: np.ndarray) -> np.ndarray:
    """Where the judge looks, from a box through a clip: (F, 4), normalized, NaN in frames in which there is none, to
    (F, 3): the window's middle in pixels, and its side, which is one number for all frames.

    Raises:
        ValueError: there is a box in no frame.
    """
    pixels = np.asarray(boxes, float) * (WIDTH, HEIGHT, WIDTH, HEIGHT)
    there = np.isfinite(pixels).all(1)
    if not there.any():
        raise ValueError("a box that is in no frame has no window")
    frames = np.arange(len(pixels))
    filled = np.stack([np.interp(frames, frames[there], column[there]) for column in pixels.T], 1)
    middle = (filled[:, :2] + filled[:, 2:]) / 2
    half = SMOOTH // 2
    padded = np.concatenate([middle[:1].repeat(half, 0), middle, middle[-1:].repeat(half, 0)])
    sums = np.cumsum(np.concatenate([np.zeros((1, 2)), padded]), 0)
    smooth = (sums[SMOOTH:] - sums[:-SMOOTH]) / SMOOTH
    side = AROUND * float((filled[:, 2:] - filled[:, :2]).max())
    return np.concatenate([smooth, np.full((len(smooth), 1), np.clip(side, 36.0, 170.0))], 1)


def cut_out(frames: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The windows' pixels: frames uint8 (F, 128, 192, 3) and (F, 3) to uint8 (F, 48, 48, 3)."""
    seen = np.full((len(frames), SIZE, SIZE, 3), OUTSIDE, np.uint8)
    side = max(1, round(float(where[0, 2])))
    scratch = np.empty((side, side, 3), np.uint8)
    for frame, (x, y, _), out in zip(frames, where, seen, strict=True):
        left, top = round(x - side / 2), round(y - side / 2)
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, WIDTH), min(top + side, HEIGHT)
        if x0 >= x1 or y0 >= y1:
            continue
        scratch[:] = OUTSIDE
        scratch[y0 - top : y1 - top, x0 - left : x1 - left] = frame[y0:y1, x0:x1]
        cv2.resize(scratch, (SIZE, SIZE), dst=out, interpolation=cv2.INTER_AREA)
    return seen


def glance(frame: np.ndarray) -> np.ndarray:
    """A whole picture as small as is needed to tell where it is: uint8 (128, 192, 3) to (32, 48, 3)."""
    return cv2.resize(frame, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)


def layer(inside: int, out: int, stride: int) -> nn.Sequential:
    """A convolution of three by three pixels, normalized over a batch."""
    return nn.Sequential(nn.Conv2d(inside, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())


class _Over(nn.Module):
    """A convolution over time that adds to what it is given."""

    def __init__(self, width: int, apart: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width)
        self.mix = nn.Conv1d(width, width, 5, 1, 2 * apart, apart)

    def forward(self, features: Tensor) -> Tensor:
        return features + self.mix(F.relu(self.norm(features)))


class Network(nn.Module):
    """Windows (n, frames, 3, 48, 48) to logits of every fact in every frame, each (n, frames, answers); and glances
    (n, 3, 32, 48) to logits of places. Pixels are in -1..1.
    """

    def __init__(self, width: int = 160) -> None:
        super().__init__()
        self.look = nn.Sequential(
            layer(3, 20, 2), layer(20, 40, 2), layer(40, 72, 2), layer(72, 96, 2),
            nn.Flatten(), nn.Linear(96 * 9, width),
        )  # fmt: skip
        self.over = nn.Sequential(*(_Over(width, apart) for apart in (1, 1, 2, 2)))
        self.heads = nn.ModuleDict({fact: nn.Linear(width, len(names)) for fact, names in FACTS.items()})
        self.place = nn.Sequential(
            layer(3, 16, 2), layer(16, 32, 2), layer(32, 48, 2), nn.Flatten(), nn.Linear(48 * 24, len(PLACE_NAMES))
        )

    def forward(self, seen: Tensor) -> dict[str, Tensor]:
        features = self.look(seen.flatten(0, 1)).unflatten(0, seen.shape[:2])
        features = F.relu(self.over(features.transpose(1, 2)).transpose(1, 2))
        return {fact: head(features) for fact, head in self.heads.items()}


def pixels_of(seen: np.ndarray) -> Tensor:
    """Pixels uint8 (..., h, w, 3) as the network takes them: float (..., 3, h, w) in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(seen)).movedim(-1, -3).float() / 127.5 - 1


@dataclass(frozen=True)
class Sight:
    """What is seen in a box through a clip: per fact of :data:`FACTS` the chances of every answer in every frame,
    (F, answers), each row summing up to 1.
    """

    chances: dict[str, np.ndarray]

    def most(self, fact: str, frames: Sequence[int] | np.ndarray) -> str:
        """The likeliest answer over some frames."""
        return FACTS[fact][int(self.chances[fact][list(frames)].mean(0).argmax())]


class Judge:
    """Looks into boxes of clips; ``Judge.load()`` is the trained one."""

    def __init__(self, network: Network) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, file: Path = WEIGHTS) -> Judge:
        """The judge with the weights in ``file``."""
        from safetensors.torch import load_file

        network = Network()
        network.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in load_file(file).items()}
        )
        return cls(network)

    @torch.no_grad()
    def look(self, frames: np.ndarray, boxes: np.ndarray) -> Sight:
        """What is in a box of a clip: frames uint8 (F, 128, 192, 3), boxes (F, 4) normalized x0, y0, x1, y1, NaN in
        frames in which there is none.
        """
        logits = self.network(pixels_of(cut_out(frames, windows(boxes)))[None])
        return Sight({fact: torch.softmax(each[0], -1).numpy() for fact, each in logits.items()})

    @torch.no_grad()
    def place(self, frames: np.ndarray) -> tuple[str, bool]:
        """The background of a clip, uint8 (F, 128, 192, 3), and whether it is night there."""
        seen = np.stack([glance(frame) for frame in frames[:: max(1, len(frames) // 6)]])
        return PLACE_NAMES[int(torch.log_softmax(self.network.place(pixels_of(seen)), -1).mean(0).argmax())]
