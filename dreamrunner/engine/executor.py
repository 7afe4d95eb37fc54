"""What runs a build's jobs: this process (:mod:`.lanes`) or a cluster (:mod:`.ray.executor`)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

from dreamrunner.backbones.device import Card, Device
from dreamrunner.engine.graph import Job, StepFailed, Task
from dreamrunner.engine.progress import Stages
from dreamrunner.engine.ready import Ready
from dreamrunner.engine.store import Entry, Store


class Executor(Protocol):
    """Runs jobs as they become ready, as many at once as it has room for."""

    def device(self, kept: Callable[[Device], bool]) -> Device:
        """What accelerated tasks will be computed on. ``kept`` tells whether nothing has to be made if it is this one.

        Raises:
            StepFailed: that can't be found out.
        """
        ...

    def card(self) -> Card | None:
        """The GPU that they are computed on; None for a processor. A cluster's may be what it had last, until
        :meth:`device` has asked it.

        Raises:
            StepFailed: cards of several kinds may do it, or that can't be found out.
        """
        ...

    def lane(self, task: Task) -> str:
        """A name for what runs a task: tasks of other lanes run beside it, of its own as many as there is room for."""
        ...

    def run(
        self, ready: Ready, store: Store, stages: Stages, say: Callable[[str], None]
    ) -> Generator[tuple[Job, Entry | StepFailed]]:
        """Take jobs from ``ready`` and run them, and yield each as soon as it is done. Whoever receives one adds to
        ``ready`` what it makes possible; it ends when nothing is ready or runs. ``stages`` is told which tasks begin
        and how far they are.

        One that fails is yielded with its failure and does not keep the others from being run. What runs is given up
        when the iterator is closed.

        Raises:
            StepFailed: no job at all can be run.
        """
        ...
