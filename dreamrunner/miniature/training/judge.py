"""Train the judge: ``python -m dreamrunner.miniature.training.judge``.

It learns from drawings alone: clips of one to three figures with every kind, colour, look and motion, also those that
the generator never saw, half of them sent through the autoencoder and back. Boxes follow a figure, hold it, move past
it or miss it; what is in a box is what fills most of it. Interrupted, it goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from dreamrunner.files.atomic import replacing
from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.miniature.judge import (
    COLOUR_NAMES,
    FRAMES,
    KIND_NAMES,
    LOOK_NAMES,
    MOTION_NAMES,
    NOTHING,
    OWN,
    PLAIN,
    Network,
    crops_of,
)
from dreamrunner.miniature.latents import SCALING, encode
from dreamrunner.miniature.sprites import COLOURS, HELD_OUT_KINDS, HELD_OUT_LOOKS, KINDS, PROPS
from dreamrunner.miniature.training.bundle import keep
from dreamrunner.miniature.world import (
    BACKGROUNDS,
    HELD_OUT_MOTIONS,
    MOTIONS,
    POSITIONS,
    Clip,
    Figure,
    bounds,
    paint,
    place,
)

LENGTH = 17
SKIP = -100
"""A label that is not asked for."""
_MIRRORED = {"strolls leftwards": "strolls rightwards", "strolls rightwards": "strolls leftwards"}


def sample(rng: np.random.Generator) -> Clip:
    """A clip of one to three figures, of whatever there is in the small world."""
    count = int(rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2]))
    kinds, figures = rng.permutation([*KINDS, *HELD_OUT_KINDS]), []
    for kind, position in zip(kinds[:count], rng.permutation(list(POSITIONS)), strict=False):
        if rng.random() < 0.1:
            figure = Figure(str(rng.choice(list(PROPS))), str(position))
        else:
            figure = Figure(
                str(kind),
                str(position),
                str(rng.choice([*MOTIONS, *HELD_OUT_MOTIONS])),
                colour=str(rng.choice(list(COLOURS))) if rng.random() < 0.6 else "",
                size=str(rng.choice(["small", "large"])) if rng.random() < 0.35 else "",
                look=str(rng.choice(HELD_OUT_LOOKS)) if rng.random() < 0.25 else "",
            )
        figure = place(figure, rng)
        # Boxes of stories stand anywhere, not only in the three places of the captions.
        figures.append(replace(figure, x=figure.x + rng.uniform(-10, 10), foot=figure.foot + rng.uniform(-8, 3)))
    return Clip(str(rng.choice(BACKGROUNDS)), tuple(figures))


def drawn(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Clip]:
    """Frames, uint8 (17, 64, 96, 3); the figures' boxes, (figures, 17, 4); the clip."""
    import cv2

    clip = sample(rng)
    begin = rng.uniform(0, 16) if rng.random() < 0.3 else 0.0
    frames = np.stack([
        cv2.resize(paint(clip, begin + frame), (96, 64), interpolation=cv2.INTER_AREA) for frame in range(LENGTH)
    ])  # fmt: skip
    boxes = np.array(
        [[bounds(figure, begin + frame) for frame in range(LENGTH)] for figure in clip.figures], np.float32
    )
    return frames, boxes, clip


def aim(rng: np.random.Generator, tracks: np.ndarray) -> np.ndarray:
    """A box to look into through the clip, (17, 4): around one of the figures in one way or another, or anywhere."""
    kind = rng.random()
    if kind < 0.2:
        size, corner = rng.uniform(0.15, 0.6, 2), rng.uniform(0, 1, 2)
        corner = corner * (1 - size)
        return np.broadcast_to(np.concatenate([corner, corner + size]), (LENGTH, 4)).astype(np.float32)
    track = tracks[int(rng.integers(len(tracks)))]
    if kind < 0.45:
        boxes = track.copy()
    elif kind < 0.75:
        boxes = np.broadcast_to(np.concatenate([track[:, :2].min(0), track[:, 2:].max(0)]), (LENGTH, 4)).copy()
    else:
        share = np.linspace(0, 1, LENGTH)[:, None]
        boxes = track[0] * (1 - share) + track[-1] * share
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    half = np.maximum(half, 0.05) * np.exp(rng.normal(0.1, 0.22, 2))
    middle = middle + rng.normal(0, 0.12, 2) * half
    return np.concatenate([middle - half, middle + half], 1).astype(np.float32)


def inside(box: np.ndarray, tracks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per figure, how much of it is in the box and how much of the box it fills, means over the frames."""
    low, high = np.maximum(box[:, :2], tracks[..., :2]), np.minimum(box[:, 2:], tracks[..., 2:])
    common = np.clip(high - low, 0, None).prod(-1)
    own = np.maximum((tracks[..., 2:] - tracks[..., :2]).prod(-1), 1e-4)
    return (common / own).mean(1), (common / (box[:, 2:] - box[:, :2]).prod(-1)).mean(1)


def labels(clip: Clip, box: np.ndarray, tracks: np.ndarray) -> tuple[int, int, int, int] | None:
    """Kind, colour, look and motion of what is in the box; ``None`` when that can't be said."""
    held, filled = inside(box, tracks)
    if (held < 0.05).all() or (filled < 0.03).all():
        return KIND_NAMES.index(NOTHING), SKIP, SKIP, SKIP
    order = np.argsort(-held * filled)
    first = order[0]
    if held[first] < 0.6 or filled[first] < 0.15:
        return None
    if len(order) > 1 and (held * filled)[order[1]] > 0.3 * (held * filled)[first]:
        return None
    figure = clip.figures[first]
    kind = KIND_NAMES.index(figure.kind)
    if figure.is_prop:
        return kind, SKIP, SKIP, SKIP
    colour = COLOUR_NAMES.index(figure.colour or OWN)
    if not figure.colour:
        own = np.array((KINDS | HELD_OUT_KINDS)[figure.kind][1], float)
        if min(np.abs(own - np.array(each, float)).max() for each in COLOURS.values()) < 60:
            colour = SKIP  # its own colour is nearly one that has a name
    return kind, colour, LOOK_NAMES.index(figure.look or PLAIN), MOTION_NAMES.index(figure.motion)


class Pool:
    """Drawn clips, used again and again with other boxes; the oldest are replaced."""

    def __init__(self, size: int) -> None:
        self.size, self.next = size, 0
        self.items: list[tuple[np.ndarray, np.ndarray, Clip]] = []

    def add(self, item: tuple[np.ndarray, np.ndarray, Clip]) -> None:
        if len(self.items) < self.size:
            self.items.append(item)
        else:
            self.items[self.next] = item
            self.next = (self.next + 1) % self.size


def batch(rng: np.random.Generator, pools: tuple[Pool, Pool], size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Crops (size, 9, 5, 32, 32) and labels (size, 4)."""
    clips: list[np.ndarray] = []
    boxes: list[np.ndarray] = []
    truth: list[tuple[int, int, int, int]] = []
    while len(clips) < size:
        items = pools[len(clips) % 2].items
        frames, tracks, clip = items[int(rng.integers(len(items)))]
        box = aim(rng, tracks)
        found = labels(clip, box, tracks)
        if found is None or (found[0] == KIND_NAMES.index(NOTHING) and rng.random() < 0.4):
            continue
        if rng.random() < 0.5:
            frames, box = frames[:, :, ::-1], box[:, [2, 1, 0, 3]] * (-1, 1, -1, 1) + (1, 0, 1, 0)
            found = (*found[:3], _mirrored(found[3]))
        clips.append(frames)
        boxes.append(box.astype(np.float32))
        truth.append(found)
    # The judge looks at these frames alone.
    seen = np.linspace(0, LENGTH - 1, FRAMES).round().astype(int)
    video = torch.from_numpy(np.stack([clip[seen] for clip in clips])).permute(0, 1, 4, 2, 3).float() / 255
    crops = crops_of(video, torch.from_numpy(np.stack([box[seen] for box in boxes])))
    gain = torch.from_numpy(rng.uniform(0.85, 1.15, (size, 1, 1, 1, 1)).astype(np.float32))
    noise = torch.from_numpy(rng.uniform(0, 0.06, (size, 1, 1, 1, 1)).astype(np.float32))
    pixels = crops[:, :, :3]
    if rng.random() < 0.3:
        pixels = F.avg_pool2d(pixels.flatten(0, 1), 3, 1, 1).unflatten(0, pixels.shape[:2])
    pixels = (pixels * gain + noise * torch.from_numpy(rng.standard_normal(pixels.shape, np.float32))).clamp(0, 1)
    return torch.cat([pixels, crops[:, :, 3:]], 2), torch.tensor(truth)


def _mirrored(motion: int) -> int:
    if motion == SKIP:
        return SKIP
    name = MOTION_NAMES[motion]
    # Rolling is drawn rightwards only, so its mirror image is no motion of this world.
    return SKIP if name == "rolls" else MOTION_NAMES.index(_MIRRORED.get(name, name))


@torch.no_grad()
def developed(frames: np.ndarray, vae: torch.nn.Module) -> np.ndarray:
    """The clip after the autoencoder: what a perfect generator would give."""
    video = torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() / 127.5 - 1
    latents = encode(video) * SCALING
    out = vae.decode(latents / SCALING).sample[0].permute(1, 2, 3, 0)
    return ((out.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"))
    parser.add_argument("-o", "--output", type=Path, default=MINIATURE_WEIGHTS)
    parser.add_argument("--steps", type=int, default=3200)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--pool", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=2e-3)
    options = parser.parse_args()
    from dreamrunner.backbones.table import DEFAULT_MODEL, family_filming

    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.folder.mkdir(parents=True, exist_ok=True)
    checkpoint = options.folder / "judge.pt"
    autoencoder = family_filming(DEFAULT_MODEL).stock().autoencoder
    vae = autoencoder.from_pretrained(MINIATURE_WEIGHTS / "vae", torch_dtype=torch.float32).eval()
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.02)
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    pool, developed_pool, made = Pool(options.pool), Pool(options.pool), 0
    begun, losses, hits = time.time(), [], []
    while step < options.steps:
        rng = np.random.default_rng([41, step])
        for _ in range(600 if not pool.items else 6):
            frames, tracks, clip = drawn(np.random.default_rng([43, step, made]))
            made += 1
            # Developing takes a hundred times as long as drawing, so fewer of those, and they stay as long.
            pool.add((frames, tracks, clip))
            if made % 12 == 0:
                developed_pool.add((developed(frames, vae), tracks, clip))
        crops, truth = batch(rng, (pool, developed_pool), options.batch)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / 100) * (1 - step / options.steps) ** 0.7
        logits = network(crops)
        loss = sum(F.cross_entropy(each, truth[:, index], ignore_index=SKIP) for index, each in enumerate(logits))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        losses.append(loss.item())
        hits.append([_right(each, truth[:, index]) for index, each in enumerate(logits)])
        if step % 50 == 0:
            means = ", ".join(f"{value:.2f}" for value in np.nanmean(hits[-50:], 0))
            print(
                f"step {step}/{options.steps} loss {np.mean(losses[-50:]):.2f}, right {means},"
                f" {time.time() - begun:.0f} s",
                flush=True,
            )
        if step % 250 == 0 or step == options.steps:
            with replacing(checkpoint) as partial:
                torch.save(
                    {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, partial
                )
    keep(options.output, network.state_dict(), {}, weights_name="judge.safetensors", config_name=None)


def _right(logits: torch.Tensor, truth: torch.Tensor) -> float:
    asked = truth != SKIP
    return float((logits.argmax(1) == truth)[asked].float().mean()) if asked.any() else float("nan")


if __name__ == "__main__":
    main()
