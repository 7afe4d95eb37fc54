"""From text to lines: the grammar's tokens, grouped by line and nested by indentation.

Nothing here fails. What no line may hold has a token of its own (an unclosed string, junk), and odd indentation is
noted on the line that has it, for the parser to report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

import lark

from dreamrunner.language.parsing.lookalikes import Plain, plain
from dreamrunner.language.parsing.tables import grammar_with, tables_file

HEADS = {
    "USE": "use_head",
    "STORY": "story_head",
    "CHARACTER": "character_head",
    "PROP": "prop_head",
    "LOCATION": "location_head",
    "MOTION": "motion_head",
    "SCENE": "scene_head",
}
"""The rule of each block's head line, by the terminal that starts it."""

BODIES = {
    "STORY": "story_line",
    "CHARACTER": "character_line",
    "PROP": "prop_line",
    "LOCATION": "location_line",
    "MOTION": "motion_line",
    "SCENE": "scene_line",
}
"""The rule of each block's property lines. A scene has beats as well, a beat has ``beat_part`` lines."""

BELOW = {head: BODIES[kind] for kind, head in HEADS.items() if kind in BODIES} | {"beat_line": "beat_part"}
"""The rule of the lines under a head or a beat, by that of the line itself."""

STARTS = (*HEADS.values(), *BODIES.values(), "beat_line", "beat_part", "unread")
"""Every rule that a line can start with."""

ADDED = frozenset({"LOCATION", "IN", "TAKES", "MUSIC", "SAYS"})
"""The terminals that start a block, a property of a scene or a line under a beat, and were no words yet when the
language began: a thing of a story may be called by their words, and a line that its name starts is then a beat."""

_AHEAD = 30  # lines to look at beyond one that is oddly indented

BLOCK_START = r'(?:use|story)[ \t]+"|(?:character|prop|location|motion|scene)[ \t]+[A-Za-z]'
"""The pattern of how a line in the first column begins a block."""

_BLOCK_START = re.compile(f"^(?:{BLOCK_START})", re.MULTILINE)


class Token(lark.Token):
    """A token that was read from a text: every position is known. Lines and columns count from 1, positions from 0.

    Lines and columns are those of the file; positions are those in the text as it is read, without lookalikes.
    """

    __slots__ = ()

    start_pos: int
    line: int
    column: int
    end_line: int
    end_column: int
    end_pos: int


@lru_cache(maxsize=1)
def grammar() -> lark.Lark:
    """The language's grammar, with every rule that a line can start with."""
    return grammar_with(STARTS, tables_file())


@lru_cache(maxsize=1)
def words() -> dict[str, str]:
    """The text of every reserved word, by its terminal."""
    return {
        item.name: item.pattern.value
        for item in grammar().terminals
        if item.pattern.type == "str" and item.pattern.value.isalpha()
    }


@cache
def starts(rule: str) -> tuple[str, ...]:
    """The terminals that a line parsed by ``rule`` can start with."""
    return tuple(sorted(name for name in grammar().parse_interactive(None, start=rule).choices() if name.isupper()))


@dataclass(slots=True)
class Line:
    """A line with something on it and the lines indented under it.

    ``indent`` counts blanks; ``odd`` is true when it fits neither the lines around it nor a new level.
    """

    tokens: list[Token]
    indent: int
    odd: bool = False
    children: list[Line] = field(default_factory=list)

    def below(self) -> Iterator[Line]:
        """Every line under this one at any depth, in the order of the text."""
        waiting = list(reversed(self.children))
        while waiting:
            line = waiting.pop()
            yield line
            waiting.extend(reversed(line.children))


@dataclass(slots=True)
class Layout:
    """The lines in column 0 with what is under them, and the comments with whether nothing stands before them.

    ``tabs`` holds the first tokens of lines that are indented by tabs, of which each counts as ``unit`` blanks.
    ``read`` is the text as it was read.
    """

    lines: list[Line]
    comments: list[tuple[Token, bool]]
    tabs: list[Token]
    read: Plain
    unit: int = 2


def block_starts_in_strings(text: str) -> list[int]:
    """Where a line inside a long string looks like a block's start: the string may never have been closed.

    Positions are those in the text as it is read, without lookalikes; so are those of :func:`all_block_starts`.
    """
    found = []
    for token in lex(plain(text).text):
        if token.type in ("LONG_STRING", "UNCLOSED_LONG_STRING"):
            found += [token.start_pos + match.start() for match in _BLOCK_START.finditer(token) if match.start()]
    return found


def all_block_starts(text: str) -> list[int]:
    """Where any line in column 0 looks like the start of a block, inside a string or not."""
    return [match.start() for match in _BLOCK_START.finditer(plain(text).text) if match.start()]


def lay_out(text: str, cuts: list[int]) -> Layout:
    """Nest the lines of ``text`` by indentation. No string reaches over a position in ``cuts``."""
    layout = Layout([], [], [], plain(text))
    text = layout.read.text
    flat: list[list[Token]] = []
    current: list[Token] = []
    for token in _lex_pieces(text, cuts):
        if token.type == "_NEWLINE":
            if current:
                flat.append(current)
            current = []
        elif token.type == "COMMENT":
            layout.comments.append((token, not current))
        else:
            current.append(token)
    if current:
        flat.append(current)
    margins = []
    for tokens in flat:
        first = tokens[0]
        margin = text[first.start_pos - first.column + 1 : first.start_pos]
        margins.append(margin)
        if "\t" in margin:
            layout.tabs.append(first)
    layout.unit = next((len(margin) for margin in margins if margin and "\t" not in margin), layout.unit)
    _nest(layout, flat, [len(margin.replace("\t", " " * layout.unit)) for margin in margins])
    if layout.read.found:
        for token in [*(token for tokens in flat for token in tokens), *(token for token, _ in layout.comments)]:
            place(token, layout.read)
    return layout


def place(token: Token, read: Plain, shift: int = 0) -> None:
    """Give a token the lines and columns of the file, from its positions in the text as it is read, ``shift`` on."""
    token.line, token.column = read.place(token.start_pos + shift)
    token.end_line, token.end_column = read.place(token.end_pos + shift, end=True)


def without_tabs(text: str) -> str:
    """``text`` as it is read, with blanks for the tabs in its indentation; those within lines and strings stay."""
    layout = lay_out(text, [])
    text = layout.read.text
    for token in reversed(layout.tabs):
        start = text.rfind("\n", 0, token.start_pos) + 1
        margin = text[start : token.start_pos].replace("\t", " " * layout.unit)
        text = text[:start] + margin + text[token.start_pos :]
    return text


def _nest(layout: Layout, lines: list[list[Token]], indents: list[int]) -> None:
    """Hang every line under the nearest line above that is indented less."""
    above: list[Line] = []
    for index, (tokens, indent) in enumerate(zip(lines, indents, strict=True)):
        line = Line(tokens, indent)
        while above and above[-1].indent >= indent:
            above.pop()
        siblings = above[-1].children if above else layout.lines
        if siblings:
            line.odd = siblings[-1].indent != indent
            ahead = indents[index + 1 : index + 1 + _AHEAD] if line.odd else []
            slips = indent > 0 or siblings[-1].tokens[0].type in HEADS
            if slips and next((other for other in ahead if other <= siblings[-1].indent), None) == siblings[-1].indent:
                # One line that slipped to the left of its neighbours; those after it are not under it.
                line.indent = siblings[-1].indent
        else:
            line.odd = indent > 0 and not above
            after = next((other for other in indents[index + 1 : index + 1 + _AHEAD] if other <= indent), indent)
            if above and above[-1].indent + layout.unit == after < indent:
                # The first line of a block that slipped to the right of those after it.
                line.odd, line.indent = True, after
        siblings.append(line)
        above.append(line)


def _lex_pieces(text: str, cuts: list[int]) -> Iterator[Token]:
    start, lines = 0, 0
    for end in [*cuts, len(text)]:
        piece = text[start:end]
        for token in lex(piece):
            if start:
                token.start_pos += start
                token.end_pos += start
                token.line += lines
                token.end_line += lines
            yield token
        start, lines = end, lines + piece.count("\n")
        yield Token("_NEWLINE", "\n", end, lines + 1, 1, lines + 2, 1, end)


def lex(text: str) -> Iterator[Token]:
    """The tokens of ``text``, the ends of its lines among them."""
    for token in grammar().parse_interactive(text, start="unread").lexer_thread.lex(None):
        yield Token.new_borrow_pos(token.type, token.value, token)
