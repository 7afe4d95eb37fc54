"""Does the network listen? Fresh clips under their own caption, and under one in which a single fact is wrong.

A clip counts as right for a fact when the loss on the clean sample, summed over three mid noise levels, is higher under
the wrong caption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from dreamrunner.miniature.second.autoencoder import encode
from dreamrunner.miniature.second.backgrounds import BACKGROUNDS
from dreamrunner.miniature.second.captions import caption, position
from dreamrunner.miniature.second.characters import COLOURS, KINDS
from dreamrunner.miniature.second.footage import token_row
from dreamrunner.miniature.second.motions import HANDLING, IN_PLACE, TRAVELS
from dreamrunner.miniature.second.scripts import sample_clip, still
from dreamrunner.miniature.second.words import build_tokenizer
from dreamrunner.miniature.second.world import FRAMES, Clip, draw

TIMESTEPS = (300, 500, 700)
FACTS = ("background", "position", "entity", "colour", "motion")
_MIDDLES = {"left": 26.0, "center": 96.0, "right": 166.0}


def fresh_clip(rng: np.random.Generator, figures: int, frames: int) -> Clip:
    """A clip of so many figures, the first a character whose colour and place can be said."""
    pattern = {1: {"one": 1.0}, 2: {"two": 0.7, "cross": 0.15, "meet": 0.15}, 3: {"three": 1.0}}[figures]
    while True:
        clip = sample_clip(rng, pattern)
        if frames == 1:
            clip = still(clip, int(rng.integers(0, FRAMES)))
        first = next((figure for figure in clip.figures if not figure.is_prop), None)
        if first is None or len(clip.figures) != figures or not position(first.path[0].x):
            continue
        rest = tuple(figure for figure in clip.figures if figure is not first)
        first = replace(first, colour=first.colour or str(rng.choice(list(COLOURS))))
        return replace(clip, figures=(first, *rest))


def swapped(clip: Clip, rng: np.random.Generator) -> dict[str, str]:
    """The true caption of a clip and, for each fact, one in which only that fact of its first figure is wrong."""
    first, rest = clip.figures[0], clip.figures[1:]

    def other(options: Sequence[str], *current: str) -> str:
        return str(rng.choice([option for option in options if option not in current]))

    def told(**change: object) -> str:
        return caption(replace(clip, figures=(replace(first, **change), *rest)))

    shift = _MIDDLES[other(tuple(_MIDDLES), position(first.path[0].x))] - first.path[0].x
    motions = (*TRAVELS, *IN_PLACE, "climbs", "falls", "grows", "shrinks")
    act = replace(
        first.acts[0],
        motion=other([m for m in motions if m not in ("carries", *HANDLING)], *(a.motion for a in first.acts)),
    )
    named = tuple(figure.kind for figure in clip.figures)
    return {
        "true": caption(clip),
        "background": caption(replace(clip, background=other(BACKGROUNDS, clip.background))),
        "position": told(path=(replace(first.path[0], x=first.path[0].x + shift), *first.path[1:])),
        "entity": told(kind=other(tuple(KINDS), *named)),
        "colour": told(colour=other(tuple(COLOURS), first.colour)),
        "motion": told(acts=(act, *first.acts[1:])),
    }


@torch.no_grad()
def listens(
    model: torch.nn.Module,
    *,
    clips: int,
    frames: int = FRAMES,
    figures: int = 1,
    seed: int = 0,
    batch: int = 24,
) -> dict[str, float]:
    """For each fact the share of clips whose loss rises when it is wrong.

    ``model`` takes tokens, latents and timesteps.
    """
    device = next(model.parameters()).device
    rng, tokenizer = np.random.default_rng([23, seed, figures, frames]), build_tokenizer()
    right = {fact: 0 for fact in FACTS}
    for start in range(0, clips, batch):
        drawn = [fresh_clip(rng, figures, frames) for _ in range(min(batch, clips - start))]
        texts = [swapped(clip, rng) for clip in drawn]
        video = torch.from_numpy(np.stack([draw(clip, frames) for clip in drawn])).to(device).permute(0, 4, 1, 2, 3)
        latents = encode(video.float() / 127.5 - 1).transpose(1, 2)
        noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(start)).to(device)
        losses = {}
        for key in texts[0]:
            tokens = torch.from_numpy(np.stack([token_row(tokenizer, text[key]) for text in texts])).to(device)
            total = torch.zeros(len(drawn), device=device)
            for timestep in TIMESTEPS:
                times = torch.full((len(drawn),), timestep, device=device)
                noisy = model.noised(latents, noise, times)
                with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                    clean = model(tokens, noisy, times)
                total += (clean.float() - latents).square().mean((1, 2, 3, 4)) / model.divisor(times).flatten()
            losses[key] = total
        for fact in FACTS:
            right[fact] += int((losses[fact] > losses["true"]).sum())
    return {fact: count / clips for fact, count in right.items()}
