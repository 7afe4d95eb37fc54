"""Train the judge: ``python -m dreamrunner.miniature.second.training.judge --out FOLDER``.

It learns from single frames of drawings alone, some of which went through the autoencoder. Boxes follow a figure
closely, or go straight from one moment to the next as an author's do, or hold nobody. What a step draws depends on its
number alone, so a run that was stopped goes on as it would have gone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
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
    lifted,
    pixels_of,
    windows,
)
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS
from dreamrunner.miniature.second.training.learning import Learning, half, keep_half
from dreamrunner.miniature.second.training.sights import covered, sample_sight, thing_in_hand, track, worn
from dreamrunner.miniature.second.world import FRAMES, Clip, Figure, paint

SKIP = -100
"""A label that is not asked for."""
HIDDEN = 0.4
"""In a frame in which others cover more of a figure's box, nothing is asked."""
LOOKS = 4
"""Frames of a clip that are looked at one by one."""

Sample = tuple[np.ndarray, dict[str, np.ndarray]]
"""A window's pixels, uint8 (frames, 48, 48, 3), and per fact the labels, (frames)."""


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


def samples(
    rng: np.random.Generator, clip: Clip, frames: np.ndarray, which: np.ndarray, tracks: list[np.ndarray]
) -> list[Sample]:
    """What can be asked of some frames of a clip, by their pictures without the place, their numbers and all figures'
    boxes: of every figure, and now and then of an empty box.
    """
    found = []
    for index, figure in enumerate(clip.figures):
        boxes = tracks[index]
        if thing_in_hand(clip, figure) or 2 * np.isfinite(boxes[which]).all(1).sum() < len(which):
            continue
        others = [
            boxes
            for other, boxes in zip(clip.figures, tracks, strict=True)
            if other is not figure and not thing_in_hand(clip, other)
        ]
        asked = labels(figure, boxes, covered(boxes, others))
        seen = cut_out(frames, windows(aimed(rng, boxes))[which])
        found.append((seen, {fact: each[which] for fact, each in asked.items()}))
    if rng.random() < 0.2 and (empty := nowhere(rng, tracks)) is not None:
        asked = {fact: np.full(len(which), SKIP) for fact in FACTS}
        asked["kind"][:] = FACTS["kind"].index(NOTHING)
        found.append((cut_out(frames, windows(empty)[which]), asked))
    return found


def blurred(rng: np.random.Generator, seen: torch.Tensor) -> torch.Tensor:
    """Windows (n, 3, 48, 48) brighter or darker, softer and noisier, each in its own way."""
    count = len(seen)
    gain = torch.from_numpy(rng.uniform(0.88, 1.12, (count, 1, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(rng.uniform(-0.06, 0.06, (count, 3, 1, 1)).astype(np.float32)) * (gain > 1)
    soft = torch.from_numpy(rng.random(count) < 0.2)
    seen[soft] = F.avg_pool2d(seen[soft], 3, 1, 1)
    noise = torch.from_numpy(rng.uniform(0, 0.1, (count, 1, 1, 1)) * (rng.random((count, 1, 1, 1)) < 0.3)).float()
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    return seen * gain + shift + noise * torch.randn(seen.shape, generator=generator)


Batch = tuple[torch.Tensor, dict[str, torch.Tensor], torch.Tensor, torch.Tensor]


def batch(step: int, clips: int, vae: BlockAutoencoder | None, every: int) -> Batch:
    """Windows (n, 3, 48, 48) of :data:`LOOKS` frames of each of ``clips`` clips, labels per fact (n), glances (clips,
    3, 32, 48), their places. Every ``every`` steps one clip went through the autoencoder.
    """
    rng = np.random.default_rng([171, step])
    found: list[Sample] = []
    glances, places = [], []
    for index in range(clips):
        clip = sample_sight(rng)
        which = np.sort(rng.choice(FRAMES, LOOKS, False))
        # Of the other frames a few are enough to tell where a window goes and how large it is.
        tracks = [track(figure, {*range(0, FRAMES, 12), *which.tolist()}) for figure in clip.figures]
        frames = np.stack([paint(clip, frame) for frame in which])
        develop = bool(every) and step % every == 0 and index == 0
        if develop or rng.random() < 0.1:
            parts = [worn(frame[None], rng, vae if develop else None) for frame in frames]
            frames = np.concatenate(parts)
        found += samples(rng, clip, lifted(frames, (clip.background, clip.night)), which, tracks)
        glances.append(glance(frames[0]))
        places.append(PLACE_NAMES.index((clip.background, clip.night)))
    seen = np.concatenate([pixels for pixels, _ in found])
    mirrored = rng.random(len(seen)) < 0.5
    seen[mirrored] = seen[mirrored, :, ::-1]
    truth = {fact: torch.from_numpy(np.concatenate([asked[fact] for _, asked in found])) for fact in FACTS}
    return blurred(rng, pixels_of(seen)), truth, pixels_of(np.stack(glances)), torch.tensor(places)


def train(out: Path, *, steps: int, clips: int, rate: float, until: int | None = None, every: int = 10) -> Network:
    """Train in ``out`` up to ``steps``, or stop at step ``until``; gives the network with its averaged weights."""
    torch.manual_seed(0)
    network = Network()
    learning = Learning(network, out, steps=steps, rate=rate)
    vae = read_autoencoder() if every else None
    while learning.step < min(steps, steps if until is None else until):
        seen, truth, glances, places = batch(learning.step, clips, vae, every)
        network.train()
        with half():
            logits, where = network(seen), network.place(glances)
        loss = 0.5 * F.cross_entropy(where.float(), places)
        hits = {"place": float((where.argmax(1) == places).float().mean())}
        for fact, each in logits.items():
            asked = truth[fact] != SKIP
            if asked.any():
                loss = loss + F.cross_entropy(each.float()[asked], truth[fact][asked])
                hits[fact] = float((each.argmax(-1) == truth[fact])[asked].float().mean())
        learning.descend(loss, hits)
    learning.finished()
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a folder for checkpoints, gone on from")
    parser.add_argument("-o", "--weights", type=Path, help="a safetensors file for the averaged weights, at the end")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--clips", type=int, default=32, help="clips drawn for a step, of each of them four frames")
    parser.add_argument("--rate", type=float, default=2e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    network = train(options.out, steps=options.steps, clips=options.clips, rate=options.rate)
    if options.weights:
        keep_half(network, options.weights)


if __name__ == "__main__":
    main()
