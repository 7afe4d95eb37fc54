"""Which of the jobs that can be run goes first.

The job with the fewest stages after it: a scene that needs nothing more is filmed before another LoRA is trained that
it does not wait for. What nothing waits for goes last, such as a storyboard, and the film that most stages lead to
before it. Among those, what the nearest of the tasks after it waits for, and then the order of the tasks: what is
learnt for the first scene is learnt first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dreamrunner.engine.graph import Job, Task

Rank = tuple[int, tuple[Any, ...], int]
"""How many stages come after a task (:data:`LAST` for none), the rank of what waits for it and goes first, and its
place among all tasks."""

LAST = 1_000_000
"""Stages after a task that nothing waits for, for the order alone: it may wait for all others."""


def ranks(tasks: Sequence[Task]) -> dict[str, Rank]:
    """The rank of every task, by its name; each stands after those that it needs."""
    before: dict[str, int] = {}
    for task in tasks:
        before[task.name] = max((before[name] + 1 for name in task.needs), default=0)
    after: dict[str, list[Rank]] = {}
    depths: dict[str, list[int]] = {}
    found: dict[str, Rank] = {}
    for place, task in reversed(list(enumerate(tasks))):
        stages = max(depths.get(task.name, ()), default=0)
        waits: tuple[Any, ...] = min(after.get(task.name, ()), default=(-before[task.name],))
        found[task.name] = rank = (stages or LAST, waits, place)
        for name in task.needs:
            after.setdefault(name, []).append(rank)
            depths.setdefault(name, []).append(stages + 1)
    return found


class Ready:
    """The jobs of a build that can be run now. ``tasks`` are all of the build's, each after those that it needs."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tuple(tasks)
        self._ranks = ranks(tasks)
        self._jobs: dict[str, Job] = {}

    def add(self, job: Job) -> None:
        """A job can be run, maybe not for the first time."""
        self._jobs[job.task.name] = job

    def take(
        self,
        fits: Callable[[Job], bool] = lambda _: True,
        longest: Callable[[Job], float] = lambda _: 0.0,
    ) -> Job | None:
        """Take the job that goes first among those that fit; None where none does. Of those that have as many stages
        after them, the one that takes longest goes first."""
        able = [job for job in self._jobs.values() if fits(job)]
        if not able:
            return None
        first = min(able, key=lambda job: (self.rank(job)[0], -longest(job), self.rank(job)))
        return self._jobs.pop(first.task.name)

    def rank(self, job: Job) -> Rank:
        """What tells when a job's turn is: the least goes first."""
        return self._ranks[job.task.name]

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(sorted(self._jobs.values(), key=self.rank))
