"""Fitting speech to the time of its scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.pipeline.tasks.makers.needed_files import files_of

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance
    from dreamrunner.film.turns import Utterance


@dataclass(frozen=True)
class FitSpeech:
    """Makes a speech as much faster as all that is ``said`` in its scene has to be, to be over within ``room`` film
    frames.

    ``of``: what it is called among the speeches of the scene.
    """

    of: str
    said: tuple[Utterance, ...]
    room: int

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film.sound import fit, lengths_of
        from dreamrunner.film.turns import tempo_of

        spoken = files_of("speak", needed)
        if len(self.said) == 1 and not self.said[0].speaker:
            fit(spoken[self.of], self.room, path)
            return
        lengths = lengths_of(spoken)
        tempo = tempo_of(self.said, lengths, self.room)
        fit(spoken[self.of], max(1, round(lengths[self.of] / tempo)), path)
