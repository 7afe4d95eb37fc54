"""A build as JSON, an object a line, for programs that watch over one.

Every object has ``event``, what happened in kebab case, and ``time``, ISO 8601 in UTC. Events of
:mod:`dreamrunner.engine.progress` have their own fields and, where they are about a task, its name as ``task``; times
are seconds. The rest is the command's:
``diagnostic``, ``error``, ``stopped`` and, always last, ``ended`` with the exit code.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TextIO

from dreamrunner.engine.progress import BuildStarted, Event, Said, TaskAdvanced
from dreamrunner.language import Diagnostic
from dreamrunner.language.report import records

INTERVAL = 1.0
"""Seconds between two lines about how far the same task is, but for the first and the last."""


class Log:
    """Writes what it hears to ``stream``."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.told: dict[tuple[str, str], float] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case Said(text):
                self.say(text)
            case TaskAdvanced(stage, of, fraction):
                now = time.monotonic()
                if fraction == 1.0 or now - self.told.get((stage, of), -INTERVAL) >= INTERVAL:
                    self.told[stage, of] = now
                    self.write(event_name(event), fields(event))
            case _:
                self.write(event_name(event), fields(event))

    def say(self, line: str) -> None:
        """A line for people."""
        self.write("said", {"text": line})

    def show(self, diagnostics: Sequence[Diagnostic]) -> None:
        """What is wrong with the story, as ``check --format json`` has it."""
        for record in records(diagnostics):
            self.write("diagnostic", record)

    def write(self, event: str, said: Mapping[str, Any]) -> None:
        """Write one object."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        print(json.dumps({"event": event, "time": now, **said}, allow_nan=False), file=self.stream, flush=True)


def event_name(event: Event) -> str:
    """``task-started`` for TaskStarted."""
    return event_name_of(type(event))


def event_name_of(kind: type) -> str:
    """What events of a class are called."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def fields(event: Event) -> dict[str, Any]:
    """An event's fields as JSON."""
    found = {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(event).items()}
    if isinstance(event, BuildStarted):
        found["stages"] = [{"stage": stage, "total": total} for stage, total in event.stages]
    if "of" in found:
        found["task"] = f"{found['stage']} {found['of']}".rstrip()
    return found
