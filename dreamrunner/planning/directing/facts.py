"""Edits of what a scene says of itself: narration, background, seed and the like."""

from __future__ import annotations

import re
from pathlib import Path

from dreamrunner.files.text import NAME, one_line, with_line_ends
from dreamrunner.language.edits import Edits, number, quoted
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.syntax import Block, Property, Syntax, Text
from dreamrunner.planning.directing.changes import NotMade, SetFact
from dreamrunner.planning.directing.properties import music_words, property_of, put_in_place, without
from dreamrunner.planning.written.edits import indent_of, scene_blocks

_ABOVE = ("from", "seed", "in", "background", "narration")
"""The facts that new ones stand below, where they are said."""
_LEVEL = 2
_DIGITS = re.compile("[0-9]{1,19}")
_TRANSITION = re.compile(rf"({NAME.pattern})(?:\s+(\d{{1,6}}(?:\.\d{{1,6}})?|\.\d{{1,6}})\s*s?)?")


def block_of(syntax: Syntax, scene: str) -> Block:
    """A scene of a file. Raises NotMade where there is none of that name."""
    block = next((block for block in scene_blocks(syntax) if block.name.text == scene), None)
    if block is None:
        raise NotMade(
            f"scene `{scene}` is not written in the text: the planner made it up;"
            " `dreamrunner plan --write` writes such scenes into the story"
        )
    return block


def margin_of(syntax: Syntax, block: Block) -> int:
    """Blanks before a scene's own lines."""
    return block.body[0].location.column - 1 if block.body else indent_of(scene_blocks(syntax))


def set_fact(text: str, change: SetFact) -> str:
    """The text with a scene's fact changed; a comment beside it stays. Raises NotMade."""
    syntax = parse(text, Path()).syntax
    block = block_of(syntax, change.scene)
    old = property_of(block, change.fact)
    if change.value is None or (isinstance(change.value, str) and not change.value.strip()):
        return without(text, block, old)
    if change.fact == "in":
        name = str(change.value)
        if not NAME.fullmatch(name):
            raise NotMade(f"`{shown(name)}` is no name of a location")
        return _with(text, syntax, block, change.fact, old, name)
    if change.fact in ("duration", "seed", "takes"):
        return _with(text, syntax, block, change.fact, old, _number(change))
    if change.fact == "transition":
        return _with(text, syntax, block, change.fact, old, _transition(change))
    if change.fact == "music":
        return _with(text, syntax, block, change.fact, old, music_words(str(change.value), old))
    if not isinstance(change.value, str):
        raise NotMade(f"`{change.fact}` is said in words")
    said, before = said_as(change.value), old.maybe(Text) if old is not None else None
    margin = margin_of(syntax, block) + _LEVEL
    for words in forms(said, before, margin):
        new = _with(text, syntax, block, change.fact, old, words)
        if _value(new, change) == said:
            return new
    raise NotMade(f"this {change.fact} can't be written in a story")


def _number(change: SetFact) -> str:
    """A fact that is a number as a story has it. One of many digits may come as text."""
    value = change.value
    if change.fact == "duration" and value == "auto":
        return "auto"
    if change.fact == "duration" and isinstance(value, float | int):
        return f"{number(value)}s"
    digits = value if isinstance(value, str) else f"{value:.0f}"
    if change.fact == "duration" or not _DIGITS.fullmatch(digits) or (isinstance(value, float) and value % 1):
        what = {"seed": "a seed is a whole number", "takes": "a number of takes is a whole number"}
        raise NotMade(what.get(change.fact, "a duration is a number of seconds"))
    return digits


def _transition(change: SetFact) -> str:
    """How a scene goes over into the next one, as a story has it: a kind, and for how long."""
    match = _TRANSITION.fullmatch(str(change.value).strip())
    if match is None:
        raise NotMade(f"`{shown(one_line(str(change.value)))}` is no transition: write cut, or as in fade 0.5s")
    kind, seconds = match.groups()
    return kind if seconds is None else f"{kind} {number(float(seconds))}s"


def said_as(words: str) -> str:
    """Words that were typed into a field as a story has them: without blanks at the ends of lines, and around all."""
    return "\n".join(line.rstrip() for line in with_line_ends(words).split("\n")).strip()


def forms(words: str, before: Text | None, margin: int) -> list[str]:
    """The ways to write words in the place of others: on lines of their own if they are long or the others were, else
    on one. Those lines have a ``margin`` of blanks."""
    long = before is not None and before.raw.startswith('"""') and "\n" in before.raw
    if not long and "\n" not in words:
        return [quoted(words)]
    blanks = " " * margin
    lines = [blanks + line if line else "" for line in words.split("\n")]
    return ["\n".join(['"""', *lines, blanks + '"""']), quoted(words)]


def _with(text: str, syntax: Syntax, block: Block, fact: str, old: Property | None, words: str) -> str:
    if old is not None:
        return put_in_place(text, old, words)
    edits = Edits.of(text)
    margin = " " * margin_of(syntax, block)
    above = [item.location.end_line for item in block.properties() if item.word.text in _ABOVE[: _rank(fact)]]
    line = max([block.location.line if block.short is None else block.short.location.end_line, *above])
    edits.insert_after(line, f"{margin}{fact} {words}".split("\n"))
    return edits.result()


def _rank(fact: str) -> int:
    return _ABOVE.index(fact) if fact in _ABOVE else len(_ABOVE)


def _value(text: str, change: SetFact) -> str | None:
    """What a text says of the fact."""
    block = block_of(parse(text, Path()).syntax, change.scene)
    written = next((item.maybe(Text) for item in block.properties() if item.word.text == change.fact), None)
    return written.value if written is not None else None
