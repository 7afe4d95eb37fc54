"""A build on a terminal: how many tasks of each stage are done, and a bar with the time left for each that runs.

What is over leaves a line above. A build of less than two seconds draws nothing, and does not import rich.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from dreamrunner.cli.console.amounts import summary
from dreamrunner.cli.console.lines import TOLD_OTHERWISE, Lines
from dreamrunner.engine.kinds import doing, stage_name
from dreamrunner.engine.progress import (
    BuildStarted,
    Event,
    Said,
    StageFinished,
    StageStarted,
    TaskAdvanced,
    TaskFailed,
    TaskFinished,
    TaskKept,
    TaskStarted,
)
from dreamrunner.files.heard import SILENT
from dreamrunner.files.wording import clock

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live


@dataclass(slots=True)
class _Running:
    """A task that runs, as it was last heard of, at ``heard``."""

    stage: str
    of: str
    left: float | None
    heard: float
    advanced: TaskAdvanced | None = None


@dataclass(slots=True)
class _Count:
    """A stage's tasks."""

    total: int
    done: int = 0
    failed: int = 0


class Bars(Lines):
    """Draws what it hears on the terminal ``stream``; to be closed."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.counts: dict[str, _Count] = {}
        self.running: dict[tuple[str, str], _Running] = {}
        self.left: tuple[float | None, float, bool] = (None, 0.0, False)
        self._lock = threading.Lock()
        self._closed = False
        self._live: Live | None = None
        self._timer: threading.Timer | None = None

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        match event:
            case Said(text):
                self.say(text)
            case BuildStarted(stages, left, unmeasured):
                for stage, total in stages:
                    self.counts.setdefault(stage_name(stage), _Count(0)).total += total
                self.left = left, now, bool(unmeasured)
            case StageStarted(stage, total, missing):
                if stage in TOLD_OTHERWISE:
                    self.counts[stage_name(stage)] = _Count(total)
                if missing:
                    self._draw_soon()
            case TaskKept(stage, _):
                self._over(stage)
            case TaskStarted(stage, of, left):
                self.running[stage, of] = _Running(stage, of, left, now)
            case TaskAdvanced(stage, of):
                self.running[stage, of] = _Running(stage, of, event.left, now, event)
                self.left = event.build_left, now, bool(event.unmeasured)
            case TaskFinished(stage, of):
                self.running.pop((stage, of), None)
                self._over(stage)
            case TaskFailed(stage, of):
                self.running.pop((stage, of), None)
                if stage_name(stage) in self.counts:
                    self.counts[stage_name(stage)].failed += 1
            case StageFinished(stage, total, kept, failed, seconds):
                if stage not in TOLD_OTHERWISE and failed < total:
                    self.say(summary(stage, total - failed, total - kept - failed, seconds))

    def write(self, text: str) -> None:
        """Write a line, or several, above what is drawn."""
        with self._lock:
            if self._live is None or self._closed:
                print(text, file=self.stream, flush=True)
            else:
                self._live.console.out(text, highlight=False)

    def close(self) -> None:
        """Take away what is drawn."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._closed = True
            if self._live is not None:
                self._live.stop()

    def _over(self, stage: str) -> None:
        if stage_name(stage) in self.counts:
            self.counts[stage_name(stage)].done += 1

    def _draw_soon(self) -> None:
        """A timer draws, since a task may be busy (loading a model) when its two seconds are over."""
        if self._timer is None:
            self._timer = threading.Timer(SILENT, self.begin)
            self._timer.daemon = True
            self._timer.start()

    def begin(self) -> None:
        """Draw from now on."""
        from rich.console import Console
        from rich.live import Live

        with self._lock:
            if self._closed:
                return
            self._live = Live(
                console=Console(file=self.stream),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                get_renderable=self.drawn,
            )
            self._live.start()

    def drawn(self) -> RenderableType:
        """What is drawn now. Called by another thread: it reads, and waits for nobody."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Column, Table
        from rich.text import Text

        columns = [
            Column(ratio=3, no_wrap=True, overflow="ellipsis"),
            Column(ratio=2),
            Column(no_wrap=True, justify="right"),
            Column(no_wrap=True),
        ]
        bars = Table.grid(*columns, padding=(0, 1), expand=True)
        for task in list(self.running.values()):
            moved = task.advanced
            what = doing(task.stage, task.of) + (f", {moved.note}" if moved and moved.note else "")
            # Without a total the bar swings: nothing is known yet of how long it takes.
            bar = ProgressBar(1.0 if moved else None, moved.fraction if moved else 0.0, pulse=moved is None)
            bars.add_row(Text(what), bar, _step(moved), left(task.left, task.heard))
        stages = [
            f"{stage} {count.done}/{count.total}" + (f" ({count.failed} failed)" if count.failed else "")
            for stage, count in list(self.counts.items())
        ]
        if len(stages) > 1 and (rest := left(*self.left)):
            stages.append(f"{rest} in all")
        return Group(bars, Text(", ".join(stages), style="dim")) if stages else bars


def left(seconds: float | None, at: float, least: bool = False) -> str:
    """How long it still takes, if that was so at ``at``: ``1:43 left``; at ``least``, ``over 1:43 left``."""
    rest = None if seconds is None else max(0.0, seconds - (time.monotonic() - at))
    if rest is None or rest < (1.0 if least else 0.1):
        return ""
    return f"{'over ' if least else ''}{clock(rest)} left"


def _step(moved: TaskAdvanced | None) -> str:
    if moved is None:
        return ""
    return f"{moved.step:,}/{moved.steps:,}" if moved.steps else f"{moved.fraction:.0%}"
