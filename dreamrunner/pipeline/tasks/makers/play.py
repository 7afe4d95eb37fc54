"""Laying music under a film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.pipeline.tasks.makers.needed_files import files_of

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance
    from dreamrunner.film.music import Played
    from dreamrunner.planning import Plan


@dataclass(frozen=True)
class PlayMusic:
    """Makes the film's track of ``music``, which says what is played in which scene; the files are among what it
    needs, by their names there."""

    plan: Plan
    music: Mapping[str, Played]

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film.music import write_music
        from dreamrunner.film.soundtrack import speech_track

        write_music(self.plan, self.music, needed, speech_track(self.plan, files_of("fit", needed)), path)
