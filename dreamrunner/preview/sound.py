"""What a board says of sound: who speaks with which voice, and what is played, as the story's text has it."""

from __future__ import annotations

from typing import Any

from dreamrunner.editor.analysis import Analysis
from dreamrunner.language.sound.voices import names
from dreamrunner.language.story import Character
from dreamrunner.language.syntax import Block, Number, Property, Text


def sound_of_text(analysis: Analysis) -> dict[str, Any]:
    """The narrator's voice and the music of the header, both "" where none is named; the voices of the characters, by
    name; the music of scenes that say theirs, by scene; and the voices that can be named here."""
    blocks = analysis.syntax.blocks
    header = next((block for block in blocks if block.kind.text == "story"), None)
    voices = {
        name: declared.value.voice
        for name, declared in analysis.cast.entities.items()
        if isinstance(declared.value, Character)
    }
    written = {block.name.text: _said(block, "voice") for block in blocks if block.kind.text == "character"}
    return {
        "narrator": _said(header, "voice"),
        "music": _said(header, "music"),
        "speakers": {name: written.get(name) or voice for name, voice in voices.items()},
        "played": {block.name.text: _said(block, "music") for block in blocks if block.kind.text == "scene"},
        "voices": names(analysis.path.parent),
    }


def _said(block: Block | None, word: str) -> str:
    """What a block says behind a word, on one line and without quotes."""
    fact = next((item for item in block.properties() if item.word.text == word), None) if block is not None else None
    return _words(fact) if fact is not None else ""


def _words(fact: Property) -> str:
    loud = fact.maybe(Number)
    file = fact.maybe(Text)
    return " ".join([file.value if file is not None else fact.text, *([loud.raw] if loud is not None else [])])
