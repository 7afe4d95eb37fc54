"""Films without a model: scenes painted in no time, for tests of how and where tasks are done.

A painted scene has the key of the one that its model would film, so no store may have both.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np

import tests.material.small_films  # noqa: F401  also in the processes of a cluster's workers
from dreamrunner.engine.graph import Advance, Task
from dreamrunner.engine.ray import executor
from dreamrunner.pipeline.tasks.makers.render import RenderScene
from dreamrunner.pipeline.tasks.render import render_tasks
from dreamrunner.rendering.frames import Frames

_PREPARE: Any = import_module("dreamrunner.pipeline.prepare")  # the package has a function of this name

FAULT = 240.0
"""Seconds after which what waits for something gives it up: only a fault takes as long."""


@dataclass(frozen=True)
class Paint:
    """Makes frames of one colour each, which the scene's name and seed give. It is almost done until the file
    ``released`` is there, where one is named; each of its steps lasts ``pause`` seconds."""

    scene: RenderScene
    released: Path | None = None
    pause: float = 0.0

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        job, backbone = self.scene.job, self.scene.backbone
        for step in range(1, job.steps + 1):
            advance(step / (job.steps + 1), step=step, steps=job.steps)
            time.sleep(self.pause)
        until = time.monotonic() + FAULT
        while self.released and not self.released.exists() and time.monotonic() < until:
            time.sleep(0.01)
        chosen = np.random.default_rng([job.scene.seed, *job.scene.name.encode()])
        colours = chosen.integers(0, 255, (job.program.grid.frames, 1, 1, 3), np.uint8)
        pixels = np.broadcast_to(colours, (len(colours), backbone.height, backbone.width, 3))
        Frames(pixels, job.program.duration).save(path)


def painted(released: Path | None, pause: float, *given: Any) -> list[Task]:
    """The tasks that film scenes, with painters in place of models: no library has to be loaded for them."""
    return [
        replace(task, make=Paint(cast(RenderScene, task.make), released, pause), accelerated=False)
        for task in render_tasks(*given)
    ]


class SmallWorker(executor._Started):
    """A cluster's worker whose films are small, since its process imports this module."""


def small_workers() -> None:
    """Have clusters start those from now on."""
    executor._Started = SmallWorker  # type: ignore[misc]


def paint(released: Path | None = None, pause: float = 0.0) -> None:
    """Have every film that this process begins painted from now on."""
    _PREPARE.render_tasks = partial(painted, released, pause)


@contextmanager
def painting(released: Path | None = None, pause: float = 0.0) -> Iterator[None]:
    """Have them painted meanwhile."""
    paint(released, pause)
    try:
        yield
    finally:
        _PREPARE.render_tasks = render_tasks
