"""``plan --compare``: two fills side by side in a terminal's columns, and what a key takes."""

from __future__ import annotations

import os
import pty
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.cli.comparing import told
from dreamrunner.cli.console import keys
from dreamrunner.cli.console.side_by_side import side_by_side
from dreamrunner.files.letters import columns
from dreamrunner.language import check_text
from dreamrunner.planning.chat.prompts import VERSION
from dreamrunner.planning.written.comparing import ComparedScene, Fill, compare
from dreamrunner.planning.written.plan_file import plan_file
from tests.material.chat_server import KEY, Server, refuses, serving

STORY = """story "A day"

character witch "a 魔女 in a purple dress"
prop mat "a mat"

scene garden
  background "a garden"
  narration "The witch walks to the mat."

scene kitchen
  narration "The witch sits."
  witch sitting 0s..2s
    at 0s left
"""

GARDEN = """\
scene garden
offline                                  gpt-4o
  witch walking 0s..6s "a 魔女 in a    |   witch strolling 0s..6s "a 魔女 in a
    purple dress, walking rightwards"  |     purple dress, walking rightwards"
    at 0s [0 0.35 0.3 0.92]                  at 0s [0 0.35 0.3 0.92]
    at 1s [0.064 0.35 0.364 0.92]      <
    at 2s [0.128 0.35 0.428 0.92]      <
    at 3s [0.192 0.35 0.492 0.92]      <
    at 4s [0.256 0.35 0.556 0.92]      <
    at 5s [0.32 0.35 0.62 0.92]        <
  mat 0s..6s "a mat"                   <
    at 0s [0.62 0.5 0.92 0.92]         <
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", server.address)
        monkeypatch.delenv("NO_COLOR", raising=False)
        yield server


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY, encoding="utf-8")
    return path


def two_fills(story: Path) -> ComparedScene:
    """The first scene with the offline planner's fill, and with one that leaves the mat out and goes another way."""
    (scene, *_) = compare(story, [("offline", None), ("offline", None)]).scenes
    made = scene.fills[0].scene
    walk = made.beats[0].model_copy(update={"motion": "strolling", "keyframes": made.beats[0].keyframes[:1]})
    other = made.model_copy(update={"beats": (walk,)})
    return replace(scene, fills=(scene.fills[0], Fill("gpt-4o", other)))


def filled(story: Path) -> Path:
    return story.with_name("day.plan.story")


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], int]]:
    """Presses keys of a terminal that standard input is; standard output is taken for one."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r", encoding="utf-8") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        monkeypatch.setattr("dreamrunner.cli.comparing.can_choose", lambda: True)
        yield lambda text: os.write(ours, text.encode())
    os.close(ours)


def test_fills_stand_side_by_side_line_by_line(story: Path) -> None:
    assert "\n".join(told(two_fills(story), 80)) + "\n" == GARDEN


def test_without_a_terminal_there_is_text_alone(server: Server, story: Path, capsys) -> None:
    assert main(["plan", str(story), "--compare", "offline", "gpt-4o"]) == 0
    said = capsys.readouterr()
    garden, kitchen = said.out.rstrip("\n").split("\n\n")
    assert garden.split("\n")[:1] == ["scene garden"] and "narration" not in garden and "background" not in garden
    assert re.search(r'  background "a kitchen" +\|   background "a place called kitchen"\n', kitchen)
    # What the author wrote is the same on both sides.
    assert re.search(r"\n    at 0s \[0.05 0.35 0.35 0.92\] +    at 0s \[0.05 0.35 0.35 0.92\]$", kitchen)
    assert "used 2 replies" in said.err and "\\033" not in said.out
    assert sorted(story.parent.iterdir()) == [story]


def test_a_page_of_both_fills_needs_no_server(server: Server, story: Path, capsys) -> None:
    page = story.with_name("fills.html")
    assert main(["plan", str(story), "--compare", "offline", "gpt-4o", "-o", str(page)]) == 0
    assert capsys.readouterr().out.strip() == str(page)
    text = page.read_text(encoding="utf-8")
    assert all(f'"garden: {planner}"' in text for planner in ("offline", "gpt-4o"))
    assert sorted(story.parent.iterdir()) == [story, page]


@pytest.mark.parametrize("width", [20, 51, 80, 121])
def test_columns_stay_whatever_letters_stand_in_them_and_colour_changes_no_word(width: int) -> None:
    texts = ["", "a", "  witch 魔女魔女 " * 5, "x" * 70, "魔" * 40, "e\u0301" * 60, "  at 0s [0 0 1 1]", "\x1b[31m\t!"]
    rows = [(one, other) for one in texts for other in (one, texts[2], "") if one or other]
    lines = list(side_by_side(("left", "right"), rows, width))
    side = max(24, (width - 3) // 2)
    for line in lines:
        assert columns(line) <= 2 * side + 3 and "\x1b" not in line
    marks = [re.match(r".*? ([|<>]) ?", line) for line in lines]
    assert {columns(found[0].rstrip()) - 1 for line, found in zip(lines, marks, strict=True) if found} == {side + 1}
    for text in texts:
        told = "".join("".join(line.split()) for line in side_by_side(("", ""), [(text, "")], width))
        assert told.replace("<", "") == "".join(text.replace("\x1b", "?").split())
    coloured = list(side_by_side(("left", "right"), rows, width, color=True))
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in coloured] == lines and coloured != lines


def test_a_key_takes_a_fill_as_planning_writes_it(server: Server, story: Path, pressed, capsys) -> None:
    pressed("x1s")  # x is no answer
    assert main(["plan", str(story), "--compare", "offline", "gpt-4o"]) == 0
    said = capsys.readouterr()
    assert said.out.count("take 1 offline, 2 gpt-4o, s skip, q quit: ") == 3
    assert said.out.endswith(f"\n{filled(story)}\n") and story.read_text(encoding="utf-8") == STORY
    garden, kitchen = filled(story).read_text(encoding="utf-8").split("\nscene kitchen")
    assert "  witch walking 0s..6s" in garden and "from" not in kitchen
    pressed("q")
    before = filled(story).read_bytes()
    assert main(["plan", str(story), "--compare", "offline", "gpt-4o", "--again", "kitchen"]) == 0
    assert filled(story).read_bytes() == before and "scene garden" not in capsys.readouterr().out
    pressed("12")
    assert main(["plan", str(story), "--compare", "gpt-4o", "offline"]) == 0
    read = check_text(filled(story).read_text(encoding="utf-8"), filled(story)).story
    assert [scene.filled_by for scene in read.scenes] == [f"gpt-4o prompts {VERSION}", "offline"]
    assert plan_file(story).filled == ()


def test_the_end_of_input_quits_and_a_line_is_no_key_of_its_own(pressed, capsys) -> None:
    pressed("\n2")
    assert keys.choose("? ", "12s", "q") == "2"
    pressed("\x04")
    assert keys.choose("? ", "12s", "q") == "q"
    assert capsys.readouterr().out == "? \n? 2\n? \n"


def test_a_scene_that_one_could_not_fill_is_told_and_the_other_can_be_taken(
    server: Server, story: Path, pressed, capsys
) -> None:
    server.scripts["garden"] = [refuses] * 9
    pressed("21q")
    assert main(["plan", str(story), "--compare", "offline", "gpt-4o"]) == 3
    said = capsys.readouterr()
    assert "take 1 offline, s skip, q quit: " in said.out
    assert "error: scene `garden`: gpt-4o: " in said.err and KEY not in said.err + said.out
    assert "  witch walking" in filled(story).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--compare", "offline"], 2, "--compare: expected 2 arguments"),
        (["--compare", "offline", "offline"], 2, "--compare: offline is named twice; name two planners"),
        (["--compare", "offline", "none"], 2, "--compare: none fills nothing"),
        (["--compare", "offlin", "gpt-4o"], 2, "--compare: there is no offlin; did you mean offline?"),
        (["--compare", "offline", "gpt-4o", "--write"], 2, "--compare goes with neither --write"),
        (["--compare", "offline", "gpt-4o", "--planner", "offline"], 2, "--compare goes with neither --write"),
        (["--compare", "offline", "gpt-4o", "--again", "gardn"], 2, "has no scene `gardn`"),
        (["--compare", "offline", "gpt-4o", "--no-open"], 2, "--no-open goes with --page"),
        (["--page"], 2, "--page and --no-open go with --compare"),
        (["--compare", "offline", "gpt-4o", "--export"], 2, "--compare goes with neither --import nor --export"),
    ],
)
def test_what_makes_no_comparison_is_said(story: Path, arguments: list[str], code: int, says: str, capsys) -> None:
    assert main(["plan", str(story), *arguments]) == code
    said = capsys.readouterr()
    assert said.out == "" and says in said.err and "Traceback" not in said.err
    assert sorted(story.parent.iterdir()) == [story]


def test_a_story_with_an_error_or_without_a_scene_or_a_gap_asks_nobody(story: Path, server: Server, capsys) -> None:
    for text, code, says in (
        (STORY.replace("witch sitting", "wich sitting"), 1, "unknown-entity"),
        (STORY.split("scene garden")[0], 1, "has no scenes yet"),
        (STORY.split("scene garden")[0] + 'scene a\n  background "a"\n  narration "b"\n  mat 0s..6s "m"\n'
         "    at 0s left\n", 0, "there is no gap to fill"),
    ):  # fmt: skip
        story.write_text(text, encoding="utf-8")
        assert main(["plan", str(story), "--compare", "gpt-4o", "offline"]) == code
        said = capsys.readouterr()
        assert said.out == "" and says in said.err
    assert server.requests == []
