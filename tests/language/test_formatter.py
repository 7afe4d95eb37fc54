"""The formatter: golden cases, and what must hold for every story."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from dreamrunner.language import check_text, formatter
from dreamrunner.language.formatter import UnsafeFormat, format_text, meaning
from dreamrunner.language.parsing.parser import parse
from tests.material.generated_stories import stories

CASES = sorted((Path(__file__).parent / "formatted").glob("*.story"))
STORIES = sorted((Path(__file__).parents[2] / "stories").rglob("*.story"))
FILE = Path("x.story")


def case(path: Path) -> tuple[str, str]:
    """Input and expected output, which a line of ``=`` parts; a case without that line is formatted already."""
    before, line, after = path.read_text().partition("# ====\n")
    return (before, after) if line else (before, before)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    before, after = case(path)
    assert format_text(before, FILE).text == after
    assert format_text(after, FILE).text == after


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.name)
def test_the_stories_of_the_repository_are_formatted(path: Path) -> None:
    text = path.read_text()
    assert format_text(text, path).text == text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories())
def test_formatting_keeps_the_story_and_is_stable(text: str) -> None:
    before = check_text(text, FILE)
    assert [item.message for item in before.diagnostics if item.severity == "error"] == []
    formatted = format_text(text, FILE, safe=False).text
    assert formatted is not None
    assert check_text(formatted, FILE).story == before.story
    assert meaning(parse(formatted, FILE).syntax) == meaning(parse(text, FILE).syntax)
    assert format_text(formatted, FILE, safe=False).text == formatted
    assert "\n\n\n" not in formatted or '"""' in formatted
    assert formatted.endswith("\n") and not formatted.startswith("\n")


def test_line_ends_stay_as_they_were() -> None:
    assert format_text("scene a\r\n    seed 1\r\n", FILE).text == "scene a\r\n  seed 1\r\n"


def test_a_file_that_cannot_be_read_is_not_formatted() -> None:
    result = format_text("scene a\n  seed ?\n", FILE)
    assert result.text is None
    assert [item.code for item in result.diagnostics] == ["syntax"]


def test_a_result_that_says_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "_number", lambda raw: "9s" if raw.endswith("s") else "9")
    with pytest.raises(UnsafeFormat):
        format_text("scene a\n  seed 1\n", FILE)
    assert format_text("scene a\n  seed 1\n", FILE, safe=False).text == "scene a\n  seed 9\n"


def test_every_comment_survives() -> None:
    head = "# 1\nscene a # 2\n # 3\n  seed 1 # 4\n    # 5\n# 6\n  cat # 7\n"
    text = head + "    # 8\n    at 0s left # 9\n      # 10\n  # 11\n# 12"
    formatted = format_text(text, FILE).text
    assert formatted is not None
    assert [line.split("# ")[1] for line in formatted.splitlines() if "#" in line] == [str(n) for n in range(1, 13)]


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n", "\r\n\r\n", "\n# a note\n\n"])
def test_of_nothing_nothing_is_made(text: str) -> None:
    formatted = format_text(text, FILE).text
    assert formatted == ("# a note\n" if "#" in text else "")
    assert format_text(formatted, FILE).text == formatted
