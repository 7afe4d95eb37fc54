"""Train the miniature's own YOLO: ``python -m dreamrunner.miniature.training.detector``.

It finds every character, whatever the character does, and no prop. The network is one of ultralytics', a twentieth of
yolo11n; pictures are drawn while training; the loss is the library's own. Interrupted, it goes on from its last
checkpoint; at the end it writes ``weights/detector``.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file

from dreamrunner.files.atomic import replacing
from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.miniature.footage import SHOWN, shot, visible, weathered
from dreamrunner.miniature.training.bundle import keep
from dreamrunner.miniature.world import Clip, paint
from dreamrunner.retrieval.yolo import network

SIZE = 96
"""The longer side of what the network sees."""

CONFIG = {
    "nc": 1,
    "names": ["person"],
    "size": SIZE,
    "reg_max": 16,
    "end2end": False,
    "backbone": [
        [-1, 1, "Conv", [16, 3, 2]],
        [-1, 1, "Conv", [24, 3, 2]],
        [-1, 1, "C3k2", [32, False, 0.5]],
        [-1, 1, "Conv", [48, 3, 2]],
        [-1, 1, "C3k2", [48, False, 0.5]],
        [-1, 1, "Conv", [64, 3, 2]],
        [-1, 1, "C3k2", [64, True]],
        [-1, 1, "SPPF", [64, 5]],
    ],
    "head": [
        [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],
        [[-1, 4], 1, "Concat", [1]],
        [-1, 1, "C3k2", [48, False]],
        [-1, 1, "Conv", [48, 3, 2]],
        [[-1, 7], 1, "Concat", [1]],
        [-1, 1, "C3k2", [64, False]],
        [[10, 13], 1, "Detect", ["nc"]],
    ],
}
"""The network as ultralytics writes one: levels of 8 and 16 pixels, since no character fills the picture."""


def example(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A picture, uint8 (64, 96, 3), and the characters' boxes in it, float (n, 4): centre and size, normalized."""
    clip = shot(rng, str(rng.choice(SHOWN)), others=int(rng.integers(0, 3)))
    if rng.random() < 0.1:
        clip = Clip(clip.background, tuple(figure for figure in clip.figures if figure.is_prop))
    moment = float(rng.uniform(0, 24))
    boxes = [visible(figure, moment) for figure in clip.figures if not figure.is_prop]
    return seen(rng, paint(clip, moment), boxes)


def seen(
    rng: np.random.Generator, picture: np.ndarray, people: Sequence[tuple[float, float, float, float] | None]
) -> tuple[np.ndarray, np.ndarray]:
    """A window anywhere in a picture, of any size above half of it, as shots are closer and farther, as the network
    sees it, uint8 (64, 96, 3), and the people's boxes in it, float (n, 4): centre and size, normalized.
    """
    share = rng.uniform(0.55, 1.0) if rng.random() < 0.5 else 1.0
    left, top = rng.uniform(0, 1 - share, 2)
    flipped = rng.random() < 0.5
    boxes = []
    for box in people:
        if box is None:
            continue
        x0, y0, x1, y1 = ((value - edge) / share for value, edge in zip(box, (left, top, left, top), strict=True))
        whole = (x1 - x0) * (y1 - y0)
        x0, y0, x1, y1 = (min(1.0, max(0.0, value)) for value in (x0, y0, x1, y1))
        if (x1 - x0) * (y1 - y0) < 0.25 * whole or min(x1 - x0, y1 - y0) < 0.04:
            continue
        centre = (x0 + x1) / 2
        boxes.append((1 - centre if flipped else centre, (y0 + y1) / 2, x1 - x0, y1 - y0))
    height, width = picture.shape[:2]
    picture = picture[
        round(top * height) : round((top + share) * height), round(left * width) : round((left + share) * width)
    ]
    picture = weathered(cv2.resize(picture, (SIZE, SIZE * 2 // 3), interpolation=cv2.INTER_AREA), rng)
    return (picture[:, ::-1] if flipped else picture), np.array(boxes, np.float32).reshape(-1, 4)


Example = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
"""What draws a picture and the boxes in it, as :func:`example` does."""


def batch(rng: np.random.Generator, size: int, drawn: Example = example) -> dict[str, torch.Tensor]:
    """Fresh examples in the form of ultralytics' losses."""
    pictures, boxes = zip(*(drawn(rng) for _ in range(size)), strict=True)
    index = np.concatenate([np.full(len(each), number, np.float32) for number, each in enumerate(boxes)])
    return {
        "img": torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255,
        "batch_idx": torch.from_numpy(index),
        "cls": torch.zeros(len(index), 1),
        "bboxes": torch.from_numpy(np.concatenate(boxes)),
    }


def main(drawn: Example = example, output: Path = MINIATURE_WEIGHTS / "detector") -> None:
    """Train on an edition's pictures, and write into ``output`` unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"))
    parser.add_argument("-o", "--output", type=Path, default=output)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--begin", type=Path, help="begin with the weights in a folder of this kind")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.folder.mkdir(parents=True, exist_ok=True)
    checkpoint = options.folder / "detector.pt"
    model = network(CONFIG)
    if options.begin:
        model.load_state_dict(load_file(options.begin / "model.safetensors"))
    average = network(CONFIG).requires_grad_(False)
    average.load_state_dict(model.state_dict())
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01)
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    begun, losses = time.time(), []
    while step < options.steps:
        rng = np.random.default_rng([13, step])
        warm = min(1.0, (step + 1) / 100)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / options.steps)))
        parts, _ = model.loss(batch(rng, options.batch, drawn))
        loss = parts.sum() / options.batch
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        step += 1
        follow(average, model, step)
        losses.append(loss.item())
        if step % 50 == 0 or step == options.steps:
            print(
                f"step {step}/{options.steps} loss {np.mean(losses[-50:]):.3f}, {time.time() - begun:.0f} s", flush=True
            )
        if step % 250 == 0 or step == options.steps:
            state = {
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step,
            }
            with replacing(checkpoint) as partial:
                torch.save(state, partial)
    keep(options.output, average.state_dict(), CONFIG)


@torch.no_grad()
def follow(average: torch.nn.Module, model: torch.nn.Module, step: int) -> None:
    """Let the averaged weights, which are kept, follow the trained ones."""
    share = 1 - min(0.998, (1 + step) / (10 + step))
    for slow, fast in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        slow.lerp_(fast, share) if slow.is_floating_point() else slow.copy_(fast)


if __name__ == "__main__":
    main()
