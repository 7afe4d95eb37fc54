"""Footage for training, drawn by worker processes into shared memory while a network learns from what is there.

Each worker has some slots of shared memory of its own and fills one free slot after another; who trains is told which
slot is full, copies it, and gives it back. A worker's clips come from its own seed. Workers are forked, so they start
at once and share memory that no file stands behind; they must be started before the process uses a GPU.
"""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from multiprocessing import get_context

import cv2
import numpy as np
import torch

from dreamrunner.miniature.second.backgrounds import ALWAYS, BACKGROUNDS, HEIGHT, WIDTH, backdrop
from dreamrunner.miniature.second.captions import caption, place_of, told_alone
from dreamrunner.miniature.second.scripts import PATTERNS, cut, sample_clip, still
from dreamrunner.miniature.second.words import MAX_TOKENS, build_tokenizer
from dreamrunner.miniature.second.world import FRAMES, Clip, bounds, draw

ROWS, COLUMNS = HEIGHT // 16, WIDTH // 16
REGIONS = 4
"""Figures' acts that a clip's layout by region holds at most, beside the background."""

PLACES = [(name, night) for name in BACKGROUNDS for night in (False, True) if not (night and name in ALWAYS)]


def backdrops() -> torch.Tensor:
    """Every empty place, uint8 (places, 128, 192, 3), in the order that footage counts them."""
    return torch.from_numpy(np.stack([backdrop(name, night) for name, night in PLACES]))


def token_row(tokenizer, text: str) -> np.ndarray:
    """A caption's token ids, padded with 0 to MAX_TOKENS: padding is part of what the model learns."""
    row = np.zeros(MAX_TOKENS, np.int64)
    ids = tokenizer.encode(text).ids[:MAX_TOKENS]
    row[: len(ids)] = ids
    return row


def layout(
    clip: Clip, tokenizer, rng: np.random.Generator | None = None, frames: int = FRAMES
) -> tuple[np.ndarray, np.ndarray] | None:
    """A clip by region: tokens (REGIONS + 1, MAX_TOKENS) and which video tokens each covers, bool (REGIONS + 1, latent
    frames, 8, 12).

    Each figure's act is a region with a description of its own, the last one is the background, which owns what none
    covers. Unused regions cover nothing. Nothing for a clip with more acts than fit.
    """
    acts = [(figure, act) for figure in clip.figures for act in (figure.acts or (None,))]
    if len(acts) > REGIONS:
        return None
    tokens = np.zeros((REGIONS + 1, MAX_TOKENS), np.int64)
    steps = (frames - 1) // 4 + 1
    cover = np.zeros((REGIONS + 1, steps, ROWS, COLUMNS), bool)
    for index, (figure, act) in enumerate(acts):
        tokens[index] = token_row(tokenizer, told_alone(clip, figure, act, rng))
        for step in range(steps):
            middle = 0.0 if step == 0 else 4 * step - 1.5
            if act is not None and figure.act_at(middle) is not act:
                continue
            box = bounds(figure, middle)
            if box is None:
                continue
            x0, y0, x1, y1 = box
            cells = []
            for low, high, count in ((y0, y1, ROWS), (x0, x1, COLUMNS)):
                first, last = int(low * count + 0.5), int(high * count + 0.5)
                if first >= last:
                    first = min(int((low + high) / 2 * count), count - 1)
                    last = first + 1
                cells.append(slice(first, last))
            cover[index, step, cells[0], cells[1]] = True
    tokens[REGIONS] = token_row(tokenizer, place_of(clip, rng))
    cover[REGIONS] = ~cover[:REGIONS].any(0)
    return tokens, cover


def _shared(shape: tuple[int, ...], kind: torch.dtype) -> torch.Tensor:
    count = math.prod(shape)
    memory = mmap.mmap(-1, max(1, count * torch.empty(0, dtype=kind).element_size()))
    return torch.frombuffer(memory, dtype=kind, count=count).view(shape)


@dataclass(frozen=True)
class Kind:
    """What workers draw: ``frames`` 1 or 4k + 1 frames of clips by ``patterns``, ``many`` of them to a slot.

    ``varied`` captions leave facts out. A shorter clip is a part of a whole one. With ``regions`` each is
    also laid out by region.
    """

    frames: int = FRAMES
    many: int = 4
    patterns: Mapping[str, float] | None = None
    varied: bool = True
    regions: bool = False


@dataclass
class Batch:
    """Footage as tensors: ``video`` uint8 (n, frames, 128, 192, 3), ``place`` (n), ``tokens`` (n, MAX_TOKENS), and by
    region ``region_tokens`` (n, REGIONS + 1, MAX_TOKENS) and ``cover`` bool (n, REGIONS + 1, latent frames, 8, 12). A
    clip without a layout has one region there, which is everything.
    """

    video: torch.Tensor
    place: torch.Tensor
    tokens: torch.Tensor
    region_tokens: torch.Tensor
    cover: torch.Tensor

    @classmethod
    def empty(cls, many: int, frames: int, *, shared: bool = False) -> Batch:
        """Room for so many clips of so many frames; ``shared`` with processes that are forked later."""
        steps = (frames - 1) // 4 + 1
        shapes = (
            ((many, frames, HEIGHT, WIDTH, 3), torch.uint8),
            ((many,), torch.long),
            ((many, MAX_TOKENS), torch.long),
            ((many, REGIONS + 1, MAX_TOKENS), torch.long),
            ((many, REGIONS + 1, steps, ROWS, COLUMNS), torch.bool),
        )
        if not shared:
            return cls(*(torch.zeros(shape, dtype=kind) for shape, kind in shapes))
        return cls(*(_shared(shape, kind) for shape, kind in shapes))

    def tensors(self) -> tuple[torch.Tensor, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))


def fill(batch: Batch, kind: Kind, rng: np.random.Generator, tokenizer) -> None:
    """Draw a slot full of footage."""
    for index in range(len(batch.video)):
        clip = sample_clip(rng, kind.patterns or PATTERNS)
        if kind.frames == 1:
            clip = still(clip, int(rng.integers(0, FRAMES)))
        elif kind.frames < FRAMES:
            clip = cut(clip, int(rng.integers(0, FRAMES - kind.frames + 1)), kind.frames)
        draw(clip, kind.frames, out=batch.video[index].numpy())
        batch.place[index] = PLACES.index((clip.background, clip.night))
        batch.tokens[index] = torch.from_numpy(token_row(tokenizer, caption(clip, rng if kind.varied else None)))
        if not kind.regions:
            continue
        batch.region_tokens[index], batch.cover[index] = 0, False
        if (found := layout(clip, tokenizer, rng, kind.frames)) is not None:
            batch.region_tokens[index] = torch.from_numpy(found[0])
            batch.cover[index] = torch.from_numpy(found[1])
        else:
            batch.region_tokens[index, REGIONS] = batch.tokens[index]
            batch.cover[index, REGIONS] = True


def _work(slots: list[Batch], kind: Kind, seed: list[int], index: int, full, free) -> None:
    os.nice(5)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    rng, tokenizer = np.random.default_rng(seed), build_tokenizer()
    for slot in range(len(slots)):
        fill(slots[slot], kind, rng, tokenizer)
        full.put((index, slot))
    while (slot := free.get()) is not None:
        fill(slots[slot], kind, rng, tokenizer)
        full.put((index, slot))


class Footage:
    """Workers that draw one kind of footage; without any, :meth:`drawn_at` draws what a step needs."""

    def __init__(self, kind: Kind, *, workers: int, seed: list[int], slots: int = 3) -> None:
        self.kind, self.seed, self.drawn = kind, seed, 0
        self.tokenizer = build_tokenizer() if workers == 0 else None
        context = get_context("fork")
        self.full = context.SimpleQueue()
        self.slots: list[list[Batch]] = []
        self.processes, self.free = [], []
        for worker in range(workers):
            slots_of_one = [Batch.empty(kind.many, kind.frames, shared=True) for _ in range(slots)]
            free = context.SimpleQueue()
            process = context.Process(
                target=_work, args=(slots_of_one, kind, [*seed, worker], worker, self.full, free), daemon=True
            )
            process.start()
            self.slots.append(slots_of_one)
            self.processes.append(process)
            self.free.append(free)

    def close(self) -> None:
        """Stop the workers. What they have drawn is lost."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join(timeout=5)

    def take(self) -> tuple[Batch, tuple[int, int]]:
        """The next full slot, waited for, and what :meth:`give_back` wants once it was copied."""
        worker, slot = self.full.get()
        self.drawn += self.kind.many
        return self.slots[worker][slot], (worker, slot)

    def give_back(self, ticket: tuple[int, int]) -> None:
        self.free[ticket[0]].put(ticket[1])

    def drawn_at(self, step: int, many: int) -> Batch:
        """Footage that depends on the seed and the step alone, drawn by this process."""
        batch = Batch.empty(many, self.kind.frames)
        fill(batch, self.kind, np.random.default_rng([*self.seed, 977, step]), self.tokenizer)
        self.drawn += many
        return batch
