"""What do two workers bring? ``python benchmarks/cluster.py [--json]``; needs two idle processor cores

A story of eight scenes is filmed by the miniature on local Ray clusters of one node and of two, each node on a core of
its own, with one thread. On every cluster it is filmed twice, into an empty store:

- ``first``: seconds from the story's text to the film with workers that have to start and load the model;
- ``next``: the same with another seed and workers that have the model loaded. Reading, planning, lowering, encoding,
  joining and drawing the storyboard are all counted.
- ``speedup`` is one worker's ``next`` over two workers', ``first_speedup`` the same of ``first``.
- ``same``: whether both clusters' films have the same bytes; ``loads``: how often each worker has loaded the model.

With ``--repeats`` clusters of one and of two take turns, and medians are told.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from dreamrunner.engine import Store
from dreamrunner.engine.ray.executor import OnCluster, on_cluster
from dreamrunner.pipeline import Options, build

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(REPOSITORY),
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # keeps Ray to 127.0.0.1
    "RAY_USAGE_STATS_ENABLED": "0",
}

SCENE = """
scene scene{number}
  background "{place}"
  narration "The witch walks, and the {other} watches."
  witch walking 0s..6s "a witch in a purple dress is strolling rightwards"
    at 0s [0.02 0.34 0.32 0.92]
    at 6s [0.32 0.34 0.62 0.92]
  {other} sitting 0s..6s "a {other} is sitting"
    at 0s right
"""


def story(scenes: int) -> str:
    """As many scenes of two characters, each in another place."""
    places = ("a garden", "a beach", "a kitchen", "a forest", "the snow", "a desert", "a castle", "the night sky")
    head = 'story "A Walk"\n  language 1\n  model miniature\n\ncharacter witch\ncharacter cat\ncharacter dog\n'
    parts = [
        SCENE.format(number=number + 1, place=places[number % len(places)], other=("cat", "dog")[number % 2])
        for number in range(scenes)
    ]
    return head + "".join(parts)


@contextmanager
def workers(cores: Sequence[int]) -> Iterator[OnCluster]:
    """A cluster with a node of one core on each of these; nothing is computed on its head."""
    from ray.cluster_utils import Cluster

    cluster, everywhere = Cluster(), os.sched_getaffinity(0)
    node = {"num_gpus": 0, "node_ip_address": "127.0.0.1", "object_store_memory": 100 * 2**20}
    node |= {"include_dashboard": False, "include_log_monitor": False}
    try:
        cluster.add_node(num_cpus=0, **node)
        for core in cores:
            os.sched_setaffinity(0, {core})  # what is started now stays there
            cluster.add_node(num_cpus=1, **node)
        os.sched_setaffinity(0, everywhere)
        with on_cluster(cluster.address) as executor:
            yield executor
    finally:
        os.sched_setaffinity(0, everywhere)
        cluster.shutdown()


def film(executor: OnCluster, text: str, options: Options) -> tuple[float, dict[str, bytes]]:
    """Seconds that it took, and the films."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "walk.story"
        file.write_text(text)
        began = time.perf_counter()
        store = Store(Path(folder) / "cache")
        built = build(file, out=Path(folder) / "film", options=options, store=store, executor=nullcontext(executor))
        took = time.perf_counter() - began
        return took, {path.name: path.read_bytes() for path in (built.film, *built.scenes.values())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--scenes", type=int, default=8)
    parser.add_argument("--steps", type=int, help="denoising steps (default: the model's)")
    parser.add_argument("--repeats", type=int, default=1)
    parsed = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        sys.exit("error: two processor cores are needed, and this process may use one")
    with TemporaryDirectory(prefix="dr-", ignore_cleanup_errors=True) as ray_folder:
        os.environ.update(ENVIRONMENT, RAY_TMPDIR=ray_folder)
        figures = measure(cores, story(parsed.scenes), parsed.steps, parsed.repeats)
    if parsed.json:
        print(json.dumps(figures))
        return
    print("workers  first    next")
    for count in ("1", "2"):
        print(f"{count:>7} {figures['first'][count]:6.1f} s {figures['next'][count]:6.1f} s")
    print(f"two workers are {figures['speedup']:.2f} times as fast ({figures['first_speedup']:.2f} with their start)")
    print(f"the same bytes: {'yes' if figures['same'] else 'NO'}; models loaded: {figures['loads']}")


def measure(cores: Sequence[int], text: str, steps: int | None, repeats: int) -> dict[str, object]:
    import ray

    times: dict[str, dict[str, list[float]]] = {"first": {"1": [], "2": []}, "next": {"1": [], "2": []}}
    films, loads = [], {}
    for _ in range(repeats):
        for count in ("1", "2"):
            with workers(cores[: int(count)]) as executor:
                for when, seed in (("first", 1), ("next", 2)):
                    took, made = film(executor, text, Options(steps=steps, seed=seed))
                    times[when][count].append(took)
                films.append(made)
                loads[count] = [ray.get(worker.actor.models_loaded.remote()) for worker in executor.workers]
    medians = {when: {count: statistics.median(all_) for count, all_ in by.items()} for when, by in times.items()}
    return {
        "speedup": round(medians["next"]["1"] / medians["next"]["2"], 3),
        "first_speedup": round(medians["first"]["1"] / medians["first"]["2"], 3),
        "same": all(made == films[0] for made in films),
        "loads": loads,
        **medians,
    }


if __name__ == "__main__":
    main()
