"""Every part of a text's value is found where it stands in its file, however it is quoted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.language import check_text
from dreamrunner.language.parsing.quoted import part

HEAD = 'character cat "a cat"\n\nscene a\n'


def found(source: str, words: str) -> str:
    """What stands in the file where the words of a narration are said to be."""
    story = check_text(source, Path("x.story")).story
    assert story is not None
    scene = story.scenes[0]
    start = scene.narration.index(words)
    place = part(scene.quoted, start, start + len(words))
    lines = source.split("\n")
    if place.line == place.end_line:
        return lines[place.line - 1][place.column - 1 : place.end_column - 1]
    first, last = lines[place.line - 1][place.column - 1 :], lines[place.end_line - 1][: place.end_column - 1]
    return "\n".join([first, *lines[place.line : place.end_line - 1], last])


@pytest.mark.parametrize(
    ("narration", "words", "there"),
    [
        ('"The cat sits."', "cat", "cat"),
        ('"She said \\"no\\". The cat sits."', "The cat", "The cat"),
        ('"One\\nTwo \\\\ cat."', "cat", "cat"),
        ('"""\n    The cat sits.\n      The dog runs.\n    """', "dog runs", "dog runs"),
        ('"""The cat sits.\n\n  The dog runs."""', "dog", "dog"),
        ('"Zoë 🐈 and the cat."', "the cat", "the cat"),
        ('"""\n    The cat\n    sits.\n    """', "cat\nsits", "cat\n    sits"),
    ],
)
def test_a_part_is_found_in_every_kind_of_quotes(narration: str, words: str, there: str) -> None:
    assert found(f"{HEAD}  narration {narration}\n", words) == there


@given(st.lists(st.sampled_from(["cat", "dog", '"', "\\", "\n", " ", "é", "🐈", "'"]), min_size=1, max_size=12))
def test_every_letter_is_found(pieces: list[str]) -> None:
    value = "".join(pieces) + "x"
    written = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert found(f'{HEAD}  narration "{written}"\n', "x") == "x"
