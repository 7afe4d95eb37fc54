"""How long until something can be watched? ``python benchmarks/first_scene.py [--json] [STORY]``

A story (the demo's unless told) is filmed by the miniature into an empty store, with the model loaded already, in two
orders that take turns:

- ``kind by kind``: all scenes are rendered before the first is encoded, and everything is learnt before; one task at a
  time. So it was before the graph ran as a graph, and is done here by an executor that waits.
- ``as ready``: as builds run now, in two lanes of this process.

- ``first``: seconds from the story's text until the first scene's file lies in the film's folder;
- ``film``: until the film does. Reading, planning and lowering are counted in both. Medians of ``--repeats``.
- ``same``: whether both orders' films have the same bytes.

The demo has scenes that need no training and scenes that need one. Each figure takes as long as filming it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from dreamrunner.backbones.device import Device, compute_device
from dreamrunner.engine import StepFailed, Store
from dreamrunner.engine.graph import Job, Task
from dreamrunner.engine.lanes import InProcess
from dreamrunner.engine.progress import Part, Stages
from dreamrunner.engine.ready import Ready
from dreamrunner.engine.store import Entry
from dreamrunner.pipeline import Options, build


class KindByKind:
    """Runs one job after another, and none before all of the kinds before its own are over."""

    def device(self, kept: Callable[[Device], bool]) -> Device:
        return compute_device()

    def lane(self, task: Task) -> str:
        return ""

    def run(
        self, ready: Ready, store: Store, stages: Stages, say: Callable[[str], None]
    ) -> Generator[tuple[Job, Entry | StepFailed]]:
        kinds = list(dict.fromkeys(task.kind for task in ready.tasks))
        while ready:
            kind = min((job.task.kind for job in ready), key=kinds.index)
            job = ready.take(lambda job, kind=kind: job.task.kind == kind)
            task = job.task
            stages.begin(task.kind, task.of)

            def advance(fraction: float, *, step: int = 0, steps: int = 0, note: str = "", task: Task = task) -> None:
                stages.advance(task.kind, task.of, Part(fraction, step, steps, note))

            try:
                yield job, job.gathered().make(store, advance)
            except StepFailed as failure:
                yield job, failure


@contextmanager
def watching(folder: Path) -> Generator[list[float]]:
    """When the first scene's file came to lie in a film's folder."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.005):
            if any((folder / "scenes").glob("[!.]*.mp4")):
                seen.append(time.perf_counter())
                return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def film(story: Path, executor: object, options: Options) -> tuple[float, float, dict[str, bytes]]:
    """Seconds to the first scene and to the film, and what was delivered."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DREAMRUNNER_CACHE"] = folder  # checkpoints and encodings of photos too
        out = Path(folder) / "film"
        with watching(out) as seen:
            began = time.perf_counter()
            build(story, out=out, options=options, store=Store(Path(folder)), executor=nullcontext(executor))
            took = time.perf_counter() - began
        return (
            seen[0] - began,
            took,
            {file.relative_to(out).as_posix(): file.read_bytes() for file in out.rglob("*") if file.is_file()},
        )


def measure(story: Path, options: Options, repeats: int) -> dict[str, object]:
    orders = {"kind by kind": KindByKind(), "as ready": InProcess()}
    film(story, InProcess(), replace(options, steps=1, train_steps=1))  # loads the model
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in orders}
    films = []
    for _ in range(repeats):
        for name, executor in orders.items():
            first, whole, made = film(story, executor, options)
            times[name].append((first, whole))
            films.append(made)
    figures = {
        name: dict(
            zip(("first", "film"), (round(statistics.median(each), 2) for each in zip(*took, strict=True)), strict=True)
        )
        for name, took in times.items()
    }
    return {**figures, "same": all(made == films[0] for made in films)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("story", nargs="?", type=Path, default=REPOSITORY / "stories" / "witch.story")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--train-steps", type=int, help="steps of each training (default: the model's)")
    parser.add_argument("--steps", type=int, help="denoising steps (default: the model's)")
    parser.add_argument("--repeats", type=int, default=1)
    parsed = parser.parse_args()
    options = Options(steps=parsed.steps, train_steps=parsed.train_steps)
    figures = measure(parsed.story, options, parsed.repeats)
    if parsed.json:
        print(json.dumps(figures))
        return
    print("order         first scene      film")
    for name in ("kind by kind", "as ready"):
        print(f"{name:<13} {figures[name]['first']:9.1f} s {figures[name]['film']:7.1f} s")
    print(f"the same bytes: {'yes' if figures['same'] else 'NO'}")


if __name__ == "__main__":
    main()
