"""What a trained network makes of captions and of boxes, as a contact sheet:
``python -m dreamrunner.miniature.second.training.preview --backbone FOLDER --autoencoder FOLDER -o sheet.png``.

Rows come in threes: a drawn clip, what its caption alone gives, and what its layout by region gives, six moments each.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.miniature.second.autoencoder import decode_linearly, read_autoencoder
from dreamrunner.miniature.second.captions import caption
from dreamrunner.miniature.second.footage import REGIONS, layout, token_row
from dreamrunner.miniature.second.scripts import sample_clip
from dreamrunner.miniature.second.training import checkpoint
from dreamrunner.miniature.second.training.networks import Learner, build, kept_kind
from dreamrunner.miniature.second.words import build_tokenizer
from dreamrunner.miniature.second.world import FRAMES, Clip, draw

MOMENTS = (0, 10, 20, 29, 39, 48)


@torch.no_grad()
def sample(
    model: Learner,
    tokens: torch.Tensor,
    cover: torch.Tensor | None = None,
    *,
    frames: int = FRAMES,
    steps: int = 20,
    guidance: float = 3.0,
    seed: int = 0,
    half: bool | None = None,
) -> torch.Tensor:
    """Latents (n, 16, latent frames, 32, 48) for captions (n, MAX_TOKENS), or for regions with their ``cover``.

    With ``half`` products are computed in bfloat16; a GPU does so unless told.
    """
    device, count = tokens.device, len(tokens)
    half = device.type == "cuda" if half is None else half
    moments, step = model.sampler(steps)
    latents = torch.randn(count, (frames - 1) // 4 + 1, 16, 32, 48, generator=torch.Generator().manual_seed(seed)).to(
        device
    )
    nothing = torch.from_numpy(token_row(build_tokenizer(), "")).to(device).expand_as(tokens)
    for moment in moments:
        times = torch.full((count,), moment, device=device)
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            if cover is None:
                free, bound = model(nothing, latents, times), model(tokens, latents, times)
            else:
                free, bound = (model.by_region(words, cover, latents, times) for words in (nothing, tokens))
        clean = free.float() + guidance * (bound.float() - free.float())
        latents = step(clean, moment, latents)
    return latents.transpose(1, 2)


@torch.no_grad()
def pictures(latents: torch.Tensor, vae: torch.nn.Module | None) -> np.ndarray:
    """Latents as frames, uint8 (n, frames, 128, 192, 3); without an autoencoder by the linear guess."""
    videos = []
    for latent in latents:
        video = decode_linearly(latent[None]) if vae is None else vae.decode(latent[None]).sample
        videos.append(((video[0].permute(1, 2, 3, 0).float().clamp(-1, 1) + 1) * 127.5).round().byte().cpu().numpy())
    return np.stack(videos)


def shown(rng: np.random.Generator, count: int) -> list[Clip]:
    """Clips for a contact sheet: with one figure or two, each of which can be laid out by region."""
    clips: list[Clip] = []
    tokenizer = build_tokenizer()
    while len(clips) < count:
        clip = sample_clip(rng, {"one": 0.5, "two": 0.25, "cross": 0.15, "carry": 0.1})
        if layout(clip, tokenizer) is not None:
            clips.append(clip)
    return clips


def sheet(
    model: Learner,
    vae: torch.nn.Module | None,
    device: torch.device,
    *,
    clips: int = 8,
    seed: int = 3,
    steps: int = 20,
    frames: int = FRAMES,
) -> tuple[np.ndarray, list[str]]:
    """The contact sheet, uint8 RGB, and the captions from top to bottom."""
    tokenizer, chosen = build_tokenizer(), shown(np.random.default_rng(seed), clips)
    texts = [caption(clip) for clip in chosen]
    tokens = torch.from_numpy(np.stack([token_row(tokenizer, text) for text in texts])).to(device)
    laid = [layout(clip, tokenizer) for clip in chosen]
    region_tokens = torch.from_numpy(np.stack([found[0] for found in laid])).to(device)
    cover = torch.from_numpy(np.stack([found[1] for found in laid])).to(device)[:, :, : (frames - 1) // 4 + 1]
    plain, regional, step = [], [], 4
    for start in range(0, clips, step):
        part = slice(start, start + step)
        plain.append(pictures(sample(model, tokens[part], frames=frames, steps=steps, seed=start), vae))
        regional.append(
            pictures(sample(model, region_tokens[part], cover[part], frames=frames, steps=steps, seed=start), vae)
        )
    rows = []
    for index, (clip, by_text, by_region) in enumerate(
        zip(chosen, np.concatenate(plain), np.concatenate(regional), strict=True)
    ):
        drawn = draw(clip, frames)
        moments = [moment for moment in MOMENTS if moment < frames]
        rows += [
            np.ascontiguousarray(np.concatenate([video[moment] for moment in moments], 1))
            for video in (drawn, by_text, by_region)
        ]
        for column, moment in enumerate(moments):  # the boxes are drawn into the third row
            for region in cover[index, :REGIONS, (moment + 3) // 4].cpu().numpy():
                places = np.argwhere(region)
                if len(places):
                    (y0, x0), (y1, x1) = (16 * places.min(0)).tolist(), (16 * places.max(0) + 15).tolist()
                    cv2.rectangle(rows[-1], (192 * column + x0, y0), (192 * column + x1, y1), (255, 255, 255), 1)
    return np.concatenate(rows), texts


def load(
    backbone: Path, autoencoder: Path | None, device: torch.device, *, tiny: bool = False
) -> tuple[Learner, BlockAutoencoder | None]:
    """The averaged networks of two checkpoints; no autoencoder where none is named."""
    model = build(*kept_kind(backbone), tiny=tiny).to(device).eval()
    found = checkpoint.read_part(backbone, "average")
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(found[name])
    return model, None if autoencoder is None else read_autoencoder(autoencoder).to(device)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", type=Path, required=True)
    parser.add_argument("--autoencoder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("sheet.png"))
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--device", default="")
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model, vae = load(options.backbone, options.autoencoder, device, tiny=options.tiny)
    image, texts = sheet(
        model, vae, device, clips=options.clips, seed=options.seed, steps=options.steps, frames=options.frames
    )
    cv2.imwrite(str(options.output), image[:, :, ::-1])
    print("\n".join(texts))


if __name__ == "__main__":
    main()
