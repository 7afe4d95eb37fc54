"""Joining the scenes' parts to the whole film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.pipeline.tasks.makers.needed_files import files_of

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance
    from dreamrunner.planning import Plan


@dataclass(frozen=True)
class JoinParts:
    """Makes the whole film from the scenes' parts."""

    plan: Plan
    subtitles: bool

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film import join

        parts, speech, music = files_of("cut", needed), files_of("fit", needed), needed.get("play")
        join(self.plan, parts, path, subtitles=self.subtitles, speech=speech, music=music, on_progress=advance)
