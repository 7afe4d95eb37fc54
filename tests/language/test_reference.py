"""The reference page agrees with the grammar, the places and the messages, and its examples are sound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing.lines import words
from dreamrunner.language.reference import PAGE, forms, generated, page

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```story\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_made_parts_are_up_to_date() -> None:
    assert page(TEXT) == TEXT


def test_every_line_that_the_grammar_reads_is_on_the_page() -> None:
    grammar = (PAGE.parent / "story.lark").read_text(encoding="utf-8")
    rules = set(re.findall(r"^(\w+_(?:head|line|part)):", grammar, re.MULTILINE))
    assert rules == set(re.findall(r"<!-- made: (\w+) -->", TEXT)) - {"places", "codes"}


def test_every_word_of_the_language_is_on_the_page() -> None:
    made = "\n".join(re.findall(r"^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    assert {word for word in words().values() if not re.search(rf"\b{word}\b", made)} == set()


def test_forms_are_written_as_an_author_writes_lines() -> None:
    assert forms("beat_line") == ["NAME [NAME] [SPAN] [TEXT]"]
    assert forms("character_line")[:3] == ["looks TEXT", "images TEXT ...", "lora [high | low] TEXT [NUMBER]"]
    assert forms("beat_part")[1:] == ["enters NAME", "leaves NAME", "says TEXT [at TIME]"]
    with pytest.raises(KeyError):
        generated("no_such_rule")


@pytest.mark.parametrize("example", EXAMPLES)
def test_its_examples_are_sound_and_formatted(example: str) -> None:
    found = check_text(example, Path("example.story")).diagnostics
    assert [item.message for item in found] == []
    assert format_text(example, Path("example.story")).text == example


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3
