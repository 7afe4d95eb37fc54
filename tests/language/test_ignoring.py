"""``# ignore: CODE reason``: which warnings are not told, and what is told of such comments."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dreamrunner.language import check_text, diagnostics
from dreamrunner.language.checker import Valid
from dreamrunner.language.examples import example
from dreamrunner.language.formatter import format_text
from dreamrunner.language.ignoring import OWN, ignorable
from dreamrunner.planning.noticed import LATER, noticed
from tests.material.generated_stories import stories

FILE = Path("x.story")
WITCH = 'character witch "a witch in a purple dress"\n'
IDLE = 'character cat "a cat"\n'
SCENE = "scene a\n  witch walking\n"


def told(text: str, file: Path = FILE) -> list[tuple[str, int]]:
    """The codes of what is told of a text, each with its line."""
    checked = check_text(text, file)
    found = checked.diagnostics
    if isinstance(checked, Valid):
        found = (*found, *noticed(checked.story))
    return [(item.code, item.location.line) for item in found]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{WITCH}{IDLE}{SCENE}", [("unused", 2)]),
        (f"{WITCH}# ignore: unused she comes later\n{IDLE}{SCENE}", []),
        (f"{WITCH}# ignore: unused she comes later\n\n# a cat\n\n{IDLE}{SCENE}", []),
        (f"{WITCH}{IDLE[:-1]}  # ignore: unused she comes later\n{SCENE}", []),
        (f"{WITCH}{IDLE[:-1]} #ignore:unused, later\n{SCENE}", []),
        # one comment is about one line and one code
        (f"{WITCH}# ignore: unused later\nprop hat\n{IDLE}{SCENE}", [("unused", 4)]),
        (f"{WITCH}{IDLE}# ignore: unused later\n{SCENE}", [("unused", 2), ("unused-ignore", 3)]),
        (f"{WITCH}# ignore: not-drawn later\n{IDLE}{SCENE}", [("unused", 3), ("unused-ignore", 2)]),
        (f"{WITCH}# ignore: unused later\n# ignore: not-drawn no\n{IDLE}{SCENE}", [("unused-ignore", 3)]),
        # what is wrong with a comment
        (f"{WITCH}# ignore: unused\n{IDLE}{SCENE}", [("bad-ignore", 2)]),
        (f"{WITCH}# ignore:\n{SCENE}", [("bad-ignore", 2)]),
        (f"{WITCH}# ignore: unusd she comes\n{IDLE}{SCENE}", [("bad-ignore", 2), ("unused", 3)]),
        (f"{WITCH}# ignore: bad-ignore why\n{SCENE}", [("bad-ignore", 2)]),
        (f"{WITCH}# ignore: unused-ignore why\n{SCENE}", [("bad-ignore", 2)]),
        (f"{WITCH}scene a\n  # ignore: syntax he is\n  tom waving", [("bad-ignore", 3), ("unknown-entity", 4)]),
        # a text over several lines is one line
        (f'{WITCH}scene a\n  # ignore: not-understood a riddle\n  narration """\n    Gold glitters.\n    """', []),
        # what others use is not for its own file to tell, and comments within texts are texts
        (f"# ignore: unused later\n{WITCH}", []),
        (f'{WITCH}{SCENE}  background """\n    # ignore: unused why\n    a garden\n    """', []),
    ],
)  # fmt: skip
def test_what_is_told(text: str, wanted: list[tuple[str, int]]) -> None:
    assert told(text) == wanted


def test_what_stands_in_another_file_is_answered_there(tmp_path: Path) -> None:
    (tmp_path / "cast.story").write_text(f"{WITCH}# ignore: lora-and-clips both\nmotion flying\n", encoding="utf-8")
    assert told(f'use "cast.story"\n{SCENE}', tmp_path / "x.story") == []
    odd = 'prop hat "a hat"#1\n'
    (tmp_path / "cast.story").write_text(f"{WITCH}# ignore: glued-comment it is so\n{odd}", encoding="utf-8")
    assert told(f'use "cast.story"\n{SCENE}', tmp_path / "x.story") == []


def test_a_filled_story_keeps_its_authors_comments() -> None:
    assert told(f"{WITCH}# ignore: not-drawn later\n{SCENE}", Path("x.plan.story")) == []


@pytest.mark.parametrize("code", ignorable())
def test_every_warning_can_be_answered(code: str, tmp_path: Path) -> None:
    """Where its own example is wrong, a comment silences it; one that no check can know of is not told as unused."""
    wrong = example(diagnostics.entry(code), "Wrong")
    for file in wrong.files:
        (tmp_path / file.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.name).write_bytes(file.content)
    assert wrong.mark is not None
    name, line, *_ = wrong.mark
    text = (tmp_path / name).read_text(encoding="utf-8")
    before = [item for item, _ in told(text, tmp_path / name)]
    assert (code in before) == (code not in LATER)
    lines = text.split("\n")
    first = line if '"""' in lines[line - 1] or text[: text.find(lines[line - 1])].count('"""') % 2 == 0 else line - 1
    lines.insert(first - 1, f"# ignore: {code} it is meant so")
    after = [item for item, _ in told("\n".join(lines), tmp_path / name)]
    assert after == [item for item in before if item != code]


def test_what_can_be_answered_is_every_warning() -> None:
    warnings = {code for code in diagnostics.codes() if diagnostics.entry(code).severity == "warning"}
    assert set(ignorable()) | set(OWN) == warnings
    assert set(LATER) <= set(ignorable())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories(), st.data())
def test_formatting_moves_no_comment_away_from_what_it_answers(text: str, data: st.DataObject) -> None:
    lines = text.split("\n")
    plain = check_text(text, FILE).diagnostics
    quoted = text.count('"""') > 0
    for _ in range(0 if quoted else 3):
        row = data.draw(st.integers(0, len(lines)))
        code = data.draw(st.sampled_from([item.code for item in plain] or ["unused"]))
        margin = data.draw(st.sampled_from(["", "  ", "    "]))
        lines.insert(row, f"{margin}# ignore: {code} why")
    marked = "\n".join(lines)
    formatted = format_text(marked, FILE, safe=False).text
    assert formatted is not None
    assert sorted(code for code, _ in told(formatted)) == sorted(code for code, _ in told(marked))
