"""What a build says while it works: a line for every stage, and a bar for what takes longer than two seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

PATIENCE = 2.0
"""Seconds that a stage may take before it shows how far it is."""

INTERVAL = 10.0
"""Seconds between two lines about the same stage where there is no terminal to draw a bar on."""

WORDS = {
    "retrieve": ("finding clips for", "found clips for", "motion"),
    "train-motion": ("learning", "learnt", "motion"),
    "train-subject": ("learning", "learnt", "character"),
    "speak": ("speaking", "spoke", "scene"),
    "fit": ("fitting the speech of", "fitted the speech of", "scene"),
    "render": ("filming", "filmed", "scene"),
    "encode": ("encoding", "encoded", "scene"),
    "join": ("joining", "joined", "film"),
    "storyboard": ("drawing", "drew", "storyboard"),
    "drawing": ("drawing", "drew", "catalog"),
    "rows": ("reading", "read", "source"),
    "captions": ("indexing", "indexed", "captions"),
    "clips": ("looking at", "looked at", "clips"),
    "people": ("following", "followed", "people"),
    "similarity": ("comparing", "compared", "clips"),
}
"""For each kind of task: while it runs, when it is done, what it makes."""

COUNTED = ("scene", "motion", "character")
"""What there may be several of."""


class Stage:
    """Work of one kind: ``missing`` tasks to do, one after the other or several at once. This one is silent.

    ``finished`` tasks are over, ``failed`` of them without a result.
    """

    def __init__(self, kind: str, missing: int) -> None:
        self.kind = kind
        self.missing = missing
        self.finished = 0
        self.failed = 0
        self.running: dict[str, float] = {}
        self.note = ""
        self.started = time.monotonic()

    def begin(self, of: str) -> None:
        """A task of the stage begins, maybe not for the first time; ``of`` is the scene that it is for, or ""."""
        self.running[of] = 0.0
        self.changed()

    def advance(self, fraction: float, of: str | None = None, *, note: str = "") -> None:
        """A task is done to this part, 0 to 1; without ``of``, the one that began last. ``note`` says more of it."""
        self.note = note
        self.running[self.of if of is None else of] = min(max(fraction, 0.0), 1.0)
        self.changed()

    def end(self, of: str | None = None) -> None:
        """A task is done; without ``of``, the one that began last."""
        self.finished += 1
        self.note = ""
        self.running.pop(self.of if of is None else of, None)
        self.changed()

    @property
    def of(self) -> str:
        """What the task that began last is for."""
        return next(reversed(self.running), "")

    @property
    def done(self) -> float:
        """Tasks done so far, those in hand counted by their part."""
        return self.finished + sum(self.running.values())

    @property
    def elapsed(self) -> float:
        """Seconds since the stage began."""
        return time.monotonic() - self.started

    def changed(self) -> None:
        """Something above changed: the place for showing it."""

    def close(self) -> None:
        """The stage is over, well or not."""


class Progress:
    """Hears of a build. This one says nothing: what a program that imports the package gets."""

    def say(self, line: str) -> None:
        """A line about the whole build."""

    @contextmanager
    def stage(self, kind: str, total: int, missing: int) -> Iterator[Stage]:
        """A stage of ``total`` tasks, of which ``missing`` have to be done and the rest are kept from before."""
        stage = self.open_stage(kind, missing)
        try:
            yield stage
        finally:
            stage.close()
        if stage.failed < total:
            self.say(summary(kind, total - stage.failed, missing - stage.failed, stage.elapsed))

    def open_stage(self, kind: str, missing: int) -> Stage:
        """The stage to report to."""
        return Stage(kind, missing)


class LineProgress(Progress):
    """Plain lines, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def say(self, line: str) -> None:
        from dreamrunner.language.reports import printable

        print(printable(line), file=self.stream, flush=True)

    def open_stage(self, kind: str, missing: int) -> Stage:
        return _LineStage(kind, missing, self)


class BarProgress(LineProgress):
    """Lines and, under them, a bar with the time left."""

    def open_stage(self, kind: str, missing: int) -> Stage:
        return _BarStage(kind, missing, self.stream)


def for_stream(stream: TextIO = sys.stderr) -> Progress:
    """The progress that suits a stream: a bar on a terminal, plain lines elsewhere."""
    return BarProgress(stream) if stream.isatty() else LineProgress(stream)


@contextmanager
def counting(progress: Progress) -> Iterator[Callable[[str, int, int], None]]:
    """For work that counts: what is given takes a stage's kind, how much is done and of how much, and shows each stage."""
    shown: Stage | None = None

    def count(kind: str, done: int, total: int) -> None:
        nonlocal shown
        if shown is None or shown.kind != kind:
            if shown is not None:
                shown.close()
            shown = progress.open_stage(kind, 1)
            shown.begin("")
        shown.advance(done / total if total else 1.0)

    try:
        yield count
    finally:
        if shown is not None:
            shown.close()


class _LineStage(Stage):
    def __init__(self, kind: str, missing: int, progress: LineProgress) -> None:
        super().__init__(kind, missing)
        self.progress = progress
        self.next_line = PATIENCE
        self.first: tuple[float, float] | None = None

    def changed(self) -> None:
        now = self.elapsed
        if self.first is None and self.done:
            self.first = now, self.done
        if now < self.next_line or self.done >= self.missing:
            return
        self.next_line = now + INTERVAL
        left = self._left(now)
        self.progress.say(f"  {describe(self)}" + (f", about {clock(left)} left" if left is not None else ""))

    def _left(self, now: float) -> float | None:
        # Counted from the first sign of progress: what goes before, loading a model, happens only once.
        if self.first is None or self.done == self.first[1]:
            return None
        since, done = self.first
        return (now - since) / (self.done - done) * (self.missing - self.done)


class _BarStage(Stage):
    """The bar is drawn by a timer, since a task may be busy (loading a model) when its two seconds are over."""

    def __init__(self, kind: str, missing: int, stream: TextIO) -> None:
        super().__init__(kind, missing)
        self.stream = stream
        self.lock = threading.Lock()
        self.closed = False
        self.bar: RichProgress | None = None
        self.timer = threading.Timer(PATIENCE, self._draw)
        self.timer.daemon = True
        if missing:
            self.timer.start()

    def _draw(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        with self.lock:
            if self.closed:
                return
            self.bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=Console(file=self.stream),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                speed_estimate_period=600,
            )
            self.bar.add_task(describe(self), total=None)
            self._update()
            self.bar.start()

    def _update(self) -> None:
        if self.bar is not None:
            # Without a total the bar swings: nothing is known yet of how long it takes.
            total = self.missing if self.done else None
            self.bar.update(self.bar.task_ids[0], description=describe(self), completed=self.done, total=total)

    def changed(self) -> None:
        with self.lock:
            self._update()

    def close(self) -> None:
        self.timer.cancel()
        with self.lock:
            self.closed = True
            if self.bar is not None:
                self.bar.stop()


def doing(kind: str, of: str) -> str:
    """What a task does: ``filming garden``, ``joining the film``."""
    verb, _, noun = WORDS.get(kind, (kind, kind, "task"))
    return f"{verb} {of or 'the ' + noun}"


def describe(stage: Stage) -> str:
    """What a stage is doing: ``filming garden (2 of 5)``, ``filming garden, kitchen (2 to 3 of 5)``, ``learning waving,
    loss 0.12``."""
    if len(stage.running) > 1:
        first, last = stage.finished + 1, min(stage.finished + len(stage.running), stage.missing)
        return f"{doing(stage.kind, ', '.join(stage.running))} ({first} to {last} of {stage.missing})"
    what = doing(stage.kind, stage.of)
    if stage.missing > 1:
        what = f"{what} ({min(stage.finished + 1, stage.missing)} of {stage.missing})"
    return f"{what}, {stage.note}" if stage.note else what


def summary(kind: str, total: int, missing: int, seconds: float) -> str:
    """The line that a stage leaves behind: ``filmed 5 scenes in 1:43 (2 of them kept from before)``."""
    _, did, noun = WORDS.get(kind, (kind, kind, "task"))
    what = f"{total} {noun}{'' if total == 1 else 's'}" if noun in COUNTED else f"the {noun}"
    if not missing:
        return f"{did} {what}: kept from before"
    kept = f" ({total - missing} of them kept from before)" if missing < total else ""
    return f"{did} {what} in {clock(seconds)}{kept}"


def clock(seconds: float) -> str:
    """Seconds for people: ``0.4 s``, ``12 s``, ``1:43``, ``1:02:03``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
