"""What is ready runs, in two lanes of this process, and what is nearest to the film goes first. Nothing here leans on
time: who waits for something waits for it to happen, and only a fault makes that long."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from dreamrunner.engine.graph import Advance, StepFailed, Task
from dreamrunner.engine.measurements import Measurements
from dreamrunner.engine.progress import (
    BuildStarted,
    Event,
    Said,
    StageFinished,
    StageStarted,
    TaskFailed,
    TaskFinished,
    TaskKept,
    TaskStarted,
    silent,
)
from dreamrunner.engine.ready import ranks
from dreamrunner.engine.run import run
from dreamrunner.engine.store import Store

FAULT = 60.0
"""Seconds after which what should happen is believed never to."""


def until(condition: Callable[[], object]) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + FAULT
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


class Studio:
    """A film of scenes, some of which need what is learnt first. ``at`` has what happens while a task is made;
    those that are ``telling`` say how far they are and never end."""

    def __init__(self, root: Path) -> None:
        self.root, self.store = root, Store(root / "cache")
        self.at: dict[str, Callable[[], object]] = {}
        self.telling: set[str] = set()
        self.began: list[str] = []
        self.running: set[str] = set()
        self.most: dict[bool, int] = {True: 0, False: 0}
        self.lock = threading.Lock()

    def tasks(self, scenes: Mapping[str, tuple[str, ...]]) -> list[Task]:
        """The tasks of scenes, each with what is learnt for it."""
        learnt = dict.fromkeys(one for needs in scenes.values() for one in needs)
        found = [self.task("retrieve", one) for one in learnt]
        found += [self.task("train-motion", one, f"retrieve {one}") for one in learnt]
        found += [self.task("render", scene, *(f"train-motion {one}" for one in scenes[scene])) for scene in scenes]
        found += [self.task("storyboard", "", *(f"render {scene}" for scene in scenes))]
        found += [self.task("encode", scene, f"render {scene}") for scene in scenes]
        found += [self.task("cut", scene, f"encode {scene}") for scene in scenes]
        return [*found, self.task("join", "", *(f"cut {scene}" for scene in scenes))]

    def task(self, kind: str, of: str, *needs: str) -> Task:
        accelerated = kind in ("retrieve", "train-motion", "render")
        name = f"{kind} {of}".rstrip()

        def make(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
            with self.lock:
                self.began.append(name)
                self.running.add(name)
                alike = [each for each in self.running if each.split()[0] in FAST] if accelerated else []
                others = [each for each in self.running if each.split()[0] not in FAST]
                self.most[accelerated] = max(self.most[accelerated], len(alike if accelerated else others))
            try:
                advance(0.5)
                while name in self.telling:
                    advance(0.5)
                    time.sleep(0.005)
                self.at.get(name, lambda: None)()
                path.write_text(name)
            finally:
                with self.lock:
                    self.running.discard(name)

        return Task(kind, of, {"name": name}, make, needs, accelerated=accelerated)

    def film(self, tasks: list[Task], progress: Callable[[Event], None] = silent, **options: object) -> list[str]:
        """Run tasks as a build does, which delivers scenes as they come."""
        done = []
        with closing(run(tasks, self.store, progress, **options)) as finished:
            for each in finished:
                done.append(each.task.name)
                if each.task.kind == "encode":
                    self.file(each.task.of).write_text("a film")
        return done

    def file(self, scene: str) -> Path:
        return self.root / f"{scene}.mp4"


FAST = ("retrieve", "train-motion", "render")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def accelerated(began: list[str]) -> list[str]:
    return [name for name in began if name.split()[0] in FAST]


def test_the_first_scenes_file_is_there_before_the_second_scene_is_rendered(studio: Studio) -> None:
    studio.at["render kitchen"] = lambda: until(studio.file("garden").exists)
    studio.at["render roof"] = lambda: until(studio.file("kitchen").exists)
    tasks = studio.tasks({"garden": (), "kitchen": (), "roof": ()})
    done = studio.film(tasks)
    assert sorted(done) == sorted(task.name for task in tasks)
    assert accelerated(studio.began) == ["render garden", "render kitchen", "render roof"]


def test_a_scene_that_needs_no_training_does_not_wait_for_one(studio: Studio) -> None:
    studio.at["train-motion waving"] = lambda: until(studio.file("kitchen").exists)
    studio.film(studio.tasks({"garden": ("waving",), "kitchen": (), "roof": ("spinning", "waving")}))
    assert accelerated(studio.began) == [
        "render kitchen",
        "retrieve waving",
        "train-motion waving",
        "render garden",
        "retrieve spinning",
        "train-motion spinning",
        "render roof",
    ]


def test_one_task_of_a_kind_of_work_runs_at_a_time_and_both_kinds_together(studio: Studio) -> None:
    scenes = [f"scene{number}" for number in range(6)]
    for scene, following in pairwise(scenes):
        # Each encoding begins while the next scene is rendered, and that scene's rendering waits for it.
        studio.at[f"render {following}"] = lambda scene=scene: until(lambda: f"encode {scene}" in studio.began)
        studio.at[f"encode {scene}"] = lambda following=following: until(lambda: f"render {following}" in studio.began)
    studio.film(studio.tasks(dict.fromkeys(scenes, ())))
    assert studio.most == {True: 1, False: 1}


def test_all_is_told_in_the_thread_that_asked(studio: Studio) -> None:
    told = []
    studio.film(studio.tasks({"garden": ("waving",)}), lambda event: told.append(threading.current_thread()))
    assert set(told) == {threading.current_thread()}


def test_a_stage_begins_with_its_first_task_and_ends_with_its_last(studio: Studio) -> None:
    told: list[Event] = []
    tasks = studio.tasks({"garden": ("waving",), "kitchen": ()})
    studio.film(tasks, told.append)
    assert isinstance(told[0], BuildStarted) and dict(told[0].stages)["render"] == 2
    for kind in dict.fromkeys(task.kind for task in tasks):
        own = [event for event in told if getattr(event, "stage", None) == kind]
        total = sum(task.kind == kind for task in tasks)
        assert own[0] == StageStarted(kind, total, total)
        assert isinstance(own[1], TaskStarted) and isinstance(own[-2], TaskFinished)
        assert isinstance(own[-1], StageFinished) and own[-1].total == total and own[-1].kept == own[-1].failed == 0


def test_what_is_kept_is_over_before_what_is_missing_begins(studio: Studio) -> None:
    studio.film(studio.tasks({"garden": ()}))
    told: list[Event] = []
    studio.film(studio.tasks({"garden": (), "kitchen": ()}), told.append)
    first = next(number for number, event in enumerate(told) if isinstance(event, TaskStarted))
    kept = [number for number, event in enumerate(told) if isinstance(event, TaskKept)]
    assert len(kept) == 3 and max(kept) < first
    ended = {event.stage: (event.total, event.kept) for event in told if isinstance(event, StageFinished)}
    assert ended["cut"] == (2, 1) and ended["join"] == (1, 0)


def test_what_comes_out_as_it_was_keeps_what_is_made_of_it(studio: Studio) -> None:
    tasks = studio.tasks({"garden": (), "kitchen": ()})
    studio.film(tasks)
    told: list[Event] = []
    done = studio.film(tasks, told.append, again=lambda task: task.kind == "render")
    assert sorted(done) == sorted(task.name for task in tasks)
    ends = {event.stage: event for event in told if isinstance(event, StageFinished)}
    assert {kind: (end.total, end.kept) for kind, end in ends.items()} == {
        "render": (2, 0),
        "storyboard": (1, 1),
        "encode": (2, 2),
        "cut": (2, 2),
        "join": (1, 1),
    }


def fail() -> None:
    raise RuntimeError("out of paint")


def test_what_runs_is_given_up_when_something_fails(studio: Studio) -> None:
    studio.at["encode garden"] = lambda: (until(lambda: "render kitchen" in studio.running), fail())
    studio.at["render kitchen"] = lambda: until(lambda: False)
    with pytest.raises(StepFailed, match=r"^encoding garden failed: something unforeseen went wrong \(out of paint"):
        studio.film(studio.tasks({"garden": (), "kitchen": ()}))
    assert not studio.running and not list((studio.store.root / "making").iterdir())


def test_the_rest_goes_on_where_that_is_asked_for(studio: Studio) -> None:
    studio.at["encode garden"] = fail
    told: list[Event] = []
    with pytest.raises(StepFailed, match=r"^encoding garden failed: something unforeseen went wrong \(out of paint"):
        studio.film(studio.tasks({"garden": (), "kitchen": ()}), told.append, keep_going=True)
    assert {"storyboard", "cut kitchen"} <= set(studio.began) and not {"cut garden", "join"} & set(studio.began)
    ends = {event.stage: (event.total, event.failed) for event in told if isinstance(event, StageFinished)}
    assert ends == {"render": (2, 0), "storyboard": (1, 0), "encode": (2, 1), "cut": (1, 0)}
    assert [event.of for event in told if isinstance(event, TaskFailed)] == ["garden"]


CHILD = "import time\nwhile True: print('frame', flush=True); time.sleep(0.05)"


def test_an_interruption_stops_both_lanes_and_leaves_no_child(studio: Studio) -> None:
    children: list[subprocess.Popen] = []

    def encode() -> None:
        child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE)
        children.append(child)
        try:
            for _ in child.stdout:
                pass
        finally:
            child.kill()
            child.wait()
            child.stdout.close()

    def interrupt(event: Event) -> None:
        if children and "render kitchen" in studio.running:
            raise KeyboardInterrupt

    studio.at["encode garden"] = encode
    studio.telling.add("render kitchen")
    with pytest.raises(KeyboardInterrupt):
        studio.film(studio.tasks({"garden": (), "kitchen": ()}), interrupt)
    assert children[0].returncode is not None
    assert not studio.running and not list((studio.store.root / "making").iterdir())


def test_who_stops_looking_stops_what_runs(studio: Studio) -> None:
    studio.at["render kitchen"] = lambda: until(lambda: False)
    with closing(run(studio.tasks({"garden": (), "kitchen": ()}), studio.store, silent)) as finished:
        next(finished)
        until(lambda: "render kitchen" in studio.began or next(finished, None) is None)
    assert not studio.running
    assert not [thread for thread in threading.enumerate() if thread.name.endswith(" lane")]


def test_another_build_that_makes_the_same_is_waited_for(studio: Studio) -> None:
    tasks, told = studio.tasks({"garden": ()}), []
    job = tasks[0]

    def hear(event: Event) -> None:
        told.append(event)
        if isinstance(event, Said):
            other.__exit__(None, None, None)

    other = studio.store.claim(job.key({}))
    other.__enter__()
    studio.film(tasks, hear)
    assert Said("another build is filming garden the same way; waiting for it") in told


def test_a_task_that_ends_while_another_imports_pytorch_is_measured(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = ModuleType("torch")
    monkeypatch.setitem(sys.modules, "torch", half)
    studio.film(studio.tasks({"garden": ()}))
    half.cuda = ModuleType("torch.cuda")
    studio.film(studio.tasks({"kitchen": ()}))
    (measured,) = {each.gpu for each in Measurements(studio.root / "cache").read()}
    assert measured == 0


def test_what_nothing_waits_for_goes_last(studio: Studio) -> None:
    """A storyboard is ready with the last scene's frames, whose film comes first."""
    order = ranks(studio.tasks({"garden": (), "kitchen": ()}))
    assert order["encode kitchen"] < order["storyboard"] and order["cut kitchen"] < order["storyboard"]
    assert order["render garden"] < order["render kitchen"]
    assert order["join"] < order["storyboard"]
