"""Do figures follow their boxes? ``python benchmarks/second_miniature.py --backbone FOLDER [--json]``

Twenty scripts of the second miniature's world, 25 figures whose boxes stand, cross, turn back, grow, shrink, leave,
enter, rise, pass and follow one another. Each is sampled by caption alone (``plain``, whose caption names who, colour,
motion and place, not where or which way) and by region (``sr3ai``, the paper's attention by a dense mask). Every figure
has a colour that its place has hardly any of, and is looked for by it, six times in a clip of six seconds. A second is

- ``right`` when over 60% of the pixels of that colour are in the box, and over a quarter as many as the drawing
  has; when the box is outside of the picture, when there are fewer than 30 such pixels;
- ``followed`` when the middle of these pixels is within a tenth of the picture of the drawing's, in both directions;
  counted while the box is in the picture.

This says where a colour is. It does not say whether what has it can be told for the character, or does its motion.
``drawn`` is what the same judge makes of drawn clips that
went through the encoder and back. Intervals are bootstraps over scripts, since a clip's seconds are not independent.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from dreamrunner.miniature.second.autoencoder import WEIGHTS, encode
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.captions import place_of, told_alone
from dreamrunner.miniature.second.characters import COLOURS
from dreamrunner.miniature.second.footage import REGIONS, layout, token_row
from dreamrunner.miniature.second.model import Backbone
from dreamrunner.miniature.second.training.preview import load, pictures, sample
from dreamrunner.miniature.second.words import build_tokenizer
from dreamrunner.miniature.second.world import Act, Clip, Figure, Key, bounds, draw

ATTENTIONS = ("plain", "sr3ai")
MOMENTS = (4, 12, 20, 28, 36, 44)
"""Frames that are looked at, in the middle of each second."""

AROUND = 0.04
"""How far around its box a figure may be, of the picture."""

NEAR = 75
"""A pixel is of a colour when red, green and blue together are off by less, from its full or its dark shade."""


def script(place: str, *figures: tuple[str, str, str, int, tuple[tuple[float, float, float, float], ...]]) -> Clip:
    """A clip of figures: colour, kind, motion, side looked to, and path of (frame, x, foot, height) in pixels."""
    return Clip(
        place,
        False,
        tuple(
            Figure(kind, tuple(Key(*key) for key in path), (Act(motion, 0.0, 1e6, "", side),), colour, depth=path[0][2])
            for colour, kind, motion, side, path in figures
        ),
    )


def way(x0: float, x1: float, foot0: float = 114, foot1: float | None = None, tall0: float = 52, tall1: float = 0):
    """A path that goes straight from the clip's beginning to its end."""
    return (0, x0, foot0, tall0), (48, x1, foot0 if foot1 is None else foot1, tall1 or tall0)


def turns(*spots: tuple[float, float]):
    """A path by way of (frame, x), on the ground."""
    return tuple((frame, x, 114, 52) for frame, x in spots)


SCRIPTS: tuple[tuple[str, Clip], ...] = (
    ("stands", script("village", ("green", "robot", "stands", 1, way(48, 48)))),
    ("stands", script("mountains", ("blue", "princess", "waves", -1, way(146, 146)))),
    ("crosses", script("desert", ("red", "witch", "walks", 1, way(30, 162)))),
    ("crosses", script("forest", ("pink", "robot", "walks", -1, way(162, 30)))),
    ("crosses", script("village", ("green", "princess", "runs", 1, way(20, 172)))),
    ("crosses", script("mountains", ("green", "robot", "runs", -1, way(172, 20)))),
    ("crosses", script("cave", ("orange", "princess", "hops", 1, way(40, 150)))),
    ("turns back", script("cave", ("blue", "king", "walks", 1, turns((0, 40), (26, 140), (48, 60))))),
    ("grows", script("kitchen", ("blue", "frog", "grows", 1, way(96, 96, 118, None, 36, 80)))),
    ("shrinks", script("mountains", ("blue", "witch", "shrinks", 1, way(120, 120, 118, None, 80, 38)))),
    ("leaves", script("beach", ("purple", "witch", "walks", 1, turns((0, 110), (32, 225), (48, 226))))),
    ("leaves", script("village", ("red", "dog", "runs", -1, turns((0, 90), (26, -32), (48, -33))))),
    ("enters", script("cave", ("green", "frog", "walks", 1, turns((0, -32), (12, -32), (48, 110))))),
    ("rises", script("mountains", ("purple", "frog", "flies", 1, way(60, 130, 104, 66)))),
    ("rises", script("library", ("blue", "princess", "climbs", 1, way(100, 100, 112, 66)))),
    (
        "two pass",
        script(
            "desert",
            ("purple", "rabbit", "walks", 1, way(30, 160, 110)),
            ("pink", "king", "walks", -1, way(160, 30, 118)),
        ),
    ),
    (
        "two pass",
        script(
            "forest",
            ("red", "princess", "runs", 1, way(20, 170, 118)),
            ("pink", "witch", "runs", -1, way(172, 24, 110)),
        ),
    ),
    (
        "one follows",
        script(
            "mountains",
            ("blue", "witch", "walks", 1, way(76, 172, 112)),
            ("red", "frog", "walks", 1, way(24, 116, 112)),
        ),
    ),
    (
        "two meet",
        script(
            "desert",
            ("blue", "dog", "walks", 1, turns((0, 24), (28, 72), (48, 72))),
            ("purple", "princess", "walks", -1, turns((0, 170), (28, 120), (48, 120))),
        ),
    ),
    (
        "one leaves",
        script(
            "kitchen",
            ("red", "cat", "waves", 1, way(52, 52)),
            ("green", "princess", "walks", 1, turns((0, 116), (36, 226), (48, 228))),
        ),
    ),
)
"""What is asked for, and its name."""


@dataclass(frozen=True)
class Second:
    """One figure in one second: whether its colour is ``right``, and ``followed``, nothing while its box is outside."""

    right: bool
    followed: bool | None


def of_colour(image: np.ndarray, colour: str) -> np.ndarray:
    """Which pixels of an image, uint8 RGB, are of a figure's colour: bool (height, width)."""
    full = np.array(COLOURS[colour])
    return np.any([np.abs(image - shade).sum(-1) < NEAR for shade in (full, (0.72 * full).astype(int))], axis=0)


def judged(video: np.ndarray, clip: Clip) -> Iterator[Second]:
    """Every figure in every second of a clip's frames, uint8 (49, 128, 192, 3)."""
    drawn = draw(clip)
    for figure in clip.figures:
        for moment in MOMENTS:
            found, wanted = (of_colour(frames[moment], figure.colour) for frames in (video, drawn))
            box = bounds(figure, moment)
            if box is None or wanted.sum() < 12:
                yield Second(bool(found.sum() < 30), None)
                continue
            x0, y0, x1, y1 = box
            rows = slice(max(0, int((y0 - AROUND) * HEIGHT)), int((y1 + AROUND) * HEIGHT) + 1)
            columns = slice(max(0, int((x0 - AROUND) * WIDTH)), int((x1 + AROUND) * WIDTH) + 1)
            inside = found[rows, columns].sum()
            followed = False
            if found.sum() > 15:
                off = np.abs(np.argwhere(found).mean(0) - np.argwhere(wanted).mean(0)) / (HEIGHT, WIDTH)
                followed = bool(off.max() < 0.1)
            yield Second(bool(inside > 0.6 * found.sum() and inside > 0.25 * wanted.sum()), followed)


def in_words(clip: Clip) -> str:
    """The caption of ``plain``, which leaves out where everybody is and goes."""
    return f"{' and '.join(told_alone(clip, figure, figure.acts[0]) for figure in clip.figures)} {place_of(clip)}"


def sampled(model: Backbone, clip: Clip, attention: str, *, steps: int, guidance: float, seed: int) -> torch.Tensor:
    """Latents (1, 16, 13, 32, 48) of a script."""
    tokenizer, device = build_tokenizer(), next(model.parameters()).device
    settings = {"steps": steps, "guidance": guidance, "seed": seed}
    if attention == "plain":
        return sample(model, torch.from_numpy(token_row(tokenizer, in_words(clip)))[None].to(device), **settings)
    tokens, cover = layout(clip, tokenizer)
    used = [*range(len(clip.figures)), REGIONS]
    laid = (torch.from_numpy(part[used])[None].to(device) for part in (tokens, cover))
    return sample(model, *laid, **settings)


def interval(shares: list[list[bool]]) -> tuple[float, float, float]:
    """The share of all, and its 95% interval by drawing scripts anew."""
    sums = np.array([(sum(one), len(one)) for one in shares if one])
    picks = np.random.default_rng(0).integers(0, len(sums), (4000, len(sums)))
    again = sums[picks].sum(1)
    low, high = np.quantile(again[:, 0] / again[:, 1], (0.025, 0.975))
    return tuple(round(float(value), 3) for value in (sums[:, 0].sum() / sums[:, 1].sum(), low, high))


def measure(rows: list[list[Second]]) -> dict:
    """Both shares with their intervals over scripts, and what they are shares of."""
    followed = [[second.followed for second in row if second.followed is not None] for row in rows]
    return {
        "right": interval([[second.right for second in row] for row in rows]),
        "followed": interval(followed),
        "seconds": sum(map(len, rows)),
        "seconds_in_picture": sum(map(len, followed)),
    }


def strip(video: np.ndarray, clip: Clip, *, boxes: bool) -> np.ndarray:
    """The moments that are looked at side by side, with the boxes in white."""
    frames = [video[moment].copy() for moment in MOMENTS]
    for moment, frame in zip(MOMENTS, frames, strict=True):
        for figure in clip.figures if boxes else ():
            if (box := bounds(figure, moment)) is not None:
                (x0, y0), (x1, y1) = ((int(x * WIDTH), int(y * HEIGHT)) for x, y in (box[:2], box[2:]))
                cv2.rectangle(frame, (x0, y0), (x1 - 1, y1 - 1), (255, 255, 255), 1)
    return np.concatenate(frames, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", type=Path, required=True, help="what the training of the backbone wrote")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--scripts", type=int, default=len(SCRIPTS), help="only the first so many")
    parser.add_argument("--keep", type=Path, help="a folder where latents are kept and found again")
    parser.add_argument("--sheet", type=Path, help="a contact sheet: drawn, plain and sr3ai of each script")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, vae = load(options.backbone, WEIGHTS, torch.device(options.device))
    rows: dict[str, list[list[Second]]] = {"drawn": [], **{attention: [] for attention in ATTENTIONS}}
    strips = []
    for number, (_, clip) in enumerate(SCRIPTS[: options.scripts]):
        drawn = draw(clip)
        there = encode(torch.from_numpy(drawn).permute(3, 0, 1, 2)[None].float() / 127.5 - 1)
        rows["drawn"].append(list(judged(pictures(there.to(options.device), vae)[0], clip)))
        strips.append(strip(drawn, clip, boxes=False))
        for attention in ATTENTIONS:
            name = f"{options.backbone.name}-{attention}-{options.steps}-{options.guidance}-{number}.npy"
            if options.keep and (options.keep / name).exists():
                latents = torch.from_numpy(np.load(options.keep / name)).float()
            else:
                latents = sampled(model, clip, attention, steps=options.steps, guidance=options.guidance, seed=number)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    np.save(options.keep / name, latents.half().cpu().numpy())
            video = pictures(latents.to(options.device), vae)[0]
            rows[attention].append(list(judged(video, clip)))
            strips.append(strip(video, clip, boxes=True))
    if options.sheet:
        cv2.imwrite(str(options.sheet), np.concatenate(strips)[:, :, ::-1])
    names = [name for name, _ in SCRIPTS[: options.scripts]]
    found = {attention: measure(found) for attention, found in rows.items()}
    for attention, of_all in rows.items():
        found[attention]["by_script"] = {
            name: round(
                float(np.mean([s.right for own, row in zip(names, of_all, strict=True) if own == name for s in row])), 2
            )
            for name in dict.fromkeys(names)
        }
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for attention, values in found.items():
        for what in ("right", "followed"):
            share, low, high = values[what]
            print(f"{attention:6} {what:9} {share:.2f} ({low:.2f} to {high:.2f})")
        print("       " + ", ".join(f"{name} {share:.2f}" for name, share in values["by_script"].items()))


if __name__ == "__main__":
    main()
