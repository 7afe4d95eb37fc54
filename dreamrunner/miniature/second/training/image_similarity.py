"""Train the second edition's own CLIP: ``python -m dreamrunner.miniature.second.training.image_similarity``.

The network and its training are the first edition's; the footage is the second's.
"""

from __future__ import annotations

from pathlib import Path

from dreamrunner.miniature.second.training.contrast import SECOND
from dreamrunner.miniature.training.image_similarity import main

WEIGHTS = Path(__file__).parents[1] / "weights"

if __name__ == "__main__":
    main(SECOND, WEIGHTS / "image_similarity")
