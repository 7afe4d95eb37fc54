"""Drawing the storyboard: the plan's boxes beside the frames that came out."""

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
class DrawStoryboard:
    """Makes the storyboard from the plan, the scenes' frames and what marks they were given."""

    plan: Plan

    def __call__(self, needed: Mapping[str, Path], path: Path, _: Advance) -> None:
        from dreamrunner.checking.marks import SceneMarks
        from dreamrunner.files.regular import read_regular
        from dreamrunner.film import draw_storyboard
        from dreamrunner.rendering import Frames

        frames = {name: Frames.load(file) for name, file in files_of("render", needed).items()}
        marks = {
            name: SceneMarks.model_validate_json(read_regular(file)) for name, file in files_of("check", needed).items()
        }
        draw_storyboard(self.plan, frames, path, marks)
