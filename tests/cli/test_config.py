"""``config``: which settings hold, and why; and where films of a project go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dreamrunner import cli
from dreamrunner.pipeline.prepare import default_folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cast").mkdir()
    (tmp_path / "ep1").mkdir()
    (tmp_path / "dreamrunner.toml").write_text('folders = ["cast"]\nout = "films"\nmodel = "wan"\n', encoding="utf-8")
    header = 'story "x"\n  planner offline\n  model miniature\n'
    (tmp_path / "ep1" / "day.story").write_text(f"{header}\nscene a\n", encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text('\nplanner = "gpt-4o"\nmodel = "cogvideox-2b"\n', encoding="utf-8")
    monkeypatch.setenv("DREAMRUNNER_SETTINGS", str(own))
    return tmp_path


def test_each_value_has_its_source_and_what_it_goes_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "ep1/day.story", "--model", "mine", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [(each["value"], each["from"]) for each in said["model"]] == [
        ("mine", "the command line"),
        ("miniature", "ep1/day.story:3"),
        ("wan", "dreamrunner.toml:3"),
        ("cogvideox-2b", "own.toml:3"),
        ("miniature", "built in"),
    ]
    assert [each["from"] for each in said["planner"]] == ["ep1/day.story:2", "own.toml:2", "built in"]
    assert said["folders"] == [{"value": "cast", "from": "dreamrunner.toml:1"}]
    assert said["out"][0] == {"value": "films", "from": "dreamrunner.toml:2"}
    assert said["adapters"] == []


def test_a_folder_has_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config"]) == 0
    shown = capsys.readouterr().out
    assert "model     wan        dreamrunner.toml:3; goes before cogvideox-2b (own.toml:3); goes before" in shown
    assert "project: dreamrunner.toml\n" in shown


def test_mistakes_are_told_and_exit_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "dreamrunner.toml").write_text("modle = 1\n", encoding="utf-8")
    assert cli.main(["config"]) == 1
    shown = capsys.readouterr()
    assert "did you mean `model`?" in shown.err and "dreamrunner.toml:1:1" in shown.err
    assert "cogvideox-2b" in shown.out


def test_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "none.story"]) == 1
    assert "none.story is not there" in capsys.readouterr().err


def test_films_of_a_project_go_where_it_says_each_story_into_a_folder_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert default_folder(Path("ep1/day.story")) == Path("films/ep1/day")
    assert default_folder(Path("ep1/ep1.story")) == Path("films/ep1")
    assert default_folder(Path("top.story")) == Path("films/top")
    monkeypatch.chdir(folder / "ep1")
    assert default_folder(Path("day.story")) == folder / "films" / "ep1" / "day"
    (folder / "dreamrunner.toml").unlink()
    assert default_folder(Path("day.story")) == Path("build/day")
