"""What the miniature was never trained on: photos of a dragon and clips of spinning, drawn; a story that needs both."""

from pathlib import Path

import numpy as np
from PIL import Image

from dreamrunner.miniature.footage import RATE, shot
from dreamrunner.miniature.world import BACKGROUNDS, Clip, Figure, draw, paint
from tests.material.videos import write

STORY = """\
story "Play"
  language 1
  seed 3

character dragon
  looks "a dragon"
  images "refs/*.png"
character cat "an orange cat"

motion spinning
  clips "clips/*.mp4"

scene garden
  background "a garden"
  duration 2s
  narration "The dragon spins."
  dragon spinning 0s..2s "a dragon is spinning"
    at 0s [0.3 0.3 0.7 0.95]
  cat sitting 0s..2s "an orange cat is sitting"
    at 0s [0.02 0.4 0.28 0.92]

scene beach
  background "a beach"
  duration 2s
  narration "The cat jumps."
  cat jumping 0s..2s "an orange cat is jumping"
    at 0s [0.3 0.3 0.7 0.95]
"""


def photos(folder: Path, kind: str = "dragon", count: int = 2) -> list[Path]:
    """Photos of a character that stands somewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    files = [folder / f"{number}.png" for number in range(count)]
    for file in files:
        clip = Clip(str(rng.choice(BACKGROUNDS)), (Figure(kind, "center", "stands", x=48 + rng.uniform(-10, 10)),))
        Image.fromarray(draw(clip, 1)[0]).save(file)
    return files


def clips(folder: Path, motion: str = "spins", count: int = 2, named: str = "spinning") -> list[Path]:
    """Clips of 2.5 s at 24 frames a second, of figures that the miniature knows."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(2)
    files = [folder / f"{named} {number}.mp4" for number in range(count)]
    for file in files:
        made = shot(rng, motion, known=True)
        write(file, np.stack([paint(made, frame * RATE / 24) for frame in range(60)]), rate=24)
    return files


def play(folder: Path) -> Path:
    """The story with its photos and clips; returns the story's file."""
    photos(folder / "refs")
    clips(folder / "clips")
    (folder / "play.story").write_text(STORY)
    return folder / "play.story"
