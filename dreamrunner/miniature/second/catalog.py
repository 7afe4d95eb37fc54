"""The second edition's drawn catalog: a folder of small videos with captions, as untidy as what the internet holds.

It is made as the first edition's is (:mod:`dreamrunner.miniature.catalog`), of the second edition's world: a third of
its captions are wrong or vague, in many shots only one of several figures does what the caption says, and some files
are too short, have too few frames or are upright. ``truth.json`` beside the folder says who really does what;
retrieval never reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from dreamrunner.files.atomic import write_whole
from dreamrunner.miniature.catalog import SHORT, SPARSE, UPRIGHT, VAGUE, VAGUELY, WRONG, written
from dreamrunner.miniature.second.captions import size
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, RATE
from dreamrunner.miniature.second.shots import SHOWN, WORDS, shot
from dreamrunner.miniature.second.world import FRAMES, Clip, paint

CLIPS = 640
FAVOURED = 40
"""Clips of each motion that the generator never saw; the rest are shared among the others."""

EDITION = "second-1"
"""Changes when the recipe changes, so that a catalog drawn by an older one is drawn anew."""

TAKEN_FOR: dict[str, tuple[str, ...]] = {
    "spins": ("dances", "rolls", "flies"),
    "bows": ("sits", "reads", "looks"),
    "rolls": ("spins", "sleeps", "dances"),
    "stretches": ("waves", "grows", "claps"),
}
"""What a wrong caption takes a motion for: something like it. Any other motion is taken for one of all."""


@dataclass(frozen=True)
class Entry:
    """One video of the catalog: its file's name, caption and make, and what it really shows.

    ``quality`` says what the caption is: ``right``, ``wrong`` or ``vague``. ``begin`` is the frame of the clip that the
    video starts at.
    """

    name: str
    caption: str
    motion: str
    quality: str
    clip: Clip
    begin: float
    seconds: float
    rate: int
    upright: bool


def entries() -> tuple[Entry, ...]:
    """The recipe: the same entries on every machine."""
    others = [motion for motion in SHOWN if motion not in HELD_OUT_MOTIONS]
    left = CLIPS - FAVOURED * len(HELD_OUT_MOTIONS)
    motions = [motion for motion in HELD_OUT_MOTIONS for _ in range(FAVOURED)]
    motions += [others[index % len(others)] for index in range(left)]
    order = np.random.default_rng(31).permutation(len(motions))
    return tuple(_entry(number, motions[index]) for number, index in enumerate(order))


def _entry(number: int, motion: str) -> Entry:
    rng = np.random.default_rng([37, number])
    clip = shot(rng, motion, others=int(rng.choice(3, p=(0.4, 0.35, 0.25))), known=True)
    seconds, rate = float(rng.uniform(2.1, 3.6)), 24
    make = rng.random()
    if make < SHORT:
        seconds = float(rng.uniform(0.9, 1.8))
    elif make < SHORT + SPARSE:
        seconds, rate = float(rng.uniform(2.1, 3.0)), 12
    quality = str(rng.choice(["wrong", "vague", "right"], p=(WRONG, VAGUE, 1 - WRONG - VAGUE)))
    seconds = round(seconds * rate) / rate
    return Entry(
        name=f"{number:04}",
        caption=_caption(rng, clip, motion, quality),
        motion=motion,
        quality=quality,
        clip=clip,
        begin=float(rng.uniform(0, FRAMES - 1 - seconds * RATE)),
        seconds=seconds,
        rate=rate,
        upright=bool(SHORT + SPARSE <= make < SHORT + SPARSE + UPRIGHT),
    )


def _caption(rng: np.random.Generator, clip: Clip, motion: str, quality: str) -> str:
    figure = clip.figures[0]
    if quality == "vague":
        return str(rng.choice(VAGUELY)).format(kind=figure.kind, background=clip.background)
    said = motion
    if quality == "wrong":
        said = str(rng.choice(TAKEN_FOR.get(motion, tuple(other for other in SHOWN if other != motion))))
    who = " ".join(filter(None, [str(rng.choice(["a", "the"])), size(figure), figure.colour, figure.kind]))
    if rng.random() < 0.35:
        who = str(rng.choice(["a person", "the person", "someone"]))
    text = f"{who} is {WORDS[said][0] if rng.random() < 0.6 else rng.choice(WORDS[said])}"
    return f"{text} in the {clip.background}" if rng.random() < 0.6 else text


def drawn_catalog(folder: Path, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """Draw what is missing of the catalog in ``folder``, and give the folder of its videos.

    Every video has its caption in a text file beside it. Interrupted, the next call goes on; two processes may draw at
    once. ``on_progress`` hears of every video that is drawn: how many there are and how many there will be.
    """
    videos = Path(folder) / f"miniature-{EDITION}"
    videos.mkdir(parents=True, exist_ok=True)
    every = entries()
    there = {file.name for file in videos.iterdir()}
    for done, entry in enumerate(every):
        if not {f"{entry.name}.mp4", f"{entry.name}.txt"} <= there:
            # The caption comes last: a video that has one is whole.
            write_whole(videos / f"{entry.name}.mp4", written(frames_of(entry), entry.rate))
            write_whole(videos / f"{entry.name}.txt", (entry.caption + "\n").encode())
            if on_progress:
                on_progress(done + 1, len(every))
    truth = Path(folder) / f"miniature-{EDITION}.truth.json"
    if not truth.exists():
        rows = {f"{entry.name}.mp4": asdict(entry) for entry in every}
        write_whole(truth, json.dumps(rows, indent=1).encode())
    return videos


def frames_of(entry: Entry) -> np.ndarray:
    """The video's pictures, uint8 (frames, 128, 192, 3), or 96 wide when it is upright."""
    count = round(entry.seconds * entry.rate)
    moments = [entry.begin + frame * RATE / entry.rate for frame in range(count)]
    pictures = np.stack([paint(entry.clip, moment) for moment in moments])
    if not entry.upright:
        return pictures
    middle = round(entry.clip.figures[0].at(moments[0])[0])
    left = min(max(middle - 48, 0), pictures.shape[2] - 96)
    return pictures[:, :, left : left + 96]
