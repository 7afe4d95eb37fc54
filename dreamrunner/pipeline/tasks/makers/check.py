"""Checking a scene: its frames and what its script promises, to its marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.engine.graph import StepFailed
from dreamrunner.pipeline.tasks.makers.needed_files import files_of

if TYPE_CHECKING:
    from dreamrunner.checking.script import Subject
    from dreamrunner.checking.seen import Watcher
    from dreamrunner.engine.graph import Advance
    from dreamrunner.planning import PlannedScene


@dataclass(frozen=True)
class CheckScene:
    """Makes a scene's marks, as JSON.

    ``scene``: what was planned.
    ``subjects``: the story's entities; their photos are files of the task, named by :func:`photo_name`.
    ``watcher``: who looks.
    """

    scene: PlannedScene
    subjects: tuple[Subject, ...]
    watcher: Watcher

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.checking.script import script_of
        from dreamrunner.checking.seen import WatcherError
        from dreamrunner.checking.verdict import mark
        from dreamrunner.rendering import Frames

        (file,) = files_of("render", needed).values()
        frames = Frames.load(file)
        advance(0.0)
        photos = files_of("photo", needed)
        subjects = [
            replace(each, photos=tuple(photos[f"{each.name} {number}"] for number in range(len(each.photos))))
            for each in self.subjects
        ]
        script = script_of(self.scene, subjects)
        try:
            seen = self.watcher.watch(frames.pixels, script)
        except WatcherError as error:
            raise StepFailed(f"{self.scene.name} is not checked: {error}") from error
        path.write_text(mark(self.scene.name, script, seen, self.watcher.name).text(), encoding="utf-8")


def photo_name(subject: str, number: int) -> str:
    """What a subject's photo is called among the files of a task."""
    return f"photo {subject} {number}"
