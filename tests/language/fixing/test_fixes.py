"""Fixes of diagnostics: what they change, and that nothing else is changed."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dreamrunner.language import check_text, diagnostics
from dreamrunner.language.checker import Valid
from dreamrunner.language.diagnostics import Change, Diagnostic
from dreamrunner.language.examples import MAIN, example
from dreamrunner.language.fixing.applying import changed
from dreamrunner.language.fixing.fixes import chosen, fixes, likely
from dreamrunner.language.formatter import meaning
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Syntax
from dreamrunner.planning.mending import mended
from dreamrunner.planning.noticed import LATER, noticed
from tests.material.generated_stories import stories

FILE = Path("x.story")
SLIPS = (
    "\t", "\u00a0", "\u201c", "\u2019", "\u200b", "\x0c", ":", "=", ",", ";", "- ", "// ", "\\", '"', "'", "[", "]",
    "{", "}", "#", "# ignore: unused x", "%", "6", "0s-3s", " to ", "...", "720 x 480", "scene a", "witch waving", "\n",
    "\n  ", "\r\n", "x", "  ", "narration", 'use "x"',
)  # fmt: skip
"""What gets into texts by a slip."""


TAKEN = 'character witch "a witch"\nlocation attic "an attic"\nprop pot "a pot"\nmotion waving "a wave"\n'
AGES = 'character witch "a witch"\ncharacter old from witch\ncharacter older from old "a crone"\n'
ROOMS = 'location attic "an attic"\nlocation cellar from attic\n'
SAYS = (
    'scene a\n  in attic\n  duration 1s\n  witch waving\n  pot\n    says "A line that is far too long for a second."\n'
)


def found_in(text: str, path: Path = FILE) -> tuple[list[Diagnostic], Syntax]:
    checked = check_text(text, path)
    found = list(checked.diagnostics)
    if isinstance(checked, Valid):
        found += noticed(checked.story)
    assert checked.parsed is not None
    return found, checked.parsed.syntax


@pytest.mark.parametrize(
    ("before", "safe", "unsafe"),
    [
        ("scene a\n\tduration 6\n", "scene a\n  duration 6s\n", None),
        ("scene a\r\n\tduration 6\r\n", "scene a\r\n  duration 6s\r\n", None),
        ("scene a\n    duration 6\n\t\tseed 1\n", "scene a\n    duration 6s\n        seed 1\n", None),
        ("scene a\n  camera \u201cslow\u201d\n", 'scene a\n  camera "slow"\n', None),
        ('scene a\n  camera "a\\b"', 'scene a\n  camera "a\\\\b"', None),
        ('scene a\n  camera "the "big" one"', 'scene a\n  camera "the \\"big\\" one"', None),
        ("scnee a\n  seed 1\n", None, "scene a\n  seed 1\n"),
        ("scene a\n  sede 1\n", None, "scene a\n  seed 1\n"),
        ('character cat "a cat"\nscene a\n  cta\n', None, 'character cat "a cat"\nscene a\n  cat\n'),
        ("scene a\n  cat\n  cat\n", None, 'prop cat "cat"\n\nscene a\n  cat\n  cat\n'),
        ("scene a\n  cat jumping\n", None, 'character cat "cat"\n\nscene a\n  cat jumping\n'),
        ('prop cup "a cup"\nprop pot "a pot"\nscene a\n  cup\n', None, 'prop cup "a cup"\nscene a\n  cup\n'),
        ('scene a\nbackground "a"\n', None, 'scene a\n  background "a"\n'),
        ("prop cat\n# ignore: unused x\nscene a\n  cat # ignore: unused x\n", "prop cat\nscene a\n  cat\n", None),
        ("prop cat\nscene a\n  cat\n# ignore: unused x", "prop cat\nscene a\n  cat\n", None),
        ('# ignore: unusd why\nprop cat "a"\n', None, '# ignore: unused why\nprop cat "a"\n'),
        # A name that is something else's already is not declared once more.
        (TAKEN + "scene a\n  in witch\n  witch\n", None, TAKEN + "scene a\n  in witch\n  witch\n"),
        (TAKEN + "scene a\n  in waving\n  witch waving\n", None, TAKEN + "scene a\n  in waving\n  witch waving\n"),
        (TAKEN + "scene a\n  attic waving\n  witch\n", None, TAKEN + "scene a\n  attic waving\n  witch\n"),
        # Nor is one taken away that another is made from, but where nobody needs that one.
        (AGES + "scene a\n  older\n", None, AGES + "scene a\n  older\n"),
        (AGES + "scene a\n  witch\n", None, 'character witch "a witch"\nscene a\n  witch\n'),
        (ROOMS + "scene a\n  in cellar\n", None, ROOMS + "scene a\n  in cellar\n"),
        # Nor does a scene become longer for what a prop says.
        (TAKEN + SAYS, None, TAKEN + SAYS),
    ],
)
def test_what_is_mended(before: str, safe: str | None, unsafe: str | None) -> None:
    assert mended(before, FILE).text == (safe or before)
    assert mended(before, FILE, unsafe=True).text == (unsafe or safe)


@pytest.mark.parametrize("code", diagnostics.codes())
def test_a_code_says_whether_it_can_be_mended_and_then_it_is(code: str, tmp_path: Path) -> None:
    wrong = example(diagnostics.entry(code), "Wrong")
    for file in wrong.files:
        (tmp_path / file.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.name).write_bytes(file.content)
    if code in LATER or not (tmp_path / MAIN).is_file():
        return
    try:
        text = (tmp_path / MAIN).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    found, syntax = found_in(text, tmp_path / MAIN)
    offered = {fix.safe for item in found if item.code == code for fix in fixes(item, syntax)}
    assert {True: "safe", False: "unsafe"}.get(max(offered, default=None), "") == max(
        (likely(item) for item in found if item.code == code), key=("", "unsafe", "safe").index, default=""
    )
    said = diagnostics.entry(code).fix
    assert said or not offered
    if offered:
        assert said == "safe" or offered == {False}
        after = mended(text, tmp_path / MAIN, unsafe=True)
        assert after.text != text
        assert code not in [item.code for item in found_in(after.text, tmp_path / MAIN)[0]]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories(), st.data())
def test_nothing_is_left_that_can_be_mended_and_mending_again_changes_nothing(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(SLIPS)) + text[at + data.draw(st.integers(0, 2)) :]
    for unsafe in (False, True):
        after = mended(text, FILE, unsafe=unsafe)
        left, syntax = found_in(after.text)
        assert [(item.code, item.message) for item in left if chosen(item, syntax, unsafe=unsafe)] == []
        assert mended(after.text, FILE, unsafe=unsafe).text == after.text


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories())
def test_a_story_without_a_mistake_keeps_its_meaning(text: str) -> None:
    after = mended(text, FILE)
    assert check_text(after.text, FILE).story == check_text(text, FILE).story
    assert meaning(parse(after.text, FILE).syntax) == meaning(parse(text, FILE).syntax)


@given(st.lists(st.sampled_from(["a", "\u00e9", "\U0001f408", "\n", "\r\n", '"', " "]), max_size=30), st.data())
def test_only_the_spans_of_changes_are_changed(letters: list[str], data: st.DataObject) -> None:
    """Against an oracle: the text as single letters, of which those of a span are replaced."""
    text = "".join(letters)
    places, line, column = [], 1, 1
    for letter in letters:
        places.append((line, column))
        line, column = (line + 1, 1) if "\n" in letter else (line, column + 1)
    places.append((line, column))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(letters)), max_size=6)))
    changes, wanted, at = [], "", 0
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        changes.append(Change(Location(FILE, *places[start], *places[end]), "[x]"))
        wanted += "".join(letters[at:start]) + "[x]"
        at = end
    assert changed(text, changes) == wanted + "".join(letters[at:])


def test_what_stands_in_another_file_is_left_to_it(tmp_path: Path) -> None:
    (tmp_path / "cast.story").write_text("character cat\n\tlooks 'a cat'\n", encoding="utf-8")
    text = 'use "cast.story"\nscene a\n\tcat\n'
    assert mended(text, tmp_path / "x.story").text == 'use "cast.story"\nscene a\n  cat\n'


def test_lines_without_a_mistake_stay_letter_for_letter() -> None:
    text = 'scene a   # so\n\n\n\n   camera   "x"\n\tduration 6\n   cat\n     at   0s [0,0,1,1]\n'
    after = mended(text, FILE).text
    gone = [line for line in difflib.ndiff(text.split("\n"), after.split("\n")) if line.startswith("- ")]
    assert gone == ["- \tduration 6"]
