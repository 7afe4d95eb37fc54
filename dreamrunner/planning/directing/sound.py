"""Edits of what sounds in all scenes: voices, and the header's music."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dreamrunner.files.text import NAME, one_line
from dreamrunner.language.edits import Edits, quoted
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.syntax import Block, Property, Syntax, Word
from dreamrunner.planning.directing.cast import put_declaration
from dreamrunner.planning.directing.changes import GiveVoice, NotMade, SetHeader
from dreamrunner.planning.directing.properties import music_words, property_of, put_in_place, without

_LEVEL = 2


def set_header(text: str, change: SetHeader) -> str:
    """The text with a voice or music in its header changed, or taken away. Raises NotMade."""
    syntax = parse(text, Path()).syntax
    block = next((block for block in syntax.blocks if block.kind.text == "story"), None)
    if block is None:
        raise NotMade('the story has no header; begin it with a line `story "A Title"`')
    old = property_of(block, change.fact)
    if not change.value.strip():
        return without(text, block, old)
    words = music_words(change.value, old) if change.fact == "music" else _voice_words(change.value, old)
    return _with_last(text, syntax, block, old, change.fact, words)


def give_voice(text: str, change: GiveVoice, known: Collection[str]) -> str:
    """The text with a character's voice changed, or taken away; ``known`` are those who are declared, here or in a file
    that this one uses. Who is declared there gets a block of its own here. Raises NotMade.
    """
    syntax = parse(text, Path()).syntax
    own = (block for block in syntax.blocks if block.kind.text == "character")
    block = next((block for block in own if block.name.text == change.entity), None)
    old = property_of(block, "voice") if block is not None else None
    if not change.voice.strip():
        if block is None or old is None:
            raise NotMade(f"the voice of {shown(change.entity)} is not said in this file")
        return without(text, block, old)
    words = _voice_words(change.voice, old)
    if block is not None:
        return _with_last(text, syntax, block, old, "voice", words)
    if change.entity not in known:
        raise NotMade(f"there is no character {shown(change.entity)}")
    edits = Edits.of(text)
    put_declaration(edits, syntax, [f"character {change.entity}", f"{' ' * _LEVEL}voice {words}"])
    return edits.result()


def _voice_words(typed: str, old: Property | None) -> str:
    name = one_line(typed).strip().strip('"').strip()
    if not name:
        raise NotMade("a voice has a name, such as en_US-joe-medium or en-gb")
    was = old.values[0] if old is not None else None
    return name if isinstance(was, Word | None) and NAME.fullmatch(name) else quoted(name)


def _with_last(text: str, syntax: Syntax, block: Block, old: Property | None, fact: str, words: str) -> str:
    """The text with a fact of a block changed in its place, or said below all others."""
    if old is not None:
        return put_in_place(text, old, words)
    bodies = [block, *(each for each in syntax.blocks if each.body)]
    margin = next((each.body[0].location.column - 1 for each in bodies if each.body), _LEVEL)
    line = max(part.location.end_line for part in (block.name, block.short or block.name, *block.body))
    edits = Edits.of(text)
    edits.insert_after(line, [f"{' ' * margin}{fact} {words}"])
    return edits.result()
