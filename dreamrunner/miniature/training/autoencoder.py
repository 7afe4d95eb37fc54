"""Train the miniature's decoder: ``python -m dreamrunner.miniature.training.autoencoder``.

The encoder is written down (see :mod:`~dreamrunner.miniature.latents`), so only the decoder learns, on crops of drawn
clips: absolute and squared error in pixels. Interrupted, it goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch

from dreamrunner.files.atomic import replacing
from dreamrunner.miniature.latents import build_autoencoder, encode
from dreamrunner.miniature.world import HEIGHT, WIDTH, draw, sample_clip

CROP = (48, 64)
FRAMES = 9


def crops(rng: np.random.Generator, count: int) -> torch.Tensor:
    """Random crops of fresh clips, float (count, 3, 9, 48, 64) in -1..1."""
    out = []
    for _ in range(count):
        clip = draw(sample_clip(rng), 17)
        start = int(rng.integers(0, 9))
        top, left = (
            4 * int(rng.integers(0, (full - part) // 4 + 1)) for full, part in zip((HEIGHT, WIDTH), CROP, strict=True)
        )
        out.append(clip[start : start + FRAMES, top : top + CROP[0], left : left + CROP[1]])
    return torch.from_numpy(np.stack(out)).permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"))
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=6e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.folder.mkdir(parents=True, exist_ok=True)
    checkpoint = options.folder / "autoencoder.pt"
    vae = build_autoencoder()
    weights = list(vae.decoder.parameters())
    optimizer = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        vae.load_state_dict(saved["vae"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    begun, squared = time.time(), []
    while step < options.steps:
        rng = np.random.default_rng([11, step])
        warm = min(1.0, (step + 1) / 30)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / options.steps)))
        video = crops(rng, options.batch)
        latent = encode(video)
        output = vae.decode(latent + 0.05 * torch.randn_like(latent)).sample
        error = output - video
        loss = error.abs().mean() + 2 * error.square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 0.5)
        optimizer.step()
        step += 1
        squared.append(error.detach().square().mean().item())
        if step % 25 == 0 or step == options.steps:
            decibels = 10 * math.log10(4 / np.mean(squared[-25:]))
            print(f"step {step}/{options.steps} psnr {decibels:.2f} dB, {time.time() - begun:.0f} s", flush=True)
        if step % 50 == 0 or step == options.steps:
            with replacing(checkpoint) as partial:
                torch.save({"vae": vae.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, partial)


if __name__ == "__main__":
    main()
