"""Edits of a block's properties: other values in the place of those, and none."""

from __future__ import annotations

import re

from dreamrunner.files.text import one_line
from dreamrunner.language.edits import Edits, quoted
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Block, Property, Text
from dreamrunner.planning.directing.changes import NotMade

_MUSIC = re.compile(r'("(?:\\.|[^"\\])*"|.*?)(?:\s+(\.\d+|\d+(?:\.\d+)?))?')


def property_of(block: Block, word: str) -> Property | None:
    """The first property of a block with a word, the one on its head line first."""
    return next((item for item in block.properties() if item.word.text == word), None)


def put_in_place(text: str, old: Property, words: str) -> str:
    """The text with other words behind a property's name."""
    edits = Edits.of(text)
    first, last = old.values[0].location, old.values[-1].location
    edits.replace_stretch(Location(first.file, first.line, first.column, last.end_line, last.end_column), words)
    return edits.result()


def without(text: str, block: Block, old: Property | None) -> str:
    """The text without a property of a block; what stands on the block's own line leaves the line."""
    if old is None:
        return text
    edits = Edits.of(text)
    if old.location.line == block.kind.location.line:
        place, start = old.location, (block.base or block.name).location.end_column
        edits.replace_stretch(Location(place.file, place.line, start, place.end_line, place.end_column), "")
    else:
        edits.remove(old.location)
    return edits.result()


def music_words(typed: str, old: Property | None) -> str:
    """The words behind ``music`` that a field means: a file, in quotes or not, and how loud it is, if that is said.

    The file keeps the quotes that it has. Raises NotMade.
    """
    match = _MUSIC.fullmatch(one_line(typed).strip())
    if match is None or match[1] in ("", '""'):
        raise NotMade("music is a file and how loud it is, as in music/waltz.ogg 0.4")
    written = match[1] if match[1].startswith('"') else quoted(match[1])
    before = old.maybe(Text) if old is not None else None
    if before is not None and quoted(before.value) == written:
        written = before.raw
    loud = match[2] or ""
    return f"{written} {'0' if loud.startswith('.') else ''}{loud}".rstrip()
