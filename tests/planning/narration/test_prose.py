"""Unsimplified prose, several sentences at a time, each narration with its own cast.

In ``prose.txt`` stands for each narration who is declared, the text, and what is made of it: a line with ``+`` for
everybody in the picture, as in ``narrations.txt``, and one with ``!`` for each clause that the author is told of.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dreamrunner.planning.narration.events import Telling
from dreamrunner.planning.narration.reader import read_telling
from tests.planning.narration.test_narrations import shown

TABLE = Path(__file__).with_name("prose.txt")
_DECLARED = re.compile(r'(character|prop) ([\w-]+) "([^"]*)"')


def narrations() -> list[tuple[str, str, list[str]]]:
    """Each narration: its declarations, its text, and what is made of it."""
    found = []
    for entry in TABLE.read_text(encoding="utf-8").split("\n\n"):
        declared, text, *made = entry.strip().split("\n")
        found.append((declared, text, [line.strip() for line in made]))
    return found


def telling_of(declared: str, text: str) -> Telling:
    """A narration, read with its own cast."""
    cast = _DECLARED.findall(declared)
    characters = [name for kind, name, _ in cast if kind == "character"]
    looks = {name: look for _, name, look in cast}
    return read_telling(text, list(looks), characters, [], characters[0], looks)


def made_of(declared: str, text: str) -> list[str]:
    """What is made of a narration, as the table has it."""
    telling = telling_of(declared, text)
    acts: dict[str, list[str]] = {name: [] for name in telling.present}
    for event in sorted(telling.events, key=lambda event: event.step):
        acts[event.entity].append(shown(event))
    there = [" ".join(["+", name, *told]) for name, told in acts.items()]
    return there + [f"! {text[said.start : said.end]} ({said.unfilmed})" for said in telling.clauses if said.unfilmed]


@pytest.mark.parametrize(("declared", "text", "made"), narrations(), ids=[text[:60] for _, text, _ in narrations()])
def test_prose_is_understood_or_said_not_to_be(declared: str, text: str, made: list[str]) -> None:
    assert made_of(declared, text) == made
