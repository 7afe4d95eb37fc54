"""What a node of a cluster does for a build: one job after another, the model kept loaded between them."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dreamrunner.backbones.device import Card, Device, card, compute_device
from dreamrunner.engine.graph import Job, StepFailed, Task
from dreamrunner.engine.progress import Part
from dreamrunner.engine.software import code_digest, software_versions
from dreamrunner.engine.store import Entry, Store
from dreamrunner.files.regular import read_regular


@dataclass(frozen=True)
class Facts:
    """What must be the same on all machines (``software``), and where a worker runs: its machine (``host``), the
    cluster's name for it (``node``), its process, what it computes on, on which ``card``, and whether it reaches the
    files of the machine that the build was started on (``beside``) or at least its store (``shares``)."""

    software: Mapping[str, str]
    host: str
    node: str
    process: int
    device: Device
    card: Card | None
    beside: bool
    shares: bool


def software(makers: Sequence[str]) -> dict[str, str]:
    """Versions of everything that takes part in what a result looks like, with the digest of DreamRunner's own code:
    what runs jobs, and what ``makers``, the modules of those that are to be run, depend on."""
    python = ".".join(map(str, sys.version_info[:3]))
    code = code_digest("dreamrunner.engine.ray.executor", *makers)
    return {"python": python, **software_versions(), "dreamrunner's code": code}


def maker_of(task: Task) -> str:
    """The module of what makes a task's result."""
    return type(task.make).__module__


class Worker:
    """Makes results, in a process of its own. ``cache`` is the cache folder of the machine that the build was started
    on, the node ``driver``, and ``token`` the name of a file that only this folder has. ``threads`` is how many PyTorch
    computes with on a processor, since sums in another order have other last bits; ``settings`` are environment
    variables.
    """

    def __init__(
        self, cache: Path, token: str, node: str, driver: str, threads: int | None, settings: Mapping[str, str]
    ) -> None:
        os.environ.update(settings)
        self.shares = (cache / token).is_file()
        self.node = node
        self.beside = node == driver
        self.threads = threads
        if self.shares:
            # So that a checkpoint of a worker that is lost is found by the one that takes its place.
            os.environ["DREAMRUNNER_CACHE"] = str(cache)
        self.done = Part()

    def facts(self, makers: Sequence[str]) -> Facts:
        """What is to be known of this worker before it is given a job that one of ``makers`` makes."""
        return Facts(
            software(makers),
            socket.gethostname(),
            self.node,
            os.getpid(),
            compute_device(),
            card(),
            self.beside,
            self.shares,
        )

    def progress(self) -> Part:
        """How far the job in hand is."""
        return self.done

    def models_loaded(self) -> int:
        """How often this process has loaded a model."""
        from dreamrunner.backbones.resident import loaded

        return loaded.cache_info().misses

    def make(self, job: Job, store: Store, contents: Mapping[str, bytes]) -> Entry | bytes | StepFailed:
        """Make a job's result: an entry of ``store`` where this worker shares it, else its bytes.

        ``contents`` holds the files that the job reads and this worker can't, by their names in the task.
        """
        self.done = Part()
        if self.threads is not None and job.task.accelerated:
            import torch

            torch.set_num_threads(self.threads)
        try:
            with TemporaryDirectory(prefix="dreamrunner-") as folder:
                job = with_contents(job, contents, Path(folder))
                if self.shares:
                    return job.make(store, self._advance)
                return read_regular(job.make(Store(Path(folder)), self._advance).path)
        except Exception as error:
            return StepFailed(str(job.failed(error)))  # without its cause, which may not travel

    def _advance(self, fraction: float, *, step: int = 0, steps: int = 0, note: str = "") -> None:
        self.done = Part(fraction, step, steps, note)


def with_contents(job: Job, contents: Mapping[str, bytes], folder: Path) -> Job:
    """The same job, reading ``contents`` from files in ``folder``."""
    files, needed = dict(job.task.files), dict(job.needed)
    for number, (name, content) in enumerate(contents.items()):
        file = folder / f"{number}{(needed[name].path if name in needed else files[name]).suffix}"
        file.write_bytes(content)
        if name in needed:
            needed[name] = replace(needed[name], path=file)
        else:
            files[name] = file
    return replace(job, task=replace(job.task, files=files), needed=needed)
