"""DreamRunner: a language for stories and a compiler that films them.

``dreamrunner.load("witch.story").build()`` films a story; :mod:`dreamrunner.api` has more. Names are imported from
their homes when they are first used, so that importing this costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dreamrunner.api import StoryFile as StoryFile
    from dreamrunner.api import load as load
    from dreamrunner.build.boxes import Drawn as Drawn
    from dreamrunner.build.foresight import Forecast as Forecast
    from dreamrunner.build.graph import StepFailed as StepFailed
    from dreamrunner.build.manifest import Manifest as Manifest
    from dreamrunner.build.pipeline import Built as Built
    from dreamrunner.build.progress import BuildStarted as BuildStarted
    from dreamrunner.build.progress import Event as Event
    from dreamrunner.build.progress import Said as Said
    from dreamrunner.build.progress import StageFinished as StageFinished
    from dreamrunner.build.progress import StageStarted as StageStarted
    from dreamrunner.build.progress import TaskAdvanced as TaskAdvanced
    from dreamrunner.build.progress import TaskFailed as TaskFailed
    from dreamrunner.build.progress import TaskFinished as TaskFinished
    from dreamrunner.build.progress import TaskKept as TaskKept
    from dreamrunner.build.progress import TaskStarted as TaskStarted
    from dreamrunner.build.refusals import StoryError as StoryError
    from dreamrunner.build.refusals import UsageError as UsageError
    from dreamrunner.language import Diagnostic as Diagnostic
    from dreamrunner.language import Story as Story
    from dreamrunner.planning import Plan as Plan

__version__ = "0.1.0"

_HOMES = {
    "StoryFile": "api",
    "load": "api",
    "Drawn": "build.boxes",
    "Forecast": "build.foresight",
    "StepFailed": "build.graph",
    "Manifest": "build.manifest",
    "Built": "build.pipeline",
    "BuildStarted": "build.progress",
    "Event": "build.progress",
    "Said": "build.progress",
    "StageFinished": "build.progress",
    "StageStarted": "build.progress",
    "TaskAdvanced": "build.progress",
    "TaskFailed": "build.progress",
    "TaskFinished": "build.progress",
    "TaskKept": "build.progress",
    "TaskStarted": "build.progress",
    "StoryError": "build.refusals",
    "UsageError": "build.refusals",
    "Diagnostic": "language",
    "Story": "language",
    "Plan": "planning",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
