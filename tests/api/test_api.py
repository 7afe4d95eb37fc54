"""The Python API: its page's examples as they stand, the same bytes as the command line, and what goes wrong."""

import dataclasses
import doctest
import re
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import pytest

import dreamrunner
from dreamrunner import api
from dreamrunner.cli import main
from dreamrunner.engine.ray.executor import OnCluster
from dreamrunner.pipeline import Options, executor_at
from dreamrunner.pipeline.options import How
from tests.material.two_scenes import STORY

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with ``two.story`` and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "two.story").write_text(STORY)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_its_pages_examples_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "my-story"]) == 0
    story = Path("my-story", "my-story.story")
    story.write_text(story.read_text().replace("model miniature-2", "model miniature"))  # which films faster
    first, second = re.findall(r"^```python\n(.*?)^```$", (REPOSITORY / "docs" / "python.md").read_text(), re.M | re.S)
    names: dict[str, object] = {"__name__": "example"}
    capsys.readouterr()
    exec(first, names)
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["['garden', 'night']", "boxes.html"]
    assert said[2] == "render garden ('never made',)"
    assert [line for line in said if line.startswith("night: ")] == [f"night: step {at} of 20" for at in range(1, 21)]
    assert said[-1] == "film/scenes/night.mp4 ('render night', 'check night', 'encode night') ()"
    exec(second, names)
    drafted = "film/draft/my-story-draft"
    assert f"{drafted}.mp4 (PosixPath('{drafted}.srt'), PosixPath('{drafted}.vtt'))" in capsys.readouterr().out
    assert (folder / f"{drafted}.mp4").stat().st_size > 1000


def test_the_docstrings_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY / "stories")
    done = doctest.testmod(api)
    assert (done.attempted, done.failed) == (3, 0)


def test_it_gives_the_bytes_of_the_command_line(folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["build", "two.story", "-o", "one", "--model", str(model), "--steps", "2", "--seed", "5"]) == 0
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(folder / "other"))
    heard: list[dreamrunner.Event] = []
    story = dreamrunner.load("two.story")
    how: How = {"model": str(model), "steps": 2, "seed": 5}
    built = story.build("two", **how, progress=heard.append)
    assert files(folder / "two") == files(folder / "one")
    scenes = ("garden", "kitchen")
    renders, encodes, cuts = ([f"{kind} {scene}" for scene in scenes] for kind in ("render", "encode", "cut"))
    tasks = (*renders, "storyboard", *encodes, *cuts, "join")
    assert (sorted(built.made), built.kept) == (sorted(tasks), ())  # what is ready runs, in an order of its own
    ended = [event for event in heard if isinstance(event, dreamrunner.TaskFinished)]
    assert sorted(f"{event.stage} {event.of}".rstrip() for event in ended) == sorted(["plan", *tasks])
    steps = [(e.of, e.step, e.steps) for e in heard if isinstance(e, dreamrunner.TaskAdvanced) and e.stage == "render"]
    assert steps == [("garden", 1, 2), ("garden", 2, 2), ("kitchen", 1, 2), ("kitchen", 2, 2)]
    assert built.film == Path("two/two.mp4") and built.scenes["kitchen"] == Path("two/scenes/kitchen.mp4")
    delivered = (built.film, *built.scenes.values(), *built.subtitles, built.timeline, built.storyboard)
    assert {path.relative_to("two").as_posix() for path in delivered} == built.manifest.outputs.keys()
    assert [one.code for one in built.diagnostics] == ["left-alone"]
    again = story.build("two", **how)
    assert (again.made, again.kept, again.manifest) == ((), tasks, built.manifest)
    render, _ = story.dry_run("two", **how, scene="garden", attention="hard").tasks
    # A seed asked for with one scene is the scene's own; the film's gave each of its scenes another.
    drawn = next(scene.plan.seed for scene in built.manifest.scenes if scene.plan.name == "garden")
    why = (f"seed 5, was {drawn}", "attention hard, was sr3ai")
    assert drawn != 5 and (render.task.name, render.kept, render.why) == ("render garden", False, why)
    assert story.build("two", **how, scene="garden", force=True).made == ("render garden", "encode garden")


LIGHT = """
import sys
import dreamrunner
assert {name for name in sys.modules if name.startswith("dreamrunner.")} == {"dreamrunner.version"}
story = dreamrunner.load("two.story")
story.plan()
story.dry_run()
assert not {"torch", "diffusers", "transformers", "openai", "ray", "pygls", "PIL"} & set(sys.modules)
"""


def test_importing_costs_nothing_and_torch_is_for_filming(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", LIGHT], cwd=folder, env={"PYTHONPATH": str(REPOSITORY)}, check=True)


def test_errors_in_a_story_are_values_until_it_is_filmed(folder: Path) -> None:
    (folder / "bad.story").write_text(STORY.replace("  witch stirring", "  wich stirring"))
    story = dreamrunner.load("bad.story")
    assert story.story is None
    assert [(one.code, one.location.line) for one in story.diagnostics] == [("unknown-entity", 23)]
    for ask in (story.check, story.plan, story.storyboard, story.dry_run, story.build):
        with pytest.raises(dreamrunner.StoryError, match="no character or prop `wich`") as refused:
            ask()
        assert refused.value.diagnostics == story.diagnostics
    assert dreamrunner.load("none.story").diagnostics[0].severity == "error"
    assert not (folder / "build").exists() and not (folder / "cache").exists()


@pytest.mark.parametrize(
    ("how", "option"),
    [
        ({"scene": "kitchn"}, "scene"),
        ({"model": "minature"}, "model"),
        ({"voice": "nobody.onnx"}, "voice"),
        ({"steps": 0}, "steps"),
        ({"seed": -1}, "seed"),
        ({"attention": "soft"}, "attention"),
        ({"speedups": ("haste",)}, "speedups"),
        ({"speedups": ("pab", "taylorseer")}, "speedups"),
        ({"adapters": "nowhere"}, "adapters"),
        ({"loras": ("nowhere.safetensors",)}, "loras"),
        ({"loras": "nowhere.safetensors"}, "loras"),
        ({"fast": ("two.story:11",)}, "fast"),
        ({"fast": ("two.story",)}, "fast"),
        ({"scene": "garden", "burn_subtitles": True}, "burn_subtitles"),
        ({"sede": 7}, "sede"),
        ({"allow_outside": True}, "allow_outside"),
        ({"draft": "yes"}, "draft"),
        ({"steps": "many"}, "steps"),
        ({"steps": True}, "steps"),
        ({"guidance": None, "scene": 3}, "scene"),
        ({"adapters": 3}, "adapters"),
        ({"speedups": "pab"}, "speedups"),
        ({"output": 3}, "output"),
    ],
)
def test_arguments_that_cannot_be_are_named(folder: Path, how: How, option: str) -> None:
    story = dreamrunner.load("two.story")
    for ask in (story.build, story.dry_run):
        with pytest.raises(dreamrunner.UsageError) as refused:
            ask(**how)
        assert refused.value.option == option and "\n" not in str(refused.value)
    assert not (folder / "build").exists()


def test_an_option_that_there_is_none_of_is_likely_another(folder: Path) -> None:
    with pytest.raises(dreamrunner.UsageError, match="did you mean seed"):
        dreamrunner.load("two.story").dry_run(sede=7)
    with pytest.raises(dreamrunner.UsageError, match="there are output, ray, progress, scene, planner"):
        dreamrunner.load("two.story").build(resolution=7)
    with pytest.raises(dreamrunner.UsageError, match="seed"):
        dreamrunner.load("two.story").plan(seed=-1)


FUNCTIONS = {"load", "evaluate"}

WRONG: list[tuple[str, tuple[object, ...], dict[str, object], str]] = [
    ("load", (5,), {}, "path: 5 is no path"),
    ("load", (None,), {}, "path: None is no path"),
    ("load", (b"two.story",), {}, "path: b'two.story' is no path"),
    ("load", (str,), {}, "path: <class 'str'> is no path"),
    ("load", ("",), {}, "path: it is empty"),
    ("load", (), {}, "path: it is missing"),
    ("load", ("two.story",), {"path": "two.story"}, "path: it is given twice"),
    ("load", ("two.story",), {"allow_outsid": True}, "allow_outsid: there is no such option; did you mean"
                                                     " allow_outside?"),
    ("load", ("two.story",), {"allow_outside": 1}, "allow_outside: 1 is neither True nor False"),
    ("load", ("two.story", True), {}, "argument 2: True is one too many; options go by their names, as in"
                                      " allow_outside=True"),
    ("check", (), {"foo": 1}, "foo: there is no such option"),
    ("check", (1,), {}, "argument 1: 1 is one too many; options go by their names"),
    ("plan", (), {"foo": 1}, "foo: there is none; there is seed"),
    ("plan", (), {"sed": 1}, "sed: there is no such option; did you mean seed?"),
    ("plan", (), {"steps": 3}, "steps: there is none; there is seed"),
    ("plan", (7,), {}, "argument 1: 7 is one too many; options go by their names, as in seed=7"),
    ("plan", (), {"seed": "7"}, "seed: '7' is no number"),
    ("plan", (), {"seed": 1.5}, "seed: 1.5 is not a whole number from 0 on"),
    ("plan", (), {"seed": True}, "seed: True is no number"),
    ("storyboard", (), {"foo": 1}, "foo: there is none; there is picture"),
    ("storyboard", (3,), {}, "picture: 3 is no path"),
    ("storyboard", ("",), {}, "picture: it is empty"),
    ("storyboard", (), {"allow_outside": True}, "allow_outside: it is said when the story is read, as in"
                                                " load(path, allow_outside=True)"),
    ("dry_run", (3,), {}, "output: 3 is no path"),
    ("dry_run", (), {"ray": "auto"}, "ray: there is none; there are output, scene, planner, draft, force, keep_going,"
                                     " model, seed, steps, guidance, attention, speedups, loras, fast, takes,"
                                     " until, checker, smooth, voice, burn_subtitles, adapters, no_learn,"
                                     " train_steps, detector, trust_weights"),
    ("build", (), {"progress": 3}, "progress: 3 can't be called"),
    ("build", (), {"progress": None}, "progress: None can't be called"),
    ("build", (), {"ray": 6379}, "ray: 6379 is no text"),
    ("build", (), {"ray": " "}, "ray: it is empty, as where a variable is not set; name HOST:PORT, or auto"),
    ("build", ("film", "other"), {}, "argument 2: 'other' is one too many; options go by their names, as in"
                                     " ray='other'"),
    ("build", (), {"guidance": "7"}, "guidance: '7' is no number"),
    ("storyboard", ("a\0b",), {}, "picture: it holds a character (U+0000) that no name and no path has"),
    ("load", ("x\ud800.story",), {}, "path: it holds a character (U+D800) that no name and no path has"),
    ("dry_run", (), {"model": "x\udfff"}, "model: it holds a character (U+DFFF) that no name and no path has"),
    ("evaluate", (), {}, "film: it is missing"),
    ("evaluate", (5,), {}, "film: 5 is no path"),
    ("evaluate", ("film", "two.story"), {}, "argument 2: 'two.story' is one too many; options go by their names, as in"
                                            " plan='two.story'"),
    ("evaluate", ("film",), {"plann": "x"}, "plann: there is no such option; did you mean plan?"),
    ("evaluate", ("film",), {"only": ["looks"]}, "only: there is no looks; there are character, text, transition,"
                                                 " aesthetics, imaging, smoothness"),
    ("evaluate", ("film",), {"only": 3}, "only: 3 is no list of names"),
    ("evaluate", ("film",), {"only": "text"}, "only: 'text' is no list of names"),
    ("evaluate", ("film",), {"by": "me"}, "by: there is no me; there are paper, miniature, miniature-2"),
    ("evaluate", ("film",), {"fetch": "no"}, "fetch: 'no' is neither True nor False"),
    ("storyboard", ("x" * 300,), {}, "picture: a name of 300 bytes is too long"),
    ("dry_run", ("a\0b",), {}, "output: it holds a character (U+0000) that no name and no path has"),
    ("dry_run", (), {"model": "a\0b"}, "model: it holds a character (U+0000) that no name and no path has"),
    ("dry_run", (), {"model": "a/" + "\u00e9" * 200}, "model: a name of 400 bytes is too long"),
    ("dry_run", (), {"adapters": Path("x" * 300)}, "adapters: a name of 300 bytes is too long"),
    ("dry_run", (), {"guidance": 10**400}, f"guidance: {10**400} is not a number from 0 on"),
    ("dry_run", (), {"attention": None}, "attention: None is no text"),
    ("dry_run", (), {"draft": None}, "draft: None is neither True nor False"),
    ("build", (), {"outpt": "film"}, "outpt: there is no such option; did you mean output?"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "named", "why"), WRONG)
def test_every_callable_names_an_argument_that_it_does_not_take(
    folder: Path, name: str, given: tuple[object, ...], named: dict[str, object], why: str
) -> None:
    call = getattr(dreamrunner if name in FUNCTIONS else dreamrunner.load("two.story"), name)
    with pytest.raises(dreamrunner.UsageError) as refused:
        call(*given, **named)
    assert str(refused.value) == why
    assert not (folder / "build").exists() and not (folder / "film").exists()


def test_a_name_that_is_no_utf_8_is_one_all_the_same(folder: Path) -> None:
    (folder / "two.story").rename(folder / "tw\udcff.story")
    assert dreamrunner.load("tw\udcff.story").story is not None


def test_numbers_of_another_library_are_numbers(folder: Path) -> None:
    story = dreamrunner.load("two.story")
    asked, plain = story.dry_run(seed=np.int64(5), guidance=np.float32(2.5)), story.dry_run(seed=5, guidance=2.5)
    assert [one.task.reads for one in asked.tasks] == [one.task.reads for one in plain.tasks]
    assert story.plan(seed=np.int64(7)) == story.plan(seed=7)


@pytest.mark.parametrize("picture", [".", "..", "/", "a/.."])
def test_a_storyboard_takes_the_place_of_no_folder(folder: Path, picture: str) -> None:
    with pytest.raises(dreamrunner.StepFailed, match="it is a folder"):
        dreamrunner.load("two.story").storyboard(picture)


def test_blanks_round_a_clusters_address_are_none_of_it() -> None:
    with executor_at(" auto ") as executor:  # which connects when something runs
        assert isinstance(executor, OnCluster) and executor.address == "auto"


def test_all_that_can_be_called_names_its_arguments() -> None:
    methods = {name for name in vars(api.StoryFile) if not name.startswith("_") and callable(vars(api.StoryFile)[name])}
    assert methods | FUNCTIONS == {name for name, *_ in WRONG}
    functions = {name for name in dreamrunner.__all__ if not isinstance(getattr(dreamrunner, name), type)}
    assert functions - {"Event"} == FUNCTIONS


def test_the_api_can_be_looked_up() -> None:
    assert set(dreamrunner.__all__) < set(dir(dreamrunner))
    assert all(hasattr(dreamrunner, name) for name in dir(dreamrunner))


def test_what_a_listener_raises_stops_the_build_and_comes_out(folder: Path, model: Path) -> None:
    class Enough(Exception):
        pass

    def stop(event: dreamrunner.Event) -> None:
        if isinstance(event, dreamrunner.TaskAdvanced) and event.of == "kitchen":
            raise Enough

    story = dreamrunner.load("two.story")
    with pytest.raises(Enough):
        story.build("film", model=str(model), steps=1, keep_going=True, progress=stop)
    assert not (folder / "film" / "two.mp4").exists()
    # The kitchen may be filmed to its end while what was raised is on its way.
    assert "render garden" in story.build("film", model=str(model), steps=1).kept


def test_a_step_that_fails_is_one_error(folder: Path, model: Path) -> None:
    (folder / "taken").touch()
    with pytest.raises(dreamrunner.StepFailed, match="can't write taken"):
        dreamrunner.load("two.story").build("taken", model=str(model))
    with pytest.raises(dreamrunner.StepFailed, match="taken"):
        dreamrunner.load("two.story").storyboard("taken/boxes.png")


def test_keyword_arguments_are_the_options_and_everything_is_typed() -> None:
    asked, options = typing.get_type_hints(How), typing.get_type_hints(Options)
    assert list(asked) == [field.name for field in dataclasses.fields(Options) if field.name != "allow_outside"]
    assert asked == {name: options[name] for name in asked}
    assert (Path(dreamrunner.__file__).parent / "py.typed").is_file()
    methods = [getattr(api.StoryFile, name) for name in ("check", "plan", "storyboard", "dry_run", "build")]
    for method in (api.load, api.evaluate, *methods):
        assert "return" in typing.get_type_hints(method)
    for name in dreamrunner.__all__:
        assert getattr(dreamrunner, name) is not None
