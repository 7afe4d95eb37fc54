"""The tree-sitter grammar reads what story.lark reads.

``DREAMRUNNER_FUZZ`` sets how many texts with mistakes are tried (default 300).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

pytest.importorskip("tree_sitter", reason="tree-sitter's library for Python is not installed")

from dreamrunner.language.parsing.line_parser import accepted
from dreamrunner.language.parsing.lines import ADDED, BODIES, HEADS, words
from dreamrunner.language.parsing.parser import parse
from tests.material.generated_stories import stories
from tests.material.story_parser import parser, takes, tree
from tests.material.story_texts import examples, files, mistaken

TRIES = int(os.environ.get("DREAMRUNNER_FUZZ", "300"))

LOOSE = tuple(words()[name] for name in sorted(ADDED))
"""Words that begin a beat where the story has a character or prop of that name, which no grammar can know: tree-sitter
reads such a beat in every story."""

WRITTEN = {name: word for name, word in words().items()} | {
    "NAME": "thing",
    "STRING": '"a text"',
    "LONG_STRING": '"""two\n lines"""',
    "NUMBER": "0.5",
    "TIME": "2s",
    "SIZE": "64x48",
    "MODEL_NAME": "wan-2.2-14b",
    "_DOTS": "..",
    "_LEFT_BRACKET": "[",
    "_RIGHT_BRACKET": "]",
    "_COMMA": ",",
}


def errors(text: str) -> list[str]:
    """The codes of what keeps a text from being read."""
    return [item.code for item in parse(text, Path("x.story")).diagnostics if item.severity == "error"]


@pytest.mark.parametrize("texts", [files, examples], ids=["files", "examples"])
def test_every_text_of_the_repository_is_read_by_both_or_by_none(texts) -> None:
    assert len(texts()) > 40
    assert [name for name, text in texts().items() if takes(text) == bool(errors(text))] == []


def test_line_ends_and_a_mark_before_the_first_line_change_nothing() -> None:
    for text in files().values():
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        shape = str(tree(plain))
        for other in (plain.replace("\n", "\r\n"), plain.replace("\n", "\r"), "\ufeff" + plain, plain.rstrip("\n")):
            assert str(tree(other)) == shape


def in_its_block(rule: str, line: str) -> str:
    """A line where ``rule`` reads it, in a story that has characters of all names that are :data:`LOOSE`."""
    if rule in HEADS.values():
        return f"{line}\n"
    cast = "".join(f"character {word}\n" for word in LOOSE)
    if rule == "beat_part":
        return f"scene x\n  thing\n    {line}\n"
    kind = "SCENE" if rule == "beat_line" else next(kind for kind, body in BODIES.items() if body == rule)
    name = '"x"' if kind == "STORY" else "x"
    return f"{cast}{words()[kind]} {name}\n  {line}\n"


def lines(rule: str, depth: int, begun: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every sequence of at most ``depth`` terminals that is a line's beginning by a rule up to its last terminal."""
    for name in WRITTEN:
        line = (*begun, name)
        yield line
        if depth > 1 and accepted(rule, line):
            yield from lines(rule, depth - 1, line)


@pytest.mark.parametrize("rule", [*HEADS.values(), *BODIES.values(), "beat_part"])
def test_every_short_line_is_read_by_both_or_by_none(rule: str) -> None:
    apart = []
    for line in lines(rule, 2 if rule == "scene_line" else 3):
        text = in_its_block(rule, " ".join(WRITTEN[name] for name in line))
        expected = not errors(text) if rule == "scene_line" else "$END" in accepted(rule, line)
        if takes(text) != expected:
            apart.append(text)
    assert apart == []


@pytest.mark.parametrize("line", ["in x", 'music "x"', "takes", "location", 'says "x"'])
def test_who_is_called_as_a_word_that_came_later_has_lines_under_a_beat(line: str) -> None:
    word = line.split()[0]
    for part in ("at 0s left", "enters left", "leaves right", 'says "x"'):
        text = f"character {word}\nscene a\n  {line}\n    {part}\n    at 1s right\n  {word}\nscene b\n"
        assert takes(text), text
    assert not takes(f"scene a\n  {line}\n    seed 3\n") and not takes("scene a\n  seed 3\n    enters left\n")


def test_texts_with_mistakes_are_read_by_both_or_by_none() -> None:
    told: Counter[tuple[bool, bool]] = Counter()
    for text in mistaken(TRIES, seed=7):
        codes, read = errors(text), takes(text)
        told[not codes, read] += 1
        assert read or codes, f"only tree-sitter refuses {text!r}"
        if read and codes:
            assert any(line.split()[:1] and line.split()[0] in LOOSE for line in text.splitlines()), (codes, text)
    assert told[False, True] <= TRIES / 50
    assert min(told[True, True], told[False, False]) > TRIES / 5


@pytest.mark.parametrize("seed", range(3))
def test_a_text_that_is_edited_has_the_tree_of_a_new_one(seed: int) -> None:
    before = None
    for text in mistaken(TRIES // 10, seed):
        raw = text.encode("utf-8")
        if before is not None:
            old, known = before
            start = next((at for at, (one, other) in enumerate(zip(old, raw, strict=False)) if one != other), 0)
            place = (old[:start].count(b"\n"), start - old.rfind(b"\n", 0, start) - 1)
            ends = [(part.count(b"\n"), len(part) - part.rfind(b"\n") - 1) for part in (old, raw)]
            known.edit(start, len(old), len(raw), place, *ends)
            assert str(parser().parse(raw, known).root_node) == str(tree(text))
        before = raw, parser().parse(raw)


@settings(max_examples=15, deadline=None)
@given(stories())
def test_stories_in_any_layout_are_read(text: str) -> None:
    assert takes(text)


def test_nothing_that_a_file_can_hold_stops_it() -> None:
    for text in ('"""' * 5000, "[" * 5000, "scene a\n" * 2000, "\t\n" * 5000, "#" * 50000, "\0", "scene a\n  x \0 y\n"):
        tree(text)
    deep = "\n".join(" " * depth + "x" for depth in range(300))
    assert not takes(deep)
    assert takes('scene a # \0\n  narration "a \0 text"\n')
    assert parser().parse(b"scene \xff\n  \xc3").root_node.has_error
