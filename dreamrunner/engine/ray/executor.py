"""A build's tasks on a Ray cluster: jobs go to workers, each a process that keeps its model loaded.

What a worker makes is in the store of the machine that the build was started on before the next task begins: written
there by the worker itself where it reaches the same folder, else sent through Ray's object store. So a worker, or a
node, that is lost takes nothing with it but the job in its hand, which another one does again.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from dreamrunner.backbones.device import DEVICES, Device
from dreamrunner.engine.graph import InProcess, Job, StepFailed, reason
from dreamrunner.engine.kinds import doing
from dreamrunner.engine.progress import Stage
from dreamrunner.engine.ray.connect import connect, disconnect
from dreamrunner.engine.ray.worker import Facts, Worker, software
from dreamrunner.engine.store import Entry, Store
from dreamrunner.files.text import counted

TRIES = 3
"""How many workers may die of a job before it counts as failed."""

PATIENCE = 180.0
"""Seconds to wait for the first worker."""

LOOK = 0.5
"""Seconds between two looks at how far workers are."""

SETTINGS = ("DO_NOT_TRACK", "HF_HUB_DISABLE_TELEMETRY", "OMP_NUM_THREADS", "YOLO_OFFLINE")
"""Environment variables that workers take over."""


@contextmanager
def on_cluster(address: str) -> Iterator[OnCluster]:
    """Run builds' tasks on the cluster at ``address``: what :func:`~dreamrunner.engine.ray.connect.connect` takes."""
    executor = OnCluster(address)
    try:
        yield executor
    finally:
        executor.leave()


@dataclass(eq=False)
class _Hand:
    """A worker as the build sees it: ``facts`` is None until it has started, ``job`` what it does just now."""

    actor: Any
    gpu: bool
    waited: Any
    facts: Facts | None = None
    job: Job | None = None
    progress: Any = None
    began: float = field(default_factory=time.monotonic)


class OnCluster:
    """Runs jobs on the workers of a Ray cluster, to which it connects this process when there is something to run."""

    abreast = True

    def __init__(self, address: str) -> None:
        self.address = address
        self.connected = False
        self.hands: list[_Hand] = []
        self.sent: dict[Path, Any] = {}
        self.refused: list[str] = []
        self.tokens: dict[Path, str] = {}
        self.until_left = ExitStack()

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

    def leave(self) -> None:
        """End the workers, and with them a cluster that was started for this."""
        self.tokens.clear()
        self.until_left.close()
        if self.connected:
            self.connected = False
            self.hands.clear()
            disconnect()

    def _device(self) -> Device:
        if not self.connected:
            connect(self.address)
            self.connected = True
        import ray

        return "cuda" if ray.cluster_resources().get("GPU", 0) >= 1 else "cpu"

    def run(
        self, jobs: Sequence[Job], store: Store, stages: Mapping[str, Stage], say: Callable[[str], None]
    ) -> Generator[tuple[Job, Entry | StepFailed]]:
        """As :class:`~dreamrunner.engine.graph.Executor` says. What only this machine can do is done in this process.

        What is known to take longest is begun first, so that no worker is left with it alone in the end.
        """
        at_home = [job for job in jobs if job.task.at_home]
        yield from InProcess().run(at_home, store, stages, say)
        away = (job for job in jobs if not job.task.at_home)
        waiting = deque(sorted(away, key=lambda job: -stages[job.task.kind].expected(job.task.of)))
        if not waiting:
            return
        tries: Counter[str] = Counter()
        gpu = self._device() == "cuda" and any(job.task.accelerated for job in waiting)
        try:
            token = self._token(store)
            while waiting or any(hand.job for hand in self.hands):
                self._hire(waiting, gpu, store, token)
                for hand in self.hands:
                    if waiting and hand.facts and not hand.job and hand.gpu >= gpu:
                        job = waiting.popleft()
                        try:
                            self._give(hand, job.gathered(), store, stages)
                        except (StepFailed, OSError) as failure:
                            yield job, job.failed(failure)
                for hand in self._ready(stages):
                    job, made = self._take(hand, store, say)
                    if job is None:
                        continue
                    if made is None:
                        tries[job.key] += 1
                        if tries[job.key] < TRIES:
                            what = doing(job.task.kind, job.task.of)
                            say(f"the worker that was {what} is gone; another one does it")
                            waiting.appendleft(job)
                            continue
                        why = f"{TRIES} workers died of it, perhaps since their memory does not suffice"
                        made = StepFailed(f"{doing(job.task.kind, job.task.of)} failed: {why}")
                    yield job, made
        finally:
            for hand in [hand for hand in self.hands if hand.job]:
                self._dismiss(hand)

    def _token(self, store: Store) -> str:
        """The name of a file in the store's cache folder: workers that find it share the folder. It stays until all is
        left, since a worker may start long after it was called for."""
        folder = store.root.parent
        if folder not in self.tokens:
            self.tokens[folder] = self.until_left.enter_context(_token(store))
        return self.tokens[folder]

    def _hire(self, waiting: Sequence[Job], gpu: bool, store: Store, token: str) -> None:
        """Start workers for what waits, as many as the cluster has room for."""
        import ray

        able = [hand for hand in self.hands if hand.gpu >= gpu]
        busy = sum(hand.job is not None for hand in able)
        has = ray.cluster_resources()
        threads = None if gpu else _threads()
        cores = 1 if threads is None else max(1, min(threads, _most_cores()))
        room = int(has.get("GPU", 0) if gpu else has.get("CPU", 0) // cores)
        here = ray.get_runtime_context().get_node_id()
        settings = {name: os.environ[name] for name in SETTINGS if name in os.environ}
        for _ in range(min(room, busy + len(waiting)) - len(able)):
            remote = ray.remote(_Started).options(num_cpus=cores, num_gpus=int(gpu), max_concurrency=2)
            actor = remote.remote(store.root.parent.resolve(), token, here, threads, settings)
            self.hands.append(_Hand(actor, gpu, actor.facts.remote()))
        able = [hand for hand in self.hands if hand.gpu >= gpu]
        started_none = not any(hand.facts for hand in able)
        late = not able or time.monotonic() - min(hand.began for hand in able) > PATIENCE
        if started_none and (late or len(self.refused) >= TRIES):
            needs = "a GPU" if gpu else counted(cores, "processor core")
            lacking = f"it has {int(has.get('CPU', 0))} cores and {int(has.get('GPU', 0))} GPUs in all"
            why = self.refused[-1] if self.refused else lacking
            raise StepFailed(f"the cluster can't start a worker with {needs}: {why}")

    def _give(self, hand: _Hand, job: Job, store: Store, stages: Mapping[str, Stage]) -> None:
        import ray

        stages[job.task.kind].begin(job.task.of)
        files = {} if hand.facts.beside else dict(job.task.files)
        if not hand.facts.shares:
            files |= {name: entry.path for name, entry in job.needed.items()}
        for file in files.values():
            if file not in self.sent:
                self.sent[file] = ray.put(file.read_bytes())
        contents = {name: self.sent[file] for name, file in files.items()}
        hand.job, hand.progress = job, None
        hand.waited = hand.actor.make.remote(job, store, contents)

    def _ready(self, stages: Mapping[str, Stage]) -> list[_Hand]:
        """Workers that have something to say, after half a second at most."""
        import ray

        expected = {hand.waited: hand for hand in self.hands if hand.waited is not None}
        ready, _ = ray.wait(list(expected), num_returns=1, timeout=LOOK) if expected else ([], time.sleep(LOOK))
        for hand in self.hands:
            if hand.job is None or hand.waited in ready:
                continue
            if hand.progress is not None and ray.wait([hand.progress], timeout=0)[0]:
                try:
                    task = hand.job.task
                    stages[task.kind].advance(of=task.of, **asdict(ray.get(hand.progress)))
                except ray.exceptions.RayError:
                    pass  # a worker that is gone is noticed by its job
                hand.progress = None
            if hand.progress is None:
                hand.progress = hand.actor.progress.remote()
        return [expected[each] for each in ready]

    def _take(
        self, hand: _Hand, store: Store, say: Callable[[str], None]
    ) -> tuple[Job | None, Entry | StepFailed | None]:
        """What a worker has ready: a job and what came of it, None when the worker is gone; no job when it has started."""
        import ray

        waited, hand.waited, job, hand.job = hand.waited, None, hand.job, None
        try:
            made = ray.get(waited)
        except ray.exceptions.RayError as error:
            self._dismiss(hand)
            if job is None:
                said = [line.strip() for line in str(error).splitlines() if line.strip()]
                self.refused.append(said[-1] if said else type(error).__name__)
                if "No module named" in self.refused[-1]:
                    raise StepFailed(f"DreamRunner must be installed on every node: {self.refused[-1]}") from None
            return job, None
        if isinstance(made, Facts):
            differ = [name for name, version in software().items() if made.software.get(name) != version]
            if differ:
                raise StepFailed(
                    f"the cluster's node {made.host} has another {differ[0]} than this machine"
                    f" ({made.software.get(differ[0], 'none')[:16]}, here {software()[differ[0]][:16]});"
                    " install the same on every node"
                )
            hand.facts = made
            return None, None
        if job is not None and isinstance(made, bytes):
            try:
                return job, job.keep(store, made)
            except StepFailed as failure:
                return job, failure
        return job, made

    def _dismiss(self, hand: _Hand) -> None:
        import ray

        self.hands.remove(hand)
        ray.kill(hand.actor)


class _Started(Worker):
    """A worker that a cluster starts: it finds out which node it is on, and gets what was sent to it."""

    def __init__(self, cache: Path, token: str, driver: str, threads: int | None, settings: Mapping[str, str]) -> None:
        import ray

        super().__init__(cache, token, ray.get_runtime_context().get_node_id(), driver, threads, settings)

    def make(self, job: Job, store: Store, contents: Mapping[str, Any]) -> Entry | bytes | StepFailed:
        import ray

        return super().make(job, store, dict(zip(contents, ray.get(list(contents.values())))))


@contextmanager
def _token(store: Store) -> Iterator[str]:
    """A file in the cache folder, for a while, whose name says which folder it is."""
    name = f".cluster-{uuid4().hex}"
    try:
        store.root.parent.mkdir(parents=True, exist_ok=True)
        (store.root.parent / name).touch()
    except OSError as error:
        raise StepFailed(f"the store {store.root} can't be written: {reason(error, store.root)}") from error
    try:
        yield name
    finally:
        (store.root.parent / name).unlink(missing_ok=True)


def _threads() -> int:
    """How many threads PyTorch would compute with in this process; importing it to be told takes seconds."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    import torch

    return torch.get_num_threads()


def _most_cores() -> int:
    """Processor cores of the largest node, as the cluster counts them."""
    import ray

    return max((int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]), default=1)
