"""Does the miniature do what a caption says? ``python benchmarks/miniature.py [--json]``

Control is measured by caption swap: fresh clips are drawn and noised, and the loss on the clean sample is compared
between the true caption and one with a single attribute replaced by a wrong one. A clip counts as right when the wrong
caption's loss is higher, summed over three mid noise levels. Clips hold one entity unless ``--figures 2`` or ``3`` asks
for more; then the attributes of one of them are swapped, which also asks which words belong to whom. ``travel`` is how
far sprites that are told to stroll move between the first and the last frame of sampled, decoded clips, as a share of
how far the drawing moves (at most 1).
"""

from __future__ import annotations

import argparse
import json
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from dreamrunner.miniature import world
from dreamrunner.miniature.latents import SCALING, encode
from dreamrunner.miniature.sprites import COLOURS, KINDS
from dreamrunner.miniature.world import Clip, Figure, backdrop, caption, draw, place, sample_clip

TIMESTEPS = (300, 500, 700)


def load(folder: Path | None):
    """The stock pipeline, float32 on the CPU."""
    from diffusers import CogVideoXPipeline

    folder = folder or Path(world.__file__).parent / "weights"
    pipe = CogVideoXPipeline.from_pretrained(str(folder), torch_dtype=torch.float32, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def embed(pipe, prompts: list[str]) -> torch.Tensor:
    """Text features (prompts, tokens, dim), padded as the pipeline pads."""
    tokens = pipe.tokenizer(
        prompts, padding="max_length", max_length=pipe.tokenizer.model_max_length, truncation=True, return_tensors="pt"
    ).input_ids
    return pipe.text_encoder(tokens)[0]


def other(rng: np.random.Generator, options, current: str) -> str:
    return str(rng.choice([option for option in options if option != current]))


def fresh_clips(rng: np.random.Generator, count: int, figures: int = 1) -> list[Clip]:
    """Clips of so many entities whose first figure is a character with a colour that is said."""
    clips = []
    while len(clips) < count:
        clip = sample_clip(rng, figures=figures)
        first = next((figure for figure in clip.figures if not figure.is_prop), None)
        if first is None or len(clip.figures) != figures:
            continue
        rest = tuple(figure for figure in clip.figures if figure is not first)
        first = replace(first, colour=first.colour or str(rng.choice(list(COLOURS))))
        clips.append(Clip(clip.background, (first, *rest)))
    return clips


def swaps(rng: np.random.Generator, clip: Clip) -> dict[str, str]:
    """The true caption and, per attribute, one in which only that attribute is wrong."""
    first, rest = clip.figures[0], clip.figures[1:]

    def with_first(**change: str) -> str:
        return caption(Clip(clip.background, (replace(first, **change), *rest)))

    return {
        "true": caption(clip),
        "background": caption(Clip(other(rng, world.BACKGROUNDS, clip.background), clip.figures)),
        "position": with_first(position=other(rng, world.POSITIONS, first.position)),
        "entity": with_first(kind=other(rng, KINDS, first.kind)),
        "colour": with_first(colour=other(rng, COLOURS, first.colour)),
        "motion": with_first(motion=other(rng, world.MOTIONS, first.motion)),
    }


@torch.no_grad()
def control(pipe, clips: list[Clip], rng: np.random.Generator, frames: int) -> dict[str, np.ndarray]:
    """Per attribute, whether each clip's loss rises under the wrong caption."""
    captions = [swaps(rng, clip) for clip in clips]
    alphas = pipe.scheduler.alphas_cumprod
    losses = {key: [] for key in captions[0]}
    for start in range(0, len(clips), 20):
        part = slice(start, start + 20)
        video = torch.from_numpy(np.stack([draw(clip, frames) for clip in clips[part]])).permute(0, 4, 1, 2, 3)
        latents = (encode(video.float() / 127.5 - 1) * SCALING).transpose(1, 2)
        noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(start))
        for key in losses:
            text = embed(pipe, [each[key] for each in captions[part]])
            total = torch.zeros(len(latents))
            for timestep in TIMESTEPS:
                alpha = alphas[timestep]
                clean = pipe.transformer(
                    hidden_states=alpha.sqrt() * latents + (1 - alpha).sqrt() * noise,
                    encoder_hidden_states=text,
                    timestep=torch.full((len(latents),), timestep),
                    return_dict=False,
                )[0]
                total += (clean - latents).square().mean((1, 2, 3, 4)) / (1 - alpha)
            losses[key].append(total)
    joined = {key: torch.cat(parts).numpy() for key, parts in losses.items()}
    return {key: joined[key] > joined["true"] for key in joined if key != "true"}


def shift(video: np.ndarray, background: np.ndarray) -> float:
    """How far right, in pixels, what stands before the background moves from the first frame to the last."""
    centres = []
    for frame in (video[0], video[-1]):
        weight = np.abs(frame.astype(float) - background.astype(float)).max(-1)
        weight[weight < 45] = 0
        weight[:16] = 0
        centres.append((weight.sum(0) * np.arange(weight.shape[1])).sum() / (weight.sum() + 1e-6))
    return centres[1] - centres[0]


@torch.no_grad()
def travel(pipe, rng: np.random.Generator, frames: int, count: int) -> float:
    """Distance that strolling sprites cover in sampled clips over the distance in drawn ones."""
    sampled, drawn = [], []
    for index in range(count):
        way = ("leftwards", "rightwards")[index % 2]
        figure = Figure(kind=list(KINDS)[index % len(KINDS)], position="center", motion=f"strolls {way}")
        clip = Clip(str(rng.choice(world.BACKGROUNDS)), (place(figure, rng),))
        output = pipe(
            caption(clip),
            height=world.HEIGHT,
            width=world.WIDTH,
            num_frames=frames,
            guidance_scale=3.0,
            num_inference_steps=20,
            max_sequence_length=pipe.tokenizer.model_max_length,
            generator=torch.Generator().manual_seed(index),
            output_type="np",
        ).frames[0]
        sign = 1 if way == "rightwards" else -1
        sampled.append(sign * shift((output * 255).round(), backdrop(clip.background)))
        drawn.append(sign * shift(draw(clip, frames), backdrop(clip.background)))
    return float(np.clip(np.mean(sampled) / np.mean(drawn), 0, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--folder", type=Path, help="another pipeline folder than the bundled one")
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--figures", type=int, default=1, choices=(1, 2, 3), help="entities in a clip")
    parser.add_argument("--frames", type=int, default=17)
    parser.add_argument("--travellers", type=int, default=40)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    pipe = load(options.folder)
    rng = np.random.default_rng(2024)
    clips = fresh_clips(rng, options.clips, options.figures)
    right = control(pipe, clips, rng, options.frames)
    figures = {key: float(hits.mean()) for key, hits in right.items()}
    if options.frames > 1 and options.figures == 1:
        figures["travel"] = travel(pipe, rng, options.frames, options.travellers)
    if options.json:
        print(json.dumps(figures))
        return
    for key, value in figures.items():
        print(f"{key:12s} {value:.3f}")
    per_motion = {
        motion: np.mean(
            [hit for hit, clip in zip(right["motion"], clips, strict=True) if clip.figures[0].motion == motion]
        )
        for motion in world.MOTIONS
    }
    print("motion, each: " + ", ".join(f"{motion} {value:.2f}" for motion, value in per_motion.items()))


if __name__ == "__main__":
    main()
