"""A dry run: which tasks would run and why, and what they take; it writes nothing and asks nobody."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.backbones import describe
from dreamrunner.cli import main
from dreamrunner.engine import Store
from dreamrunner.engine.graph import Task
from dreamrunner.engine.measurements import Effort, Measurement, Measurements, Pace, seconds
from dreamrunner.pipeline import Options, build, prepare
from dreamrunner.pipeline.forecast import TaskForecast, foresee, needs, understand_offline, weights
from tests.material.two_scenes import STORY


@pytest.fixture(scope="session")
def filmed(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """A folder where the story was filmed once. Copy it, leave it alone."""
    root = tmp_path_factory.mktemp("foreseen")
    (root / "two.story").write_text(STORY)
    options = Options(model=str(model), steps=1)
    build(root / "two.story", out=root / "film", options=options, store=Store(root / "cache"))
    return root


class Place:
    """A copy of the folder to edit, and to look ahead in."""

    def __init__(self, root: Path, model: Path) -> None:
        self.root, self.model = root, model
        self.story = root / "two.story"

    def foresee(self, **options: object) -> dict[str, TaskForecast]:
        chosen = Options(**{"model": str(self.model), "steps": 1} | options)
        understood, asking = understand_offline(self.story, chosen)
        store = Store(self.root / "cache")
        production = prepare(understood, out=self.root / "film", options=chosen, device="cpu", store=store, dry=True)
        again = (lambda task: True) if chosen.force else (lambda task: False)
        return {each.task.name: each for each in foresee(production, store, asking, again)}

    def running(self, **options: object) -> dict[str, str]:
        found = self.foresee(**options)
        return {name: "; ".join(each.why) for name, each in found.items() if not each.kept}


@pytest.fixture
def place(tmp_path: Path, filmed: Path, model: Path) -> Place:
    shutil.copytree(filmed, tmp_path / "copy")
    return Place(tmp_path / "copy", model)


def say(old: str, new: str) -> Callable[[Place], None]:
    def edit(place: Place) -> None:
        assert old in place.story.read_text()
        place.story.write_text(place.story.read_text().replace(old, new))

    return edit


def after(scene: str) -> dict[str, str]:
    return {
        f"encode {scene}": f"after render {scene}",
        f"cut {scene}": f"after encode {scene}",
        "join": f"after cut {scene}",
        "storyboard": f"after render {scene}",
    }


AFTER_GARDEN, AFTER_KITCHEN = after("garden"), after("kitchen")


@pytest.mark.parametrize(
    ("edit", "running"),
    [
        (lambda place: None, {}),
        (
            say("at 1s [0.3 0.2 0.7 0.9]", "at 1s [0.3 0.2 0.7 0.5]"),
            {"render garden": "box of witch at 1s changed"} | AFTER_GARDEN,
        ),
        (say("    at 1s [0.3 0.2 0.7 0.9]\n", ""), {"render garden": "box of witch at 1s is gone"} | AFTER_GARDEN),
        (
            say('witch walking 0s..2s "A witch is', 'witch walking 0s..1s "An old witch is'),
            {"render garden": "span of witch changed; description of witch changed"} | AFTER_GARDEN,
        ),
        (say('"a kitchen"', '"a cellar"'), {"render kitchen": "background changed"} | AFTER_KITCHEN),
        (
            say('  cat sitting 0s..2s "A cat is sitting in the garden"\n    at 0s right\n', ""),
            {"render garden": "cat is gone"} | AFTER_GARDEN,
        ),
        (
            say("scene kitchen", "scene cellar"),
            {"render cellar": "scene kitchen is called cellar now"} | after("cellar"),
        ),
        (say("scene kitchen", "scene kitchen\n  seed 5"), None),
        (
            say("fade 0.5s", "dissolve 0.5s"),
            dict.fromkeys(("cut garden", "cut kitchen", "storyboard"), "transition changed in garden")
            | {"join": "after cut garden, cut kitchen"},
        ),
        (say('"Two Scenes"', '"Three"'), {"storyboard": "title changed", "join": "title changed"}),
    ],
)
def test_what_would_run_and_why(place: Place, edit: Callable[[Place], None], running: dict[str, str] | None) -> None:
    edit(place)
    found = place.running()
    if running is None:  # a seed is told with what it was
        assert found.pop("render kitchen").startswith("seed 5, was ")
        running = AFTER_KITCHEN
    assert found == running


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"steps": 2}, "steps 2, was 1"),
        ({"guidance": 1.5}, "guidance 1.5, was 6.0"),
        ({"attention": "hard"}, "attention hard, was sr3ai"),
        ({"force": True}, "asked for with --force"),
    ],
)
def test_why_options_make_scenes_be_filmed_again(place: Place, options: dict[str, object], why: str) -> None:
    assert place.running(**options)["render garden"] == why


def test_other_reasons_are_told_apart(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert place.running(smooth=True)["encode garden"] == "smooth on, was off"
    with monkeypatch.context() as patch:
        from dreamrunner.engine.software import library_versions
        from dreamrunner.pipeline import why
        from dreamrunner.pipeline.tasks import render

        versions = library_versions() | {"torch": "99.0"}
        for module in (render, why):
            patch.setattr(module, "library_versions", lambda: versions)
        assert place.running()["render garden"] == f"torch {library_versions()['torch']} is now 99.0"
    with monkeypatch.context() as patch:
        patch.setattr(render, "code_digest", lambda *_: "other")
        assert place.running()["render garden"] == "DreamRunner's own code changed"
    for path in (place.root / "cache").rglob("*.npz"):
        path.unlink()
    assert place.running()["render garden"] == "what it made is no longer kept"
    (place.root / "film" / "manifest.json").unlink()
    assert place.running()["render garden"] == "never made"


def test_the_foreseen_tasks_are_those_that_then_run(place: Place) -> None:
    say('"a kitchen"', '"a cellar"')(place)
    foreseen = [name for name, each in place.foresee().items() if not each.kept]
    from tests.material.two_scenes import Recorder

    recorder = Recorder()
    options = Options(model=str(place.model), steps=1)
    build(place.story, out=place.root / "film", options=options, store=Store(place.root / "cache"), progress=recorder)
    assert recorder.made() == foreseen
    assert place.running() == {}


def everything(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
    }


@pytest.mark.parametrize("planner", ["offline", "gpt-4o"])
@pytest.mark.parametrize("cache", ["cache", "no-cache-yet"])
def test_a_dry_run_writes_nothing_and_asks_nobody(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], planner: str, cache: str
) -> None:
    say("  seed 3", f"  seed 3\n  planner {planner}")(place)
    say('  narration "She stirs her soup."\n', "")(place)
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(place.root / cache))
    monkeypatch.chdir(place.root)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("asked the network"))
    before = everything(place.root)
    command = ["build", "two.story", "--model", str(place.model), "--steps", "1", "-o", "film", "--dry-run"]
    assert main([*command, "--ray", "10.0.0.1:6379"]) == 0
    assert everything(place.root) == before
    said = capsys.readouterr().out
    if planner == "gpt-4o":
        assert said.startswith("gpt-4o would plan kitchen: 1 call, about ") and "$0.0" in said.splitlines()[0]
        assert "render kitchen  gpt-4o plans it first" in said
    assert "disk    " in said and "memory  " in said
    assert "this machine and its processor: the cluster at 10.0.0.1:6379 is not asked" in said.splitlines()[-1]


def test_a_model_that_is_not_here_is_not_fetched(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(place.story), "--model", "cogvideox-2b", "--dry-run"]) == 3
    assert "is not on this machine yet" in capsys.readouterr().err


def test_the_graph_is_printed_in_three_forms(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(place.root / "cache"))
    say('"a kitchen"', '"a cellar"')(place)
    command = ["graph", str(place.story), "-o", str(place.root / "film"), "--model", str(place.model), "--steps", "1"]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["render", "garden", "kept"]
    assert lines[1] == "render kitchen  would run: background changed"
    assert main([*command, "--format", "json"]) == 0
    render = {task["task"]: task for task in json.loads(capsys.readouterr().out)["tasks"]}
    assert render["join"]["needs"] == ["cut garden", "cut kitchen"]
    assert (render["render kitchen"]["kept"], render["render kitchen"]["why"]) == (False, ["background changed"])
    assert len(render["render garden"]["key"]) == 64 and render["join"]["key"] is None
    assert main([*command, "--format", "mermaid"]) == 0
    drawn = capsys.readouterr().out.splitlines()
    assert drawn[0] == "flowchart LR"
    assert '  t0["render garden"]:::kept' in drawn and '  t1["render kitchen"]:::run' in drawn
    assert "  t1 --> t4" in drawn  # render kitchen before encode kitchen


def measured(kind: str, amount: float, took: float, *, like: str = "tiny", first: bool = False) -> Measurement:
    return Measurement(
        kind=kind, like=like, amount=amount, seconds=took, first=first, memory=7 * 10**8, gpu=0, size=int(amount * 1000)
    )


def test_time_left_is_that_of_like_tasks_and_loading_counts_once() -> None:
    took = [measured("render", 10, 25.0, first=True), *(measured("render", 10, 5.0) for _ in range(4))]
    took += [measured("render", 10, 500.0, like="large")]
    assert seconds(took, "render", [Effort("tiny", 10)]) == 25.0
    assert seconds(took, "render", [Effort("tiny", 10)] * 3) == 35.0
    assert seconds(took, "render", [Effort("tiny", 20)]) == 30.0
    assert seconds(took, "render", [Effort("small", 10)]) is None
    assert seconds(took, "encode", [Effort("tiny", 10)]) is None
    assert seconds(took[:1], "render", [Effort("tiny", 10)] * 2) == 50.0  # all that is known


def each(kind: str, like: str, most: int = 0, accelerated: bool = False) -> TaskForecast:
    task = Task(kind, "", {}, lambda *_: None, effort=Effort(like, 10, most), accelerated=accelerated)
    return TaskForecast(task, None, None)


def test_what_is_measured_is_told_from_what_is_not(model: Path) -> None:
    tiny = describe(str(model))
    took = [measured("render", 10, 5.0), measured("join", 10, 1.0, like="")]
    known = needs([each("render", "tiny", 9, True), each("join", "")], took, tiny, "cpu")
    assert (known.seconds, known.unmeasured, known.disk, known.disk_measured) == (6.0, (), 20_000, True)
    assert (known.memory, known.memory_measured) == (7 * 10**8, True)
    other = needs([each("render", "large", 900, True), each("join", "")], took, tiny, "cpu")
    assert (other.seconds, other.unmeasured, other.disk, other.disk_measured) == (1.0, ("render",), 10_900, False)
    assert (other.memory, other.memory_measured) == (weights(tiny, "cpu"), False)


def test_weights_are_counted_as_they_are_computed_with(model: Path) -> None:
    from safetensors import safe_open

    count = 0
    for file in model.glob("*/*.safetensors"):
        with safe_open(file, "np") as opened:
            count += sum(opened.get_tensor(name).size for name in opened.keys())
    assert weights(describe(str(model)), "cpu") == 4 * count


def test_builds_note_what_they_took_and_bad_lines_are_passed_over(place: Place) -> None:
    measurements = Measurements(place.root / "cache")
    found = measurements.read()
    kinds = ["cut", "cut", "encode", "encode", "join", "render", "render", "storyboard"]
    assert sorted(one.kind for one in found) == kinds
    assert all(one.seconds > 0 and one.size > 0 and one.memory > 0 for one in found)
    with measurements.file.open("ab") as file:
        file.write(b'{"kind": "render"}\n\xff\xfe\n')
    assert measurements.read() == found


def test_measurements_never_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "measurements").write_text("a file")
    Measurements(tmp_path).note("render", Effort(), 1.0, 10)
    assert Measurements(tmp_path).read() == []


def test_old_measurements_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dreamrunner.engine.measurements.LONGEST", 2000)
    measurements = Measurements(tmp_path)
    for number in range(100):
        measurements.note("render", Effort("tiny", number), 1.0, 10)
    assert measurements.file.stat().st_size < 2200
    assert measurements.read()[-1].amount == 99
    assert os.listdir(measurements.file.parent) == [measurements.file.name]


def test_what_does_not_grow_with_the_steps_counts_once_for_each_task() -> None:
    """A trial of few steps foretells many: what loading and decoding take is not multiplied."""
    quick = measured("subject", 2, 12.0).model_copy(update={"paced": 0.4})
    assert seconds([quick], "subject", [Effort("tiny", 2)]) == 12.0
    assert seconds([quick], "subject", [Effort("tiny", 100)]) == pytest.approx(11.6 + 20.0)
    assert seconds([quick], "subject", [Effort("tiny", 100)] * 2) == pytest.approx(2 * 31.6)
    old = measured("subject", 2, 12.0)
    assert seconds([old, quick], "subject", [Effort("tiny", 100)]) == pytest.approx(31.6)


class Clock:
    """Time as a test has it go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("dreamrunner.engine.measurements.time.monotonic", lambda: self.now)


@pytest.mark.parametrize(
    ("told", "took", "whole", "paced"),
    [
        ([(3.0, 0, 0), (5.0, 1, 2), (7.0, 2, 2)], 9.0, 9.0, 4.0),
        ([(3.0, 0, 0), (5.0, 1, 1)], 6.0, 6.0, 2.0),  # one step, after what it needs was loaded
        ([(5.0, 1, 1)], 6.0, 6.0, None),
        ([(3.0, 0, 0), (5.0, 8, 10), (7.0, 9, 10), (9.0, 10, 10)], 10.0, 24.0, 20.0),  # from a checkpoint on
        ([(3.0, 0, 0), (5.0, 10, 10)], 10.0, 10.0, None),  # its last step alone
        ([], 4.0, 4.0, None),
    ],
)
def test_the_pace_of_steps_is_told_from_the_rest(
    told: list[tuple[float, int, int]], took: float, whole: float, paced: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, heard = Clock(monkeypatch), []
    pace = Pace(lambda fraction, **facts: heard.append((fraction, facts["step"])))
    for now, step, steps in told:
        clock.now = now
        pace(step / steps if steps else 0.0, step=step, steps=steps)
    assert pace.whole(took) == (whole, paced)
    assert heard == [(step / steps, step) for _, step, steps in told if steps]
