"""Edits of which scenes there are, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dreamrunner.files.text import NAME
from dreamrunner.language.edits import Edits, quoted
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.syntax import Block, Syntax
from dreamrunner.planning.directing.changes import AddScene, DeleteScene, MoveScene, NotMade, OfOrder
from dreamrunner.planning.directing.facts import block_of, said_as
from dreamrunner.planning.written.edits import indent_of, scene_blocks


def change_order(text: str, change: OfOrder) -> str:
    """The text with a scene more, less, or elsewhere. Raises NotMade."""
    syntax = parse(text, Path()).syntax
    edits = Edits.of(text)
    match change:
        case AddScene():
            _add(edits, syntax, change)
        case DeleteScene():
            block = block_of(syntax, change.scene)
            edits.gone |= set(range(start_of(edits.lines, block), end_of(edits.lines, syntax, block) + 1))
        case MoveScene():
            _move(edits, syntax, change)
    return edits.result()


def start_of(lines: Sequence[str], block: Block) -> int:
    """The first line of a block: its head, or the first of the comments right above it."""
    line = block.kind.location.line
    while line > 1 and lines[line - 2].startswith("#"):
        line -= 1
    return line


def end_of(lines: Sequence[str], syntax: Syntax, block: Block) -> int:
    """The last line of a block, its comments included: those that are indented as it is."""
    heads = sorted(each.kind.location.line for each in syntax.blocks)
    below = next((line for line in heads if line > block.kind.location.line), len(lines) + 1)
    last = max(item.location.end_line for item in (block, *block.body))
    while below - 1 > last and not (lines[below - 2].strip() and lines[below - 2][0] in " \t"):
        below -= 1
    return below - 1


def _add(edits: Edits, syntax: Syntax, change: AddScene) -> None:
    blocks = scene_blocks(syntax)
    if not NAME.fullmatch(change.name):
        raise NotMade(f"`{shown(change.name)}` is no name: letters, digits, - and _ make one, a letter first")
    if any(block.name.text == change.name for block in blocks):
        raise NotMade(f"there is a scene `{change.name}` already")
    lines = [f"scene {change.name}"]
    if said := said_as(change.narration):
        lines.append(f"{' ' * indent_of(blocks)}narration {quoted(said)}")
    if change.after:
        edits.insert_after(end_of(edits.lines, syntax, block_of(syntax, change.after)), ["", *lines])
    elif blocks:
        edits.insert_after(start_of(edits.lines, blocks[0]) - 1, [*lines, ""])
    else:
        edits.append(["", *lines])


def _move(edits: Edits, syntax: Syntax, change: MoveScene) -> None:
    block = block_of(syntax, change.scene)
    start, end = start_of(edits.lines, block), end_of(edits.lines, syntax, block)
    names = [each.name.text for each in scene_blocks(syntax)]
    here = names.index(change.scene)
    if change.before == (names[here + 1] if here + 1 < len(names) else "") or change.before == change.scene:
        return
    moved = [line.rstrip("\r\n") for line in edits.lines[start - 1 : end]]
    edits.gone |= set(range(start, end + 1))
    if change.before:
        edits.insert_after(start_of(edits.lines, block_of(syntax, change.before)) - 1, [*moved, ""])
    else:
        last = max(scene_blocks(syntax), key=lambda each: each.kind.location.line)
        edits.insert_after(end_of(edits.lines, syntax, last), ["", *moved])
