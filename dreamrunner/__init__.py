"""DreamRunner: a language for stories and a compiler that films them.

``dreamrunner.load("witch.story").build()`` films a story; see :mod:`dreamrunner.api`. Names are imported from there when
they are first used, so that importing this costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dreamrunner.api import (
        Built,
        Diagnostic,
        Drawn,
        Forecast,
        Manifest,
        Plan,
        Progress,
        StepFailed,
        Story,
        StoryError,
        StoryFile,
        UsageError,
        load,
    )

__version__ = "0.1.0"

__all__ = [
    "Built",
    "Diagnostic",
    "Drawn",
    "Forecast",
    "Manifest",
    "Plan",
    "Progress",
    "StepFailed",
    "Story",
    "StoryError",
    "StoryFile",
    "UsageError",
    "load",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dreamrunner import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
