"""Edits of who is in a scene."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dreamrunner.files.text import NAME
from dreamrunner.language.declarations import reserved
from dreamrunner.language.edits import Edits
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.parser import lines_taken, parse
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Block, Syntax
from dreamrunner.planning.directing.beats import lines_of_beats
from dreamrunner.planning.directing.changes import Add, NotMade, OfCast, Remove, Rename
from dreamrunner.planning.directing.facts import block_of, margin_of
from dreamrunner.planning.directing.scenes import end_of, start_of

_DECLARING = ("character", "prop")


def change_cast(text: str, change: OfCast, known: Collection[str]) -> str:
    """The text with somebody more, less or else in a scene whose beats are all written; ``known`` are the declared
    characters and props. Raises NotMade.
    """
    syntax = parse(text, Path()).syntax
    block = block_of(syntax, change.scene)
    edits = Edits.of(text)
    match change:
        case Add():
            _declare(edits, syntax, change.entity, known)
            _add(edits, syntax, block, change.entity)
        case Remove():
            _remove(edits, block, change.entity)
        case Rename():
            _declare(edits, syntax, change.to, known)
            own = [line for line in lines_of_beats(block) if line.entity.text == change.entity]
            if not own:
                raise NotMade(f"there is no {change.entity} in scene `{change.scene}`")
            for line in own:
                edits.replace_stretch(line.entity.location, change.to)
    return edits.result()


def _add(edits: Edits, syntax: Syntax, block: Block, entity: str) -> None:
    margin = " " * margin_of(syntax, block)
    space = [] if not block.body or lines_of_beats(block) else [""]
    edits.insert_after(end_of(edits.lines, syntax, block), [*space, f"{margin}{entity}"])


def _remove(edits: Edits, block: Block, entity: str) -> None:
    lines = lines_of_beats(block)
    own = [line for line in lines if line.entity.text == entity]
    if not own:
        raise NotMade(f"there is no {entity} in scene `{block.name.text}`")
    if len(own) == len(lines):
        raise NotMade(
            f"nobody but {entity} is in scene `{block.name.text}`: an empty one is filled by the planner again"
        )
    for line in own:
        margin = line.location.column - 1
        parts = [part for part in (line.entity, line.motion, line.span, line.description) if part is not None]
        head, ends = _between(parts[0].location, parts[-1].location), [part.location for part in line.parts]
        for place in (head, *ends):
            edits.remove(place, margin)
        for row in range(head.end_line + 1, max([head.end_line, *(place.line for place in ends)])):
            # Comments among its lines stand beside the other beats now.
            words = edits.lines[row - 1].lstrip(" ")
            if words.startswith("#"):
                edits.replace(row, 1, len(edits.lines[row - 1]) - len(words) + 1, " " * margin)


def _between(first: Location, last: Location) -> Location:
    """From the beginning of one stretch to the end of another."""
    return Location(first.file, first.line, first.column, last.end_line, last.end_column)


def _declare(edits: Edits, syntax: Syntax, name: str, known: Collection[str]) -> None:
    """Declare a character, after the last who is, unless the name is known."""
    if not NAME.fullmatch(name):
        raise NotMade(f"`{shown(name)}` is no name: letters, digits, - and _ make one, a letter first")
    if name not in known:
        if name in reserved():
            raise NotMade(f"`{name}` is a word of the language: no character or prop can be called so")
        taken = lines_taken(syntax.text, syntax.file, name)
        if taken:
            raise NotMade(
                f"line {taken[0].line} says what it does only as long as nobody is called `{name}`;"
                f" choose another name, such as `{name}-1`"
            )
        put_declaration(edits, syntax, [f"character {name}"])


def put_declaration(edits: Edits, syntax: Syntax, lines: list[str]) -> None:
    """Write the lines that declare somebody after the last one who is declared, or before the first scene."""
    declared = [block for block in syntax.blocks if block.kind.text in _DECLARING]
    if declared:
        last = max(declared, key=lambda block: block.kind.location.line)
        space = [] if not last.body and len(lines) == 1 else [""]
        edits.insert_after(end_of(edits.lines, syntax, last), [*space, *lines])
        return
    scenes = [block for block in syntax.blocks if block.kind.text == "scene"]
    if scenes:
        edits.insert_after(start_of(edits.lines, scenes[0]) - 1, [*lines, ""])
    else:
        edits.append(["", *lines])
