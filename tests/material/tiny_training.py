"""A backbone of four blocks with random weights, and clips and photos of noise to train on."""

from pathlib import Path

import numpy as np

from dreamrunner.backbones import Loaded, describe, load
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.priors import Photo, TrainingClip
from tests.material.models import build_small

RECIPE = TrainingRecipe(steps=5, rank=2, learning_rate=1e-2)
BLOCKS = 4


def build_four_blocks(folder: Path, prediction: str = "sample", rotary: bool = False) -> Path:
    """32 x 32 pixels, 9 frames (3 latent frames), four blocks."""
    return build_small(folder, BLOCKS, prediction, rotary)


def load_four_blocks(folder: Path, **how) -> Loaded:
    return load(describe(str(build_four_blocks(folder, **how))))


def clips(count: int) -> list[TrainingClip]:
    rng = np.random.default_rng(0)
    captions = ["a witch is waving", "a cat is waving in the garden", "a small dog is waving"]
    return [
        TrainingClip(rng.integers(0, 256, (9, 32, 32, 3), dtype=np.uint8), captions[index % 3], f"{index:064x}")
        for index in range(count)
    ]


def photos(count: int) -> list[Photo]:
    return [Photo(clip.frames[0], clip.caption, clip.digest) for clip in clips(count)]
