"""The same build on a cluster of two nodes: the same bytes, whatever is lost on the way, or clear words why not."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from dreamrunner.cli import main
from dreamrunner.engine import Store
from dreamrunner.engine.graph import StepFailed, Task
from dreamrunner.engine.progress import Event, Said, TaskAdvanced
from dreamrunner.engine.ray import executor as cluster_module
from dreamrunner.engine.ray.executor import OnCluster, on_cluster
from dreamrunner.engine.run import run
from dreamrunner.pipeline import Options, UsageError, build, executor_at
from tests.material import warm
from tests.material.painted import FAULT, SmallWorker, painting
from tests.material.two_scenes import BRIEF
from tests.material.warm import REPOSITORY

STEPS = 8

ALONE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""What at 0 keeps Ray to 127.0.0.1 on those systems, and on Linux."""


@pytest.fixture(scope="module")
def ray_folder() -> Iterator[Path]:
    """Where Ray keeps what it knows of this machine, instead of the user's own place; its sockets need a short path."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory(prefix="dr-", ignore_cleanup_errors=True) as folder:
        patch.setenv("RAY_TMPDIR", folder)
        yield Path(folder)


def add_node(cluster: object) -> None:
    """One more of one core, which listens to this machine alone."""
    small = {"object_store_memory": 100 * 2**20, "include_dashboard": False, "include_log_monitor": False}
    cluster.add_node(num_cpus=1, num_gpus=0, node_ip_address="127.0.0.1", no_monitor=True, **small)


@pytest.fixture(scope="module")
def first_node(ray_folder) -> Iterator[object]:
    """A cluster of one node, which starts no process before it is asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_prestart_worker_first_driver", "0")
        patch.setenv(ALONE, "0")
        from ray._private import ray_constants
        from ray.cluster_utils import Cluster

        # Ray reads the switch where it is imported, which an earlier test in this process may have done.
        patch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)
        cluster = Cluster()
        add_node(cluster)
        yield cluster
        cluster.shutdown()


@pytest.fixture(scope="module")
def nodes(first_node) -> object:
    """The same with a second node."""
    add_node(first_node)
    return first_node


@pytest.fixture(scope="module")
def executor(first_node) -> Iterator[OnCluster]:
    """One for many builds: workers go on from one to the next."""
    with pytest.MonkeyPatch.context() as patch, on_cluster(first_node.address) as executor:
        patch.setattr(cluster_module, "POLL", 0.05)
        patch.setattr(cluster_module, "_Started", SmallWorker)
        yield executor


class Watching:
    """Calls ``at`` while a scene is filmed, until that has done something; remembers what was said."""

    def __init__(self, at: Callable[[str], bool]) -> None:
        self.at: Callable[[str], bool] | None = at
        self.said: list[str] = []

    def __call__(self, event: Event) -> None:
        match event:
            case Said(text):
                self.said.append(text)
            case TaskAdvanced("render", of, fraction) if 0.1 <= fraction < 0.9 and self.at is not None:
                if self.at(of):
                    self.at = None


class Studio:
    """A story, and where it is filmed to."""

    def __init__(self, root: Path, model: Path) -> None:
        self.root, self.options = root, Options(model=str(model), steps=STEPS)
        (root / "two.story").write_text(BRIEF)

    def film(self, name: str, executor: OnCluster | None = None, **more: object) -> dict[str, bytes]:
        build(
            self.root / "two.story",
            out=self.root / name,
            options=self.options,
            store=Store(self.root / f"{name}-cache"),
            executor=executor and nullcontext(executor),
            **more,
        )
        return self.filmed(name)

    def filmed(self, name: str) -> dict[str, bytes]:
        out = self.root / name
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def command(
        self,
        address: str,
        *more: str,
        first: str = "",
        cache: str = "command",
        run: Callable[..., subprocess.CompletedProcess[str]] = warm.run,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        """What ``dreamrunner build --ray`` does in a process of its own, after the statement ``first``."""
        script = f"import sys; {first}\nfrom dreamrunner.cli import main; sys.exit(main(sys.argv[1:]))"
        how = ["build", "two.story", "--model", self.options.model, "--steps", str(STEPS), "-o", "by-command"]
        return run(
            [sys.executable, "-c", script, *how, "--ray", address, *more],
            cwd=self.root,
            env=warm.environment(DREAMRUNNER_CACHE=str(self.root / cache), **environment),
            text=True,
        )


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"), model)


@pytest.fixture(scope="module")
def painted(studio: Studio) -> dict[str, bytes]:
    """The film as one process paints it."""
    with painting():
        return studio.film("painted-here")


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a step that failed says."""
    assert done.returncode == 3 and "Traceback" not in done.stderr, done.stderr
    return done.stderr.splitlines()[-1]


def test_without_ray_one_line_says_what_to_install(studio) -> None:
    done = studio.command("auto", first="sys.modules['ray'] = None", cache="refused")
    assert last_line(done) == "error: --ray needs Ray, which is not installed: pip install 'dreamrunner[cluster]'"


def test_an_address_where_nobody_is_or_nobody_answers_is_told_soon(studio) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_one:
        address = f"127.0.0.1:{silent_one.getsockname()[1]}"
        shorter = "from dreamrunner.engine.ray import connect; connect.WELCOME = 1"
        done = studio.command(address, first=shorter, cache="refused")
    why = f"has not let this machine in for 1 s; is this machine a part of it (ray start --address {address})?"
    assert last_line(done) == f"error: the Ray cluster at {address} {why}"
    done = studio.command(address, cache="refused")
    why = "connection refused (ray start --head begins one)"
    assert last_line(done) == f"error: no Ray cluster answers at {address}: {why}"


def test_auto_starts_a_cluster_where_only_a_dead_one_is_known_and_none_where_all_is_kept(
    studio, painted, monkeypatch
) -> None:
    """Beside it, the log of a build on a cluster is JSON alone and has every task."""
    monkeypatch.delenv(ALONE, raising=False)
    with TemporaryDirectory(prefix="dr-", ignore_cleanup_errors=True) as folder:
        known = Path(folder) / "ray" / "ray_current_cluster"
        known.parent.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as gone:
            known.write_text(f"127.0.0.1:{gone.getsockname()[1]}")
        first = (
            "from tests.material import listening; listening.watch_cluster(); "
            "from dreamrunner.engine.ray import executor; executor.POLL = 0.05; "
            "from tests.material import painted; painted.small_workers(); painted.paint(pause=0.2)"
        )
        done = studio.command("auto", "--log", "json", first=first, RAY_TMPDIR=folder)
        assert done.returncode == 0, done.stderr
        lines = done.stderr.splitlines()
        heard = [line for line in lines if line.startswith("listens on")]
        assert len(heard) >= 3 and set(heard) == {"listens on 127.0.0.1"}
        assert studio.filmed("by-command") == painted
        assert subprocess.run(["pgrep", "-f", folder], capture_output=True).stdout == b""
    events = [json.loads(line) for line in lines if line not in heard]
    tasks = json.loads((studio.root / "by-command" / "manifest.json").read_bytes())["tasks"]
    for event in ("task-started", "task-finished"):
        assert sorted(each["task"] for each in events if each["event"] == event) == sorted(["plan", *tasks])
    steps = [each["step"] for each in events if each["event"] == "task-advanced" and each["task"] == "render garden"]
    assert steps == sorted(steps) and len(steps) > 1
    stages = [(each["stage"], each["total"]) for each in events if each["event"] == "stage-finished"]
    assert sorted(stages) == sorted(
        [("plan", 1), ("render", 2), ("storyboard", 1), ("encode", 2), ("cut", 2), ("join", 1)]
    )
    assert events[-1] == {"event": "ended", "time": events[-1]["time"], "exit_code": 0}
    done = studio.command("auto", first="sys.modules['ray'] = None")
    assert done.returncode == 0 and "filmed 2 scenes: kept from before" in done.stderr, done.stderr


@pytest.mark.parametrize("address", ["", "  "])
def test_an_address_that_is_empty_is_refused(address: str, tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    for more in ([], ["--dry-run"]):
        assert main(["build", str(tmp_path / "two.story"), "--ray", address, *more]) == 2
        assert "argument --ray: it is empty, as where a variable is not set" in capfd.readouterr().err
    with pytest.raises(UsageError, match="ray: it is empty"):
        executor_at(address)


def end_workers(executor: OnCluster) -> None:
    for worker in list(executor.workers):
        executor._dismiss(worker)


def test_the_film_is_the_same_as_in_one_process_and_models_are_loaded_once(studio, executor) -> None:
    import ray

    assert studio.film("shared", executor) == studio.film("here")
    assert all(worker.facts.shares for worker in executor.workers if worker.facts)
    (worker,) = executor.workers  # there is one core, so that it films both scenes
    assert ray.get(worker.actor.models_loaded.remote()) == 1
    before = worker.facts.process
    studio.film("again", executor)
    assert executor.workers == [worker] and worker.facts.process == before
    assert ray.get(worker.actor.models_loaded.remote()) == 1


def test_what_a_killed_worker_had_in_hand_another_one_does(studio, painted, nodes, executor, tmp_path) -> None:
    def kill(scene: str) -> bool:
        (worker,) = [worker for worker in executor.workers if worker.job and worker.job.task.of == scene]
        os.kill(worker.facts.process, signal.SIGKILL)
        (tmp_path / "released").touch()
        return True

    watching = Watching(kill)
    with painting(tmp_path / "released"):
        assert studio.film("killed", executor, progress=watching) == painted
    assert watching.at is None and sum("is gone; another one does it" in line for line in watching.said) == 1


def test_a_cluster_of_another_version_is_refused(studio, nodes, executor) -> None:
    from ray.experimental.internal_kv import _internal_kv_get, _internal_kv_put

    where = {"key": b"CLUSTER_METADATA", "namespace": b"cluster"}
    true = _internal_kv_get(**where)
    try:
        told = json.loads(true) | {"ray_version": "2.0.1", "python_version": "3.9.2"}
        _internal_kv_put(value=json.dumps(told).encode(), **where)
        done = studio.command(nodes.address, cache="refused")
    finally:
        _internal_kv_put(value=true, **where)
    here = f"this machine Ray {version('ray')} and Python {platform.python_version()}"
    why = f"it has Ray 2.0.1 and Python 3.9.2, and {here}; install the same on every node"
    assert last_line(done) == f"error: the Ray cluster at {nodes.address} can't be used: {why}"


def test_nodes_with_another_dreamrunner_are_refused(studio, nodes, executor, tmp_path) -> None:
    end_workers(executor)
    package = tmp_path / "dreamrunner"
    shutil.copytree(REPOSITORY / "dreamrunner", package, ignore=shutil.ignore_patterns("weights", "__pycache__"))
    with (package / "rendering" / "sampling.py").open("a") as file:
        file.write("\n_ANOTHER = 1\n")
    (tmp_path / "grammar").symlink_to(REPOSITORY / "grammar")

    def run_another(command: list[str], *, env: dict[str, str], **how: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=env | {"PYTHONPATH": str(tmp_path)}, capture_output=True, **how)

    done = studio.command(nodes.address, cache="refused", run=run_another)
    assert re.fullmatch(
        r"error: the cluster's node \S+ has another dreamrunner's code than this machine"
        r" \(\w{16}, here \w{16}\); install the same on every node",
        last_line(done),
    )


@pytest.fixture(scope="module")
def elsewhere(nodes, executor) -> Iterator[OnCluster]:
    """Workers that share no folder with this machine."""
    end_workers(executor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster_module, "_token", lambda store: nullcontext("elsewhere"))
        yield executor
        end_workers(executor)


def test_without_a_common_folder_results_are_sent(studio, painted, elsewhere) -> None:
    with painting():
        assert studio.film("sent", elsewhere) == painted
    assert not any(worker.facts.shares for worker in elsewhere.workers if worker.facts)


class Harmless:
    """Makes a word."""

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: object) -> None:
        path.write_text("done")


class Reading:
    """Writes down a text that is known only when it is needed, and where it lay. It goes on once ``together`` tasks of
    its like are under way, so that no worker does all of them."""

    def __init__(self, texts: Path, together: int = 1) -> None:
        self.texts, self.together = texts, together

    def gather(self, needed: Mapping[str, Path]) -> Mapping[str, Path]:
        (named,) = needed.values()
        return {"text": self.texts / named.read_text()}

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: object) -> None:
        if self.together > 1:
            (self.texts / f"{uuid4().hex}.begun").touch()
            until = time.monotonic() + FAULT
            while len(list(self.texts.glob("*.begun"))) < self.together and time.monotonic() < until:
                time.sleep(0.01)
        path.write_text(f"{needed['text'].read_text()} {needed['text'].parent == self.texts}")


def test_files_that_are_known_only_on_the_way_are_sent_too(tmp_path, elsewhere) -> None:
    (tmp_path / "done").write_text("it is done")
    naming = Task("retrieve", "a", {"name": "done"}, Harmless())
    # Every worker has one core. Two that run at once can't both be here.
    reading = [Task("render", str(at), {"at": at}, Reading(tmp_path, 2), ("retrieve a",)) for at in range(3)]
    done = list(run([naming, *reading], Store(tmp_path / "cache"), lambda _: None, elsewhere))
    read = {each.entry.path.read_text() for each in done[1:]}
    assert "it is done False" in read and read <= {"it is done False", "it is done True"}
    gone = Reading(tmp_path / "elsewhere")
    lost = [Task("render", f"gone {at}", {"lost": at}, gone, ("retrieve a",)) for at in range(3)]
    with pytest.raises(StepFailed) as failed:
        list(run([naming, *lost], Store(tmp_path / "cache"), lambda _: None, elsewhere, keep_going=True))
    why = f"no such file or directory: {tmp_path / 'elsewhere' / 'done'}"
    told = sorted(f"filming gone {at} failed: {why}" for at in range(3))
    assert sorted(str(failed.value).split("\nerror: ")) == told


class Deadly:
    """Kills the process that makes it."""

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_task_that_kills_its_workers_is_given_up(tmp_path, nodes, executor, monkeypatch) -> None:
    monkeypatch.setattr(cluster_module, "TRIES", 2)
    tasks = [Task("render", "deadly", {"a": 1}, Deadly()), Task("render", "harmless", {"a": 2}, Harmless())]
    watching, made = Watching(bool), []
    with pytest.raises(StepFailed, match=r"^filming deadly failed: 2 workers died of it, perhaps"):
        for done in run(tasks, Store(tmp_path / "cache"), watching, executor, keep_going=True):
            made.append(done.entry.path.read_text())
    assert made == ["done"]
    assert sum("is gone; another one does it" in line for line in watching.said) == 1


def test_a_node_that_is_lost_takes_nothing_with_it(studio, painted, nodes, executor, tmp_path) -> None:
    """The last one, since the node stays lost."""
    before = nodes.list_all_nodes()

    def lose(_: str) -> bool:
        # There are as many scenes as nodes, of one core each: one of them is at work elsewhere than on the first.
        working = {worker.facts.node for worker in executor.workers if worker.job} - {nodes.head_node.node_id}
        for node in [node for node in before if node.node_id in working][:1]:
            nodes.remove_node(node, allow_graceful=False)
            (tmp_path / "released").touch()
        return bool(working)

    watching = Watching(lose)
    with painting(tmp_path / "released"):
        assert studio.film("lost", executor, progress=watching) == painted
    assert watching.at is None and len(nodes.list_all_nodes()) < len(before)
