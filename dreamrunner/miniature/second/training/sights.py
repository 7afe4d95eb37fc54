"""What the watchers learn from: clips with everybody and everything, and how films may be worse than drawings.

Watchers stand for knowledge of the whole world, so they see the kinds, looks and motions that the generator never saw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch

from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.miniature.second.autoencoder import decode_linearly, encode
from dreamrunner.miniature.second.characters import COLOURS
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, IN_PLACE
from dreamrunner.miniature.second.props import PROPS
from dreamrunner.miniature.second.scripts import sample_clip
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS, HELD_OUT_LOOKS
from dreamrunner.miniature.second.world import FRAMES, Clip, Figure, bounds

PATTERNS: dict[str, float] = {
    "one": 0.4, "two": 0.14, "three": 0.04, "cross": 0.06, "follow": 0.04, "meet": 0.05, "carry": 0.27,
}  # fmt: skip
"""How often each kind of scene is drawn: picking up and putting down is short, so there is more of it."""

NO_BOX = (np.nan,) * 4


def sample_sight(rng: np.random.Generator) -> Clip:
    """A random clip in which strangers, their looks and their motions turn up too."""
    clip = sample_clip(rng, PATTERNS)
    strangers = [str(kind) for kind in rng.permutation(list(HELD_OUT_KINDS))]
    return replace(clip, figures=tuple(_changed(rng, figure, strangers) for figure in clip.figures))


def _changed(rng: np.random.Generator, figure: Figure, strangers: list[str]) -> Figure:
    if figure.is_prop:
        return figure
    if rng.random() < 0.2:
        figure = replace(figure, kind=strangers.pop())
    if rng.random() < 0.4 and not figure.colour:
        figure = replace(figure, colour=str(rng.choice(list(COLOURS))))
    if rng.random() < 0.25:
        figure = replace(figure, look=str(rng.choice(HELD_OUT_LOOKS)))
    acts = tuple(
        replace(act, motion=str(rng.choice(HELD_OUT_MOTIONS))) if act.motion in IN_PLACE and rng.random() < 0.3 else act
        for act in figure.acts
    )
    return replace(figure, acts=acts)


def track(figure: Figure, frames: Iterable[int] = range(FRAMES)) -> np.ndarray:
    """A figure's box in every frame, (49, 4) normalized, NaN where it is outside, and in all but some ``frames``."""
    boxes = np.full((FRAMES, 4), np.nan)
    for frame in frames:
        boxes[frame] = bounds(figure, frame) or NO_BOX
    return boxes


def thing_in_hand(clip: Clip, figure: Figure) -> bool:
    """Whether a figure is the thing that somebody in the clip carries about: it belongs to who holds it."""
    return figure.kind in PROPS and any(
        act.motion in ("carries", "lifts", "drops") for other in clip.figures for act in other.acts
    )


def covered(boxes: np.ndarray, others: list[np.ndarray]) -> np.ndarray:
    """How much of a figure's box others' boxes cover at most, per frame (49)."""
    most = np.zeros(len(boxes))
    for other in others:
        low, high = np.fmax(boxes[:, :2], other[:, :2]), np.fmin(boxes[:, 2:], other[:, 2:])
        common = np.clip(high - low, 0, None).prod(1)
        share = common / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-6)
        most = np.maximum(most, np.where(np.isfinite(other).all(1), np.nan_to_num(share), 0))
    return most


@torch.no_grad()
def worn(frames: np.ndarray, rng: np.random.Generator, vae: BlockAutoencoder | None = None) -> np.ndarray:
    """Frames, uint8 (4n + 1, 128, 192, 3), as they come back from latents a little off: by the linear guess, or
    by the autoencoder where one is given.
    """
    latents = encode(_video(frames))
    amount = 0.3 * float(rng.random()) ** 2
    latents = latents + amount * torch.from_numpy(rng.standard_normal(latents.shape, np.float32))
    return _frames(decode_linearly(latents) if vae is None else vae.decode(latents).sample)


@torch.no_grad()
def developed(frames: np.ndarray, vae: BlockAutoencoder) -> np.ndarray:
    """Frames, uint8 (49, 128, 192, 3), after the autoencoder: what a perfect generator would give."""
    return _frames(vae.decode(encode(_video(frames))).sample)


def _video(frames: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() / 127.5 - 1


def _frames(video: torch.Tensor) -> np.ndarray:
    return ((video[0].permute(1, 2, 3, 0).clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()
