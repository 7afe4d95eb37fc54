"""Ctrl-C and a plain kill: what is said to the user, in whichever moment they come."""

from __future__ import annotations

import signal
import sys
from _thread import interrupt_main
from threading import Timer
from types import FrameType
from typing import Any

from dreamrunner.cli.console import output
from dreamrunner.cli.exits import INTERRUPTED, TERMINATED

STOPPED = "Stopped. What is finished is kept: run the same command again to go on."
"""What a command that was stopped says last."""

_AGAIN = 0.01
"""Seconds after which an interruption that Python dropped is raised again."""

_HAS_ALARM = hasattr(signal, "SIGALRM")
"""Whether the system can raise it: Windows has no alarms, and there a thread interrupts the main one."""


class Stop:
    """Remembers that the user asked to stop, since a library may turn the interruption into an error of its own."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.reports = sys.unraisablehook

    def listen(self) -> None:
        """Take Ctrl-C and a plain kill alike: clean up, then leave."""
        signal.signal(signal.SIGINT, self._asked)
        signal.signal(signal.SIGTERM, self._asked)
        if _HAS_ALARM:
            signal.signal(signal.SIGALRM, self._raise)
        self.reports = sys.unraisablehook
        sys.unraisablehook = self._unraisable

    def farewell(self, json: bool) -> int:
        """Say how to go on, as JSON or not; returns the exit code."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if _HAS_ALARM:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if json != output.is_json():  # stopped before that was settled
            output.begin(json)
        output.farewell(STOPPED)
        return TERMINATED if self.signal == signal.SIGTERM else INTERRUPTED

    def _asked(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        raise KeyboardInterrupt

    def _unraisable(self, raised: Any) -> None:
        # Python drops what is raised where nothing can catch it, as in a callback while a module is imported; and what
        # this hook raised would be dropped too.
        if isinstance(raised.exc_value, KeyboardInterrupt) and self.signal is not None:
            if _HAS_ALARM:
                signal.setitimer(signal.ITIMER_REAL, _AGAIN)
            else:
                Timer(_AGAIN, interrupt_main).start()
        else:
            self.reports(raised)

    def _raise(self, _: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt
