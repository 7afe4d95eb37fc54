"""Train the judge: ``python -m dreamrunner.miniature.second.training.judge --out FOLDER``.

It learns from drawings alone, also those that went through the autoencoder. Boxes follow a figure closely, or go
straight from one moment to the next as an author's do, or hold nobody; it says in every frame what is there. Everything
depends on the step's number, so a run that was stopped goes on as it would have gone.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from dreamrunner.miniature.second.autoencoder import read_autoencoder
from dreamrunner.miniature.second.characters import COLOURS, KINDS
from dreamrunner.miniature.second.judge import (
    FACTS,
    NOTHING,
    OWN,
    PLACE_NAMES,
    PLAIN,
    Network,
    cut_out,
    glance,
    pixels_of,
    windows,
)
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS
from dreamrunner.miniature.second.training.learning import Learning, half, keep_half
from dreamrunner.miniature.second.training.sights import covered, sample_sight, thing_in_hand, track, worn
from dreamrunner.miniature.second.world import FRAMES, Clip, Figure, draw

SKIP = -100
"""A label that is not asked for."""
HIDDEN = 0.4
"""In a frame in which others cover more of a figure's box, nothing is asked."""
EDGE = 2
"""Frames beside the moment where one motion becomes another in which motion is not asked."""

Sample = tuple[np.ndarray, dict[str, np.ndarray]]
"""A window's pixels, uint8 (49, 48, 48, 3), and per fact the labels, (49)."""


def close_to_named(kind: str) -> bool:
    """Whether the colour that a kind has of its own is nearly one that has a name, so that it may be called either."""
    own = np.array((KINDS | HELD_OUT_KINDS)[kind][1], float)
    return min(np.abs(own - np.array(each, float)).max() for each in COLOURS.values()) < 60


def aimed(rng: np.random.Generator, boxes: np.ndarray) -> np.ndarray:
    """A figure's boxes as somebody may give them: closely or from key frame to key frame, larger, or beside."""
    out = boxes.copy()
    there = np.flatnonzero(np.isfinite(boxes).all(1))
    if rng.random() < 0.5 and len(there) > 4:
        count = int(rng.integers(2, 7))
        keys = np.unique(np.concatenate([there[[0, -1]], rng.choice(there, count)]))
        between = np.arange(there[0], there[-1] + 1)
        out[:] = np.nan
        out[between] = np.stack([np.interp(between, keys, boxes[keys, side]) for side in range(4)], 1)
    middle, half = (out[:, :2] + out[:, 2:]) / 2, (out[:, 2:] - out[:, :2]) / 2
    middle = middle + rng.normal(0, 0.1, 2) * half
    half = half * np.exp(rng.normal(0.05, 0.15, 2))
    return np.concatenate([middle - half, middle + half], 1)


def labels(figure: Figure, boxes: np.ndarray, hidden: np.ndarray) -> dict[str, np.ndarray]:
    """What is right to say of a figure in every frame, per fact (49)."""
    found = {fact: np.full(FRAMES, SKIP) for fact in FACTS}
    visible = np.isfinite(boxes).all(1) & (hidden <= HIDDEN)
    # Who only sticks into the picture can't be told.
    visible &= np.nan_to_num(boxes[:, 2:] - boxes[:, :2]).min(1) > 0.045
    found["kind"][visible] = FACTS["kind"].index(figure.kind)
    if figure.is_prop:
        return found
    if figure.colour or not close_to_named(figure.kind):
        found["colour"][visible] = FACTS["colour"].index(figure.colour or OWN)
    found["look"][visible] = FACTS["look"].index(figure.look or PLAIN)
    for frame in np.flatnonzero(visible):
        if figure.act_at(max(0, frame - EDGE)) is figure.act_at(min(FRAMES - 1, frame + EDGE)):
            found["motion"][frame] = FACTS["motion"].index(figure.act_at(frame).motion)
    return found


def nowhere(rng: np.random.Generator, tracks: list[np.ndarray]) -> np.ndarray | None:
    """A box through the clip, (49, 4), in which nobody ever is, or nothing when none is found."""
    for _ in range(6):
        size = rng.uniform((0.12, 0.25), (0.3, 0.55))
        begin, end = rng.uniform(0, 1 - size, (2, 2))
        if rng.random() < 0.6:
            end = begin
        corner = begin + (end - begin) * np.linspace(0, 1, FRAMES)[:, None]
        boxes = np.concatenate([corner, corner + size], 1)
        if covered(boxes, tracks).max() < 0.06:
            return boxes
    return None


def samples(rng: np.random.Generator, clip: Clip, frames: np.ndarray) -> list[Sample]:
    """What can be asked of one clip: of every figure, and now and then of an empty box."""
    tracks = [track(figure) for figure in clip.figures]
    found = []
    for index, figure in enumerate(clip.figures):
        boxes = tracks[index]
        if thing_in_hand(clip, figure) or np.isfinite(boxes).all(1).sum() < 6:
            continue
        others = [
            boxes
            for other, boxes in zip(clip.figures, tracks, strict=True)
            if other is not figure and not thing_in_hand(clip, other)
        ]
        found.append((cut_out(frames, windows(aimed(rng, boxes))), labels(figure, boxes, covered(boxes, others))))
    if rng.random() < 0.2 and (empty := nowhere(rng, tracks)) is not None:
        asked = {fact: np.full(FRAMES, SKIP) for fact in FACTS}
        asked["kind"][:] = FACTS["kind"].index(NOTHING)
        found.append((cut_out(frames, windows(empty)), asked))
    return found


def blurred(rng: np.random.Generator, seen: torch.Tensor) -> torch.Tensor:
    """Windows (n, frames, 3, 48, 48) brighter or darker, softer and noisier, each in its own way."""
    count = len(seen)
    gain = torch.from_numpy(rng.uniform(0.88, 1.12, (count, 1, 1, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(rng.uniform(-0.06, 0.06, (count, 1, 3, 1, 1)).astype(np.float32)) * (gain > 1)
    soft = torch.from_numpy(rng.random(count) < 0.25)
    if soft.any():
        seen[soft] = F.avg_pool2d(seen[soft].flatten(0, 1), 3, 1, 1).unflatten(0, (int(soft.sum()), seen.shape[1]))
    noisy = torch.from_numpy(rng.random(count) < 0.3)
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    seen.mul_(gain).add_(shift)
    seen[noisy] += float(rng.uniform(0, 0.12)) * torch.randn(seen[noisy].shape, generator=generator)
    return seen


@dataclass(frozen=True)
class Drawn:
    """What one step adds: windows with their labels, and glances with their places."""

    samples: tuple[Sample, ...]
    glances: np.ndarray
    places: tuple[int, ...]


class Material:
    """Windows of the latest steps' clips, each used a few times. What a step adds depends on its number alone; who goes
    on at a step draws again what the steps before it added.

    ``clips`` are drawn for a step; every ``every`` steps one is sent through the autoencoder, which takes as long as
    drawing sixty, never where that is 0. So many steps are ``kept``. Of a window's frames ``span`` are shown at a time:
    many short looks teach more than few long ones, which say the same again and again.
    """

    def __init__(self, step: int, *, clips: int = 2, every: int = 25, kept: int = 300, span: int = 17) -> None:
        self.clips, self.every, self.span = clips, every, span
        self.vae = read_autoencoder() if every else None
        self.latest: deque[Drawn] = deque(maxlen=kept)
        for earlier in range(max(0, step - kept), step):
            self.latest.append(self.drawn(earlier))

    def drawn(self, step: int) -> Drawn:
        rng = np.random.default_rng([171, step])
        found: list[Sample] = []
        glances, places = [], []
        develop = bool(self.every) and step % self.every == 0
        for index in range(self.clips):
            clip = sample_sight(rng)
            frames = draw(clip)
            if (develop and index == 0) or rng.random() < 0.1:
                frames = worn(frames, rng, self.vae if develop and index == 0 else None)
            for _ in range(2 if develop and index == 0 else 1):
                found += samples(rng, clip, frames)
            glances.append(glance(frames[int(rng.integers(FRAMES))]))
            places.append(PLACE_NAMES.index((clip.background, clip.night)))
        return Drawn(tuple(found), np.stack(glances), tuple(places))

    def batch(self, step: int, size: int) -> tuple[torch.Tensor, dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
        """Windows (size, span, 3, 48, 48), labels per fact (size, span), glances (clips, 3, 32, 48), their places."""
        self.latest.append(self.drawn(step))
        rng = np.random.default_rng([172, step])
        every = [sample for drawn in self.latest for sample in drawn.samples]
        taken = [every[int(index)] for index in rng.integers(0, len(every), size)]
        begin = rng.integers(0, FRAMES - self.span + 1, size)
        spans = [slice(first, first + self.span) for first in begin.tolist()]
        mirrored = rng.random(size) < 0.5
        truth = {
            fact: torch.from_numpy(np.stack([found[fact][part] for (_, found), part in zip(taken, spans, strict=True)]))
            for fact in FACTS
        }
        seen = np.stack([
            pixels[part, :, ::-1] if flip else pixels[part]
            for (pixels, _), part, flip in zip(taken, spans, mirrored, strict=True)
        ])  # fmt: skip
        fresh = self.latest[-1]
        return blurred(rng, pixels_of(seen)), truth, pixels_of(fresh.glances), torch.tensor(fresh.places)


def train(
    out: Path,
    *,
    steps: int,
    size: int,
    rate: float,
    until: int | None = None,
    material: Mapping[str, int] | None = None,
) -> Network:
    """Train in ``out`` up to ``steps``, or stop at step ``until``; gives the network with its averaged weights."""
    torch.manual_seed(0)
    network = Network()
    learning = Learning(network, out, steps=steps, rate=rate)
    source = Material(learning.step, **(material or {}))
    while learning.step < min(steps, steps if until is None else until):
        seen, truth, glances, places = source.batch(learning.step, size)
        network.train()
        with half():
            logits, where = network(seen), network.place(glances)
        loss = 0.5 * F.cross_entropy(where.float(), places)
        hits = {"place": float((where.argmax(1) == places).float().mean())}
        for fact, each in logits.items():
            asked = truth[fact] != SKIP
            if asked.any():
                weight = 3.0 if fact == "motion" else 1.0
                loss = loss + weight * F.cross_entropy(each.float()[asked], truth[fact][asked])
                hits[fact] = float((each.argmax(-1) == truth[fact])[asked].float().mean())
        learning.descend(loss, hits)
    learning.finished()
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a folder for checkpoints, gone on from")
    parser.add_argument("-o", "--weights", type=Path, help="a safetensors file for the averaged weights, at the end")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--size", type=int, default=36, help="windows in a step")
    parser.add_argument("--rate", type=float, default=2e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    network = train(options.out, steps=options.steps, size=options.size, rate=options.rate)
    if options.weights:
        keep_half(network, options.weights)


if __name__ == "__main__":
    main()
