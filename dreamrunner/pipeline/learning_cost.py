"""What learning for a story takes, beside filming it: told before anybody begins."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.backbones import cache_folder
from dreamrunner.backbones.device import compute_device
from dreamrunner.engine.graph import StepFailed
from dreamrunner.engine.measurements import Measurements
from dreamrunner.pipeline.errors import StoryError, UsageError
from dreamrunner.pipeline.forecast import TaskForecast, forecast, needs
from dreamrunner.pipeline.options import Options


def learning_cost(story: Path, *, allow_outside: bool = False) -> tuple[tuple[str, ...], int, int, float, float] | None:
    """What a build would learn, the steps of that and of filming, and the seconds of both, 0 where these have not been
    measured; None where there is nothing to learn, or it takes no longer than filming, or a build would fail."""
    try:
        foreseen = forecast(story, options=Options(allow_outside=allow_outside))
    except (StoryError, UsageError, StepFailed):
        return None
    running = [each for each in foreseen.tasks if not each.kept]
    learnt = [each for each in running if each.task.kind.startswith(("retrieve", "train"))]
    filmed = [each for each in running if each.task.kind == "render"]
    steps = _steps(learnt, "train"), sum(int(each.task.reads["steps"]) for each in filmed)
    backbone, measured = foreseen.production.backbone, Measurements(cache_folder()).read()
    took = [needs(tasks, measured, backbone, compute_device()) for tasks in (learnt, filmed)]
    known = not any(each.unmeasured for each in took)
    seconds = [each.seconds if known else 0.0 for each in took]
    if not learnt or (seconds[0] <= seconds[1] if known else steps[0] <= steps[1]):
        return None
    return tuple(dict.fromkeys(each.task.of for each in learnt)), *steps, seconds[0], seconds[1]


def _steps(tasks: list[TaskForecast], kind: str) -> int:
    return round(sum(each.task.effort.amount for each in tasks if each.task.kind.startswith(kind)))
