"""The same build on a cluster of three nodes: the same bytes, whatever is lost on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from dreamrunner.build import Options, Store, build
from dreamrunner.build import cluster as cluster_module
from dreamrunner.build.cluster import OnCluster, on_cluster
from dreamrunner.build.progress import Event, Said, TaskAdvanced
from tests.two_scenes import STORY

REPOSITORY = Path(__file__).parents[2]
STEPS = 60


@pytest.fixture(scope="module")
def nodes() -> Iterator[object]:
    """Three nodes of one core, which listen to this machine alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # what keeps Ray to 127.0.0.1 on those, and on Linux
        from ray.cluster_utils import Cluster

        cluster = Cluster()
        for _ in range(3):
            cluster.add_node(num_cpus=1, num_gpus=0, node_ip_address="127.0.0.1", object_store_memory=100 * 2**20)
        yield cluster
        cluster.shutdown()


@pytest.fixture
def executor(nodes) -> Iterator[OnCluster]:
    with on_cluster(nodes.address) as executor:
        yield executor


class Watching:
    """Calls ``at`` once, when a scene is a tenth done; remembers what was said."""

    def __init__(self, at: Callable[[str], None]) -> None:
        self.at: Callable[[str], None] | None = at
        self.said: list[str] = []

    def __call__(self, event: Event) -> None:
        match event:
            case Said(text):
                self.said.append(text)
            case TaskAdvanced("render", of, fraction) if 0.1 <= fraction < 0.9 and self.at is not None:
                act, self.at = self.at, None
                act(of)


class Studio:
    """A story, and where it is filmed to."""

    def __init__(self, root: Path, model: Path) -> None:
        self.root, self.options = root, Options(model=str(model), steps=STEPS)
        (root / "two.story").write_text(STORY)

    def film(self, name: str, **more: object) -> dict[str, bytes]:
        out = self.root / name
        build(self.root / "two.story", out=out, options=self.options, store=Store(self.root / f"{name}-cache"), **more)
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"), model)


@pytest.fixture(scope="module")
def here(studio: Studio) -> dict[str, bytes]:
    """The film as one process makes it."""
    return studio.film("here")


def test_the_film_is_the_same_as_in_one_process_and_models_are_loaded_once(studio, here, executor) -> None:
    import ray

    assert studio.film("shared", executor=nullcontext(executor)) == here
    assert all(hand.facts.shares for hand in executor.hands)
    loads = [ray.get(hand.actor.models_loaded.remote()) for hand in executor.hands]
    assert sum(loads) == 2 and max(loads) == 1
    before = [hand.facts.process for hand in executor.hands]
    executor_options = studio.options
    studio.options = Options(model=executor_options.model, steps=2)
    studio.film("again", executor=nullcontext(executor))
    studio.options = executor_options
    loads = [ray.get(hand.actor.models_loaded.remote()) for hand in executor.hands]
    assert sum(loads) == len([load for load in loads if load]) and max(loads) == 1
    assert [hand.facts.process for hand in executor.hands][: len(before)] == before


def test_without_a_common_folder_results_are_sent(studio, here, executor, monkeypatch) -> None:
    monkeypatch.setattr(cluster_module, "_token", lambda store: nullcontext("elsewhere"))
    assert studio.film("sent", executor=nullcontext(executor)) == here
    assert not any(hand.facts.shares for hand in executor.hands)


def test_a_worker_that_is_killed_is_replaced(studio, here, executor) -> None:
    def kill(scene: str) -> None:
        (hand,) = [hand for hand in executor.hands if hand.job and hand.job.task.of == scene]
        os.kill(hand.facts.process, signal.SIGKILL)

    progress = Watching(kill)
    assert studio.film("killed", executor=nullcontext(executor), progress=progress) == here
    assert progress.at is None and any("is gone; another one does it" in line for line in progress.said)


def test_a_node_that_is_lost_takes_nothing_with_it(studio, here, nodes, executor) -> None:
    def lose(scene: str) -> None:
        head = nodes.head_node.node_id
        lost = next(hand.facts.node for hand in executor.hands if hand.job and hand.facts.node != head)
        (node,) = [node for node in nodes.list_all_nodes() if node.node_id == lost]
        nodes.remove_node(node, allow_graceful=False)

    progress = Watching(lose)
    try:
        assert studio.film("lost", executor=nullcontext(executor), progress=progress) == here
    finally:
        nodes.add_node(num_cpus=1, num_gpus=0, node_ip_address="127.0.0.1", object_store_memory=100 * 2**20)
    assert progress.at is None


def command(studio: Studio, *arguments: str, code: str = "from dreamrunner.cli import main") -> subprocess.CompletedProcess:
    script = f"import sys; {code}; sys.exit(main(sys.argv[1:]))"
    how = ["build", "two.story", "--model", studio.options.model, "--steps", str(STEPS), "-o", "by-command"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "DREAMRUNNER_CACHE": str(studio.root / "command-cache"),
                   "OMP_NUM_THREADS": "1"}  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", script, *how, *arguments], cwd=studio.root, env=environment, capture_output=True, text=True
    )


def test_without_ray_one_line_says_what_to_install(studio) -> None:
    done = command(studio, "--ray", "auto", code="import sys; sys.modules['ray'] = None; from dreamrunner.cli import main")
    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert last == "error: --ray needs Ray, which is not installed: pip install 'dreamrunner[cluster]'"
