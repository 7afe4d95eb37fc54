"""Learning a character from photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.pipeline.adapters.makers.training import Training

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance
    from dreamrunner.priors import PhotoFile


@dataclass(frozen=True)
class LearnSubject(Training):
    """Trains a character's LoRA on ``photos``."""

    photos: tuple[PhotoFile, ...]

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.priors import read_photo, train_subject

        here = [photo.model_copy(update={"file": needed[f"photo {at}"]}) for at, photo in enumerate(self.photos)]
        read = [read_photo(photo, self.spec.backbone) for photo in here]
        self.spec.train(train_subject, read, path, self._checkpoint(needed), advance, word="photo")
