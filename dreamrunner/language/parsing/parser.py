"""From text to syntax: every line parsed by the grammar on its own, every mistake reported once.

A line that can't be read is left out, with what is under it where that hangs on it; its neighbours are read as if it
were not there. What can be told of it (a block's name, who a beat is about) is kept, so that one mistake does not
make others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.files.text import with_line_ends
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.parsing.file_parser import FileParser
from dreamrunner.language.parsing.lines import ADDED, all_block_starts, block_starts_in_strings, lay_out, words
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Property, Syntax


@dataclass(frozen=True, slots=True)
class Parsed:
    """The syntax of a file and what could not be read in it."""

    syntax: Syntax
    diagnostics: tuple[Diagnostic, ...]


def parse(text: str, file: Path, names: Collection[str] = ()) -> Parsed:
    """Parse the text of one file. Never raises; ``file`` is only named in locations.

    ``names`` are what files that it uses call characters and props, as far as they are words of :func:`added_words`.
    """
    text = with_line_ends(text.removeprefix("\ufeff"))
    known = frozenset(names)
    parsed = _parsed(text, file, known)
    own = {block.name.text for block in parsed.syntax.blocks if block.kind.text in ("character", "prop")}
    if not added_words().isdisjoint(own - known):
        parsed = _parsed(text, file, known | own)
    return parsed


def added_words() -> frozenset[str]:
    """Words that start a property of a scene, unless a character or prop is called so."""
    return frozenset(words()[name] for name in ADDED)


def lines_taken(text: str, file: Path, name: str) -> tuple[Location, ...]:
    """The lines of scenes that the word ``name`` begins, and that would be about somebody who is called so."""
    if name not in added_words():
        return ()
    before, after = parse(text, file).syntax, parse(text, file, [name]).syntax
    said = {
        item.location.line
        for block in before.blocks
        for item in block.body
        if isinstance(item, Property) and item.word.text == name
    }
    return tuple(
        item.location
        for block in after.blocks
        for item in block.body
        if isinstance(item, BeatLine) and item.entity.text == name and item.location.line in said
    )


def _parsed(text: str, file: Path, names: frozenset[str]) -> Parsed:
    parsed = Parsed(*FileParser(text, file, lay_out(text, []), names).run())
    if parsed.diagnostics and block_starts_in_strings(text):
        # A long string that was never closed swallows blocks up to the next quotes. Ending every string where a
        # block seems to start is the better reading if it leaves no more to complain about.
        shorter = Parsed(*FileParser(text, file, lay_out(text, all_block_starts(text)), names).run())
        if len(shorter.diagnostics) <= len(parsed.diagnostics):
            return shorter
    return parsed
