"""Train the scout: ``python -m dreamrunner.miniature.second.training.scout --out FOLDER``.

Pictures are single moments of drawn clips, some of them from clips that went through latents which are a little wrong.
What a step draws depends on its number alone, so a run that was stopped goes on as it would have gone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from dreamrunner.miniature.second.autoencoder import read_autoencoder
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.judge import pixels_of
from dreamrunner.miniature.second.scout import FOUND_NAMES, STRIDE, Network
from dreamrunner.miniature.second.training.learning import Learning, half, keep_half
from dreamrunner.miniature.second.training.sights import covered, sample_sight, worn
from dreamrunner.miniature.second.world import FRAMES, Clip, bounds, draw, paint

SPREAD = 1.0
"""How far around a figure's middle its chance is not quite 0, in places, as a standard deviation."""

Picture = tuple[np.ndarray, np.ndarray]
"""Pixels uint8 (128, 192, 3), and what is right to say, (kinds, 16, 24) in 0..1; NaN where nothing is asked."""


def target(clip: Clip, frame: float) -> np.ndarray:
    """What is right to say of a clip at a moment: (kinds, 16, 24), 1 at a middle, falling off around it; NaN for
    who can hardly be seen, so that neither is wrong.
    """
    rows, columns = HEIGHT // STRIDE, WIDTH // STRIDE
    out = np.zeros((len(FOUND_NAMES), rows, columns), np.float32)
    boxes = [np.array([bounds(figure, frame) or (np.nan,) * 4]) for figure in clip.figures]
    for index, (figure, box) in enumerate(zip(clip.figures, boxes, strict=True)):
        kind = FOUND_NAMES.index(figure.kind)
        others = [
            other for place, other in enumerate(boxes) if place != index and clip.figures[place].depth >= figure.depth
        ]
        if not np.isfinite(box).all():
            out[kind] = np.nan
            continue
        x0, y0, x1, y1 = box[0]
        if covered(box, others)[0] > 0.5 or x1 - x0 < 0.05 or y1 - y0 < 0.05:
            out[kind] = np.nan
            continue
        x, y = (x0 + x1) / 2 * columns - 0.5, (y0 + y1) / 2 * rows - 0.5
        across = np.exp(-((np.arange(columns) - round(x)) ** 2) / (2 * SPREAD**2))
        down = np.exp(-((np.arange(rows) - round(y)) ** 2) / (2 * SPREAD**2))
        out[kind] = np.fmax(out[kind], down[:, None] * across)
    return out


def pictures(step: int, count: int, vae, every: int) -> list[Picture]:
    """So many pictures for a step; every ``every`` steps four of them went through the autoencoder."""
    rng = np.random.default_rng([173, step])
    found: list[Picture] = []
    while len(found) < count:
        clip = sample_sight(rng)
        moments = rng.choice(FRAMES, 4, replace=False)
        develop = bool(every) and step % every == 0 and not found
        if develop or rng.random() < 0.1:
            frames = worn(draw(clip), rng, vae if develop else None)
            found += [(frames[moment], target(clip, float(moment))) for moment in moments]
        else:
            found += [(paint(clip, float(moment)), target(clip, float(moment))) for moment in moments[:2]]
    return found[:count]


def loss_of(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The focal loss of heatmaps (Law and Deng, CornerNet, equation 1), per figure; NaN in ``truth`` counts nothing."""
    asked = ~truth.isnan()
    truth = truth.nan_to_num()
    here = (truth == 1) & asked
    chance = torch.sigmoid(logits)
    gained = F.logsigmoid(logits) * (1 - chance) ** 2 * here
    lost = F.logsigmoid(-logits) * chance**2 * (1 - truth) ** 4 * (asked & ~here)
    return -(gained.sum() + lost.sum()) / here.sum().clamp(min=1)


def batch(step: int, count: int, vae, every: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (count, 3, 128, 192), some mirrored, softer, noisier, and what is right to say of each."""
    made = pictures(step, count, vae, every)
    rng = np.random.default_rng([174, step])
    mirrored = rng.random(count) < 0.5
    seen = pixels_of(
        np.stack([image[:, ::-1] if flip else image for (image, _), flip in zip(made, mirrored, strict=True)])
    )
    truth = np.stack([each[:, :, ::-1] if flip else each for (_, each), flip in zip(made, mirrored, strict=True)])
    if rng.random() < 0.2:
        seen = F.avg_pool2d(seen, 3, 1, 1)
    gain, noise = (
        torch.from_numpy(rng.uniform(low, high, (count, 1, 1, 1)).astype(np.float32))
        for low, high in ((0.88, 1.12), (0.0, 0.08))
    )
    noise = noise * torch.randn(seen.shape, generator=torch.Generator().manual_seed(int(rng.integers(2**31))))
    return seen * gain + noise, torch.from_numpy(truth)


def train(out: Path, *, steps: int, size: int, rate: float, until: int | None = None, every: int = 12) -> Network:
    """Train in ``out`` up to ``steps``, or stop at step ``until``; gives the network with its averaged weights."""
    torch.manual_seed(0)
    network = Network()
    learning = Learning(network, out, steps=steps, rate=rate)
    vae = read_autoencoder() if every else None
    while learning.step < min(steps, steps if until is None else until):
        seen, truth = batch(learning.step, size, vae, every)
        network.train()
        with half():
            logits = network(seen)
        learning.descend(loss_of(logits.float(), truth), {})
    learning.finished()
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a folder for checkpoints, gone on from")
    parser.add_argument("-o", "--weights", type=Path, help="a safetensors file for the averaged weights, at the end")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--size", type=int, default=24, help="pictures in a step")
    parser.add_argument("--rate", type=float, default=2e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    network = train(options.out, steps=options.steps, size=options.size, rate=options.rate)
    if options.weights:
        keep_half(network, options.weights)


if __name__ == "__main__":
    main()
