"""``--log json`` through the real process: every line on standard error is an object, whatever happens."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from dreamrunner.cli.serving.schemas import SCHEMAS
from tests.cli.serving.test_schemas import strict
from tests.material.real_build import Folder, kept, wait_for
from tests.material.two_scenes import STORY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Folder:
    return Folder(tmp_path_factory.mktemp("logged"), model)


@pytest.fixture(scope="module")
def first(folder: Folder) -> list[dict[str, Any]]:
    """What is told of the story's first film."""
    done = folder.build("--log", "json")
    assert (done.returncode, done.stdout) == (0, "build/two/two.mp4\n"), done.stderr
    return parsed(done.stderr)


def parsed(text: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in text.splitlines()]
    assert all(event["event"] and event["time"].endswith("Z") for event in events)
    assert [event["event"] for event in events].index("ended") == len(events) - 1
    return events


def named(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def test_what_is_written_is_as_the_schemas_say(folder: Folder, first: list[dict[str, Any]]) -> None:
    accepts = strict(SCHEMAS["log"]())
    for event in first:
        accepts.validate(event)
    strict(SCHEMAS["manifest"]()).validate(json.loads((folder.root / "build/two/manifest.json").read_bytes()))


def test_the_log_has_the_tasks_that_the_film_was_made_by(folder: Folder, first: list[dict[str, Any]]) -> None:
    manifest = json.loads((folder.root / "build/two/manifest.json").read_bytes())
    tasks = ["plan", *manifest["tasks"]]
    begun, over = ([event["task"] for event in named(first, name)] for name in ("task-started", "task-finished"))
    assert sorted(begun) == sorted(over) == sorted(tasks)
    for scenes in (
        ["render garden", "render kitchen"],
        ["encode garden", "encode kitchen"],
        ["encode kitchen", "join"],
    ):
        assert [begun.index(task) for task in scenes] == sorted(begun.index(task) for task in scenes)
    assert named(first, "build-started")[0]["stages"] == [
        {"stage": "render", "total": 2},
        {"stage": "storyboard", "total": 1},
        {"stage": "encode", "total": 2},
        {"stage": "cut", "total": 2},
        {"stage": "join", "total": 1},
    ]
    (garden,) = [event for event in named(first, "task-advanced") if event["task"] == "render garden"]
    assert (garden["stage"], garden["of"], garden["fraction"], garden["step"], garden["steps"]) == (
        "render", "garden", 1.0, 1, 1,
    )  # fmt: skip
    assert garden["seconds"] > 0
    assert [event["code"] for event in named(first, "diagnostic")] == ["left-alone"]
    assert first[-1]["exit_code"] == 0


def test_what_is_kept_is_told_of_each_task(folder: Folder, first: list[dict[str, Any]]) -> None:
    events = parsed(folder.build("--log=json").stderr)
    manifest = json.loads((folder.root / "build/two/manifest.json").read_bytes())
    assert [event["task"] for event in named(events, "task-kept")] == list(manifest["tasks"])
    assert [(event["total"], event["kept"]) for event in named(events, "stage-finished")] == [
        (1, 0), (2, 2), (1, 1), (2, 2), (2, 2), (1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "event", "says"),
    [
        (["--scene", "roof"], 2, "error", "garden, kitchen"),
        (["--steps", "0"], 2, "error", "--steps: 0 is not a whole number from 1 on"),
        (["--nonsense"], 2, "error", "unrecognized arguments: --nonsense"),
        (["--model", "nowhere/nothing"], 3, "error", "the model hub cannot be reached"),
    ],
)
def test_what_is_wrong_is_an_object_too(folder: Folder, arguments: list[str], code: int, event: str, says: str) -> None:
    done = folder.build("--log", "json", *arguments)
    events = parsed(done.stderr)
    assert done.returncode == events[-1]["exit_code"] == code
    (wrong,) = named(events, event)
    assert says in wrong["message"]


def test_what_is_wrong_with_a_story_has_its_place(tmp_path: Path, model: Path) -> None:
    folder = Folder(tmp_path, model)
    (tmp_path / "two.story").write_text(STORY.replace("cat sitting", "dog sitting"))
    done = folder.build("--log", "json")
    events = parsed(done.stderr)
    assert done.returncode == events[-1]["exit_code"] == 1
    (wrong,) = named(events, "diagnostic")
    assert (wrong["code"], wrong["file"], wrong["line"]) == ("unknown-entity", "two.story", 16)


def test_ctrl_c_ends_the_log_with_how_to_go_on(tmp_path: Path, model: Path) -> None:
    folder = Folder(tmp_path, model)
    process = folder.start("--log", "json")
    wait_for(lambda: kept(tmp_path, ".npz") > 0, process)
    os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=300)
    events = parsed(said)
    assert (process.returncode, out) == (130, "")
    assert [event["event"] for event in events[-2:]] == ["stopped", "ended"]
    assert events[-2]["message"] == "Stopped. What is finished is kept: run the same command again to go on."
    assert events[-1]["exit_code"] == 130
    begun, over = ({event["task"] for event in named(events, name)} for name in ("task-started", "task-finished"))
    assert len(begun - over) <= 2  # those under way, one for each lane
