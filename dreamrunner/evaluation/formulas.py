"""The paper's measures (4.1, C) as formulas on vectors and errors. No network, no picture of a file.

Vectors are unit rows, so that their products are cosines. All results are as the paper prints them: 100 times a share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

BEST_LOOKS = 10.0
"""The best mark of the aesthetic head, and of those who gave it what it learned."""


def likeness(frames: np.ndarray, photos: np.ndarray) -> float:
    """How like its photos (m, d) a character's frames (n, d) are: the mean over all pairs."""
    return 100 * float((frames @ photos.T).mean())


def text_match(pictures: np.ndarray, sentence: np.ndarray) -> float:
    """How far pictures, or one clip, (n, d) show what a sentence (d,) says: the mean."""
    return 100 * float((pictures @ sentence).mean())


def steadiness(pictures: np.ndarray) -> float:
    """How like each picture (n, d), n from 2 on, is to the one before: the mean over neighbours."""
    return 100 * float((pictures[1:] * pictures[:-1]).sum(1).mean())


def looks(pictures: np.ndarray, weight: np.ndarray, bias: float) -> float:
    """The mean mark of pictures (n, d) by a linear head, ``weight`` (d,), as a share of :data:`BEST_LOOKS`."""
    return 100 * float((pictures @ weight + bias).mean()) / BEST_LOOKS


class Interpolator(Protocol):
    """Makes the frame between two."""

    name: str
    """What people are told of it."""

    def between(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """The frame half way between two, all uint8 (H, W, 3)."""
        ...


class Smoothness:
    """How well every second frame can be told from its neighbours: the odd frames of a clip are compared with what is
    made of the even ones. Frames are given one after the other, of which three are held."""

    def __init__(self, interpolator: Interpolator) -> None:
        self.interpolator = interpolator
        self.errors: list[float] = []
        """The mean absolute error of each odd frame that has one behind it, in levels, 0..255."""
        self._last: list[np.ndarray] = []
        self._seen = 0

    def see(self, frame: np.ndarray) -> None:
        """Take the next frame, uint8 (H, W, 3)."""
        import numpy as np

        self._last.append(frame)
        self._seen += 1
        if len(self._last) < 3:
            return
        if self._seen % 2:  # the third, the fifth, ...: even ones, counted from 0
            before, odd, after = self._last
            made = self.interpolator.between(before, after)
            self.errors.append(float(np.abs(made.astype(np.float32) - odd.astype(np.float32)).mean()))
        del self._last[0]

    def share(self) -> float | None:
        """100 times what is left of 1 when the mean error, as a share of 255, is taken off; None of under three
        frames."""
        return 100 * (1 - mean(self.errors) / 255) if self.errors else None


def mean(values: Sequence[float]) -> float:
    """The mean of one value or more."""
    return sum(values) / len(values)
