"""The photos that the demo's story brings along: ``python -m dreamrunner.miniature.second.references``.

Drawn by a seeded recipe into ``stories/lantern``: a character that the second edition was never trained on, each photo
with its caption in a text file beside it, as an author would bring them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from dreamrunner.miniature.second.backgrounds import BACKGROUNDS
from dreamrunner.miniature.second.world import Act, Clip, Figure, Key, paint

CHARACTER = "dragon"
PHOTOS = 8
SIDES = {"left": 44.0, "center": 96.0, "right": 148.0}
"""Where it stands, in pixels from the left."""


def photo(number: int) -> tuple[np.ndarray, str]:
    """A picture of the character that stands somewhere, uint8 (128, 192, 3), and what it shows."""
    rng = np.random.default_rng([79, number])
    side = list(SIDES)[number % len(SIDES)]
    key = Key(0, SIDES[side] + float(rng.uniform(-8, 8)), float(rng.uniform(98, 106)), float(rng.uniform(54, 66)))
    place = str(rng.choice(BACKGROUNDS))
    figure = Figure(CHARACTER, (key,), (Act("stands", 0.0, 48.0),))
    return paint(Clip(place, False, (figure,)), 0), f"a {CHARACTER} on the {side} stands in the {place}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("stories/lantern"))
    folder = parser.parse_args().output / CHARACTER
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PHOTOS):
        pixels, words = photo(number)
        cv2.imwrite(str(folder / f"{number:02}.png"), pixels[..., ::-1])
        (folder / f"{number:02}.txt").write_text(words + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
