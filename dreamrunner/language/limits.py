"""What the known models can hold, as far as checking a story needs it: without loading or fetching any of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dreamrunner.backbones.table import TABLE
from dreamrunner.language.parts import Box
from dreamrunner.language.story import Missing


@dataclass(frozen=True, slots=True)
class Limits:
    """A model's frame in video tokens, and one clip of it: ``frames`` pixel frames made for ``seconds``."""

    model: str
    columns: int
    rows: int
    frames: int
    seconds: float

    def covers(self, box: Box) -> bool:
        """Whether a box, its edges moved to the nearest lines between tokens, keeps a token."""
        return _tokens(box.x0, box.x1, self.columns) > 0 and _tokens(box.y0, box.y1, self.rows) > 0


def _tokens(low: float, high: float, count: int) -> int:
    return math.floor(high * count + 0.5) - math.floor(low * count + 0.5)


def limits_of(model: str, size: tuple[int, int] | Missing) -> Limits | None:
    """The limits of a model at a frame size in pixels, or None for one that is only known by its weights."""
    row = TABLE.get(model)
    if row is None or row.size is None or row.token is None or row.frames is None:
        return None
    width, height = row.size if isinstance(size, Missing) else size
    return Limits(model, max(1, width // row.token), max(1, height // row.token), row.frames, row.seconds)
