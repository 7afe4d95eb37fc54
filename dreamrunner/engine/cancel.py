"""Giving up a build in mid-work when what it is made from has changed."""

from __future__ import annotations

import time
from collections.abc import Callable

from dreamrunner.engine.progress import Event, Progress

_INTERVAL = 0.1  # seconds between two looks


class Overtaken(KeyboardInterrupt):
    """The story was saved while it was being filmed. Stops a build as Ctrl-C does: what is finished is kept."""


class Overtakable:
    """Hears of a build as ``shown`` does, and stops it at the next sign of progress once ``changed`` says so."""

    def __init__(self, shown: Progress, changed: Callable[[], bool]) -> None:
        self.shown, self.has_changed = shown, changed
        self.next_look = 0.0

    def __call__(self, event: Event) -> None:
        """Raises Overtaken where something has changed."""
        self.shown(event)
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + _INTERVAL
        if self.has_changed():
            raise Overtaken
