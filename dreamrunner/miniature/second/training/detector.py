"""Train the second edition's own YOLO: ``python -m dreamrunner.miniature.second.training.detector``.

The network and its training are the first edition's; the pictures are the second's: it finds every character, whatever
the character does, and no thing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dreamrunner.miniature.second.shots import shown
from dreamrunner.miniature.second.training.sights import sample_sight
from dreamrunner.miniature.second.world import FRAMES, bounds, paint
from dreamrunner.miniature.training.detector import main, seen

WEIGHTS = Path(__file__).parents[1] / "weights"


def example(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A picture, uint8 (64, 96, 3), and the characters' boxes in it, float (n, 4): centre and size, normalized."""
    clip = sample_sight(rng)
    moment = float(rng.uniform(0, FRAMES - 1))
    return seen(
        rng, paint(clip, moment), [shown(bounds(figure, moment)) for figure in clip.figures if not figure.is_prop]
    )


if __name__ == "__main__":
    main(example, WEIGHTS / "detector")
