"""Semantic tokens: what every word of a text is, as far as it can be told, also on lines that can't be read."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.names import Kind, names
from dreamrunner.editor.workspace import Library
from dreamrunner.language import PLACES, Prop
from dreamrunner.language.parsing.lines import BODIES, HEADS, Line, Token, starts
from dreamrunner.language.sides import SIDES
from dreamrunner.language.story import Location

TYPES = (
    "keyword", "property", "class", "struct", "variable", "method", "namespace", "enumMember", "string", "number",
    "operator", "comment",
)  # fmt: skip
MODIFIERS = ("declaration", "defaultLibrary")
LEGEND = types.SemanticTokensLegend(list(TYPES), list(MODIFIERS))

_STRINGS = ("STRING", "LONG_STRING", "UNCLOSED_STRING", "UNCLOSED_LONG_STRING")
_NUMBERS = ("NUMBER", "TIME", "SIZE")
_OPERATORS = ("_DOTS", "_LEFT_BRACKET", "_RIGHT_BRACKET", "_COMMA")


def semantic_tokens(library: Library, analysis: Analysis, first: int = 0, last: int | None = None) -> list[int]:
    """The tokens of the lines ``first`` to ``last``, counted from 0, in the protocol's relative numbers."""
    data: list[int] = []
    row = column = 0
    for token, kind, modifiers in sorted(_classified(analysis), key=lambda item: (item[0].line, item[0].column)):
        for line, start, end in _pieces(analysis, token):
            if line < first or (last is not None and line > last) or start >= end:
                continue
            text = analysis.lines[line]
            at = library.codec.client_num_units(text[:start])
            width = library.codec.client_num_units(text[start:end])
            bits = sum(1 << MODIFIERS.index(name) for name in modifiers)
            data += [line - row, at - column if line == row else at, width, TYPES.index(kind), bits]
            row, column = line, at
    return data


def _classified(analysis: Analysis) -> Iterator[tuple[Token, str, tuple[str, ...]]]:
    roles = dict(_roles(analysis))
    for line in analysis.layout.lines:
        yield from _line(line, "", roles)
    for token, _ in analysis.layout.comments:
        yield token, "comment", ()


def _roles(analysis: Analysis) -> Iterator[tuple[tuple[int, int], tuple[str, tuple[str, ...]]]]:
    entities = analysis.cast.entities
    for name in names(analysis):
        place = _at(name.location)
        declared = ("declaration",) if name.declares else ()
        match name.kind:
            case Kind.ENTITY:
                known = entities.get(name.text)
                prop = isinstance(known.value, Prop) if known else name.owner and name.owner.kind.text == "prop"
                yield place, ("variable" if prop else "class", declared)
            case Kind.LOCATION:
                yield place, ("struct", declared)
            case Kind.MOTION:
                yield place, ("method", declared)
            case Kind.SCENE:
                yield place, ("namespace", declared)
            case Kind.SIDE if name.text in SIDES:
                yield place, ("enumMember", ("defaultLibrary",))
            case Kind.PLACE if name.text in PLACES:
                yield place, ("enumMember", ("defaultLibrary",))


def _line(
    line: Line, block: str, roles: dict[tuple[int, int], tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[Token, str, tuple[str, ...]]]:
    head = not block
    for index, token in enumerate(line.tokens):
        found = roles.get((token.line, token.column))
        if token.type in _STRINGS:
            yield token, "string", ()
        elif token.type in _NUMBERS:
            yield token, "number", ()
        elif token.type in _OPERATORS:
            yield token, "operator", ()
        elif found is not None:
            yield token, *found
        elif index == 0 and head and token.type in HEADS:
            yield token, "keyword", ()
        elif (
            (
                index == 0
                and block
                and (token.type in starts("beat_part") or (block in BODIES and token.type in starts(BODIES[block])))
            )
            or (token.type == "AT" and line.tokens[0].type == "SAYS")
            or (
                index in (2, 4)
                and head
                and line.tokens[0].type in BODIES
                and (token.type in starts(BODIES[line.tokens[0].type]) or (token.type == "FROM" and index == 2))
            )
        ):
            yield token, "property", ()
        elif index == 1 and not head and token[:1].isalpha():
            yield token, "enumMember", ()
    inner = line.tokens[0].type if head else block
    for child in line.children:
        yield from _line(child, inner or "?", roles)


def _pieces(analysis: Analysis, token: Token) -> Iterator[tuple[int, int, int]]:
    """A token line by line, since clients take no token that goes over a line's end."""
    for offset, part in enumerate(str(token).split("\n")):
        row = token.line - 1 + offset
        start = token.column - 1 if not offset else 0
        if row < len(analysis.lines):
            yield row, start, min(start + len(part), len(analysis.lines[row]))


def _at(location: Location) -> tuple[int, int]:
    return location.line, location.column
