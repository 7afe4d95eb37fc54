"""How long the rest of a build takes: by what such tasks took here and, once a task moves, by its own pace."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dreamrunner.engine.measurements import Effort, Measurement, seconds

LEAST = 0.02
"""The part of a task after which its own pace is believed."""


@dataclass(frozen=True, slots=True)
class InAll:
    """``seconds`` for all tasks left, without those of the kinds ``unmeasured``; None where nothing at all is known."""

    seconds: float | None
    unmeasured: tuple[str, ...]


@dataclass(slots=True)
class _Awaited:
    """A task that is not over. ``expected`` seconds in all; ``first`` is when, and how far done, it first moved, and
    ``last`` when it moved last. Tasks of another ``lane`` run beside it."""

    kind: str
    effort: Effort
    expected: float | None
    lane: str = ""
    began: float | None = None
    first: tuple[float, float] = (0.0, 1.0)
    last: tuple[float, float] = (0.0, 0.0)

    @property
    def alike(self) -> tuple[str, str]:
        return self.kind, self.effort.like

    @property
    def pace(self) -> float | None:
        """Seconds for the whole task, as fast as it goes now.

        Counted from the first sign of progress: what goes before, loading a model, happens only once.
        """
        (since, done), (now, by_now) = self.first, self.last
        return (now - since) / (by_now - done) if by_now - done >= LEAST else None

    def left(self, now: float) -> float | None:
        # What comes after the last step, decoding a film, has a pace of its own.
        if self.pace is not None and self.last[1] < 1:
            return max(0.0, self.pace * (1 - self.last[1]) - (now - self.last[0]))
        if self.expected is None or self.began is None:
            return self.expected
        rest = self.expected - (now - self.began)
        return rest if rest > 0 else None  # what takes longer than it should tells nothing of when it ends


@dataclass
class TimeLeft:
    """The tasks of a build that are not over, by kind and what they are for."""

    tasks: dict[tuple[str, str], _Awaited] = field(default_factory=dict)

    def expect(
        self, kind: str, of: Sequence[tuple[str, Effort]], measured: Iterable[Measurement], lane: str = ""
    ) -> None:
        """Await tasks of one kind, each with its effort; ``measured`` is how long such tasks took, ``lane`` a name for
        what runs them."""
        measured, seen = list(measured), set()
        for name, effort in of:
            alone = seconds(measured, kind, [effort])
            if alone is not None and effort.like in seen:
                # The first of its like may load a model; another one takes what it adds.
                alone = (seconds(measured, kind, [effort, effort]) or alone) - alone
            seen.add(effort.like)
            self.tasks[kind, name] = _Awaited(kind, effort, alone, lane)

    def begin(self, kind: str, of: str) -> None:
        """A task begins, maybe anew."""
        known = self.tasks.get((kind, of)) or _Awaited(kind, Effort(), None)
        self.tasks[kind, of] = _Awaited(kind, known.effort, known.expected, known.lane, time.monotonic())

    def advance(self, kind: str, of: str, fraction: float) -> None:
        """A running task is done to this part, 0 to 1."""
        task, moved = self.tasks[kind, of], (time.monotonic(), fraction)
        task.first = min(task.first, moved, key=lambda each: each[1])
        task.last = moved

    def end(self, kind: str, of: str) -> None:
        """A task is over, or needs not be done. What it took is what others like it are expected to take, if nothing
        was known of them."""
        over = self.tasks.pop((kind, of), None)
        if over is None or over.began is None or not over.effort.amount:
            return
        took = time.monotonic() - over.began
        for task in self.tasks.values():
            if task.alike == over.alike and task.expected is None:
                task.expected = took / over.effort.amount * task.effort.amount

    def of(self, kind: str, of: str) -> float | None:
        """Seconds that a task still takes; None where that isn't known."""
        task = self.tasks.get((kind, of))
        return task.left(time.monotonic()) if task else None

    def in_all(self) -> InAll:
        """For all tasks together, as many at once in each lane as are running now: what its longest lane takes."""
        now, tasks = time.monotonic(), self.tasks.values()
        running = Counter(task.lane for task in tasks if task.began is not None)
        paces = {task.alike: task.pace / task.effort.amount for task in tasks if task.pace and task.effort.amount}

        def left(task: _Awaited) -> float | None:
            if task.expected is None and task.pace is None and task.alike in paces:
                return paces[task.alike] * task.effort.amount
            return task.left(now)

        totals: dict[str, float] = {}
        unmeasured: dict[str, None] = {}
        known = False
        for kind, lane in dict.fromkeys((task.kind, task.lane) for task in tasks):
            lefts = [left(task) for task in tasks if (task.kind, task.lane) == (kind, lane)]
            sure = [each for each in lefts if each is not None]
            known = known or bool(sure)
            at_once = min(max(1, running[lane]), len(lefts))
            totals[lane] = totals.get(lane, 0.0) + max(sum(sure) / at_once, max(sure, default=0.0))
            if len(sure) < len(lefts):
                unmeasured[kind] = None
        return InAll(max(totals.values(), default=0.0) if known else None, tuple(unmeasured))
