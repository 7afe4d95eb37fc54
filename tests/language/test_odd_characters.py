"""Control characters are told where they stand, and all parts of the program count a text's lines in the same way."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.editor.analysis import Analysis
from dreamrunner.files.letters import UNSEEN
from dreamrunner.files.text import lines_of
from dreamrunner.language import check_text
from dreamrunner.language.edits import Edits
from dreamrunner.language.formatter import format_text
from dreamrunner.language.report import render

STORY = 'character witch "a witch"\n# {0}\nscene garden\n  background "a{0} garden"\n  wich walking  # {0}\n'
FILE = Path("x.story")
CONTROLS = [chr(code) for code in (*range(0x00, 0x09), *range(0x0B, 0x0D), *range(0x0E, 0x20), *range(0x7F, 0xA0))]
LETTERS = ["\t", "\u00a0", "\u00ad", "\u200c", "\u200d", "\u200e", "\u2028", "\U0001f469\u200d\U0001f373", "\u202b"]


@pytest.mark.parametrize("char", [*CONTROLS, "\ufeff", "\uffff"])
def test_a_control_character_in_a_text_or_comment_is_told_once_and_taken_away_by_its_fix(char: str) -> None:
    text = STORY.replace("wich", "witch").format(char)
    checked = check_text(text, FILE)
    (found,) = checked.diagnostics
    place = found.location
    assert (found.code, found.severity, place.line, place.column) == ("control-character", "warning", 2, 3)
    assert f"(U+{ord(char):04X})" in found.message and "(and 2 more)" in found.message
    assert [(change.location.line, change.location.column) for change in found.fix] == [(2, 3), (4, 16), (5, 20)]
    assert format_text(text, FILE).text is not None and UNSEEN.search(char)


@pytest.mark.parametrize("char", LETTERS)
def test_other_characters_are_what_the_author_wrote(char: str) -> None:
    assert check_text(STORY.replace("wich", "witch").format(char), FILE).diagnostics == ()


def test_a_file_full_of_control_characters_is_told_once() -> None:
    (found,) = check_text("\x00" + "#\x00 x\n" * 5_000, FILE).diagnostics[1:]
    assert found.code == "control-character" and "4999 more" in found.message and len(found.fix) == 1000


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("char", ["x", "\u2028", "\u2029", "\x85", "\v", "\f", "\x1c"])
def test_lines_are_counted_alike_everywhere(char: str, end: str) -> None:
    text = STORY.format(char).replace("\n", end)
    found = check_text(text, FILE).diagnostics
    (stranger,) = [item for item in found if item.code == "unknown-entity"]
    assert stranger.location.line == 5
    assert Analysis(FILE, text, {}).lines[4].startswith("  wich")
    assert lines_of(text)[4].startswith("  wich") and Edits.of(text).lines == lines_of(text)
    assert "".join(lines_of(text)) == text
    assert "\n5 |   wich walking" in render([stranger], False, {FILE: text})


def test_a_story_with_the_line_ends_of_old_macs_is_formatted_in_place(tmp_path: Path, capsys) -> None:
    file = tmp_path / "mac.story"
    file.write_bytes(STORY.replace("wich", "witch  ").format("x").replace("\n", "\r").encode())
    assert main(["fmt", "--diff", str(file)]) == 0
    shown = capsys.readouterr().out.split("\n")
    assert "-  witch   walking  # x" in shown and "+  witch walking  # x" in shown
    assert main(["fmt", str(file)]) == 0
    assert b"\r" not in file.read_bytes() and b"\n  witch walking" in file.read_bytes()


@pytest.mark.parametrize(
    ("line", "told"),
    [("witch walking#2", "#2"), ("witch walking 0s..3s# so", "# so"), ('witch walking "so"# so', ""),
     ("witch walking # so", ""), ("witch walking\n    at 0s left#so", "#so"),
     ("witch walking\n    at 0s [0.1 0.1 0.5 0.9]#so", ""), ("# witch#2", "")],
)  # fmt: skip
def test_a_comment_right_behind_a_word_is_told(line: str, told: str) -> None:
    text = f'character witch "a witch"\nscene garden\n  background "a garden"\n  {line}\n'
    found = [item for item in check_text(text, FILE).diagnostics if item.code == "glued-comment"]
    assert [item.message.split("`")[1] for item in found] == ([told] if told else [])
