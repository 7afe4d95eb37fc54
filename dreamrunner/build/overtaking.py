"""Giving up a build in mid-work when what it is made from has changed."""

from __future__ import annotations

import time
from collections.abc import Callable

from dreamrunner.build.progress import Progress, Stage

_INTERVAL = 0.1  # seconds between two looks


class Overtaken(KeyboardInterrupt):
    """The story was saved while it was being filmed. Stops a build as Ctrl-C does: what is finished is kept."""


class Overtakable(Progress):
    """Hears of a build as ``shown`` does, and stops it at the next sign of progress once ``changed`` says so."""

    def __init__(self, shown: Progress, changed: Callable[[], bool]) -> None:
        self.shown, self.has_changed = shown, changed
        self.next_look = 0.0

    def say(self, line: str) -> None:
        self.shown.say(line)

    def open_stage(self, kind: str, missing: int) -> Stage:
        stage = self.shown.open_stage(kind, missing)
        show = stage.changed

        def changed() -> None:
            show()
            self.look()

        stage.changed = changed  # type: ignore[method-assign]
        return stage

    def look(self) -> None:
        """Raises Overtaken where something has changed."""
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + _INTERVAL
        if self.has_changed():
            raise Overtaken
