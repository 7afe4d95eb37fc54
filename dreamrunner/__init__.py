"""DreamRunner: a language for stories and a compiler that films them.

``dreamrunner.load("witch.story").build()`` films a story; :mod:`dreamrunner.api` has more. Names are imported from
their homes when they are first used, so that importing this costs nothing.
"""

from __future__ import annotations

from dreamrunner.version import __version__ as __version__

TYPE_CHECKING = False  # what type checkers take for true; importing typing for it would take longer than all else
if TYPE_CHECKING:
    from typing import Any

    from dreamrunner.api import StoryFile as StoryFile
    from dreamrunner.api import evaluate as evaluate
    from dreamrunner.api import load as load
    from dreamrunner.engine.graph import StepFailed as StepFailed
    from dreamrunner.engine.progress import BuildStarted as BuildStarted
    from dreamrunner.engine.progress import Event as Event
    from dreamrunner.engine.progress import Said as Said
    from dreamrunner.engine.progress import StageFinished as StageFinished
    from dreamrunner.engine.progress import StageStarted as StageStarted
    from dreamrunner.engine.progress import TaskAdvanced as TaskAdvanced
    from dreamrunner.engine.progress import TaskFailed as TaskFailed
    from dreamrunner.engine.progress import TaskFinished as TaskFinished
    from dreamrunner.engine.progress import TaskKept as TaskKept
    from dreamrunner.engine.progress import TaskStarted as TaskStarted
    from dreamrunner.evaluation.footage import NoFootage as NoFootage
    from dreamrunner.evaluation.metrics import Evaluation as Evaluation
    from dreamrunner.files.extras import NotInstalled as NotInstalled
    from dreamrunner.language import Diagnostic as Diagnostic
    from dreamrunner.language import Story as Story
    from dreamrunner.pipeline.build import Built as Built
    from dreamrunner.pipeline.draw_boxes import Drawn as Drawn
    from dreamrunner.pipeline.errors import StoryError as StoryError
    from dreamrunner.pipeline.errors import UsageError as UsageError
    from dreamrunner.pipeline.forecast import Forecast as Forecast
    from dreamrunner.pipeline.manifest import Manifest as Manifest
    from dreamrunner.planning import Plan as Plan

_HOMES = {
    "StoryFile": "api",
    "load": "api",
    "evaluate": "api",
    "Evaluation": "evaluation.metrics",
    "NoFootage": "evaluation.footage",
    "Drawn": "pipeline.draw_boxes",
    "Forecast": "pipeline.forecast",
    "StepFailed": "engine.graph",
    "Manifest": "pipeline.manifest",
    "Built": "pipeline.build",
    "BuildStarted": "engine.progress",
    "Event": "engine.progress",
    "Said": "engine.progress",
    "StageFinished": "engine.progress",
    "StageStarted": "engine.progress",
    "TaskAdvanced": "engine.progress",
    "TaskFailed": "engine.progress",
    "TaskFinished": "engine.progress",
    "TaskKept": "engine.progress",
    "TaskStarted": "engine.progress",
    "StoryError": "pipeline.errors",
    "UsageError": "pipeline.errors",
    "NotInstalled": "files.extras",
    "Diagnostic": "language",
    "Story": "language",
    "Plan": "planning",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
