"""The words that are said in many places: names, numbers of things, errors, and what a misspelt word was to be."""

from __future__ import annotations

import ast
import errno
import os
import re
from pathlib import Path

import pytest

from dreamrunner.files.spelling import closest
from dreamrunner.files.text import NAME, in_words
from dreamrunner.files.wording import counted, reason

ROOT = Path(__file__).parents[2]


def test_a_name_is_what_the_grammar_says() -> None:
    grammar = (ROOT / "grammar" / "story.lark").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"^NAME: /(.*)\(\?!\\w\)/$", grammar, re.MULTILINE)
    assert NAME.pattern == pattern
    assert NAME.fullmatch("snow-queen_2") and not NAME.fullmatch("2nd") and not NAME.fullmatch("schön")


def test_no_other_file_has_the_pattern_of_a_name_or_makes_a_plural_of_its_own() -> None:
    for path in (ROOT / "dreamrunner").rglob("*.py"):
        if path.name == "text.py" and path.parent.name == "files":
            continue
        strings = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not [text for text in strings if NAME.pattern in text], path
        assert not re.search(r"'' if \w+ == 1 else 's'", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    ("name", "words"),
    [("stirring-a-pot", "stirring a pot"), ("snow_queen", "snow queen"), ("a--b-", "a b"), ("cat", "cat")],
)
def test_a_name_in_words(name: str, words: str) -> None:
    assert in_words(name) == words


def test_numbers_of_things() -> None:
    assert [counted(count, "file") for count in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
    assert [counted(count, "try", "tries") for count in (1, 3)] == ["1 try", "3 tries"]


def test_why_the_system_could_not() -> None:
    assert reason(OSError(errno.ENOENT, os.strerror(errno.ENOENT), "/a")) == "no such file or directory"
    assert reason(OSError("Odd")) == "odd"


def test_the_closest_word() -> None:
    assert closest("wich", ["witch", "cat"]) == "witch"
    assert closest("dragon", ["witch", "cat"]) is None
