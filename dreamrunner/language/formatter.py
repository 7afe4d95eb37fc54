"""One way to write a story: the same words, the same comments, one layout.

Two blanks a level, one blank between words, boxes without commas, at most one blank line in a row, one before every
scene. What a line says is never changed, nor the order of lines, nor whether a text stands in one pair of quotes or
three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from dreamrunner.language.checker import check_text
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.edits import Edits
from dreamrunner.language.parsing.lines import without_tabs
from dreamrunner.language.parsing.parser import Parsed, parse
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import (
    BeatLine,
    Block,
    BoxNumbers,
    Comment,
    Number,
    Property,
    Syntax,
    Text,
    Time,
    TimeSpan,
    Value,
)

MENDED = ("tab-indent", "lookalike")
"""The codes of mistakes of form that formatting mends: tabs in the indentation, and letters that look like others."""

_INDENT = "  "
_SINCE = ("base", "says", "sides")


class UnsafeFormat(Exception):
    """Formatting would have changed what the story says: a fault of the formatter, not of the story."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """The formatted text, or None and the mistakes because of which the file can't be read."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


def format_text(text: str, file: Path, *, safe: bool = True) -> Formatted:
    """Format the text of one file; ``file`` is named in diagnostics and is where its paths are looked up.

    A file with mistakes of form is not formatted, but for those of :data:`MENDED`. With ``safe``, the result is read
    again and compared.

    Raises UnsafeFormat when the result does not say the same, or would be formatted differently once more.
    """
    parsed = parse(text, file)
    if parsed.diagnostics and all(item.code in MENDED for item in parsed.diagnostics):
        mended = parse(without_tabs(parsed.syntax.text), file)
        parsed = parsed if mended.diagnostics else mended
    if parsed.diagnostics:
        return Formatted(None, parsed.diagnostics)
    laid_out = _write(parsed.syntax)
    if safe:
        _verify(parsed.syntax, laid_out)
    return Formatted(laid_out.replace("\n", Edits.of(text).newline))


def formatted(parsed: Parsed) -> str | None:
    """The formatted text of a parsed file, its lines ended by ``\\n``; None where it has mistakes of form."""
    return None if parsed.diagnostics else _write(parsed.syntax)


def _verify(before: Syntax, formatted: str) -> None:
    after = parse(formatted, before.file)
    if after.diagnostics or meaning(after.syntax) != meaning(before):
        raise UnsafeFormat(f"formatting {before.file} would change what it says")
    if check_text(formatted, before.file).story != check_text(before.text, before.file).story:
        raise UnsafeFormat(f"formatting {before.file} would change the story")
    if _write(after.syntax) != formatted:
        raise UnsafeFormat(f"formatting {before.file} twice would give two results")


def meaning(syntax: Syntax) -> tuple[object, ...]:
    """What a file says, without how it is laid out: its blocks and comments as nested tuples of plain values."""
    return _bare(syntax.blocks), tuple(_comment(item.text) for item in syntax.comments)


def _bare(node: object) -> object:
    if isinstance(node, tuple):
        return tuple(_bare(item) for item in node)
    if not is_dataclass(node):
        return node
    values = [(item.name, getattr(node, item.name)) for item in fields(node) if item.name not in ("raw", "location")]
    # What can be said since is left out where it isn't, so that what was written before has the hash that it had.
    return type(node).__name__, *(_bare(value) for name, value in values if name not in _SINCE or value)


# Writing


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of the result, or the lines of one long text: where it stood, how deep it stands, what it says."""

    first: int
    last: int
    column: int
    depth: int
    text: str
    opens: bool = False
    scene: bool = False


def _write(syntax: Syntax) -> str:
    behind = {item.location.line: item for item in syntax.comments if not item.own_line}
    lines = [item for block in syntax.blocks for item in _block(block)]
    items = _with_comments(lines, [item for item in syntax.comments if item.own_line])
    written: list[str] = []
    leads = _lead_to_scenes(items)
    for index, item in enumerate(items):
        if index and _blank_before(items, index, leads[index]):
            written.append("")
        comment = behind.get(item.last)
        tail = f"  {_comment(comment.text)}" if comment is not None and not item.text.startswith("#") else ""
        written.append(_INDENT * item.depth + item.text + tail)
    return "".join(f"{line}\n" for line in written)


def _blank_before(items: list[_Item], index: int, leads: bool) -> bool:
    item = items[index]
    if item.first - items[index - 1].last > 1:
        return True
    # A scene stands off from what is above it, together with the comments right before it.
    own = item.scene or leads
    above = items[index - 1].text.startswith("#") and items[index - 1].depth == 0
    return own and not above


def _lead_to_scenes(items: list[_Item]) -> list[bool]:
    """Of every line whether it is a scene's head, or a comment in column 0 that stands directly above one."""
    leads = [item.scene for item in items]
    for index in range(len(items) - 2, -1, -1):
        item, below = items[index], items[index + 1]
        if item.text.startswith("#") and item.depth == 0:
            leads[index] = leads[index + 1] and below.first - item.last <= 1
    return leads


def _with_comments(lines: list[_Item], comments: list[Comment]) -> list[_Item]:
    """The lines with the comments that have lines of their own, each at the depth that it belongs to."""
    items: list[_Item] = []
    chain: list[_Item] = []  # the last line and the heads above it, outermost first
    waiting = list(reversed(comments))
    for line in [*lines, None]:
        while waiting and (line is None or waiting[-1].location.line < line.first):
            comment = waiting.pop()
            depth = _comment_depth(comment, chain, line)
            place = comment.location
            items.append(_Item(place.line, place.line, place.column, depth, _comment(comment.text)))
        if line is not None:
            items.append(line)
            chain = [*chain[: line.depth], line]
    return items


def _comment_depth(comment: Comment, chain: list[_Item], following: _Item | None) -> int:
    """A comment stands with the line after it, unless it is indented deeper: then it ends the block before."""
    column = comment.location.column
    least, edge = (following.depth, following.column) if following is not None else (0, 1)
    if column <= edge or not chain:
        return least
    reached = [item.depth for item in chain if item.column <= column]
    depth = reached[-1] if reached else 0
    if chain[-1].opens and column > chain[-1].column:
        depth = chain[-1].depth + 1
    return max(depth, least)


def _comment(text: str) -> str:
    text = text.rstrip()
    return text if text[1:2] in ("", " ", "#", "!") else f"# {text[1:]}"


def _block(block: Block) -> Iterator[_Item]:
    head = block.short or block.base or block.name
    parts = [block.kind.text, _value(block.name, 0)]
    if block.base is not None:
        parts += ["from", block.base.text]
    if isinstance(block.short, Property):
        parts.append(_words(block.short, 0))
    elif block.short is not None:
        parts.append(_value(block.short, 0))
    opens, scene = block.kind.text != "use", block.kind.text == "scene"
    yield _item(block.kind.location, head.location, 0, " ".join(parts), opens, scene)
    for line in block.body:
        if isinstance(line, Property):
            yield _item(line.location, line.location, 1, _words(line, 1))
        else:
            yield from _beat(line)


def _beat(beat: BeatLine) -> Iterator[_Item]:
    parts = [part for part in (beat.entity, beat.motion, beat.span, beat.description) if part is not None]
    yield _item(beat.location, parts[-1].location, 1, " ".join(_value(part, 1) for part in parts), opens=True)
    for part in beat.parts:
        yield _item(part.location, part.location, 2, _words(part, 2))


def _item(first: Location, last: Location, depth: int, text: str, opens: bool = False, scene: bool = False) -> _Item:
    return _Item(first.line, last.end_line, first.column, depth, text, opens, scene)


def _words(item: Property, depth: int) -> str:
    return " ".join([item.word.text, *(_value(value, depth) for value in item.values)])


def _value(value: Value, depth: int) -> str:
    if isinstance(value, Text) and value.raw.startswith('"""'):
        return _long(value, depth)
    if isinstance(value, (Number, Time)):
        return _number(value.raw)
    if isinstance(value, TimeSpan):
        return f"{_number(value.start.raw)}..{_number(value.end.raw)}"
    if isinstance(value, BoxNumbers):
        return "[" + " ".join(_number(number.raw) for number in value.numbers) + "]"
    return value.raw


def _number(raw: str) -> str:
    """``.5`` with the nought that it lacks; other numbers as they are written."""
    sign, digits = ("-", raw[1:]) if raw.startswith("-") else ("", raw)
    return f"{sign}0{digits}" if digits.startswith(".") else raw


def _long(text: Text, depth: int) -> str:
    """A text in triple quotes: on one line if it was, else on lines of its own, one level deeper than its property."""
    if "\n" not in text.raw or not text.value:
        return f'"""{text.value}"""'
    margin = _INDENT * (depth + 1)
    lines = [margin + line if line else "" for line in text.value.split("\n")]
    return "\n".join(['"""', *lines, margin + '"""'])
