"""A build in plain lines, for logs and pipes: one for each task that begins and ends, and few for what takes long."""

from __future__ import annotations

import time
from typing import TextIO

from dreamrunner.cli.console.amounts import summary
from dreamrunner.engine.kinds import did, doing, kind_of
from dreamrunner.engine.progress import (
    Event,
    Said,
    StageFinished,
    StageStarted,
    TaskAdvanced,
    TaskFinished,
    TaskStarted,
)
from dreamrunner.files.heard import SILENT
from dreamrunner.files.text import printable
from dreamrunner.files.wording import clock

INTERVAL = 10.0
"""Seconds between two lines about how far a stage is."""

TOLD_OTHERWISE = ("plan",)
"""Stages of which a build says more itself."""


class Lines:
    """Writes what it hears to ``stream``."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.next_line = 0.0
        self.missing: dict[str, int] = {}
        self.begun: dict[str, list[str]] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case Said(text):
                self.say(text)
            case StageStarted(stage, _, missing):
                self.missing[stage], self.begun[stage] = missing, []
                self.next_line = time.monotonic() + SILENT
            case TaskStarted(stage, of) if stage not in TOLD_OTHERWISE:
                if of not in self.begun.setdefault(stage, []):
                    self.begun[stage].append(of)
                self.say(f"  {doing(stage, of)}{self._number(stage, of)}")
            case TaskAdvanced(fraction=fraction) if fraction < 1:
                self._advanced(event)
            case TaskFinished(stage, of, seconds) if self.missing.get(stage, 1) > 1:
                self.say(f"  {did(stage, of)} in {clock(seconds)}")
            case StageFinished(stage, total, kept, failed, seconds) if stage not in TOLD_OTHERWISE and failed < total:
                self.say(summary(stage, total - failed, total - kept - failed, seconds))
            case _:
                pass

    def say(self, line: str) -> None:
        """Write a line, and nothing in it that steers a terminal."""
        self.write(printable(line))

    def write(self, text: str) -> None:
        """Write a line, or several, as they are."""
        print(text, file=self.stream, flush=True)

    def close(self) -> None:
        """Nothing more is to be shown."""

    def _advanced(self, event: TaskAdvanced) -> None:
        if (now := time.monotonic()) < self.next_line:
            return
        self.next_line = now + INTERVAL
        self.say(f"  {doing(event.stage, event.of)}{self._number(event.stage, event.of)}{how_far(event)}")

    def _number(self, stage: str, of: str) -> str:
        missing, begun = self.missing.get(stage, 1), self.begun.get(stage, [])
        return f" ({begun.index(of) + 1} of {missing})" if missing > 1 and of in begun else ""


def how_far(event: TaskAdvanced) -> str:
    """How far a task is and how long it and the build still take, each after a comma: ``, step 14 of 50, about 38 s
    left, 2:03 in all``."""
    step = "step " if kind_of(event.stage).steps else ""
    parts = [f"{step}{event.step:,} of {event.steps:,}" if event.steps else f"{event.fraction:.0%}"]
    parts += [event.note] if event.note else []
    if event.left is not None:
        parts.append(f"about {clock(event.left)} left")
        if event.build_left is not None and event.build_left > event.left + 1:
            more = " at least" if event.unmeasured else ""
            parts.append(f"{clock(event.build_left)} in all{more}")
    return "".join(f", {part}" for part in parts)
