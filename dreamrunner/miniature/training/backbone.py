"""Train the miniature's text encoder and transformer: ``python -m dreamrunner.miniature.training.backbone``.

Four stages, one after another: single frames of mostly one entity until places are known, single frames of everything,
then 9-frame and 17-frame clips; clips begun before places were known never found them. Clips are drawn while training.
Every few minutes the whole state is written, and the next run goes on from there; a stage's budget is counted in
examples, so the recipe does not depend on the machine's speed.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch.nn.parallel import DistributedDataParallel

from dreamrunner.files.atomic import replacing
from dreamrunner.miniature.latents import SCALING, encode
from dreamrunner.miniature.model import build_scheduler, build_text_encoder, build_transformer
from dreamrunner.miniature.words import MAX_TOKENS, build_tokenizer
from dreamrunner.miniature.world import CROWD, backdrop, caption, draw, sample_clip

SPRITE_WEIGHT = 8.0
CHANGE_WEIGHT = 1.0
CAPTION_DROPOUT = 0.1
AVERAGING = 0.997
"""How slowly the averaged weights, which are kept, follow the trained ones."""
VELOCITY_CAP = 4.0
"""The loss on the clean sample is weighted like the velocity's, 1 / (1 - alpha), at most this much."""


@dataclass(frozen=True)
class Stage:
    """One part of the recipe.

    ``examples`` is its budget, ``images`` the share of single-frame batches beside clips, ``final`` the last learning
    rate as a share of the first; ``crowd`` says how many entities a clip holds, ``varied`` whether captions vary.
    """

    name: str
    frames: int
    examples: int
    batch: int
    rate: float
    images: float = 0.0
    final: float = 0.1
    crowd: tuple[float, ...] = CROWD
    varied: bool = True


STAGES = (
    Stage(
        "places", frames=1, examples=90_000, batch=32, rate=1.6e-3, final=0.6, crowd=(0.02, 0.86, 0.12), varied=False
    ),
    Stage("images", frames=1, examples=60_000, batch=32, rate=1.2e-3, final=0.5),
    Stage(
        "clips-9", frames=9, examples=75_000, batch=12, rate=1.0e-3, images=0.2, final=0.3, crowd=(0.03, 0.6, 0.3, 0.07)
    ),
    Stage(
        "clips-17",
        frames=17,
        examples=20_000,
        batch=8,
        rate=6e-4,
        images=0.15,
        final=0.03,
        crowd=(0.04, 0.38, 0.44, 0.14),
    ),
)


class Backbone(torch.nn.Module):
    """Text encoder and transformer as one module: tokens, noisy latents and timesteps in, clean latents out."""

    def __init__(self) -> None:
        super().__init__()
        self.text_encoder = build_text_encoder()
        self.transformer = build_transformer()

    def forward(self, tokens: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        text = self.text_encoder(input_ids=tokens).last_hidden_state
        return self.transformer(
            hidden_states=latents, encoder_hidden_states=text, timestep=timesteps, return_dict=False
        )[0]


class Pool:
    """Encoded clips that are drawn on the way and used a few times each.

    Latents are (frames, 6, 16, 24) half precision, already scaled; masks mark where anything but background ever is.
    """

    def __init__(self, frames: int, size: int, stage: Stage, rng: np.random.Generator) -> None:
        self.frames, self.size, self.stage, self.rng = frames, size, stage, rng
        self.latents: list[torch.Tensor] = []
        self.masks: list[torch.Tensor] = []
        self.captions: list[str] = []
        self.next = 0

    @torch.no_grad()
    def draw(self, count: int) -> None:
        clips = [sample_clip(self.rng, crowd=self.stage.crowd) for _ in range(count)]
        video = torch.from_numpy(np.stack([draw(clip, self.frames) for clip in clips])).float()
        empty = torch.from_numpy(np.stack([backdrop(clip.background) for clip in clips])).float()
        latents = (encode(video.permute(0, 4, 1, 2, 3) / 127.5 - 1) * SCALING).transpose(1, 2).half()
        touched = ((video - empty[:, None]).abs().amax(-1).amax(1, keepdim=True) > 8).float()
        masks = F.max_pool2d(touched, 5, 4, 2).half()
        for index, clip in enumerate(clips):
            row = (latents[index], masks[index], caption(clip, self.rng if self.stage.varied else None))
            if len(self.latents) < self.size:
                for column, value in zip((self.latents, self.masks, self.captions), row, strict=True):
                    column.append(value)
            else:
                self.latents[self.next], self.masks[self.next], self.captions[self.next] = row
                self.next = (self.next + 1) % self.size

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
        picks = self.rng.integers(0, len(self.latents), size)
        captions = ["" if self.rng.random() < CAPTION_DROPOUT else self.captions[i] for i in picks]
        return (
            torch.stack([self.latents[i] for i in picks]).float(),
            torch.stack([self.masks[i] for i in picks]).float()[:, :, None],
            captions,
        )


def tokenize(tokenizer: Tokenizer, captions: list[str]) -> torch.Tensor:
    """Token ids (batch, MAX_TOKENS), padded with 0: padding is part of what the model learns."""
    rows = torch.zeros(len(captions), MAX_TOKENS, dtype=torch.long)
    for row, encoding in zip(rows, tokenizer.encode_batch(captions), strict=True):
        ids = encoding.ids[:MAX_TOKENS]
        row[: len(ids)] = torch.tensor(ids)
    return rows


def loss_of(
    model: torch.nn.Module, latents: torch.Tensor, masks: torch.Tensor, tokens: torch.Tensor, alphas: torch.Tensor
) -> torch.Tensor:
    """Weighted loss on the clean sample, plus on how it changes from latent frame to latent frame."""
    count = len(latents)
    timesteps = ((torch.arange(count) + torch.rand(count)) / count * 1000).long().clamp(0, 999)
    alpha = alphas[timesteps].view(-1, 1, 1, 1, 1)
    noisy = alpha.sqrt() * latents + (1 - alpha).sqrt() * torch.randn_like(latents)
    with torch.autocast("cpu", torch.bfloat16):
        clean = model(tokens, noisy, timesteps)
    error = clean.float() - latents
    weight = (1 + SPRITE_WEIGHT * masks) * (1 / (1 - alpha).clamp(min=1e-3)).clamp(max=VELOCITY_CAP)
    scale = (1 + SPRITE_WEIGHT * masks).mean()
    loss = (weight * error.square()).mean() / scale
    if latents.shape[1] > 1:
        change = error[:, 1:] - error[:, :-1]
        loss = loss + CHANGE_WEIGHT * (weight * change.square()).mean() / scale
    return loss


def optimizers(model: Backbone) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' matrices, AdamW for the rest."""
    matrices = [
        weight
        for name, weight in model.transformer.named_parameters()
        if name.startswith("transformer_blocks") and weight.ndim == 2 and "norm" not in name
    ]
    chosen = {id(weight) for weight in matrices}
    rest = [weight for weight in model.parameters() if id(weight) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=1e-3, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def run(rank: int, options: argparse.Namespace) -> None:
    """One training process. Gradients are averaged over all of them."""
    torch.set_num_threads(1)
    if options.processes > 1:
        os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
        os.environ.setdefault("MASTER_PORT", str(options.port))
        dist.init_process_group("gloo", rank=rank, world_size=options.processes)
    torch.manual_seed(0)
    model = Backbone()
    average = copy.deepcopy(model).requires_grad_(False)
    opts = optimizers(model)
    checkpoint = options.folder / "backbone.pt"
    stage_index, seen, step = 0, 0, 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True, mmap=True)
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        for optimizer, state in zip(opts, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        stage_index, seen, step = saved["stage"], saved["seen"], saved["step"]
    torch.manual_seed(1000 * step + rank)
    rng = np.random.default_rng([7, step, rank])
    tokenizer, alphas = build_tokenizer(), build_scheduler().alphas_cumprod.float()
    parallel = DistributedDataParallel(model) if options.processes > 1 else model

    def save() -> None:
        state = {
            "model": model.state_dict(),
            "average": average.state_dict(),
            "stage": stage_index,
            "seen": seen,
            "step": step,
            "optimizers": [optimizer.state_dict() for optimizer in opts],
        }
        with replacing(checkpoint) as partial:
            torch.save(state, partial)

    first_stage = stage_index
    for stage_index in range(first_stage, len(STAGES)):
        stage = STAGES[stage_index]
        pools: dict[int, Pool] = {}
        warm_from, saved_at, noted_at, noted, losses = seen, time.time(), time.time(), seen, []
        while seen < stage.examples:
            progress = seen / stage.examples
            warm = min(1.0, (seen - warm_from + 1) / 2000)
            rate = stage.rate * warm * (stage.final + (1 - stage.final) * 0.5 * (1 + math.cos(math.pi * progress)))
            for optimizer in opts:
                for group in optimizer.param_groups:
                    group["lr"] = rate
            image = stage.frames > 1 and (step * stage.images) % 1 + stage.images >= 1
            frames, size = (1, 32) if image else (stage.frames, stage.batch)
            if frames not in pools:
                pools[frames] = Pool(frames, 6000 if frames == 1 else 2500, stage, rng)
                pools[frames].draw(256)
            pools[frames].draw(max(2, size // 3))
            latents, masks, captions = pools[frames].batch(size)
            loss = loss_of(parallel, latents, masks, tokenize(tokenizer, captions), alphas)
            for optimizer in opts:
                optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in opts:
                optimizer.step()
            step += 1
            seen += 0 if image else size * options.processes
            if rank == 0:
                keep = min(AVERAGING, (1 + step) / (10 + step))
                with torch.no_grad():
                    for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
                        slow.lerp_(fast, 1 - keep)
                if not image:
                    losses.append(loss.item())
                if len(losses) == 50:
                    pace = (seen - noted) / (time.time() - noted_at)
                    left = (stage.examples - seen) / max(pace, 1e-6) / 60
                    print(
                        f"{stage.name} {seen}/{stage.examples} loss {np.mean(losses):.4f} rate {rate:.1e} "
                        f"{pace:.1f}/s, {left:.0f} min left",
                        flush=True,
                    )
                    noted_at, noted, losses = time.time(), seen, []
                if time.time() - saved_at > 90:
                    save()
                    saved_at = time.time()
        seen = 0
        if rank == 0:
            stage_index += 1
            save()
            stage_index -= 1
    if options.processes > 1:
        dist.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--port", type=int, default=29611)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.processes == 1:
        run(0, options)
    else:
        torch.multiprocessing.spawn(run, (options,), nprocs=options.processes)


if __name__ == "__main__":
    main()
