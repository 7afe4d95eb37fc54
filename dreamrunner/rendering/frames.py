"""Frames: what a scene's rendering gives. No torch here."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dreamrunner.files.atomic import replacing


class RenderError(Exception):
    """A scene that cannot be rendered. Its text is one line: what is wrong and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """A scene's pictures: ``pixels`` is uint8 of shape (frames, height, width, 3), RGB; ``duration`` is in seconds.

    The frames are spread evenly over the duration, so the rate is :attr:`rate`, whatever the backbone was trained at.
    """

    pixels: np.ndarray
    duration: float

    @property
    def rate(self) -> float:
        """Frames a second."""
        return len(self.pixels) / self.duration

    def save(self, path: Path) -> None:
        """Write a lossless ``.npz``, whole or not at all."""
        with replacing(path) as fresh, fresh.open("xb") as file:
            np.savez_compressed(file, pixels=self.pixels, duration=np.float64(self.duration))

    @classmethod
    def load(cls, path: Path) -> Frames:
        """Read what :meth:`save` wrote.

        Raises:
            RenderError: the file is missing, cut short or something else.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                pixels, duration = stored["pixels"], float(stored["duration"])
        except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
            raise RenderError(f"{path} does not hold frames ({error}); delete it and build again") from None
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[-1] != 3 or not duration > 0:
            raise RenderError(f"{path} does not hold frames; delete it and build again")
        return cls(pixels, duration)
