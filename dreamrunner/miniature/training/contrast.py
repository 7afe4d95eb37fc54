"""What the two similarity models learn from: person-centred clips, sentences, and which of them belong together.

The clips are cut as retrieval cuts them: a window that holds one character all the time, with whatever else gets into
it. The loss is a sigmoid's, on cosines, with a fixed scale and its boundary at the method's threshold of 0.2: above it
a clip shows what the sentence says, at odds of three to one or better.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from dreamrunner.files.atomic import replacing
from dreamrunner.miniature.footage import RATE, SHOWN, WALKING, WORDS, shot, visible, weathered
from dreamrunner.miniature.sprites import HELD_OUT_KINDS, KINDS
from dreamrunner.miniature.world import BACKGROUNDS, HELD_OUT_MOTIONS, paint
from dreamrunner.retrieval.people import window

THRESHOLD, SCALE = 0.2, 16.0
DOUBT = 3.0
"""How much worse it is to find what is not there than to miss what is: the odds that the threshold stands for."""
FRAMES, SIZE = 8, 64
TOKENS, VOCABULARY = 24, 512
MEAN, SPREAD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)

Targets = tuple[torch.Tensor, ...]
"""What a teacher makes of a clip, for every frame; several clips are stacked."""

LOOKALIKES = ("dances", "strolls rightwards")
"""What bows and rolls are taken for."""

SUBJECTS = ("person", "the person", "a person", "someone", "somebody", "a figure", "the character")
"""Who does it, in sentences; or a character's name."""

ODDS = np.array([2.0 if motion in HELD_OUT_MOTIONS else 1.5 if motion in LOOKALIKES else 1.0 for motion in SHOWN])
"""How often a clip is of each motion: those that retrieval is for, and what they are taken for, more often."""

CONCEPTS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    *[(frozenset([motion]), words) for motion, words in WORDS.items()],
    (frozenset(["strolls leftwards", "strolls rightwards"]), WALKING),
)
"""What sentences can say, each with the motions that it is true of."""


def person_clip(rng: np.random.Generator) -> tuple[np.ndarray, str] | None:
    """A clip of one character, uint8 (8, 64, 64, 3), and its motion, or nothing when it is never quite in the
    picture."""
    clip = shot(rng, str(rng.choice(SHOWN, p=ODDS / ODDS.sum())), others=int(rng.choice(3, p=(0.35, 0.4, 0.25))))
    # Someone else in the same shot teaches that the one in the middle counts.
    people = [figure for figure in clip.figures if not figure.is_prop]
    figure = people[int(rng.integers(len(people)))]
    motion = figure.motion
    start = 0.0 if motion == "grows" or rng.random() < 0.5 else float(rng.uniform(0, 16))
    moments = start + np.linspace(0, rng.uniform(1.9, 4.0) * RATE, FRAMES)
    frames = centred(rng, [visible(figure, moment) for moment in moments], lambda look: paint(clip, moments[look]))
    return None if frames is None else (frames, motion)


def centred(
    rng: np.random.Generator,
    boxes: Sequence[tuple[float, float, float, float] | None],
    picture: Callable[[int], np.ndarray],
) -> np.ndarray | None:
    """Eight looks at somebody as retrieval cuts them, uint8 (8, 64, 64, 3), from the boxes, nothing where it is
    outside, and the whole picture of each look; nothing when there are fewer than five boxes.
    """
    there = [box for box in boxes if box is not None]
    if len(there) < 5:
        return None
    left, top, right, bottom = window(there)
    middle = np.array([left + right, top + bottom]) / 2 + rng.normal(0, 0.03, 2) * (right - left)
    side = min(1.0, (right - left) * float(np.exp(rng.normal(0, 0.08))))
    left, top = np.clip(middle - side / 2, 0, 1 - side)
    frames = []
    for look in range(FRAMES):
        whole = picture(look)
        height, width = whole.shape[:2]
        part = whole[
            round(top * height) : round((top + side) * height), round(left * width) : round((left + side) * width)
        ]
        # The whole window, squashed to a square: at the picture's edge the person is not in the window's middle.
        frames.append(cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_AREA))
    return weathered(np.concatenate(frames), rng).reshape(FRAMES, SIZE, SIZE, 3)


def sentence(
    rng: np.random.Generator,
    words: tuple[str, ...],
    *,
    kinds: Sequence[str] = (*KINDS, *HELD_OUT_KINDS),
    places: Sequence[str] = BACKGROUNDS,
) -> str:
    """A sentence that says one of ``words``, in one of the ways people say it."""
    said = words[0] if rng.random() < 0.4 else str(rng.choice(words))
    who = "person" if rng.random() < 0.4 else str(rng.choice(SUBJECTS))
    if rng.random() < 0.3:
        who = f"{rng.choice(['a', 'the'])} {rng.choice(kinds)}"
    text = f"{who} is {said}"
    if rng.random() < 0.15:
        text = said
    if rng.random() < 0.2:
        text += f" in the {rng.choice(places)}"
    return text + "." if rng.random() < 0.1 else text


@dataclass(frozen=True)
class Footage:
    """What there is to learn from: the motions that are shown, what sentences can say, each with the motions that it is
    true of, how a clip of somebody is drawn, with its motion, or nothing, and how a sentence is made of words.
    """

    shown: tuple[str, ...]
    concepts: tuple[tuple[frozenset[str], tuple[str, ...]], ...]
    clip: Callable[[np.random.Generator], tuple[np.ndarray, str] | None]
    sentence: Callable[[np.random.Generator, tuple[str, ...]], str]


FIRST = Footage(SHOWN, CONCEPTS, person_clip, sentence)
"""The first edition's."""


class Pool:
    """Clips that are drawn on the way and used a few times each.

    ``study`` gives what a teacher makes of one, from (8, 3, 64, 64), normalized; that is kept beside the clip.
    """

    def __init__(self, size: int, study: Callable[[torch.Tensor], Targets] | None, footage: Footage = FIRST) -> None:
        self.size, self.study, self.footage, self.next = size, study, footage, 0
        self.clips: list[tuple[np.ndarray, str, Targets]] = []

    def draw(self, rng: np.random.Generator, count: int) -> None:
        while count:
            drawn = self.footage.clip(rng)
            if drawn is None:
                continue
            count -= 1
            pictures, motion = drawn
            kept = pictures, motion, self.study(normalized(pictures)) if self.study else ()
            if len(self.clips) < self.size:
                self.clips.append(kept)
            else:
                self.clips[self.next] = kept
                self.next = (self.next + 1) % self.size

    def batch(self, rng: np.random.Generator, size: int) -> tuple[torch.Tensor, list[str], Targets]:
        """Clips, float (size, 8, 3, 64, 64), normalized; their motions; and what the teacher makes of them."""
        picks = rng.integers(0, len(self.clips), size)
        pictures, motions, many_targets = zip(*(self.clips[pick] for pick in picks), strict=True)
        return normalized(np.stack(pictures)), list(motions), tuple(map(torch.stack, zip(*many_targets, strict=True)))


def normalized(pictures: np.ndarray) -> torch.Tensor:
    """Pictures uint8 (..., 64, 64, 3) as the networks take them: float (..., 3, 64, 64)."""
    return (torch.from_numpy(pictures).movedim(-1, -3).float() / 255 - MEAN[0]) / SPREAD[0]


def build_tokenizer(footage: Footage = FIRST) -> PreTrainedTokenizerFast:
    """Byte-pair encoding learnt from sentences about footage; bytes stand in for whatever else is said."""
    rng = np.random.default_rng(17)
    texts = [footage.sentence(rng, words) for _ in range(400) for _, words in footage.concepts]
    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 1, special_tokens=["<pad>"], initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    # The end must be the highest id: both models read a sentence off there.
    tokenizer.add_special_tokens(["</s>"])
    end = tokenizer.token_to_id("</s>")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", end)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", model_max_length=TOKENS
    )


def tokens_of(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> torch.Tensor:
    """Token ids (texts, 24)."""
    return tokenizer(texts, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt").input_ids


def loss_of(
    clips: torch.Tensor, texts: torch.Tensor, motions: list[str], footage: Footage = FIRST
) -> tuple[torch.Tensor, float]:
    """Loss of unit vectors, clips (n, d) against one sentence per concept (c, d), and how often it is right.

    A sigmoid's, in which a pair that does not belong together weighs ``DOUBT`` times one that does, and cross entropy
    over the concepts, which gets a network going that knows nothing yet.
    """
    cosines = clips @ texts.T
    truth = torch.tensor([[float(motion in true) for true, _ in footage.concepts] for motion in motions])
    each = F.binary_cross_entropy_with_logits(SCALE * (cosines - THRESHOLD), truth, reduction="none")
    loss = (each * (truth + DOUBT * (1 - truth))).sum(1).mean()
    loss = loss - (F.log_softmax(SCALE * cosines, 1) * truth).sum(1).div(truth.sum(1)).mean()
    shown = footage.shown
    best = cosines.detach()[:, : len(shown)].argmax(1)
    return loss, float(np.mean([shown[index] == motion for index, motion in zip(best, motions, strict=True)]))


def begin(model: torch.nn.Module, file: Path) -> None:
    """Give a model the weights in a file, but for words, which another tokenizer numbers in another way."""
    kept = load_file(file)
    own = model.state_dict()
    words = [name for name in own if name.endswith("token_embedding.weight")]
    model.load_state_dict({name: own[name] if name in words else kept[name].to(own[name].dtype) for name in own})


def train(
    model: torch.nn.Module,
    video: Callable[[torch.Tensor], torch.Tensor],
    text: Callable[[torch.Tensor], torch.Tensor],
    *,
    checkpoint: Path,
    steps: int,
    batch: int,
    rate: float,
    frames: int,
    pool: int = 6000,
    study: Callable[[torch.Tensor], Targets] | None = None,
    also: Callable[[Targets], torch.Tensor] | None = None,
    footage: Footage = FIRST,
) -> dict[str, torch.Tensor]:
    """Train ``model`` and give its averaged weights.

    ``video`` maps clips (n, frames, 3, 64, 64) and ``text`` token ids (n, 24) to unit vectors. Of the eight frames of
    a clip, ``frames`` are shown, one at random of each stretch. ``study`` is a teacher's view of a clip and ``also``
    one more loss, from what the teacher makes of the clips that ``video`` was called with last. So many clips as
    ``pool`` says are in memory at a time. Interrupted, it goes on from ``checkpoint``.
    """
    tokenizer, drawn = build_tokenizer(footage), Pool(pool, study, footage)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    average = {name: value.clone() for name, value in model.state_dict().items()}
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        average, step = saved["average"], saved["step"]
    begun, losses, hits = time.time(), [], []
    while step < steps:
        rng = np.random.default_rng([19, step])
        warm = min(1.0, (step + 1) / 200)
        for group in optimizer.param_groups:
            group["lr"] = rate * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / steps)))
        drawn.draw(rng, batch // 4 if drawn.clips else 60 * batch)
        clips, motions, many_targets = drawn.batch(rng, batch)
        stretch = FRAMES // frames
        chosen = np.arange(frames) * stretch + rng.integers(0, stretch, frames)
        texts = [footage.sentence(rng, words) for _, words in footage.concepts]
        loss, right = loss_of(video(clips[:, chosen]), text(tokens_of(tokenizer, texts)), motions, footage)
        if also is not None:
            loss = loss + also(tuple(targets[:, chosen] for targets in many_targets))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(0.998, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                average[name].lerp_(value, 1 - keep) if value.is_floating_point() else average[name].copy_(value)
        losses.append(loss.item())
        hits.append(right)
        if step % 50 == 0 or step == steps:
            print(
                f"step {step}/{steps} loss {np.mean(losses[-50:]):.3f} right {np.mean(hits[-50:]):.3f}, "
                f"{time.time() - begun:.0f} s",
                flush=True,
            )
        if step % 250 == 0 or step == steps:
            state = {"model": model.state_dict(), "average": average, "optimizer": optimizer.state_dict()}
            with replacing(checkpoint) as partial:
                torch.save({**state, "step": step}, partial)
    return average
