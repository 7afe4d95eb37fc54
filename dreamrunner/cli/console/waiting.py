"""A bar on a terminal for commands that read or draw texts, which is over at once but for very long ones."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dreamrunner.cli.console import output
from dreamrunner.files.heard import SILENT, hearing

_BETWEEN = 0.1  # seconds between two things that are drawn
_LEAST = 0.02  # the part that has to be done before its pace is believed


@contextmanager
def waiting() -> Iterator[None]:
    """Draw how far the work in the block is, and how long it still takes, where it lasts longer than two seconds.

    Only on a terminal, and above nothing else that is drawn.
    """
    if output.is_json() or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    with ExitStack() as drawn, hearing(_Waiting(drawn)):
        yield


class _Waiting:
    """Hears how far it is; what it draws on is in ``drawn``."""

    def __init__(self, drawn: ExitStack) -> None:
        self.drawn = drawn
        self.next = time.monotonic() + SILENT
        self.view: object = None
        self.doing, self.begun = "", (0.0, 0.0)

    def __call__(self, doing: str, fraction: float) -> None:
        now = time.monotonic()
        if doing != self.doing:
            self.doing, self.begun = doing, (now, fraction)
        if now < self.next:
            return
        self.next = now + _BETWEEN
        # What a bar takes is imported only for work that lasts.
        from dreamrunner.cli.console.bars import Bars
        from dreamrunner.engine.progress import TaskAdvanced

        if self.view is None:
            self.view = self.drawn.enter_context(output.shown())
            if isinstance(self.view, Bars):
                self.view.begin()
        if isinstance(self.view, Bars):
            since, before = self.begun
            done = fraction - before
            left = (now - since) / done * (1 - fraction) if done >= _LEAST else None
            what, _, of = doing.partition(" ")
            self.view.running.clear()
            self.view(TaskAdvanced(what, of, fraction, left=left))
