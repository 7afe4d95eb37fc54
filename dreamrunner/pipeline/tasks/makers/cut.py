"""Cutting a scene's film to its part of the whole."""

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
class CutScene:
    """Makes a scene's part of the film from its film, and that of the one that dissolves into it.

    ``size`` is that of the scenes' frames (width, height).
    """

    plan: Plan
    scene: str
    size: tuple[int, int]
    burn_subtitles: bool

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film import cut_scene
        from dreamrunner.film.encode import video_size

        cut_scene(
            self.plan,
            self.scene,
            files_of("encode", needed),
            path,
            size=video_size(*self.size),
            burn_subtitles=self.burn_subtitles,
            speech=files_of("fit", needed),
            on_progress=advance,
        )
