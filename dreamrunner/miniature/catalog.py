"""The drawn catalog: a folder of small videos with captions, as untidy as what the internet holds.

``catalog miniature`` in a story means this one. It is drawn at first use, by a seeded recipe, and holds motions that
the generator never saw. A third of its captions are wrong or vague, as InternVid's are; in many shots only one of
several figures does what the caption says; some files are too short, have too few frames or are upright, so that
retrieval's filter has work. ``truth.json`` beside the folder of videos says who really does what, for measuring;
retrieval never reads it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from dreamrunner.files.atomic import write_whole
from dreamrunner.miniature.footage import RATE, SHOWN, WORDS, shot
from dreamrunner.miniature.world import HELD_OUT_MOTIONS, Clip, paint

CLIPS = 640
FAVOURED = 40
"""Clips of each motion that the generator never saw; the rest are shared among the others."""

WRONG, VAGUE = 0.25, 0.09
"""How often a caption says another motion than the one that is shown, and how often none."""

TAKEN_FOR: dict[str, tuple[str, ...]] = {
    "stands": ("bows", "grows", "reads"),
    "strolls leftwards": ("rolls", "dances", "spins"),
    "strolls rightwards": ("rolls", "dances", "spins"),
    "jumps": ("flies", "grows", "spins"),
    "waves": ("dances", "bows", "grows"),
    "sits": ("reads", "bows", "grows"),
    "flies": ("jumps", "rolls", "spins"),
    "sleeps": ("sits", "rolls", "bows"),
    "stirs": ("dances", "spins", "bows"),
    "dances": ("waves", "spins", "jumps"),
    "reads": ("sits", "bows", "stands"),
    "spins": ("dances", "rolls", "flies"),
    "bows": ("dances", "sits", "reads"),
    "rolls": ("strolls rightwards", "spins", "sleeps"),
    "grows": ("stands", "jumps", "waves"),
}
"""What a wrong caption takes a motion for: something that looks a little like it."""

SHORT, SPARSE, UPRIGHT = 0.06, 0.06, 0.06
"""How often a file is shorter than two seconds, has fewer than 40 frames, or is upright."""

EDITION = "2"
"""Changes when the recipe changes, so that a catalog drawn by an older one is drawn anew."""

VAGUELY = (
    "someone does something",
    "a {kind} in a {background}",
    "a video of a {kind}",
    "fun in the {background}",
    "{background} scenery with a {kind}",
    "untitled",
)


@dataclass(frozen=True)
class Entry:
    """One video of the catalog: its file's name, caption and make, and what it really shows."""

    name: str
    caption: str
    motion: str
    quality: str
    """``right``, ``wrong`` or ``vague``: what the caption is."""
    clip: Clip
    seconds: float
    rate: int
    upright: bool


def entries() -> tuple[Entry, ...]:
    """The recipe: the same entries on every machine."""
    others = [motion for motion in SHOWN if motion not in HELD_OUT_MOTIONS]
    left = CLIPS - FAVOURED * len(HELD_OUT_MOTIONS)
    motions = [motion for motion in HELD_OUT_MOTIONS for _ in range(FAVOURED)]
    motions += [others[index % len(others)] for index in range(left)]
    order = np.random.default_rng(23).permutation(len(motions))
    return tuple(_entry(number, motions[index]) for number, index in enumerate(order))


def _entry(number: int, motion: str) -> Entry:
    rng = np.random.default_rng([29, number])
    clip = shot(rng, motion, others=int(rng.choice(3, p=(0.4, 0.35, 0.25))), known=True)
    seconds, rate = float(rng.uniform(2.1, 3.6)), 24
    make = rng.random()
    if make < SHORT:
        seconds = float(rng.uniform(0.9, 1.8))
    elif make < SHORT + SPARSE:
        seconds, rate = float(rng.uniform(2.1, 3.0)), 12
    quality = str(rng.choice(["wrong", "vague", "right"], p=(WRONG, VAGUE, 1 - WRONG - VAGUE)))
    return Entry(
        name=f"{number:04}",
        caption=_caption(rng, clip, motion, quality),
        motion=motion,
        quality=quality,
        clip=clip,
        seconds=round(seconds * rate) / rate,
        rate=rate,
        upright=bool(SHORT + SPARSE <= make < SHORT + SPARSE + UPRIGHT),
    )


def _caption(rng: np.random.Generator, clip: Clip, motion: str, quality: str) -> str:
    figure = clip.figures[0]
    if quality == "vague":
        return str(rng.choice(VAGUELY)).format(kind=figure.kind, background=clip.background)
    said = motion
    if quality == "wrong":
        said = str(rng.choice(TAKEN_FOR[motion]))
    who = " ".join(filter(None, [str(rng.choice(["a", "the"])), figure.size, figure.colour, figure.kind]))
    if rng.random() < 0.35:
        who = str(rng.choice(["a person", "the person", "someone"]))
    text = f"{who} is {WORDS[said][0] if rng.random() < 0.6 else rng.choice(WORDS[said])}"
    return f"{text} in the {clip.background}" if rng.random() < 0.6 else text


def drawn_catalog(folder: Path, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """Draw what is missing of the catalog in ``folder``, and give the folder of its videos.

    Every video has its caption in a text file beside it. Interrupted, the next call goes on; two processes may draw at
    once. ``on_progress`` hears of every video that is drawn: how many there are and how many there will be. Takes a
    minute or two on one core the first time, then nothing.
    """
    videos = Path(folder) / f"miniature-{EDITION}"
    videos.mkdir(parents=True, exist_ok=True)
    every = entries()
    there = {file.name for file in videos.iterdir()}
    for done, entry in enumerate(every):
        if not {f"{entry.name}.mp4", f"{entry.name}.txt"} <= there:
            # The caption comes last: a video that has one is whole.
            write_whole(videos / f"{entry.name}.mp4", encoded(entry))
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
    pictures = np.stack([paint(entry.clip, frame * RATE / entry.rate) for frame in range(count)])
    if not entry.upright:
        return pictures
    middle = round(entry.clip.figures[0].x * 2)
    left = min(max(middle - 48, 0), pictures.shape[2] - 96)
    return pictures[:, :, left : left + 96]


def encoded(entry: Entry) -> bytes:
    """An entry's video as a file."""
    return written(frames_of(entry), entry.rate)


def written(pictures: np.ndarray, rate: int) -> bytes:
    """H.264 in an mp4 file, from uint8 (frames, height, width, 3): the same pictures, the same bytes."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        # What x264 does faster with some processors' instructions now and then has other last bits.
        options = {"crf": "20", "preset": "veryfast", "x264-params": "cpu-independent=1"}
        stream = container.add_stream("libx264", rate=Fraction(rate), options=options)
        stream.height, stream.width = pictures.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()
