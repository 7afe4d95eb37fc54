"""What a build does with a GPU's memory, planned for the tasks that would run."""

from __future__ import annotations

from collections.abc import Sequence

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.device import Card
from dreamrunner.backbones.memory_plan import FILMING, TRAINING, MemoryPlan, Stage, Work, plan_for
from dreamrunner.engine.graph import Task
from dreamrunner.pipeline.tasks.makers.render import RenderJob
from dreamrunner.retrieval import RetrievalOptions


def memory_for(
    tasks: Sequence[Task],
    jobs: Sequence[RenderJob],
    backbone: Backbone,
    card: Card | None,
    *,
    preview: bool = False,
) -> MemoryPlan | None:
    """The plan for all of ``tasks`` that compute with the backbone, trainings with a ``preview`` or without; None where
    none does, or there is nothing to plan.

    Raises:
        BackboneError: the model's files went away.
    """
    stages: dict[Stage, None] = {}
    running = {task.name for task in tasks}
    filmed = [job for job in jobs if f"render {job.scene.name}" in running]
    trained = [task for task in tasks if task.kind.startswith("train-")]
    if filmed:
        stages |= dict.fromkeys(FILMING)
    if trained:
        stages |= dict.fromkeys((*TRAINING, "preview") if preview else TRAINING)
    if not stages:
        return None
    work = Work(
        stages=tuple(stages),
        size=(backbone.width, backbone.height),
        clip=backbone.frames,
        frames=max((job.program.grid.frames for job in filmed), default=backbone.frames),
        conditions=max((job.texts for job in filmed), default=1),
        asked=tuple({name: None for job in filmed for name in job.speedups}),
        clips=max((_clips(task) for task in trained), default=0),
        loras=max((job.work(backbone).loras for job in filmed), key=len, default=()),
    )
    return plan_for(backbone, card, work)


def _clips(task: Task) -> int:
    """How many clips a training is of at most, 0 for a character's."""
    if task.kind != "train-motion":
        return 0
    return len(task.files) or RetrievalOptions().keep
