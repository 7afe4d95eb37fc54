"""The grid of video tokens that a backbone works on."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict

CLIP_SECONDS = 6.0
"""Seconds of story that one clip is made for (paper 3.1)."""


class Grid(BaseModel):
    """A backbone's tokens for one clip.

    ``frames`` are pixel frames; ``steps`` are token frames (a latent frame each, or several where the patch reaches
    over time); ``rows`` and ``columns`` count tokens in one token frame, in raster order (step, row, column).
    """

    model_config = ConfigDict(frozen=True)

    frames: int
    steps: int
    rows: int
    columns: int
    temporal_compression: int = 4
    temporal_patch: int = 1

    def spanning(self, seconds: float) -> Grid:
        """The grid of a scene that lasts so long: this one up to :data:`CLIP_SECONDS`, and for more as many more latent
        frames, so that the rate stays, or rises a little: they are added two by two, since the autoencoder decodes
        pairs after the clip's odd first frame and gives three frames too many where the number is of the other parity.

        A backbone that patches several latent frames together has only its own clip: a longer scene is spread over it.
        """
        if seconds <= CLIP_SECONDS or self.temporal_patch > 1 or self.steps < 3:
            return self
        steps = self.steps + 2 * math.ceil((self.steps - 1) * (seconds / CLIP_SECONDS - 1) / 2 - 1e-9)
        return self.model_copy(update={"steps": steps, "frames": (steps - 1) * self.temporal_compression + 1})

    def continues(self, clip: Grid) -> bool:
        """Whether this is the grid of one clip, or of a longer scene on the same backbone."""
        same = self.model_copy(update={"steps": clip.steps, "frames": clip.frames}) == clip
        return same and (self == clip or (self.steps > clip.steps and self.temporal_patch == 1))
