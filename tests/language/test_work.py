"""Reading, reporting and laying out a story take as long as it is, whatever is in it, and each is bounded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.language.files import LARGEST_STORY
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing.line_parser import _form
from dreamrunner.language.report import MOST_SHOWN, render
from tests.material.work import growth, lines_run

HEAD = 'story "x"\ncharacter witch "a witch"\ncharacter cat "a cat"\n'
FILE = Path("x.story")


def scene(lines: str, more: str = "") -> str:
    return f'{HEAD}{more}scene a\n  background "a"\n  narration "b"\n{lines}'


def letters(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(4))


def undeclared_motions(n: int) -> str:
    return scene("".join(f"  witch mo{letters(i * 7919)}ing\n" for i in range(n)))


def misspelt_motions(n: int) -> str:
    declared = "".join(f"motion mo{letters(i * 7919)}ing\n" for i in range(n))
    return scene("".join(f"  witch mo{letters(i * 7919)}in\n" for i in range(n)), declared)


def strangers(n: int) -> str:
    return scene("".join(f"  d{letters(i * 7919)} walking\n" for i in range(n)), "character bob\n" * 2)


def props(n: int) -> str:
    return scene("".join(f"  p{i}\n" for i in range(n)), "".join(f'prop p{i} "x"\n' for i in range(n)))


def paths(n: int) -> str:
    return f"{HEAD}character w\n  images {' '.join(f'{chr(34)}{i}.png{chr(34)}' for i in range(n))}\n"


def comments(n: int) -> str:
    return HEAD + "# x\n" * n + scene("")[len(HEAD) :]


def scenes_twice(n: int) -> str:
    return HEAD + "scene a\n" * n


def nameless(n: int) -> str:
    return HEAD + "scene\n" * n


def quoted_names(n: int) -> str:
    return HEAD + 'character "a"\n' * n


def tokens(n: int) -> str:
    return scene("  witch walking " + "x " * n + "\n")


def open_quotes(n: int) -> str:
    return HEAD + 'scene a\n  narration """' + "\nscene b\n  x " * n


def overlapping(n: int) -> str:
    return scene("  witch walking 0s..4s\n" * n)


@pytest.mark.parametrize(
    "story",
    [undeclared_motions, misspelt_motions, strangers, props, paths, comments, scenes_twice, nameless, quoted_names,
     tokens, open_quotes, overlapping],
)  # fmt: skip
def test_twice_the_story_is_twice_the_work(story: Callable[[int], str]) -> None:
    def read(size: int) -> Callable[[], object]:
        text = story(size)
        _form.cache_clear()
        return lambda: (render(check_text(text, FILE).diagnostics, False, {FILE: text}), format_text(text, FILE))

    assert growth(read, 60) < 2.6


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "character w\n  images " + '"a.png" ' * 1000 + "\n",
        HEAD + f'character {"x" * 4000} "y"\nscene a\n  {"x" * 4000} walking\n' + "    at 1s left\n" * 300,
        HEAD + "scene a\n  witch " + "$ " * 4000 + "\n",
        HEAD + "scene a\n" * 1000,
        HEAD + "character w\n" + '  images "b.png" "a.png"\n' * 300,
        HEAD + f'scene a\n  narration "{"x" * 4000}\n' + "  duration 1s\n" * 300,
    ],
    ids=["paths", "long names", "rubbish", "twice", "properties", "long line"],
)
def test_a_report_is_not_much_longer_than_the_story(text: str) -> None:
    found = check_text(text, FILE).diagnostics
    report = render(found, False, {FILE: text})
    assert found and len(report) < 250_000
    assert max(map(len, report.splitlines())) < 700
    assert len(found) <= MOST_SHOWN or f"... and {len(found) - MOST_SHOWN:,} more" in report


def test_a_place_far_to_the_right_is_shown_with_what_is_around_it() -> None:
    text = HEAD + 'scene a\n  witch walking 0s..3s "' + "a" * 900 + '" wrong "' + "b" * 900 + '"\n'
    (item,) = check_text(text, FILE).diagnostics
    lines = render([item], False, {FILE: text}).splitlines()
    source, marks = lines[3], lines[4]
    assert source[marks.index("^") :].startswith("wrong") and "\u2026" in source


def test_more_paths_than_a_line_may_have_are_told_and_not_looked_up() -> None:
    told = [item.message for item in check_text(paths(700), FILE).diagnostics]
    assert "700 paths stand in one line, of which 500 can be read" in told
    assert len(told) <= 502


def test_a_file_too_long_for_a_story_is_told_and_not_read(tmp_path: Path) -> None:
    long = tmp_path / "long.story"
    with long.open("wb") as file:
        file.truncate(LARGEST_STORY + 1)
    text = f'use "long.story"\n{HEAD}'
    (found,) = check_text(text, tmp_path / "x.story").diagnostics
    assert f"it is longer than {LARGEST_STORY:,} bytes" in found.message


@pytest.mark.parametrize("line", ["?\n", "a b c d\n", "# x\n?? !\n", "scen a\n! ?\n"])
def test_a_file_that_is_no_story_is_not_pondered_line_by_line(line: str) -> None:
    few, many = (lines_run(lambda n=n: check_text(line * n, FILE)) for n in (400, 1200))
    assert many < 2 * few, "three times the lines would else be three times the work, and a hundred readings each"
