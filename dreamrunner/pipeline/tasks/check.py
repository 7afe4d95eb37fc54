"""The tasks that check scenes: who looks, at whom, and what their keys read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dreamrunner.checking.marks import SceneMarks
from dreamrunner.checking.script import Subject, moments_of
from dreamrunner.checking.seen import Watcher
from dreamrunner.engine.graph import Task
from dreamrunner.engine.measurements import Effort
from dreamrunner.engine.software import code_digest, library_versions
from dreamrunner.files.digest import digest_file
from dreamrunner.files.regular import read_regular
from dreamrunner.language import Story
from dreamrunner.language.story import Missing
from dreamrunner.pipeline.tasks.makers.check import CheckScene, photo_name
from dreamrunner.pipeline.tasks.makers.render import RenderJob


def subjects_of(story: Story) -> tuple[Subject, ...]:
    """The story's entities as they are to be recognized. Whose looks are not told has a plan's description alone."""
    found = [
        Subject(each.name, each.looks, each.images, moves=True)
        for each in story.characters
        if not isinstance(each.looks, Missing)
    ]
    return (
        *found,
        *(Subject(each.name, each.looks, moves=False) for each in story.props if not isinstance(each.looks, Missing)),
    )


def check_tasks(jobs: Sequence[RenderJob], story: Story, watcher: Watcher) -> list[Task]:
    """One task a scene: its frames to its marks."""
    code = code_digest(CheckScene, type(watcher))

    def task(job: RenderJob) -> Task:
        scene = job.scene
        staged = {beat.entity for beat in scene.beats}
        subjects = tuple(each for each in subjects_of(story) if each.name in staged)
        beats = [
            beat.model_dump(mode="json", exclude={"description"} if beat.entity in {s.name for s in subjects} else None)
            for beat in scene.beats
        ]
        return Task(
            "check",
            scene.name,
            {
                "beats": beats,
                "duration": scene.duration,
                "subjects": [
                    [each.name, each.looks, each.moves, [digest_file(photo) for photo in each.photos]]
                    for each in subjects
                ],
                "watcher": watcher.key,
                "libraries": library_versions(),
                "code": code,
            },
            CheckScene(scene, subjects, watcher),
            (f"render {scene.name}",),
            ".json",
            files={
                photo_name(each.name, number): photo for each in subjects for number, photo in enumerate(each.photos)
            },
            optional=True,
            effort=Effort(watcher.name, len(moments_of(scene.duration)), most=100_000),
        )

    return [task(job) for job in jobs]


def read_marks(file: Path) -> SceneMarks:
    """The marks that a task made."""
    return SceneMarks.model_validate_json(read_regular(file))
