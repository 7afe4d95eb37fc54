"""Whatever stands where a command reads a file: regular files are opened, the rest is told and never waited for."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from dreamrunner.cli import main
from dreamrunner.pipeline.manifest import MANIFEST, read_manifest
from tests.material.odd_files import ODD, ending_within

STORY = 'story "S"\n  language 1\n\n'
SCENE = 'scene garden\n  background "a garden"\n  narration "The cat sits."\n  cat sitting 0s..6s "A cat is sitting"\n'
CAT = 'character cat "a black cat"\n'


def story(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "s.story").write_text(text) and None


WHOLE = story(STORY + CAT + "\n" + SCENE)
USING = story('use "odd"\n\n' + STORY + SCENE)
PHOTOS = story(STORY + 'character cat\n  looks "a black cat"\n  images "odd*"\n\n' + SCENE)
LORA = story(STORY + CAT + '\nmotion sitting\n  lora "odd.safetensors"\n\n' + SCENE)
CLIPS = story(STORY + CAT + '\nmotion sitting\n  clips "odd*"\n\n' + SCENE)
ROWING = SCENE.replace("sitting", "rowing")
CATALOG = story(STORY.replace("language 1", 'language 1\n  catalog "odd"') + CAT + "\n" + ROWING)
GAPS = story(STORY + CAT + "\n" + 'scene garden\n  narration "The cat sits."\n')
NOTHING = story("")

CASES: dict[str, tuple[Callable[[Path], None], str, list[str]]] = {
    # what lies beside it, what is odd, the command that reads it
    "check, a story": (NOTHING, "odd.story", ["check", "odd.story"]),
    "check, a used file": (USING, "odd", ["check", "s.story"]),
    "check, photos": (PHOTOS, "odd.png", ["check", "s.story"]),
    "fmt": (NOTHING, "odd.story", ["fmt", "odd.story"]),
    "plan, a story": (NOTHING, "odd.story", ["plan", "odd.story"]),
    "plan, a filled story": (WHOLE, "s.plan.story", ["plan", "s.story"]),
    "plan, prices": (GAPS, "odd.json", ["plan", "s.story", "--dry-run", "--planner", "m", "--prices", "odd.json"]),
    "plan --import": (NOTHING, "odd.jsonl", ["plan", "--import", "odd.jsonl", "-o", "plans"]),
    "plan --export": (NOTHING, "odd.story", ["plan", "--export", "odd.story"]),
    "storyboard": (NOTHING, "odd.story", ["storyboard", "odd.story"]),
    "graph, a story": (NOTHING, "odd.story", ["graph", "odd.story"]),
    "graph, a LoRA": (LORA, "odd.safetensors", ["graph", "s.story"]),
    "graph, clips": (CLIPS, "odd.mp4", ["graph", "s.story"]),
    "graph, a catalog": (CATALOG, "odd", ["graph", "s.story"]),
    "graph, a catalog's database": (CATALOG, "odd/catalog.sqlite", ["graph", "s.story"]),
    "graph, a model's index": (WHOLE, "model/model_index.json", ["graph", "s.story", "--model", "model"]),
    "graph, a model's config": (WHOLE, "model/vae/config.json", ["graph", "s.story", "--model", "model"]),
    "graph, a model's tokenizer": (WHOLE, "model/tokenizer/tokenizer.json", ["graph", "s.story", "--model", "model"]),
    "train motion": (NOTHING, "odd.mp4", ["train", "motion", "sitting", "--clips", "odd.mp4"]),
    "train subject": (NOTHING, "odd.png", ["train", "subject", "cat", "--images", "odd.png"]),
    "catalog index": (NOTHING, "odd.csv", ["catalog", "index", "odd.csv", "-o", "catalog"]),
    "preview": (NOTHING, "odd.story", ["preview", "odd.story", "--no-open"]),
}


@pytest.mark.parametrize("odd", ["pipe", "link to a device"])
@pytest.mark.parametrize("case", CASES)
def test_a_command_tells_of_what_is_no_file_and_does_not_wait_for_it(
    case: str,
    odd: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    make, name, command = CASES[case]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    make(tmp_path)
    if "model" in command:
        shutil.copytree(request.getfixturevalue("model"), tmp_path / "model")
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    ODD[odd](place)
    with ending_within(60):
        code = main(command)
    said = capsys.readouterr()
    assert code in (1, 2, 3), said
    assert "Traceback" not in said.err and "Error" not in said.err, said.err
    assert os.path.lexists(place) and not place.is_file(), "it stands there as before"


@pytest.mark.parametrize("odd", ODD)
def test_every_kind_of_it_is_named(
    odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "odd.story"
    ODD[odd](place)
    with ending_within(60):
        assert main(["check", str(place)]) == 1
    what = {"pipe": "it is a pipe, not a file", "socket": "it is a socket", "link to a device": "it is a device"}
    assert what.get(odd, "is a folder") in capsys.readouterr().out


@pytest.mark.parametrize("odd", ODD)
def test_a_manifest_that_is_no_file_is_none(odd: str, tmp_path: Path) -> None:
    ODD[odd](tmp_path / MANIFEST)
    with ending_within(60):
        assert read_manifest(tmp_path) is None


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a//b", "./x", "", "a\\..\\x", "a\nb", "..", "scenes/.."])
def test_a_manifest_names_no_file_outside_of_its_folder(name: str, tmp_path: Path) -> None:
    facts = {"title": "", "style": "", "planner": "", "seed": 0, "versions": {}, "scenes": [], "outputs": {}}
    facts |= {"model": {"name": "", "digest": "", "width": 1, "height": 1, "frames": 1}}
    (tmp_path / MANIFEST).write_text(json.dumps(facts))
    assert read_manifest(tmp_path) is not None
    (tmp_path / MANIFEST).write_text(json.dumps(facts | {"outputs": {name: "0" * 64}}))
    assert read_manifest(tmp_path) is None


def test_standard_input_is_read_as_far_as_a_story_may_be_long(monkeypatch, capsys) -> None:
    with open("/dev/zero", "rb") as endless:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=endless))
        assert main(["check", "-"]) == 1
    assert "it is longer than 4,000,000 bytes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("at", "make"), [("p", os.mkfifo), ("p/q", os.mkfifo), ("l", lambda path: path.symlink_to("x"))]
)
def test_a_new_story_is_put_in_the_place_of_nothing(at: str, make, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / at[0])
    assert main(["new", at]) == 2
    assert capsys.readouterr().err == f"error: {at[0]} is there already and is no folder; choose another name\n"
