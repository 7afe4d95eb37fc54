"""Fitting a scene's speech to the scene's time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance


@dataclass(frozen=True)
class FitSpeech:
    """Makes a scene's speech no longer than ``room`` film frames, as far as it may get faster."""

    room: int

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film.sound import fit

        (speech,) = needed.values()
        fit(speech, self.room, path)
