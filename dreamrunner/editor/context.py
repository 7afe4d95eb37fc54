"""What stands before the cursor: the line that is being written, the rule that reads it, and what may come next.

Only the lines of the block around the cursor are looked at, so that this takes as long in a long story as in a short
one, and nothing has to be well formed but the line itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dreamrunner.files.text import NAME
from dreamrunner.language.parsing.line_parser import accepted
from dreamrunner.language.parsing.lines import BLOCK_START, BODIES, HEADS, Token, lay_out, starts, words

# Strings and comments, each up to its end; a long string that was never closed ends where a block seems to start.
_LEXEME = re.compile(
    rf'"""(?:(?!\n(?:{BLOCK_START}))[^"]|"(?!""))*(?:"""|(?=\n(?:{BLOCK_START}))|\Z)|"(?:\\.|[^"\\\n])*"?|\#[^\n]*'
)


@dataclass(frozen=True, slots=True)
class Context:
    """The line up to the cursor.

    ``block`` is the kind of block around it (``SCENE``), "" in the first column; ``head`` its head line's tokens and
    ``beat`` those of the beat line that a key frame's line stands under. ``tokens`` are the whole words before the
    cursor, ``typed`` the part of a word that ends at it, which begins at column ``start`` (from 0). ``expected`` holds
    the terminals that the grammar accepts next. ``text`` is what stands between the quotes and the cursor where that is
    inside a string, and then nothing is expected.
    """

    block: str
    head: tuple[Token, ...]
    beat: tuple[Token, ...]
    tokens: tuple[Token, ...]
    typed: str
    start: int
    expected: frozenset[str]
    text: str | None = None


NOWHERE = Context("", (), (), (), "", 0, frozenset())
"""Where nothing can be completed: in a comment, or where the line can't be told."""


def context_at(lines: list[str], row: int, column: int) -> Context:
    """The context at a place, counted from 0."""
    inside = inside_strings(lines, row)
    first = row
    while first and inside[first]:
        first -= 1
    written = "\n".join([*lines[first:row], lines[row][:column]])
    layout = lay_out(written, [])
    if any(token.end_pos == len(written) for token, _ in layout.comments):
        return NOWHERE
    tokens = [token for line in layout.lines for each in (line, *line.below()) for token in each.tokens]
    indent = _width(lines[first], column if first == row else None)
    block, head, beat = _around(lines, first, indent, inside)
    text, typed = None, ""
    if tokens and tokens[-1].end_pos == len(written):
        last = tokens[-1]
        if last.type in ("UNCLOSED_STRING", "UNCLOSED_LONG_STRING"):
            tokens.pop()
            text = last[3:] if last.startswith('"""') else last[1:]
        elif last.type not in ("STRING", "LONG_STRING", "_RIGHT_BRACKET", "_LEFT_BRACKET", "_COMMA", "_DOTS"):
            typed = str(tokens.pop())
            if typed.endswith("."):
                # "0s." is about to become "0s..".
                return NOWHERE
    expected = _expected(block, beat, tuple(token.type for token in tokens))
    if text is not None and not {"STRING", "LONG_STRING"} & expected:
        return NOWHERE
    start = column - len(typed)
    return Context(block, head, beat, tuple(tokens), typed, start, frozenset() if text is not None else expected, text)


def _expected(block: str, beat: tuple[Token, ...], types: tuple[str, ...]) -> frozenset[str]:
    if not block:
        if not types:
            return frozenset(HEADS)
        return accepted(HEADS[types[0]], types) if types[0] in HEADS else frozenset()
    if beat:
        return accepted("beat_part", types)
    if block == "SCENE":
        if not types:
            return accepted(BODIES[block], ()) | accepted("beat_line", ())
        return accepted(BODIES[block] if types[0] in starts(BODIES[block]) else "beat_line", types)
    return accepted(BODIES[block], types) if block in BODIES else frozenset()


def _around(
    lines: list[str], row: int, indent: int, inside: list[bool]
) -> tuple[str, tuple[Token, ...], tuple[Token, ...]]:
    """The kind of the block around a line that is indented by ``indent``, its head, and the beat line above it."""
    if not indent:
        return "", (), ()
    kinds = {word: kind for kind, word in words().items()}
    least, above = indent, []
    for number in range(row - 1, -1, -1):
        line = lines[number]
        if inside[number] or not line.strip() or line.lstrip().startswith("#"):
            continue
        width = _width(line, None)
        if width < least:
            least = width
            above.append(number)
        if not width:
            break
    if not above or _width(lines[above[-1]], None):
        return "", (), ()
    first = NAME.match(lines[above[-1]])
    block = kinds.get(first[0], "") if first else ""
    if block not in BODIES:
        return "?", (), ()
    head = _tokens(lines[above[-1]])
    # What is above, outermost first: the head, then perhaps a beat.
    beats = [number for number in reversed(above[:-1])]
    if block == "SCENE" and beats:
        beat = _tokens(lines[beats[0]])
        if beat and beat[0].type not in starts(BODIES["SCENE"]) and beat[0].type not in starts("beat_part"):
            return block, head, beat
    return block, head, ()


def _tokens(line: str) -> tuple[Token, ...]:
    return tuple(token for each in lay_out(line.strip(), []).lines for token in each.tokens)


def _width(line: str, column: int | None) -> int:
    """Blanks before a line's first word; for the line with the cursor at ``column``, those before the cursor count."""
    margin = line[: len(line) - len(line.lstrip(" \t"))]
    if column is not None and column < len(margin):
        margin = margin[:column]
    return len(margin.replace("\t", "  "))


def inside_strings(lines: list[str], row: int) -> list[bool]:
    """For each line up to ``row``, whether it begins inside a long string."""
    before = "\n".join(lines[: row + 1])
    inside = [False] * (row + 1)
    number, at = 0, 0
    for match in _LEXEME.finditer(before):
        number += before.count("\n", at, match.start())
        at = match.end()
        across = before.count("\n", match.start(), at)
        for line in range(number + 1, number + across + 1):
            inside[line] = True
        number += across
    return inside
