"""What a build reports while it works: frozen values, one for each thing that happens, given to a listener.

A listener is any function of one :data:`Event`; :func:`silent` is the one of a program that asks for none. Times are
seconds; ``None`` is what isn't known yet.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dreamrunner.engine.time_left import TimeLeft


@dataclass(frozen=True, slots=True)
class Said:
    """A line about the whole build, for people."""

    text: str


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """The ``stages`` to come, in order, each with how many tasks it has, those that turn out to be kept too."""

    stages: tuple[tuple[str, int], ...]
    build_left: float | None = None
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageStarted:
    """Work of one kind begins: ``total`` tasks, of which ``missing`` have to be done and the rest are kept.

    A missing one turns out to be kept where what it needs was made anew and came out as it was.
    """

    stage: str
    total: int
    missing: int


@dataclass(frozen=True, slots=True)
class TaskKept:
    """A task's result is there from before. ``of`` is the scene, motion or character that it is for, or ""."""

    stage: str
    of: str


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """A task begins, maybe not for the first time: another worker takes over what a lost one had in hand."""

    stage: str
    of: str
    left: float | None = None


@dataclass(frozen=True, slots=True)
class TaskAdvanced:
    """A task is done to the part ``fraction``, 0 to 1; where it counts, ``step`` of ``steps``; else both are 0.

    ``note`` says more of it ("loss 0.412"). It has run for ``seconds`` and takes about ``left`` more. ``build_left`` is
    for all that is still to be done, without the stages ``unmeasured``, of which nothing is known on this machine.
    """

    stage: str
    of: str
    fraction: float
    step: int = 0
    steps: int = 0
    note: str = ""
    seconds: float = 0.0
    left: float | None = None
    build_left: float | None = None
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskFinished:
    """A task's result is in the store; it took ``seconds``."""

    stage: str
    of: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A task could not be done; ``why`` is one line."""

    stage: str
    of: str
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class StageFinished:
    """All tasks of a stage are over: of ``total``, ``kept`` were there from before and ``failed`` have no result.

    Those that could not be tried, since what they need failed, don't count. ``seconds`` is while any of them ran.
    """

    stage: str
    total: int
    kept: int
    failed: int
    seconds: float


Event = (
    Said
    | BuildStarted
    | StageStarted
    | TaskKept
    | TaskStarted
    | TaskAdvanced
    | TaskFinished
    | TaskFailed
    | StageFinished
)

Progress = Callable[[Event], None]
"""Hears of a build, in the thread that builds. It may raise to stop it: what is finished is kept."""


def silent(_: Event) -> None:
    """Says nothing: what a program that imports the package gets."""


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a task is done, as :class:`TaskAdvanced` has it."""

    fraction: float = 0.0
    step: int = 0
    steps: int = 0
    note: str = ""


class Stage:
    """Reports the ``total`` tasks of one kind, one after the other or several at once; ``missing`` have to be done and
    the rest are kept from before. It is under way from now on."""

    def __init__(
        self, kind: str, total: int, missing: int, progress: Progress, time_left: TimeLeft | None = None
    ) -> None:
        self.kind = kind
        self.total, self.missing, self.failed = total, missing, 0
        self.progress = progress
        self.time_left = time_left or TimeLeft()
        self.running: dict[str, float] = {}
        self._busy, self._since = 0.0, 0.0
        progress(StageStarted(kind, total, missing))

    def keep(self, of: str) -> None:
        """A task's result is there from before."""
        self.time_left.end(self.kind, of)
        self.progress(TaskKept(self.kind, of))

    def begin(self, of: str) -> None:
        """A task begins, maybe not for the first time; ``of`` is the scene that it is for, or ""."""
        now = time.monotonic()
        self._since = self._since if self.running else now
        self.running[of] = now
        self.time_left.begin(self.kind, of)
        self.progress(TaskStarted(self.kind, of, self.time_left.of(self.kind, of)))

    def advance(self, fraction: float, of: str | None = None, *, step: int = 0, steps: int = 0, note: str = "") -> None:
        """A task is done to this part; without ``of``, the one that began last. See :class:`TaskAdvanced`."""
        of = next(reversed(self.running), "") if of is None else of
        part = min(max(fraction, 0.0), 1.0)
        self.time_left.advance(self.kind, of, part)
        took, left = self._took(of), self.time_left.of(self.kind, of)
        in_all = self.time_left.in_all()
        self.progress(
            TaskAdvanced(self.kind, of, part, step, steps, note, took, left, in_all.seconds, in_all.unmeasured)
        )

    def end(self, of: str, why: str | None = None) -> None:
        """A task is over; ``why`` it failed, where it did."""
        took = self._took(of)
        if self.running.pop(of, None) is not None and not self.running:
            self._busy += time.monotonic() - self._since
        self.time_left.end(self.kind, of)
        if why is None:
            self.progress(TaskFinished(self.kind, of, took))
        else:
            self.failed += 1
            self.progress(TaskFailed(self.kind, of, took, why))

    def finish(self) -> None:
        """All tasks are over."""
        self.progress(StageFinished(self.kind, self.total, self.total - self.missing, self.failed, self._busy))

    def _took(self, of: str) -> float:
        now = time.monotonic()
        return now - self.running.get(of, now)


class Stages:
    """Reports the stages of a build, of which several may be under way: each begins with its first task and ends with
    its last. ``tasks`` are all of the build's, each with its kind and what it is for; ``kept`` are those whose results
    are known to be there."""

    def __init__(
        self,
        tasks: Sequence[tuple[str, str]],
        kept: Collection[tuple[str, str]],
        progress: Progress,
        time_left: TimeLeft | None = None,
    ) -> None:
        self.progress = progress
        self.time_left = time_left or TimeLeft()
        self._kept = frozenset(kept)
        self._total = Counter(kind for kind, _ in tasks)
        self._missing = self._total - Counter(kind for kind, _ in kept)
        self._left = Counter(self._total)
        self._stages: dict[str, Stage] = {}

    def keep(self, kind: str, of: str) -> None:
        """A task's result is there from before."""
        self._left[kind] -= 1
        if (kind, of) not in self._kept:
            self._missing[kind] -= 1
        self._stage(kind).keep(of)

    def begin(self, kind: str, of: str) -> None:
        """A task begins, maybe not for the first time."""
        self._stage(kind).begin(of)

    def advance(self, kind: str, of: str, part: Part) -> None:
        """A task is done to this part."""
        self._stage(kind).advance(part.fraction, of, step=part.step, steps=part.steps, note=part.note)

    def end(self, kind: str, of: str, why: str | None = None) -> None:
        """A task is over; ``why`` it failed, where it did."""
        self._left[kind] -= 1
        self._stage(kind).end(of, why)

    def skip(self, kind: str, of: str) -> None:
        """A task can't be tried, since what it needs failed."""
        for count in (self._total, self._missing, self._left):
            count[kind] -= 1
        self.time_left.end(kind, of)

    def finish(self, kind: str) -> None:
        """Say that a stage is over, if its tasks are."""
        stage = self._stages.get(kind)
        if stage is not None and not self._left[kind]:
            stage.total, stage.missing = self._total[kind], self._missing[kind]
            stage.finish()
            del self._stages[kind]

    def expected(self, kind: str, of: str) -> float:
        """About how many seconds a task takes, 0 where that isn't known."""
        return self.time_left.of(kind, of) or 0.0

    def _stage(self, kind: str) -> Stage:
        if kind not in self._stages:
            total, missing = self._total[kind], self._missing[kind]
            self._stages[kind] = Stage(kind, total, missing, self.progress, self.time_left)
        return self._stages[kind]


@contextmanager
def stage(
    kind: str, total: int, missing: int, progress: Progress, time_left: TimeLeft | None = None
) -> Iterator[Stage]:
    """Report a stage of ``total`` tasks, of which ``missing`` have to be done and the rest are kept from before."""
    reported = Stage(kind, total, missing, progress, time_left)
    yield reported
    reported.finish()


@contextmanager
def counting(progress: Progress) -> Iterator[Callable[[str, int, int], None]]:
    """For work that counts: what is given takes a stage's kind, how much is done and of how much, and reports each
    stage as one task, which is over when all of it is done or another stage begins. A stage with nothing left to do is
    none."""
    shown: Stage | None = None
    kind = ""

    def close() -> None:
        nonlocal shown
        if shown is not None:
            shown.end("")
            shown.finish()
            shown = None

    def count(of: str, done: int, total: int) -> None:
        nonlocal shown, kind
        if shown is None and done >= total:
            return
        if shown is None or of != kind:
            close()
            kind = of
            shown = Stage(kind, 1, 1, progress)
            shown.begin("")
        shown.advance(done / total if total else 1.0, step=done, steps=total)
        if done >= total:
            close()

    yield count
    close()
