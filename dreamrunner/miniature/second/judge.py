"""A judge of the second edition's films: who is in this box, of which colour and look, and where is all this?

A small classifier of single frames that has only ever seen drawings, also those that went through the autoencoder, and
never a generated frame. It tells the place, takes its backdrop away, and looks at a box by a window.
:mod:`dreamrunner.miniature.second.training.judge` trains it; measurements use it, builds never do. What somebody does
is told by comparison (:mod:`dreamrunner.miniature.second.likeness`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from dreamrunner.miniature.second.backgrounds import ALWAYS, BACKGROUNDS, HEIGHT, WIDTH, backdrop
from dreamrunner.miniature.second.characters import COLOURS, KINDS
from dreamrunner.miniature.second.props import PROPS
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS, HELD_OUT_LOOKS

WEIGHTS = Path(__file__).parent / "weights" / "judge.safetensors"

NOTHING, OWN, PLAIN = "nothing", "own", "plain"
KIND_NAMES = (*KINDS, *HELD_OUT_KINDS, *PROPS, NOTHING)
COLOUR_NAMES = (*COLOURS, OWN)
"""``own`` is the colour that a kind has when none is said."""
LOOK_NAMES = (PLAIN, *HELD_OUT_LOOKS)
PLACE_NAMES = tuple((name, night) for name in BACKGROUNDS for night in (False, True) if not (night and name in ALWAYS))
"""Every place, by day or, where that is drawn, by night."""

OUTSIDE = 127
"""What is seen beyond the picture and in the place of its backdrop, in 0..255."""
UNLIKE = 12
"""By how much a pixel is unlike the backdrop's where it begins to be seen, of 255; three times as much is seen all."""
SPECK = 60
"""Pixels that somebody covers at least."""
_SHARES = np.clip((np.arange(256) - UNLIKE) * 255.0 / UNLIKE / 2, 0, 255).astype(np.uint8)
_GREY = np.full((HEIGHT, WIDTH, 3), OUTSIDE, np.uint8)

FACTS: dict[str, tuple[str, ...]] = {"kind": KIND_NAMES, "colour": COLOUR_NAMES, "look": LOOK_NAMES}
"""What is asked of a box, and the answers in the order in which the network counts them."""

SIZE = 48
"""Pixels along a side of the window as the network sees it."""
AROUND = 1.35
"""How much longer a window's side is than the longest side that its box ever has."""
SMOOTH = 9
"""Frames over which a window's way is smoothed: what bobs inside of its box bobs inside of the window."""


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


def apart(frames: np.ndarray, place: tuple[str, bool]) -> np.ndarray:
    """How much of every pixel is not the place's backdrop, 0 to 255: frames uint8 (F, 128, 192, 3) to uint8 (F, 128,
    192).
    """
    behind = backdrop(*place)
    out = np.empty(frames.shape[:3], np.uint8)
    for frame, share in zip(frames, out, strict=True):
        unlike = cv2.absdiff(frame, behind)
        share[:] = cv2.LUT(cv2.max(cv2.max(unlike[..., 0], unlike[..., 1]), unlike[..., 2]), _SHARES)
    return out


def lifted(frames: np.ndarray, place: tuple[str, bool]) -> np.ndarray:
    """Frames, uint8 (F, 128, 192, 3), without the place that they show: what looks like its backdrop is grey."""
    out = np.empty_like(frames)
    for frame, share, clear in zip(frames, apart(frames, place), out, strict=True):
        much = cv2.cvtColor(share, cv2.COLOR_GRAY2RGB)
        clear[:] = cv2.add(cv2.multiply(frame, much, scale=1 / 255), cv2.multiply(_GREY, 255 - much, scale=1 / 255))
    return out


def glance(frame: np.ndarray) -> np.ndarray:
    """A whole picture as small as is needed to tell where it is: uint8 (128, 192, 3) to (32, 48, 3)."""
    return cv2.resize(frame, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)


def layer(inside: int, out: int, stride: int) -> nn.Sequential:
    """A convolution of three by three pixels, normalized over a batch."""
    return nn.Sequential(nn.Conv2d(inside, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())


class Network(nn.Module):
    """Windows (n, 3, 48, 48) to logits of every fact, each (n, answers); and glances (n, 3, 32, 48) to logits of
    places. Pixels are in -1..1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Sequential(
            layer(3, 24, 2), layer(24, 48, 2), layer(48, 80, 2), layer(80, 112, 2),
            nn.Flatten(), nn.Linear(112 * 9, 192), nn.BatchNorm1d(192), nn.ReLU(),
        )  # fmt: skip
        self.heads = nn.ModuleDict({fact: nn.Linear(192, len(names)) for fact, names in FACTS.items()})
        self.place = nn.Sequential(
            layer(3, 16, 2), layer(16, 32, 2), layer(32, 48, 2), nn.Flatten(), nn.Linear(48 * 24, len(PLACE_NAMES))
        )

    def forward(self, seen: Tensor) -> dict[str, Tensor]:
        features = self.look(seen)
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


@dataclass(frozen=True)
class Found:
    """Somebody in a picture: who it looks like, the box that it fills, normalized, and how sure that is, in 0..1."""

    kind: str
    box: tuple[float, float, float, float]
    sure: float


def blobs(share: np.ndarray) -> list[tuple[float, float, float, float]]:
    """The boxes, normalized, of all that stands apart from its place in a picture, uint8 (128, 192), and is no mere
    speck.
    """
    # A rope is thin; it would tie who climbs it to the top of the picture.
    solid = cv2.morphologyEx((share > 127).astype(np.uint8), cv2.MORPH_OPEN, np.ones((1, 5), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    return [
        (left / WIDTH, top / HEIGHT, (left + wide) / WIDTH, (top + tall) / HEIGHT)
        for left, top, wide, tall, area in stats[1:].tolist()
        if area >= SPECK
    ]


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
    def look(self, frames: np.ndarray, boxes: np.ndarray, place: tuple[str, bool] | None = None) -> Sight:
        """What is in a box of a clip: frames uint8 (F, 128, 192, 3), boxes (F, 4) normalized x0, y0, x1, y1, NaN in
        frames in which there is none. ``place`` is what :meth:`place` says of the clip, asked for where it isn't given.
        """
        clear = lifted(frames, place or self.place(frames))
        logits = self.network(pixels_of(cut_out(clear, windows(boxes))))
        return Sight({fact: torch.softmax(each, -1).numpy() for fact, each in logits.items()})

    @torch.no_grad()
    def find(self, frames: np.ndarray, place: tuple[str, bool]) -> list[list[Found]]:
        """Who is in each of some pictures of a clip, uint8 (n, 128, 192, 3), wherever something stands apart."""
        clear, found = lifted(frames, place), []
        for frame, share in zip(clear, apart(frames, place), strict=True):
            boxes = blobs(share)
            seen = [cut_out(frame[None], windows(np.array([box])))[0] for box in boxes]
            chances = torch.softmax(self.network(pixels_of(np.stack(seen)))["kind"], -1) if seen else []
            found.append([Found(KIND_NAMES[int(each.argmax())], box, float(each.max()))
                          for each, box in zip(chances, boxes, strict=True)])  # fmt: skip
        return found

    @torch.no_grad()
    def place(self, frames: np.ndarray) -> tuple[str, bool]:
        """The background of a clip, uint8 (F, 128, 192, 3), and whether it is night there."""
        seen = np.stack([glance(frame) for frame in frames[:: max(1, len(frames) // 6)]])
        return PLACE_NAMES[int(torch.log_softmax(self.network.place(pixels_of(seen)), -1).mean(0).argmax())]
