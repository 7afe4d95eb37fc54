"""A build's tasks on a Ray cluster: jobs go to workers, each a process that keeps its model loaded.

What a worker makes is in the store of the machine that the build was started on before the next task begins: written
there by the worker itself where it reaches the same folder, else sent through Ray's object store. So a worker, or a
node, that is lost takes nothing with it but the job that it does, which another one does again.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from dreamrunner.backbones.device import DEVICES, Card, Device
from dreamrunner.engine.graph import Job, StepFailed, Task, why_failed
from dreamrunner.engine.kinds import doing
from dreamrunner.engine.lanes import Lanes, lane_of, report
from dreamrunner.engine.progress import Stages
from dreamrunner.engine.ray.cards import common_card, other_card, remember, remembered
from dreamrunner.engine.ray.connect import connect, disconnect
from dreamrunner.engine.ray.worker import Facts, Worker, maker_of, software
from dreamrunner.engine.ready import Ready
from dreamrunner.engine.store import Entry, Store
from dreamrunner.files.regular import read_regular
from dreamrunner.files.trouble import plain
from dreamrunner.files.wording import counted

TRIES = 3
"""How many workers may die of a job before it counts as failed."""

FIRST_WORKER_WITHIN = 180.0
"""Seconds to wait for the first worker."""

POLL = 0.5
"""Seconds between two looks at how far workers are."""

SETTINGS = ("DO_NOT_TRACK", "OMP_NUM_THREADS", "YOLO_OFFLINE")
"""Environment variables that workers take over, beside the model hub's own, which begin with ``HF_``."""


def settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What workers take over of this process's environment."""
    return {name: value for name, value in environment.items() if name in SETTINGS or name.startswith("HF_")}


@contextmanager
def on_cluster(address: str) -> Iterator[OnCluster]:
    """Run builds' tasks on the cluster at ``address``: what :func:`~dreamrunner.engine.ray.connect.connect` takes."""
    executor = OnCluster(address)
    try:
        yield executor
    finally:
        executor.leave()


@dataclass(eq=False)
class RemoteWorker:
    """A worker as the build sees it: ``facts`` is None until it has sent them, with the code of ``makers``; ``job`` is
    what it does just now, and ``waited`` what it will answer next."""

    actor: Any
    gpu: bool
    waited: Any
    makers: tuple[str, ...] = ()
    facts: Facts | None = None
    job: Job | None = None
    progress: Any = None
    began: float = field(default_factory=time.monotonic)


class OnCluster:
    """Runs jobs on the workers of a Ray cluster, to which it connects this process when there is something to run."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.connected = False
        self.workers: list[RemoteWorker] = []
        self.sent: dict[Path, Any] = {}
        self.refused: list[str] = []
        self.makers: tuple[str, ...] = ()
        self.tokens: dict[Path, str] = {}
        self.until_left = ExitStack()
        self.common: Card | None = None

    def device(self, kept: Callable[[Device], bool]) -> Device:
        """A GPU if any node has one. No cluster is asked where all that is needed is kept, whatever it was made on.

        Raises:
            StepFailed: as :func:`~dreamrunner.engine.ray.connect.connect`.
        """
        if not self.connected:
            made_on = next((device for device in DEVICES if kept(device)), None)
            if made_on is not None:
                return made_on
        return self._device()

    def card(self) -> Card | None:
        """The kind that all its GPUs are of, as it was when the cluster was last asked where it isn't connected to.

        Raises:
            StepFailed: they are of several kinds, or a node doesn't tell.
        """
        if not self.connected:
            return remembered(self.address)
        if self.common is None and self._device() == "cuda":
            self.common = common_card()
            remember(self.address, self.common)
        return self.common

    def lane(self, task: Task) -> str:
        """Workers do whatever comes; only what stays on this machine runs beside them."""
        return f"local {lane_of(task)}" if task.local_only else "cluster"

    def leave(self) -> None:
        """End the workers, and with them a cluster that was started for this."""
        self.tokens.clear()
        self.until_left.close()
        if self.connected:
            self.connected, self.common = False, None
            self.workers.clear()
            disconnect()

    def _device(self) -> Device:
        if not self.connected:
            connect(self.address)
            self.connected = True
        import ray

        return "cuda" if ray.cluster_resources().get("GPU", 0) >= 1 else "cpu"

    def run(
        self, ready: Ready, store: Store, stages: Stages, say: Callable[[str], None]
    ) -> Generator[tuple[Job, Entry | StepFailed]]:
        """As :class:`~dreamrunner.engine.executor.Executor` says. What only this machine can do, this process does.

        Of what has as many stages after it, that which is known to take longest is begun first, so that no worker is
        left with it alone in the end.
        """
        with Lanes(store) as lanes:
            try:
                yield from self._run(ready, store, stages, say, lanes)
            finally:
                for worker in [worker for worker in self.workers if worker.job]:
                    self._dismiss(worker)

    def _run(
        self, ready: Ready, store: Store, stages: Stages, say: Callable[[str], None], lanes: Lanes
    ) -> Generator[tuple[Job, Entry | StepFailed]]:
        tries: Counter[str] = Counter()
        while ready or lanes.jobs or any(worker.job for worker in self.workers):
            lanes.fill(ready, stages, lambda job: job.task.local_only)
            away = [job for job in ready if not job.task.local_only]
            if away:
                self._expect(ready.tasks)
                self._hire(away, store, self._token(store))
                yield from self._hand_out(ready, store, stages)
            if all(worker.waited is None for worker in self.workers):
                # Nothing is away: only what this process does can have news.
                if (news := lanes.next()) is not None and (made := report(*news, stages, say)) is not None:
                    yield news[0], made
                continue
            answers = self._answers(stages, POLL if not lanes.jobs else POLL / 5)
            while lanes.jobs and (news := lanes.next(0)) is not None:
                if (made := report(*news, stages, say)) is not None:
                    yield news[0], made
            for worker in answers:
                job, made = self._take(worker, store, say)
                if job is None:
                    continue
                if made is None:
                    tries[job.key] += 1
                    if tries[job.key] < TRIES:
                        what = doing(job.task.kind, job.task.of)
                        say(f"the worker that was {what} is gone; another one does it")
                        ready.add(job)
                        continue
                    why = f"{TRIES} workers died of it, perhaps since their memory does not suffice"
                    made = StepFailed(f"{doing(job.task.kind, job.task.of)} failed: {why}")
                yield job, made

    def _hand_out(self, ready: Ready, store: Store, stages: Stages) -> Generator[tuple[Job, StepFailed]]:
        """Give what is ready to the workers that are free: what a GPU makes faster to those that have one, where there
        are any, and the rest to the others, or to one with a GPU that has nothing better to do."""
        has_gpu = self._device() == "cuda"

        def fits(worker: RemoteWorker) -> Callable[[Job], bool]:
            return lambda job: not job.task.local_only and (worker.gpu or not (has_gpu and job.task.accelerated))

        def longest(job: Job) -> float:
            return stages.expected(job.task.kind, job.task.of)

        for worker in sorted(self.workers, key=lambda worker: worker.gpu):
            facts = worker.facts
            if facts is None or worker.job:
                continue
            better = worker.gpu and ready.take(lambda job: not job.task.local_only and job.task.accelerated, longest)
            job = better or ready.take(fits(worker), longest)
            if job is None:
                continue
            try:
                self._give(worker, facts, job.gathered(), store, stages)
            except (StepFailed, OSError) as failure:
                yield job, job.failed(failure)

    def _expect(self, tasks: Iterable[Task]) -> None:
        """Have the code of what makes these compared on every worker, also on those that have started."""
        # What is of another package than this one can't be.
        makers = {maker_of(task) for task in tasks if not task.local_only}
        self.makers = tuple(
            sorted({*self.makers, *(each for each in makers if each.partition(".")[0] == "dreamrunner")})
        )
        for worker in self.workers:
            if worker.waited is None and worker.job is None and worker.makers != self.makers:
                worker.facts, worker.makers, worker.began = None, self.makers, time.monotonic()
                worker.waited = worker.actor.facts.remote(self.makers)

    def _token(self, store: Store) -> str:
        """The name of a file in the store's cache folder: workers that find it share the folder. It stays until all is
        left, since a worker may start long after it was called for."""
        folder = store.root.parent
        if folder not in self.tokens:
            self.tokens[folder] = self.until_left.enter_context(_token(store))
        return self.tokens[folder]

    def _hire(self, jobs: Sequence[Job], store: Store, token: str) -> None:
        """Start workers for what waits, as many as the cluster has room for."""
        has_gpu = self._device() == "cuda"
        for gpu in (True, False) if has_gpu else (False,):
            waiting = [job for job in jobs if not has_gpu or job.task.accelerated == gpu]
            if waiting:
                # Where there are GPUs, PyTorch computes on nothing else: one core does for the rest.
                self._hire_some(waiting, gpu, None if has_gpu else _threads(), store, token)

    def _hire_some(self, waiting: Sequence[Job], gpu: bool, threads: int | None, store: Store, token: str) -> None:
        import ray

        able = [worker for worker in self.workers if worker.gpu >= gpu]
        busy = sum(worker.job is not None for worker in able)
        has = ray.cluster_resources()
        cores = 1 if threads is None else max(1, min(threads, _most_cores()))
        room = int(has.get("GPU", 0) if gpu else has.get("CPU", 0) // cores)
        here = ray.get_runtime_context().get_node_id()
        settings = settings_of(os.environ)
        for _ in range(min(room, busy + len(waiting)) - len(able)):
            remote = ray.remote(_Started).options(num_cpus=cores, num_gpus=int(gpu), max_concurrency=2)
            actor = remote.remote(store.root.parent.resolve(), token, here, threads, settings)
            self.workers.append(RemoteWorker(actor, gpu, actor.facts.remote(self.makers), self.makers))
        able = [worker for worker in self.workers if worker.gpu >= gpu]
        started_none = not any(worker.facts for worker in able)
        late = not able or time.monotonic() - min(worker.began for worker in able) > FIRST_WORKER_WITHIN
        if started_none and (late or len(self.refused) >= TRIES):
            needs = "a GPU" if gpu else counted(cores, "processor core")
            lacking = f"it has {int(has.get('CPU', 0))} cores and {int(has.get('GPU', 0))} GPUs in all"
            why = self.refused[-1] if self.refused else lacking
            raise StepFailed(f"the cluster can't start a worker with {needs}: {why}")

    def _give(self, worker: RemoteWorker, facts: Facts, job: Job, store: Store, stages: Stages) -> None:
        import ray

        stages.begin(job.task.kind, job.task.of)
        files = {} if facts.beside else dict(job.task.files)
        if not facts.shares:
            files |= {name: entry.path for name, entry in job.needed.items()}
        for file in files.values():
            if file not in self.sent:
                self.sent[file] = ray.put(read_regular(file))
        contents = {name: self.sent[file] for name, file in files.items()}
        worker.job, worker.progress = job, None
        worker.waited = worker.actor.make.remote(job, store, contents)

    def _answers(self, stages: Stages, seconds: float) -> list[RemoteWorker]:
        """Workers that have something to say, after so many seconds at most."""
        import ray

        expected = {worker.waited: worker for worker in self.workers if worker.waited is not None}
        ready, _ = ray.wait(list(expected), num_returns=1, timeout=seconds)
        for worker in self.workers:
            if worker.job is None or worker.waited in ready:
                continue
            if worker.progress is not None and ray.wait([worker.progress], timeout=0)[0]:
                try:
                    task = worker.job.task
                    stages.advance(task.kind, task.of, ray.get(worker.progress))
                except ray.exceptions.RayError:
                    pass  # a worker that is gone is noticed by its job
                worker.progress = None
            if worker.progress is None:
                worker.progress = worker.actor.progress.remote()
        return [expected[each] for each in ready]

    def _take(
        self, worker: RemoteWorker, store: Store, say: Callable[[str], None]
    ) -> tuple[Job | None, Entry | StepFailed | None]:
        """What a worker has ready: a job and its result, None when the worker is gone; no job when it has
        started."""
        import ray

        waited, worker.waited, job, worker.job = worker.waited, None, worker.job, None
        try:
            made = ray.get(waited)
        except ray.exceptions.RayError as error:
            self._dismiss(worker)
            if job is None:
                said = [line.strip() for line in str(error).splitlines() if line.strip()]
                self.refused.append(plain(said[-1]) if said else "it said nothing")
                if "No module named" in self.refused[-1]:
                    raise StepFailed(f"DreamRunner must be installed on every node: {self.refused[-1]}") from None
            return job, None
        if isinstance(made, Facts):
            here = software(worker.makers)
            differ = [name for name, version in here.items() if made.software.get(name) != version]
            if differ:
                raise StepFailed(
                    f"the cluster's node {made.host} has another {differ[0]} than this machine"
                    f" ({made.software.get(differ[0], 'none')[:16]}, here {here[differ[0]][:16]});"
                    " install the same on every node"
                )
            if worker.gpu and (why := other_card(made.host, made.card, self.common)):
                raise StepFailed(why)
            worker.facts = made
            return None, None
        if job is not None and isinstance(made, bytes):
            try:
                return job, job.keep(store, made)
            except StepFailed as failure:
                return job, failure
        return job, made

    def _dismiss(self, worker: RemoteWorker) -> None:
        import ray

        self.workers.remove(worker)
        ray.kill(worker.actor)


class _Started(Worker):
    """A worker that a cluster starts: it finds out which node it is on, and gets what was sent to it."""

    def __init__(self, cache: Path, token: str, driver: str, threads: int | None, settings: Mapping[str, str]) -> None:
        import ray

        super().__init__(cache, token, ray.get_runtime_context().get_node_id(), driver, threads, settings)

    def make(self, job: Job, store: Store, contents: Mapping[str, Any]) -> Entry | bytes | StepFailed:
        import ray

        return super().make(job, store, dict(zip(contents, ray.get(list(contents.values())), strict=True)))


@contextmanager
def _token(store: Store) -> Iterator[str]:
    """A file in the cache folder, for a while, whose name says which folder it is."""
    name = f".cluster-{uuid4().hex}"
    try:
        store.root.parent.mkdir(parents=True, exist_ok=True)
        (store.root.parent / name).touch()
    except OSError as error:
        raise StepFailed(f"the store {store.root} can't be written: {why_failed(error, store.root)}") from error
    try:
        yield name
    finally:
        (store.root.parent / name).unlink(missing_ok=True)


def _threads() -> int:
    """How many threads PyTorch would compute with in this process; importing it to ask takes seconds."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    import torch

    return torch.get_num_threads()


def _most_cores() -> int:
    """Processor cores of the largest node, as the cluster counts them."""
    import ray

    return max((int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]), default=1)
