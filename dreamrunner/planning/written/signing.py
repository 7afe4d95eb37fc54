"""The hashes in the ``from`` lines of a filled story: whether a fill still fits, and whether it was edited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dreamrunner.files.digest import digest_text
from dreamrunner.language.formatter import meaning
from dreamrunner.language.syntax import Block, Syntax
from dreamrunner.planning.written.edits import seed_of, source_of
from dreamrunner.planning.written.tree import without_source

_DIGITS = 12
_TOPIC = "topic"


def topic_hash(syntax: Syntax) -> str:
    """The hash of the topic, which scenes that no author wrote are made from."""
    headers = [item for block in syntax.blocks if block.kind.text == "story" for item in block.properties()]
    return digest_of([item.text for item in headers if item.word.text == _TOPIC])


def hashes_of(block: Block) -> tuple[str, str]:
    """The two hashes of a scene's ``from`` line, empty where there is none."""
    source = source_of(block)
    authored, _, made = source.text.partition(" ") if source is not None else ("", "", "")
    return authored, made


def authored_hash(block: Block) -> str:
    """The hash of what a scene was written as: what its own ``from`` says, or what it says itself."""
    return hashes_of(block)[0] or told_hash(block)


def told_hash(block: Block) -> str:
    """The hash of what a scene tells its planner, for whom seeds are nothing."""
    return hash_of(replace(block, body=tuple(item for item in block.body if item is not seed_of(block))))


def hash_of(block: Block) -> str:
    """The hash of what a scene says, however it is laid out, without its ``from``."""
    return digest_of(meaning(Syntax(Path(), "", (without_source(block),), ())))


def digest_of(value: object) -> str:
    """A short hash of plain values."""
    return digest_text(repr(value))[:_DIGITS]
