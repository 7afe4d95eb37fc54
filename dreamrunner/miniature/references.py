"""The photos and clips that stories bring along: ``python -m dreamrunner.miniature.references``.

Drawn by a seeded recipe into ``stories/witch``: two characters that the miniature was never trained on, and clips of
two motions that it cannot do, each with its caption in a text file beside it, as an author would bring them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from dreamrunner.miniature.catalog import Entry, encoded
from dreamrunner.miniature.footage import WORDS, shot
from dreamrunner.miniature.world import BACKGROUNDS, POSITIONS, Clip, Figure, paint

CHARACTERS = ("dragon", "pirate")
MOTIONS = ("grows", "rolls")
PHOTOS, CLIPS = 8, 16
SECONDS, RATE = 2.25, 8


def photo(kind: str, number: int) -> tuple[np.ndarray, str]:
    """A picture of a character that stands somewhere, uint8 (128, 192, 3), and what it shows."""
    rng = np.random.default_rng([79, CHARACTERS.index(kind), number])
    side = list(POSITIONS)[number % len(POSITIONS)]
    figure = Figure(kind, side, x=POSITIONS[side] + rng.uniform(-4, 4))
    clip = Clip(str(rng.choice(BACKGROUNDS)), (figure,))
    return paint(clip, 0), f"a {kind} on the {side} stands in the {clip.background}"


def clip_of(motion: str, number: int) -> Entry:
    """A clip of somebody who does ``motion``."""
    rng = np.random.default_rng([83, MOTIONS.index(motion), number])
    clip = shot(rng, motion, known=True)
    figure = clip.figures[0]
    who = " ".join(filter(None, ["a", figure.size, figure.colour, figure.kind]))
    words = f"{who} is {WORDS[motion][0]} in the {clip.background}"
    return Entry(f"{number:02}", words, motion, "right", clip, SECONDS, RATE, upright=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("stories/witch"))
    folder = parser.parse_args().output
    for kind in CHARACTERS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number in range(PHOTOS):
            pixels, words = photo(kind, number)
            cv2.imwrite(str(folder / kind / f"{number:02}.png"), pixels[..., ::-1])
            (folder / kind / f"{number:02}.txt").write_text(words + "\n", encoding="utf-8")
    for motion in MOTIONS:
        name = WORDS[motion][0]
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(CLIPS):
            entry = clip_of(motion, number)
            (folder / name / f"{entry.name}.mp4").write_bytes(encoded(entry))
            (folder / name / f"{entry.name}.txt").write_text(entry.caption + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
