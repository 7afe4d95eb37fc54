"""How long scenes last: as they say, or as their narration takes to read; and what is told where that is longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import Diagnostic, Story, check_text, gaps
from dreamrunner.language.formatter import format_text
from dreamrunner.language.reading_time import reading_seconds
from dreamrunner.planning import plan_file
from tests.material.mending import fixed

CAST = 'character witch "a witch"\n'


def read(body: str, head: str = CAST) -> tuple[Story, tuple[Diagnostic, ...]]:
    checked = check_text(f"{head}scene a\n{body}", Path("x.story"))
    assert checked.story is not None, checked.diagnostics
    return checked.story, checked.diagnostics


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0.0),
        (" \n ", 0.0),
        ("Oh.", 1.0),
        ("x" * 17, 1.0),
        ("x" * 34, 2.0),
        ("x" * 35, 2.1),
        ("x" * 102, 6.0),
        ("x" * 103, 6.1),
        # Lines and blanks in a row are read as one blank, accents with their letters, letters of East Asia as two.
        ("x" * 33 + " \n  " + "x" * 17, 3.0),
        ("e\u0301" * 34, 2.0),
        ("\u5b57" * 17, 2.0),
    ],
)
def test_a_narration_takes_a_second_for_seventeen_letters(text: str, seconds: float) -> None:
    assert reading_seconds(text) == seconds


@pytest.mark.parametrize(
    ("body", "code", "line", "words", "fix"),
    [
        (f'  duration 6s\n  narration "{"x" * 102}"\n  witch walking\n', "", 0, "", ""),
        (f'  duration 5s\n  narration "{"x" * 102}"\n  witch walking\n', "long-narration", 3, "5s", "6s"),
        (f'  narration "{"x" * 102}"\n  witch walking\n', "", 0, "", ""),
        (f'    narration "{"x" * 103}" # ...\n', "long-narration", 3, "narration", "duration 6.1s\n    "),
        ("  duration auto\n  witch walking\n", "nothing-to-read", 3, "auto", ""),
        ('  duration auto\n  narration " "\n  witch walking\n', "nothing-to-read", 3, "auto", ""),
        (f'  duration auto\n  narration "{"x" * 170}"\n', "long-scene", 3, "auto", ""),
    ],
)
def test_what_cannot_be_read_in_its_time_is_told_with_the_length_that_it_needs(
    body: str, code: str, line: int, words: str, fix: str
) -> None:
    _, found = read(body)
    assert [item.code for item in found] == ([code] if code else [])
    for item in found:
        place = item.location
        row = f"{CAST}scene a\n{body}".split("\n")[place.line - 1]
        assert (place.line, row[place.column - 1 : place.end_column - 1]) == (line, words)
        assert [change.text for change in item.fix] == ([fix] if fix else [])


def test_the_message_names_the_length_and_mending_gives_it() -> None:
    text = f'{CAST}scene a\n  narration "{"x" * 103}" # ...\n'
    (found,) = check_text(text, Path("x.story")).diagnostics
    assert found.message == "the narration of `a` takes 6.1s to read, and the scene lasts 6s"
    assert (
        found.help == "make the scene 6.1s long: `duration 6.1s`, or `duration auto`; or say less, or split the scene"
    )
    after = fixed(text, found)
    assert after == f'{CAST}scene a\n  duration 6.1s\n  narration "{"x" * 103}" # ...\n'
    assert [item.code for item in check_text(after, Path("x.story")).diagnostics] == ["long-scene"]


def test_nothing_is_mended_where_no_scene_may_be_so_long() -> None:
    text = f'{CAST}scene a\n  narration "{"x " * 40_000}"\n'
    (found,) = check_text(text, Path("x.story")).diagnostics
    assert (found.code, found.fix, found.help) == ("long-narration", (), "say less, or split the scene")


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (f'  duration auto\n  narration "{"x" * 34}"\n', 2.0),
        (f'  narration "{"x" * 34}"\n  duration auto\n', 2.0),
        (f'  duration auto\n  narration "{"x" * 34}"\n  witch walking 1s..3.5s\n', 3.5),
        (f'  duration auto\n  narration "{"x" * 34}"\n  witch walking\n    at 4s left\n', 4.0),
        ("  duration auto\n", 6.0),
        ("  duration auto\n  witch walking 0s..2s\n", 6.0),
        ("  duration auto\n  witch walking 0s..7s\n", 7.0),
    ],
)
def test_auto_takes_the_time_of_the_text_and_leaves_room_for_what_is_written(body: str, seconds: float) -> None:
    story, _ = read(body)
    assert story.scenes[0].seconds == story.scenes[0].duration == seconds


def test_auto_is_a_name_where_it_was_one() -> None:
    text = 'character auto "a robot"\nmotion auto\nscene auto\n  duration auto\n  narration "It rolls."\n  auto auto\n'
    assert check_text(text, Path("x.story")).diagnostics == ()
    assert (
        format_text(text.replace("duration auto", "duration   auto"), Path("x.story")).text.count("duration auto\n")
        == 1
    )


@pytest.mark.parametrize("narration", ["", '  narration "The witch walks, then waves, and walks on."\n'])
@pytest.mark.parametrize("beats", ["", "  witch walking 0s..1s\n"])
def test_the_filled_story_lasts_as_long(narration: str, beats: str, tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text(f'story "A"\n{CAST}scene a\n  duration auto\n{narration}{beats}', encoding="utf-8")
    made = plan_file(path)
    path.with_name("day.plan.story").write_text(made.text, encoding="utf-8")
    again, alone = plan_file(path), plan_file(path.with_name("day.plan.story"))
    assert made.plan == again.plan == alone.plan and made.text == again.text == alone.text
    assert list(gaps(again.story)) == [] and "  duration auto\n" in made.text
    assert made.plan.scenes[0].duration == (2.5 if narration else 6.0)
    assert [item.code for item in alone.diagnostics] == []
