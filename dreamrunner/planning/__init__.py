"""Planning: a checked story becomes a plan without a gap (paper 3.1).

:func:`plan_story` fills what the author left out and never changes what the author wrote. :func:`as_story` writes the
plan back into the story, whose planning then gives the same plan. :func:`gaps` lists what is left open.
:func:`plan_file` plans a story file, with the filled story beside it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dreamrunner.language import Gap, gaps
    from dreamrunner.planning.fill import Planned, as_story, plan_story, scene_seed
    from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene
    from dreamrunner.planning.planner import Planner
    from dreamrunner.planning.written.file import filled_path
    from dreamrunner.planning.written.keeping import write_story
    from dreamrunner.planning.written.origins import SceneOrigins, origins
    from dreamrunner.planning.written.plan_file import FilledFile, PlannedFile, plan_file

# `check` reads narrations and must not wait for what makes plans, so everything is imported when it is first used.
_MODULES = {
    "FilledFile": "planning.written.plan_file",
    "Gap": "language",
    "Plan": "planning.plan",
    "Planned": "planning.fill",
    "PlannedBeat": "planning.plan",
    "PlannedFile": "planning.written.plan_file",
    "PlannedScene": "planning.plan",
    "Planner": "planning.planner",
    "SceneOrigins": "planning.written.origins",
    "as_story": "planning.fill",
    "filled_path": "planning.written.file",
    "gaps": "language",
    "origins": "planning.written.origins",
    "plan_file": "planning.written.plan_file",
    "plan_story": "planning.fill",
    "scene_seed": "planning.fill",
    "write_story": "planning.written.keeping",
}

__all__ = [
    "FilledFile",
    "Gap",
    "Plan",
    "Planned",
    "PlannedBeat",
    "PlannedFile",
    "PlannedScene",
    "Planner",
    "SceneOrigins",
    "as_story",
    "filled_path",
    "gaps",
    "origins",
    "plan_file",
    "plan_story",
    "scene_seed",
    "write_story",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"dreamrunner.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
