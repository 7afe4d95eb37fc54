"""``import``: what becomes of a file of prose, and what is said of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from dreamrunner import cli
from dreamrunner.language import read_story
from dreamrunner.planning import plan_story

PROSE = "A witch walks.\n\nHer cat sits.\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_story_that_can_be_planned_comes_of_prose(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.txt").write_bytes(b"\xef\xbb\xbf" + PROSE.replace("\n", "\r\n").encode())
    assert cli.main(["import", "a.txt", "--declare"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "a.story\n"
    assert shown.err.splitlines() == [
        "a.txt:1: witch is named 1 time: declared",
        "a.txt:3: cat is named 1 time: declared",
        "2 scenes; 0 things left out",
    ]
    story = read_story(folder / "a.story").story
    assert story is not None
    plan = plan_story(story).plan
    assert plan is not None
    assert [[(beat.entity, beat.motion) for beat in scene.beats] for scene in plan.scenes] == [
        [("witch", "walking")], [("cat", "sitting")],
    ]  # fmt: skip


def test_nobody_is_made_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.md").write_text(f"# Day\n{PROSE}", encoding="utf-8")
    assert cli.main(["import", "a.md"]) == 0
    shown = capsys.readouterr().err
    assert "a.md:2: witch is named 1 time: proposed as a comment" in shown and "take the # away" in shown
    story = read_story(folder / "a.story").story
    assert story is not None and story.characters == ()


def test_what_is_there_is_left_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.txt").write_text(PROSE, encoding="utf-8")
    (folder / "a.story").write_text("scene mine\n", encoding="utf-8")
    assert cli.main(["import", "a.txt"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert (folder / "a.story").read_text(encoding="utf-8") == "scene mine\n"
    assert cli.main(["import", "a.txt", "-o", "deep/b.story"]) == 0
    assert cli.main(["import", "a.txt", "-o", "deep/b.story"]) == 0


def test_screenplays_are_known_by_their_text_and_forms_can_be_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.txt").write_text("INT. HALL - DAY\n\nMARY\nHello.\n", encoding="utf-8")
    assert cli.main(["import", "a.txt", "-o", "-"]) == 0
    out = capsys.readouterr().out
    assert "location hall" in out and 'says "Hello."' in out
    assert cli.main(["import", "a.txt", "-o", "-", "--form", "text"]) == 0
    assert "location" not in capsys.readouterr().out


def test_standard_input_is_prose_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PROSE.encode("utf-16"))))
    assert cli.main(["import", "-", "-o", "-"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("# made of -\n") and "read as utf-16-le" in shown.err


def test_published_plans_go_where_they_went(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = '[["cat", "sitting", "a cat"], [0, 0, 1, 1]]'
    line = json.dumps(["a.mp4", f'"Background: a garden\nFrame_1: {frame}"'])
    (folder / "p.jsonl").write_text(f"{line}\n", encoding="utf-8")
    cli.main(["import", "p.jsonl", "-o", "one"])
    cli.main(["plan", "--import", "p.jsonl", "-o", "two"])
    first = {path.name: path.read_bytes() for path in (folder / "one").iterdir()}
    assert list(first) == ["a.story"]
    assert first == {path.name: path.read_bytes() for path in (folder / "two").iterdir()}
    assert cli.main(["import", "p.jsonl"]) == 2


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (b"", [], "no prose"),
        (b"\n\n***\n", [], "no prose"),
        (b"PK\x03\x04\0\0" + b"x" * 100, [], "word processor"),
        (b"\x81\x8d\x8f", [], "--encoding"),
        (b"a", ["--encoding", "nonsense"], "no encoding"),
        (b"a" * 1_000_001, [], "longer than"),
        (b"So.\n\n" * 2001, [], "2,001 scenes"),
    ],
)
def test_what_is_no_prose_is_said(
    content: bytes, arguments: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.txt").write_bytes(content)
    assert cli.main(["import", "a.txt", *arguments]) == 1
    shown = capsys.readouterr()
    assert said in shown.err and shown.out == ""
    assert not (folder / "a.story").exists()
    assert cli.main(["import", "none.txt"]) == 1


def test_what_is_said_and_what_no_story_holds_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.txt").write_text('A cat sits.\f\n"Miaow!" said the cat. "So," he said.\n', encoding="utf-8")
    assert cli.main(["import", "a.txt", "-o", "-"]) == 0
    shown = capsys.readouterr()
    assert '  cat\n    says "Miaow!"\n' in shown.out and '  narration "A cat sits."\n' in shown.out
    assert shown.err.splitlines() == [
        "a.txt:1: left out: a control character, form feed (U+000C)",
        'a.txt:1: said by cat: "Miaow!" said the cat.',
        'a.txt:1: said by cat: "So," he said.',
        "1 scene, 1 character with something to say; 1 thing left out",
    ]
    assert cli.main(["import", "a.txt", "-o", "-", "--no-speech"]) == 0
    assert "says" not in capsys.readouterr().out
