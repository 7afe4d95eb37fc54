"""What follows from one mistake is not told as another: one example a kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import check_text

CAST = 'location kitchen "a kitchen"\ncharacter witch "a witch"\ncharacter cat "a cat"\n'


@pytest.mark.parametrize("quote", ["\u201c", "\u201d", "\u201e", "\u201f", "\u201c\u201c", "\u201c\u201d"])
def test_a_curly_quote_between_straight_ones_is_a_text(quote: str) -> None:
    text = f'prop a "{quote}"\nprop b """"""\n\nscene s\n  narration """x"""\n  a\n  b\n'
    checked = check_text(text, Path("x.story"))
    assert checked.diagnostics == () and checked.story is not None
    assert checked.story.props[0].looks == quote


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # A file that a word was taken for is not looked for.
        (f"{CAST}scene a\n  music 0.4\n  cat\n  witch\n  in kitchen\n", [("syntax", 5)]),
        # A head that was taken for a line of the block above may have declared whoever is missing.
        (
            'location kitchen "a kitchen"\n  hall "a hall"\ncharacter cat "a cat"\n\nscene a\n  in hall\n  cat\n',
            [("unknown-property", 2)],
        ),
        ('cat character "a cat"\n\nscene a\n  background "a hall"\n  cat\n', [("unknown-block", 1)]),
        (
            'location "a hall"\ncharacter cat "a cat"\nlocation b from hall\n\nscene a\n  in b\n  cat\n',
            [("bad-name", 1)],
        ),
        # The first line of a block slipped, not those after it.
        (f'story "x"\n  seed 1\n{CAST}scene a\n   cat walking\n  witch\n  in kitchen\n', [("indentation", 7)]),
        # How long words take is not known as long as some can't be read.
        (f"{CAST}scene a\n  in kitchen\n  duration auto\n  witch\n    says at 2s\n  cat\n", [("syntax", 8)]),
        # A name that nobody meant is not reserved, and looks that were made of names are not said twice.
        (
            f'{CAST}character from old-witch witch\n  looks "an old witch"\n\nscene a\n  in kitchen\n  old-witch\n'
            "  cat\n  witch\n",
            [("syntax", 4)],
        ),
    ],
)
def test_one_mistake_is_told_once(text: str, told: list[tuple[str, int]]) -> None:
    found = check_text(text, Path("x.story")).diagnostics
    assert [(item.code, item.location.line) for item in found] == told
