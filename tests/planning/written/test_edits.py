"""Plans written into text: over any story in any layout, and by hand where the place of a word matters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from dreamrunner.language import check_text
from dreamrunner.language.edits import Edits, number, quoted
from dreamrunner.language.formatter import format_text, meaning
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.syntax import Syntax
from dreamrunner.planning import gaps, plan_story
from dreamrunner.planning.written.edits import Source, scene_blocks, write_fills, write_source
from dreamrunner.planning.written.tree import filled as filled_block
from dreamrunner.planning.written.tree import with_source, without_source
from tests.material.generated_stories import stories

FILE = Path("any.story")


def filled(text: str) -> str:
    story = check_text(text, FILE).story
    return write_fills(text, parse(text, FILE).syntax, plan_story(story).plan)


def with_scene(text: str) -> str:
    """A generated story may have neither scenes nor a topic with words; then there is nothing to film."""
    return text if check_text(text, FILE).story.scenes else f"{text}\nscene extra\n"


@given(stories())
@settings(max_examples=20, deadline=None)
def test_filling_is_idempotent_and_leaves_no_gap(text: str) -> None:
    text = with_scene(text)
    story = check_text(text, FILE).story
    plan = plan_story(story).plan
    out = write_fills(text, parse(text, FILE).syntax, plan)
    checked = check_text(out, FILE)
    assert checked.story is not None
    # A scene whose narration has nobody in it stays without beats.
    alone = {f"scene `{scene.name}`" for scene in plan.scenes if not scene.beats}
    assert {gap.of for gap in gaps(checked.story)} == alone
    assert plan_story(checked.story).plan == plan
    assert filled(out) == out
    if alone:
        return
    strict, headers = re.subn(r"^( +)topic", r"\1planner none\n\1topic", out, count=1, flags=re.MULTILINE)
    strict = strict if headers else 'story "Any"\n  planner none\n' + out
    assert [item for item in check_text(strict, FILE).diagnostics if item.severity == "error"] == []


@given(stories())
@settings(max_examples=20, deadline=None)
def test_what_is_written_is_read_as_the_tree_that_was_checked(text: str) -> None:
    text = with_scene(text)
    syntax, plan = parse(text, FILE).syntax, plan_story(check_text(text, FILE).story).plan
    planned = {scene.name: scene for scene in plan.scenes}
    made = [filled_block(block, planned[block.name.text]) for block in scene_blocks(syntax)]
    read = scene_blocks(parse(write_fills(text, syntax, plan), FILE).syntax)
    for block, again in zip(made, read, strict=True):
        assert meaning(Syntax(FILE, "", (block,), ())) == meaning(Syntax(FILE, "", (again,), ()))
        assert without_source(with_source(block, Source("abc"))) == without_source(block)


@given(stories())
@settings(max_examples=20, deadline=None)
def test_every_word_and_comment_of_the_author_stays(text: str) -> None:
    text = with_scene(text)
    out = filled(text)
    before, after = parse(text, FILE).syntax, parse(out, FILE).syntax
    assert [item.text for item in after.comments] == [item.text for item in before.comments]
    left = iter(out.split("\n"))
    for line in text.rstrip("\n").split("\n"):
        # Each line of the author's comes back, in order, as it was or with words put into it.
        assert any(_grown_from(line, new) for new in left), line


def _grown_from(line: str, new: str) -> bool:
    rest = iter(new)
    return new == line or (
        line.strip() and new[: len(line) - len(line.lstrip())].isspace() and all(char in rest for char in line)
    )


@given(stories())
@settings(max_examples=10, deadline=None)
def test_a_formatted_story_is_formatted_when_filled(text: str) -> None:
    out = filled(format_text(with_scene(text), FILE).text)
    assert format_text(out, FILE).text == out


CASES = [
    ("cat", 'cat walking 0s..6s "a black cat, walking rightwards"'),
    ("cat  waving # hi", 'cat  waving 0s..6s "a black cat, waving" # hi'),
    ("cat 1s..2s", 'cat walking 1s..2s "a black cat, walking"'),
    ('cat "a cat walks"', 'cat walking 0s..6s "a cat walks"'),
    ('cat 0s .. 2s "a cat"  # so', 'cat walking 0s .. 2s "a cat"  # so'),
    ("cup", 'cup 0s..6s "a cup"'),
]


@pytest.mark.parametrize(("beat", "expected"), CASES)
def test_missing_words_of_a_beat_stand_in_their_places(beat: str, expected: str) -> None:
    text = f'character cat "a black cat"\nprop cup "a cup"\nscene s\n    narration "The cat walks."\n    {beat}\n'
    lines = filled(text).split("\n")
    assert lines[:3] == text.split("\n")[:3]
    assert lines[3].startswith("    background ") and lines[4] == text.split("\n")[3]
    assert lines[5] == f"    {expected}"
    assert re.fullmatch(r"        at \ds \[[\d. ]+\]", lines[6])


def test_line_endings_stay_as_they_are() -> None:
    out = filled('character cat "a cat"\r\nscene s\r\n  narration "The cat walks."\r\n')
    assert out.count("\r\n") == out.count("\n") > 5


def test_a_source_is_written_once_and_replaced() -> None:
    text = 'character cat "a cat"\n\nscene s\n  cat\n\nscene t\n'

    def signed(text: str, sources: dict[str, Source]) -> str:
        edits = Edits.of(text)
        for block in scene_blocks(parse(text, FILE).syntax):
            if block.name.text in sources:
                write_source(edits, block, sources[block.name.text])
        return edits.result()

    once = signed(text, {"s": Source("abc", "offline"), "t": Source("def", "gpt-4.1 prompts 1")})
    assert once.split("\n")[3] == '  from "abc" offline' and once.split("\n")[7] == '  from "def" "gpt-4.1 prompts 1"'
    assert signed(once, {"s": Source("xyz")}) == once.replace('"abc" offline', '"xyz"')
    scene = check_text(once, FILE).story.scenes[1]
    assert (scene.filled_from, scene.filled_by) == ("def", "gpt-4.1 prompts 1")


def test_texts_and_numbers_are_written_as_the_language_reads_them() -> None:
    assert quoted('a "b" \\ \n c') == '"a \\"b\\" \\\\ \\n c"'
    assert [number(value) for value in (0.0, 6.0, 0.5, 1e-5, 100.0)] == ["0", "6", "0.5", "0.00001", "100"]
