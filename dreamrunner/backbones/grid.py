"""The grid of video tokens that a backbone works on."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.family import CLIP_SECONDS


class Grid(BaseModel):
    """A backbone's tokens for one clip.

    ``frames`` are pixel frames; ``steps`` are token frames (a latent frame each, or several where the patch reaches
    over time); ``rows`` and ``columns`` count tokens in one token frame, in raster order (step, row, column).
    A latent frame stands for ``temporal_compression`` pixel frames, but for the first, which stands for one.
    ``seconds`` of story are what a clip is made for (:data:`CLIP_SECONDS`); a longer scene has a multiple of ``growth``
    latent frames more.
    """

    model_config = ConfigDict(frozen=True)

    frames: int
    steps: int
    rows: int
    columns: int
    temporal_compression: int = 4
    temporal_patch: int = 1
    seconds: float = CLIP_SECONDS
    growth: int = 2

    def spanning(self, seconds: float) -> Grid:
        """The grid of a scene that lasts so long: this one up to ``self.seconds``, and for more as many more latent
        frames, so that the rate stays, or rises a little where ``growth`` is more than one.

        A backbone that patches several latent frames together has only its own clip: a longer scene is spread over it.
        """
        if seconds <= self.seconds or self.temporal_patch > 1 or self.steps < 3:
            return self
        added = (self.steps - 1) * (seconds / self.seconds - 1)
        steps = self.steps + self.growth * math.ceil(added / self.growth - 1e-9)
        return self.model_copy(update={"steps": steps, "frames": (steps - 1) * self.temporal_compression + 1})

    def continues(self, clip: Grid) -> bool:
        """Whether this is the grid of one clip, or of a longer scene on the same backbone."""
        same = self.model_copy(update={"steps": clip.steps, "frames": clip.frames}) == clip
        return same and (self == clip or (self.steps > clip.steps and self.temporal_patch == 1))
