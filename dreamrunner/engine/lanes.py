"""Running jobs in this process: in one lane what a GPU makes faster, a job at a time, in another all the rest.

Each lane is a thread, so that ffmpeg encodes a scene while the next one is filmed. PyTorch computes in the first lane
alone, since its random numbers are those of the process. Everything about a job is reported in the thread that runs
the build.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import TracebackType

from dreamrunner.backbones.device import Card, Device, card, compute_device
from dreamrunner.engine.graph import Job, StepFailed, Task
from dreamrunner.engine.kinds import doing
from dreamrunner.engine.progress import Part, Stages
from dreamrunner.engine.ready import Ready
from dreamrunner.engine.store import Entry, Store

ACCELERATED, PROCESSOR = "accelerated", "processor"
"""The lanes."""

LOOK = 0.5
"""Seconds after which a wait looks up, since not every system lets it be interrupted."""

AGAIN = 5.0
"""Seconds after which a lane that goes on is interrupted again."""

LAST = 10.0
"""Seconds that the processor's lane has to stop; it may be waiting for a server's answer, which is then dropped."""


class Cancelled(BaseException):
    """Raised in a lane where its job is given up."""


@dataclass(frozen=True)
class Waits:
    """Another build makes what a job would make, and the job waits for it."""


@dataclass(frozen=True)
class Ended:
    """A job is over: ``made`` is its result, or why there is none; a :class:`StepFailed` or what stops the build."""

    made: Entry | BaseException


News = tuple[Job, Part | Waits | Ended]


class Lanes:
    """The lanes of this process for one build; to be entered. When they are left, what runs is given up."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.jobs: dict[str, Job] = {}
        self._lanes: dict[str, _Lane] = {}
        self._news: SimpleQueue[News] = SimpleQueue()

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        paid = {lane_of(job.task) for job in self.jobs.values() if job.task.paid and isinstance(error, StepFailed)}
        for name, lane in self._lanes.items():
            lane.finish() if name in paid else lane.stop()
        for lane in self._lanes.values():
            lane.wait()
        self.store.give_up(job.key for job in self.jobs.values())

    def fill(self, ready: Ready, stages: Stages, fits: Callable[[Job], bool] = lambda _: True) -> None:
        """Begin the next of the ready jobs that fit in each lane that is free."""
        for name in (ACCELERATED, PROCESSOR):
            if name in self.jobs:
                continue
            if (job := ready.take(_belongs(name, fits))) is not None:
                stages.begin(job.task.kind, job.task.of)
                if name not in self._lanes:
                    self._lanes[name] = _Lane(name, self.store, self._news)
                self.jobs[name] = job
                self._lanes[name].inbox.put(job)

    def next(self, seconds: float = LOOK) -> News | None:
        """The next news of a job; None where there is none for so many ``seconds``."""
        try:
            job, news = self._news.get(timeout=seconds)
        except Empty:
            return None
        if isinstance(news, Ended):
            del self.jobs[lane_of(job.task)]
        return job, news


class InProcess:
    """Runs jobs in this process, in its lanes."""

    def device(self, kept: Callable[[Device], bool]) -> Device:
        return compute_device()

    def card(self) -> Card | None:
        return card()

    def lane(self, task: Task) -> str:
        return lane_of(task)

    def run(
        self, ready: Ready, store: Store, stages: Stages, say: Callable[[str], None]
    ) -> Generator[tuple[Job, Entry | StepFailed]]:
        with Lanes(store) as lanes:
            while True:
                lanes.fill(ready, stages)
                if not lanes.jobs:
                    return
                if (news := lanes.next()) is not None and (made := report(*news, stages, say)) is not None:
                    yield news[0], made


def report(
    job: Job, news: Part | Waits | Ended, stages: Stages, say: Callable[[str], None]
) -> Entry | StepFailed | None:
    """Report a lane's news of a job; gives its result, or why there is none, once it is over.

    Raises:
        BaseException: what stopped the job and is no failure of it.
    """
    match news:
        case Part():
            stages.advance(job.task.kind, job.task.of, news)
            return None
        case Waits():
            say(f"another build is {doing(job.task.kind, job.task.of)} the same way; waiting for it")
            return None
        case Ended(made):
            if isinstance(made, (Entry, StepFailed)):
                return made
            raise made


def _belongs(name: str, fits: Callable[[Job], bool]) -> Callable[[Job], bool]:
    """Whether a job fits and runs in the lane of that name."""
    return lambda job: lane_of(job.task) == name and fits(job)


def lane_of(task: Task) -> str:
    """The lane that a task runs in."""
    return ACCELERATED if task.accelerated else PROCESSOR


class _Lane:
    """A thread that makes one job after another."""

    def __init__(self, name: str, store: Store, news: SimpleQueue[News]) -> None:
        self.name, self.store, self.news = name, store, news
        self.inbox: SimpleQueue[Job | None] = SimpleQueue()
        self.cancelled = False
        self.busy = False
        self.lock = Lock()
        self.thread = Thread(target=self._run, name=f"{name} lane", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Give up what runs: the thread is interrupted as by Ctrl-C, wherever it is in Python."""
        self.cancelled = True
        # Not for long: a thread that is stopped while it takes the lock may keep it.
        locked = self.lock.acquire(timeout=LOOK)
        try:
            if self.busy and self.thread.ident is not None:
                thread = ctypes.c_ulong(self.thread.ident)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Cancelled))
        finally:
            if locked:
                self.lock.release()
        self.inbox.put(None)

    def finish(self) -> None:
        """Wait until what runs is made, and begin nothing more."""
        self.inbox.put(None)
        self.thread.join()

    def wait(self) -> None:
        """Wait until the thread has stopped."""
        last, again = time.monotonic() + LAST, time.monotonic() + AGAIN
        while self.thread.is_alive() and (self.name == ACCELERATED or time.monotonic() < last):
            self.thread.join(LOOK)
            if time.monotonic() > again:
                again = time.monotonic() + AGAIN
                self.stop()

    def _run(self) -> None:
        try:
            while (job := self.inbox.get()) is not None:
                with self.lock:
                    self.busy = not self.cancelled
                if self.cancelled:
                    return
                made = self._make(job)
                with self.lock:
                    self.busy = False
                self.news.put((job, Ended(made)))
        except Cancelled:
            return

    def _make(self, job: Job) -> Entry | BaseException:
        def advance(fraction: float, *, step: int = 0, steps: int = 0, note: str = "") -> None:
            if self.cancelled:
                raise Cancelled
            self.news.put((job, Part(fraction, step, steps, note)))

        try:
            return job.gathered().make(self.store, advance, lambda: self.news.put((job, Waits())))
        except Cancelled:
            raise
        except BaseException as error:  # raised again in the thread that asked
            return error
