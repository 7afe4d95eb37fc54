"""Train the autoencoder's decoder:
``python -m dreamrunner.miniature.second.training.decoder --out FOLDER --seconds S``.

The encoder is written down, so only the decoder learns: on parts of drawn clips, 17 frames each, absolute and squared
error in pixels. Latents are disturbed a little, as a sampler's are. It begins on cut-outs and ends on whole pictures,
so that normalization sees what it will see. The rate follows a cosine to the end of the time, or of ``--steps``.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from pathlib import Path

import numpy as np
import torch

from dreamrunner.miniature.second.autoencoder import build_autoencoder, encode
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.footage import Footage, Kind
from dreamrunner.miniature.second.training import checkpoint
from dreamrunner.miniature.second.training.pool import pin

FRAMES = 17
DISTURBED = 0.04
"""Spread of the noise on latents."""

DETAILED = 0.15
"""A block whose pixels spread more than this is a detailed one, where decibels are counted apart."""

WHOLE = 0.5
"""Part of the time after which whole pictures are learnt from."""


def decibels(error: torch.Tensor) -> float:
    """Signal to noise of squared errors of pixels in -1..1."""
    return 10 * math.log10(4 / max(float(error.mean()), 1e-12))


@torch.no_grad()
def score(vae: torch.nn.Module, videos: list[torch.Tensor]) -> tuple[float, float]:
    """Decibels over whole pictures and over detailed blocks of 4 x 4 pixels and four frames."""
    whole, detailed = [], []
    for video in videos:
        error = (vae.decode(encode(video)).sample.clamp(-1, 1) - video).square()

        def blocks(values: torch.Tensor) -> torch.Tensor:
            return (
                values[:, :, 1:]
                .unfold(2, 4, 4)
                .unfold(3, 4, 4)
                .unfold(4, 4, 4)
                .permute(0, 2, 3, 4, 1, 5, 6, 7)
                .reshape(-1, 192)
            )

        whole.append(error.mean())
        detailed.append(blocks(error)[blocks(video).std(1) > DETAILED].mean())
    return decibels(torch.stack(whole)), decibels(torch.stack(detailed))


def run(options: argparse.Namespace) -> None:
    begun = time.monotonic()
    torch.set_num_threads(1)
    source = Footage(Kind(frames=FRAMES, many=options.batch), workers=options.workers, seed=[13, options.seed])
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    if device.type == "cuda" and options.workers:
        pin(source)
    torch.manual_seed(0)
    vae = build_autoencoder().to(device)
    average = copy.deepcopy(vae).requires_grad_(False)
    weights, averages = list(vae.decoder.parameters()), list(average.decoder.parameters())
    optimizer = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    step, done = 0, 0.0
    if options.resume_from and (state := checkpoint.read_state(options.resume_from)) is not None:
        for model, part in ((vae, "weights"), (average, "average")):
            kept = checkpoint.read_part(options.resume_from, part) or checkpoint.read_part(
                options.resume_from, "average"
            )
            model.decoder.load_state_dict({name: value.float() for name, value in kept.items()})
        found = checkpoint.read_part(options.resume_from, "moments")
        for name, weight in vae.decoder.named_parameters():
            if not found:
                break
            optimizer.state[weight] = {
                "step": torch.tensor(float(state["step"])),
                "exp_avg": found[f"{name}.exp_avg"].to(device, torch.float32),
                "exp_avg_sq": found[f"{name}.exp_avg_sq"].to(device, torch.float32),
            }
        step = int(state["step"])
        done = float(state["progress"]) if options.go_on else 0.0
    first = step

    def progress() -> float:
        if options.steps:
            return done + (1 - done) * (step - first) / max(1, options.steps - (first if done else 0))
        return min(1.0, done + (1 - done) * (time.monotonic() - begun) / (options.seconds - 3))

    def save() -> None:
        names = {id(weight): name for name, weight in vae.decoder.named_parameters()}
        moments = {
            f"{names[id(w)]}.{key}": value
            for w, kept in optimizer.state.items()
            for key, value in kept.items()
            if key != "step"
        }
        parts = {
            "weights": (vae.decoder.state_dict(), None),
            "average": (average.decoder.state_dict(), None),
            "moments": (moments, None),
        }
        if options.slim:
            parts = {"average": (average.decoder.state_dict(), torch.half)}
        checkpoint.write(options.out, parts, {"step": step, "progress": progress()})

    print(
        f"{sum(w.numel() for w in weights) / 1e6:.2f} M parameters on {device}, {options.workers} workers", flush=True
    )
    saved_at = noted = time.monotonic()
    squared: list[torch.Tensor] = []
    generator = torch.Generator(device)
    while (now := progress()) < 1:
        ticket = None
        if options.workers:
            batch, ticket = source.take()
        else:
            batch = source.drawn_at(step, options.batch)
        video = batch.video.to(device, non_blocking=True).permute(0, 4, 1, 2, 3).float() / 127.5 - 1
        if device.type == "cuda":
            torch.cuda.current_stream().synchronize()
        if ticket is not None:
            source.give_back(ticket)
        if now < WHOLE and not options.whole:
            rng = np.random.default_rng([17, step])
            top, left = (
                4 * int(rng.integers(0, (HEIGHT - 64) // 4 + 1)),
                4 * int(rng.integers(0, (WIDTH - 96) // 4 + 1)),
            )
            video = video[..., top : top + 64, left : left + 96]
        generator.manual_seed(step)
        latent = encode(video)
        latent = latent + DISTURBED * torch.randn(latent.shape, generator=generator, device=device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            output = vae.decode(latent).sample
        error = output.float() - video
        loss = error.abs().mean() + 2 * error.square().mean()
        warm = min(1.0, (step - (0 if options.go_on else first) + 1) / 50)  # moments begin anew when a run does
        rate = options.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * now)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 0.5)
        optimizer.step()
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(averages, weights, 1 - min(0.99, (1 + step) / (10 + step)))
        squared.append(error.detach().square().mean())
        if len(squared) == options.log_every:
            spent = (time.monotonic() - noted) / options.log_every
            print(
                f"[{time.monotonic() - begun:6.1f} s] step {step} {100 * now:.0f} %"
                f" {decibels(torch.stack(squared)):.2f} dB"
                f" rate {rate:.1e} {spent:.2f} s/step",
                flush=True,
            )
            squared, noted = [], time.monotonic()
        if time.monotonic() - saved_at > options.save_every:
            save()
            saved_at = time.monotonic()
    save()
    source.close()
    print(f"wrote {options.out} at step {step}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/miniature2/decoder"))
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--steps", type=int, default=0, help="this many steps instead of a time")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--device", default="")
    parser.add_argument("--resume-from", type=Path)
    parser.add_argument("--go-on", action="store_true", help="on resuming, go on in the schedule where it was left")
    parser.add_argument("--slim", action="store_true", help="keep the averaged decoder alone, in half precision")
    parser.add_argument("--whole", action="store_true", help="learn from whole pictures from the beginning")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-every", type=float, default=60)
    parser.add_argument("--log-every", type=int, default=25)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
