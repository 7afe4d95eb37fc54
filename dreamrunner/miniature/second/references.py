"""The photos that the demo's story brings along: ``python -m dreamrunner.miniature.second.references``.

Drawn into ``stories/lantern``: a character that the second edition was never trained on, each photo
with its caption in a text file beside it, as an author would bring them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from dreamrunner.miniature.second.world import Act, Clip, Figure, Key, paint

CHARACTER = "dragon"
PLACES = ("garden", "beach", "desert", "snow", "castle", "forest", "kitchen", "village")
"""Where it stands, a photo in each."""


def photo(number: int) -> tuple[np.ndarray, str]:
    """A picture of the character that stands somewhere, uint8 (128, 192, 3), and what it shows."""
    side = "left" if number < 3 else "center" if number < 5 else "right"
    key = Key(0, 40.0 + 16 * number, 100.0, 56.0 + 2 * (number % 5))
    figure = Figure(CHARACTER, (key,), (Act("stands", 0.0, 1e6),))
    pixels = paint(Clip(PLACES[number], False, (figure,)), 0)
    return pixels, f"a {CHARACTER} on the {side} stands in the {PLACES[number]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("stories/lantern"))
    folder = parser.parse_args().output / CHARACTER
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(len(PLACES)):
        pixels, words = photo(number)
        cv2.imwrite(str(folder / f"{number:02}.png"), pixels[..., ::-1])
        (folder / f"{number:02}.txt").write_text(words + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
