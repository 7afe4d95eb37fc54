"""The grid of video tokens that a backbone works on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


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
