"""What the server for programs holds to: its folder, and numbers that never fall."""

import json
import os
import sys
from pathlib import Path

import anyio
import pytest

from dreamrunner.cli.serving.hearing import Hearing
from dreamrunner.cli.serving.rooted import Outside, Rooted
from dreamrunner.cli.serving.running import run
from dreamrunner.files.paths import TOP_FOLDER
from dreamrunner.language.project.finding import project_of
from tests.material.two_scenes import STORY


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a story, in another that has settings and a film's folder; what Rooted changes is put back."""
    monkeypatch.setenv(TOP_FOLDER, "")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dreamrunner.toml").write_text('out = "films"\n')
    (tmp_path / "model").mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "two.story").write_text(STORY)
    return root


@pytest.mark.parametrize(
    "named", ["..", "../dreamrunner.toml", "/etc/passwd", "a/../../x", "link", "link/x", "a\0b", "loop"]
)
def test_a_path_that_leads_out_is_refused(named: str, root: Path) -> None:
    (root / "link").symlink_to(root.parent)
    (root / "loop").symlink_to(root / "loop" / "loop")
    with pytest.raises(Outside, match="the folder that this server is held to"):
        Rooted(root).path(named)


@pytest.mark.parametrize("named", [".", "two.story", "sub/../two.story", "not/there"])
def test_a_path_below_is_told_from_the_root(named: str, root: Path) -> None:
    assert Rooted(root).path(named) == Path(os.path.normpath(named))
    assert Rooted(root).path(str(root / named)) == Path(os.path.normpath(named))


@pytest.mark.parametrize("line", ['model "{}"', 'planner "local:{}"'])
def test_a_story_that_names_a_model_outside_is_refused(line: str, root: Path) -> None:
    text = STORY.replace("  seed 3\n", f"  seed 3\n  {line.format(root.parent / 'model')}\n")
    (root / "two.story").write_text(text)
    with pytest.raises(Outside):
        Rooted(root).story("two.story")


def test_the_file_of_a_storys_fills_is_not_written_through_a_link(root: Path) -> None:
    (root / "two.plan.story").symlink_to(root.parent / "elsewhere.story")
    with pytest.raises(Outside):
        Rooted(root).story("two.story")


def test_settings_above_the_root_are_not_read(root: Path) -> None:
    assert project_of(Path("root/two.story")).text("out") == str(root.parent / "films")
    place = Rooted(root)
    assert project_of(Path("two.story")).own is None
    assert place.film_folder(place.story("two.story")) == Path("build/two")
    (root / "dreamrunner.toml").write_text('out = "films"\n')
    assert place.film_folder(Path("two.story")) == Path("films/two")
    (root / "films").symlink_to(root.parent)
    assert place.film_folder(Path("two.story")) == Path("build/two")


def test_how_far_a_build_is_never_falls() -> None:
    heard = Hearing()
    events = [
        {"event": "said", "text": "read two.story"},
        {"event": "task-started", "task": "plan"},
        {"event": "task-finished", "task": "plan"},
        {"event": "build-started", "stages": [{"stage": "render", "total": 2}, {"stage": "join", "total": 1}]},
        {"event": "task-kept", "task": "render a"},
        {"event": "task-started", "task": "render b"},
        {"event": "task-advanced", "task": "render b", "fraction": 0.5, "build_left": 2.4},
        {"event": "task-started", "task": "render b"},
        {"event": "diagnostic", "severity": "warning", "file": "two.story", "line": 3, "message": "short"},
        {"event": "task-failed", "task": "render b"},
        {"event": "error", "message": "filming b failed: rain"},
        {"event": "build-started", "stages": [{"stage": "join", "total": 1}]},
        {"event": "task-finished", "task": "join"},
    ]
    told = []
    for event in events:
        line = heard.hear(json.dumps(event))
        told.append((line, heard.done, heard.total))
    assert told[:5] == [
        ("read two.story", 0, 0),
        ("plan", 0, 0),
        ("plan finished", 0, 0),
        (None, 0, 3),
        ("render a kept", 1, 3),
    ]
    assert told[6:8] == [("render b 50%, 2 s left in all", 1.5, 3), ("render b", 1.5, 3)]
    assert told[-1] == ("join finished", 3, 3)
    assert heard.said == ["read two.story", "two.story:3: short"]
    assert heard.wrong == ["filming b failed: rain"]
    assert heard.hear("no json") is None and heard.hear("[1]") is None


SLOW = "import sys, time; print('begun', file=sys.stderr, flush=True); time.sleep(60)"


def test_a_command_is_heard_to_its_end_and_stopped_with_who_waits_for_it(tmp_path: Path) -> None:
    heard: list[str] = []

    async def hear(line: str) -> None:
        heard.append(line)
        if line == "begun":
            scopes[0].cancel()

    async def main() -> None:
        say = "import os, sys; print(os.getcwd()); print('a\\nb', file=sys.stderr, end=''); sys.exit(3)"
        ended = await run(["-c", say], tmp_path, hear, program=(sys.executable,))
        assert (ended.code, ended.out, ended.said) == (3, str(tmp_path.resolve()), ("a", "b"))
        with anyio.CancelScope() as scope:
            scopes.append(scope)
            await run(["-c", SLOW], tmp_path, hear, program=(sys.executable,))
        assert scope.cancelled_caught

    scopes: list[anyio.CancelScope] = []
    anyio.run(main)
    assert heard == ["a", "b", "begun"]
