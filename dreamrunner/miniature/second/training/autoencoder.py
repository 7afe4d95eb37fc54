"""Train the autoencoder: ``python -m dreamrunner.miniature.second.training.autoencoder --out FOLDER --seconds S``.

It begins with the principal components of drawn blocks. Then encoder and decoder learn together on parts of clips,
17 frames each, absolute and squared error in pixels. Latents are disturbed a little, as a sampler's are; each number's
length in the encoder stays what it was at the beginning, or it would outgrow the noise. The rate follows a cosine to
the end of the time, or of ``--steps``.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from pathlib import Path

import torch

from dreamrunner.backbones.families.block_parts import CHANNELS, PIXELS, WIDTHS, blocks
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.miniature.second.footage import Footage, Kind
from dreamrunner.miniature.second.training import checkpoint
from dreamrunner.miniature.second.training.pool import pin

FRAMES = 17
DISTURBED = 0.04
"""Spread of the noise on latents."""

DETAILED = 0.15
"""A block whose pixels spread more than this around its mean colour is a detailed one, where decibels are counted
apart."""

WHITENING = 0.6
"""Latents' spreads are their components' own to the power of one minus this."""


def decibels(error: torch.Tensor) -> float:
    """Signal to noise of squared errors of pixels in -1..1."""
    return 10 * math.log10(4 / max(float(error.mean()), 1e-12))


def detailed(video: torch.Tensor) -> torch.Tensor:
    """Which blocks of a video, its first frame left out, have details: bool (batch, k, h, w)."""
    found = blocks(video)[:, :, 1:].unflatten(1, (-1, 3))
    return (found - found.mean(1, keepdim=True)).square().mean((1, 2)).sqrt() > DETAILED


@torch.no_grad()
def score(vae: torch.nn.Module, videos: list[torch.Tensor]) -> tuple[float, float]:
    """Decibels over whole pictures and over detailed blocks of 4 x 4 pixels and four frames."""
    whole, fine = [], []
    for video in videos:
        error = (vae.decoder(vae.encoder(video)).float().clamp(-1, 1) - video).square()
        whole.append(error.mean())
        fine.append(blocks(error)[:, :, 1:].mean(1)[detailed(video)].mean())
    return decibels(torch.stack(whole)), decibels(torch.stack(fine))


@torch.no_grad()
def begin(vae: BlockAutoencoder, video: torch.Tensor) -> None:
    """Write the principal components of a video's blocks into encoder and decoder; what varies counts for more."""
    rows = blocks(video)[:, :, 1:].permute(0, 2, 3, 4, 1).reshape(-1, PIXELS)
    generator = torch.Generator(rows.device).manual_seed(0)
    rows = rows[torch.randperm(len(rows), generator=generator, device=rows.device)[: 2**21]]
    picks = torch.multinomial(rows.std(1), min(len(rows), 200_000), replacement=True, generator=generator)
    rows = rows[picks].double()
    mean = rows.mean(0)
    _, vectors = torch.linalg.eigh((rows - mean).T @ (rows - mean))
    top = vectors.flip(1)[:, :CHANNELS]
    spread = ((rows - mean) @ top).std(0)
    scale = spread**WHITENING
    scale = scale * (spread / scale).square().mean().sqrt()  # latents' variance is 1 on average
    encoder, guess = vae.encoder.blocks, vae.decoder.guess
    encoder.weight.copy_((top / scale).T.view_as(encoder.weight))
    encoder.bias.copy_(-(top / scale).T @ mean)
    guess.weight.copy_((top * scale).view_as(guess.weight))
    guess.bias.copy_(mean)


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

    def drawn(step: int) -> torch.Tensor:
        if not options.workers:
            batch, ticket = source.drawn_at(step, options.batch), None
        else:
            batch, ticket = source.take()
        video = batch.video.to(device, non_blocking=True).permute(0, 4, 1, 2, 3).float() / 127.5 - 1
        if device.type == "cuda":
            torch.cuda.current_stream().synchronize()
        if ticket is not None:
            source.give_back(ticket)
        return video

    vae = BlockAutoencoder(*options.widths).to(device)
    begin(vae, torch.cat([drawn(10**6 + index) for index in range(options.fit)]))
    average = copy.deepcopy(vae).requires_grad_(False)
    weights, averages = list(vae.parameters()), list(average.parameters())
    rows = vae.encoder.blocks.weight
    lengths = rows.detach().flatten(1).norm(dim=1).view(-1, 1, 1, 1, 1)
    optimizer = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    step = 0
    fresh = [drawn(2 * 10**6 + index) for index in range(options.tests)]

    def progress() -> float:
        if options.steps:
            return step / options.steps
        return min(1.0, (time.monotonic() - begun) / (options.seconds - 3))

    def save() -> None:
        checkpoint.write(
            options.out, {"average": (average.state_dict(), torch.half)}, {"step": step, "progress": progress()}
        )

    print(
        f"{sum(w.numel() for w in weights) / 1e6:.2f} M parameters on {device}, {options.workers} workers;"
        " the linear guess has {:.2f} dB, {:.2f} in detailed blocks".format(*score(average, fresh)),
        flush=True,
    )
    saved_at = noted = time.monotonic()
    squared: list[torch.Tensor] = []
    generator = torch.Generator(device)
    while (now := progress()) < 1:
        video = drawn(step)
        generator.manual_seed(step)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            latent = vae.encoder(video)
            latent = latent + DISTURBED * torch.randn(latent.shape, generator=generator, device=device)
            output = vae.decoder(latent)
        error = output.float() - video
        loss = error.abs().mean() + 2 * error.square().mean()
        rate = options.rate * min(1.0, (step + 1) / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * now)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 0.5)
        optimizer.step()
        step += 1
        with torch.no_grad():
            rows.mul_(lengths / rows.flatten(1).norm(dim=1).view_as(lengths))
            torch._foreach_lerp_(averages, weights, 1 - min(0.99, (1 + step) / (10 + step)))
        squared.append(error.detach().square().mean())
        if len(squared) == options.log_every:
            spent = (time.monotonic() - noted) / options.log_every
            print(
                f"[{time.monotonic() - begun:6.1f} s] step {step} {100 * now:.0f} %"
                f" {decibels(torch.stack(squared)):.2f} dB"
                f" rate {rate:.1e} {spent:.3f} s/step",
                flush=True,
            )
            squared, noted = [], time.monotonic()
        if time.monotonic() - saved_at > options.save_every:
            save()
            saved_at = time.monotonic()
    save()
    source.close()
    print(
        f"wrote {options.out} at step {step}: "
        + "{:.2f} dB on fresh clips, {:.2f} in detailed blocks".format(*score(average, fresh)),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/miniature2/autoencoder"))
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--steps", type=int, default=0, help="this many steps instead of a time")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument(
        "--widths", type=int, nargs=3, default=WIDTHS, help="channels and layers on latents, channels on pixels"
    )
    parser.add_argument("--fit", type=int, default=24, help="batches whose principal components it begins with")
    parser.add_argument("--tests", type=int, default=8, help="batches that are kept for the measurement")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--device", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-every", type=float, default=60)
    parser.add_argument("--log-every", type=int, default=25)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
