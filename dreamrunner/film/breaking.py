"""Texts broken into cues and lines: at blanks, in East Asia at any letter, and nowhere a reader would stumble."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dreamrunner.files.letters import clusters, columns

# What breaking a narration costs after a full stop, after a comma and inside a clause, where a cue left empty costs 1.
_AFTER_SENTENCE, _AFTER_CLAUSE, _INSIDE = 0.0, 0.1, 0.4

_SENTENCE_ENDS = ".!?\u2026\u3002\uff01\uff1f\uff0e\uff61\u061f\u06d4\u0964\u0965"
_CLAUSE_ENDS = ",;:\u2013\u2014\u3001\uff0c\uff1b\uff1a\uff64\u060c\u061b"

_NEVER_FIRST = frozenset(
    ")]}\u00bb\u201d\u2019"  # closing marks
    "!?,.;:\u2026%\u203c\u2047\u2048\u2049"
    "\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff1f\uff01\uff05\uff61\uff64"
    "\uff09\uff3d\uff5d\uff60\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b\u301f\uff63"
    "\u30fb\u30fc\u301c\uff5e\u3005\u309d\u309e\u30fd\u30fe\uff70\uff65"  # what repeats or lengthens
    "\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308e\u3095\u3096"  # small kana
    "\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30ee\u30f5\u30f6"
    "\u0e30\u0e32\u0e33\u0e45\u0e46\u0e2f"  # vowels and signs of Thai that stand behind their consonant
    "\u0eb0\u0eb2\u0eb3\u0ebd\u0ec6\u0eaf"  # and of Lao
)
"""Signs that no line begins with."""

_NEVER_LAST = frozenset(
    "([{\u00ab\u201c\u2018\u00a1\u00bf"
    "\uff08\uff3b\uff5b\uff5f\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\u301d\uff62"
    "\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"  # vowels of both that stand before it
)
"""Signs that no line ends with."""

_ARTICLES = frozenset(("a", "an", "the"))
"""Words that stay with the one behind them."""

_STANDS_BEHIND = frozenset("!?:;\u00bb%\u2026")
"""Signs that French puts behind a blank: they stay with what stands before it."""


class Piece(NamedTuple):
    """What is never broken; ``gap`` is the blank before it, or nothing, when it doesn't begin a line."""

    gap: str
    text: str


def cues_of(text: str, width: int, most: int) -> tuple[str, ...]:
    """Break a text of one line into cues of at most ``most`` lines and ``width`` columns: few, none much shorter than
    the others, and where a reader would pause.

    The cheapest way to break it, found from its end: a cue costs the square of what it leaves empty, and its break.
    """
    pieces = list(_pieces(text, width))
    wide = [columns(piece.text) for piece in pieces]
    pauses = [*(_pause(piece.text) for piece in pieces[:-1]), 0.0]
    best: list[tuple[float, int]] = [(0.0, 0)] * (len(pieces) + 1)
    for first in reversed(range(len(pieces))):
        choices, lines, filled, whole = [], 1, 0, 0
        for after in range(first + 1, len(pieces) + 1):
            more = wide[after - 1] + len(pieces[after - 1].gap) * (after > first + 1)
            whole += more
            lines, filled = (lines, filled + more) if filled + more <= width else (lines + 1, wide[after - 1])
            if lines > most:
                break
            empty = 1 - whole / (most * width + 1)
            choices.append((empty**2 + pauses[after - 1] + best[after][0], after))
        best[first] = min(choices)
    found, first = [], 0
    while first < len(pieces):
        after = best[first][1]
        found.append("\n".join(_even(pieces[first:after], width)))
        first = after
    return tuple(found)


def _pieces(text: str, width: int) -> Iterator[Piece]:
    """What a text may be broken between; nothing in it is wider than ``width``."""
    gap, before = "", ""
    for word in _words(text):
        for piece in _unbroken(word):
            for part in _within(piece, width):
                yield Piece(gap if before else "", part)
                gap, before = "", part
        gap = " "


def _words(text: str) -> Iterator[str]:
    """What stands between blanks, with its article, and with the signs that French sets off by one."""
    held = ""
    for word in text.split(" "):
        if not word:
            continue
        last = held.rpartition(" ")[2]
        opened = bool(held) and (all(sign in _NEVER_LAST for sign in last) or last.lower() in _ARTICLES)
        if held and (opened or all(sign in _STANDS_BEHIND for sign in word)):
            held = f"{held} {word}"
        else:
            if held:
                yield held
            held = word
    if held:
        yield held


def _unbroken(word: str) -> Iterator[str]:
    """A word in the parts between which it may be broken: letters of East Asia, each with its punctuation."""
    held = ""
    for cluster in clusters(word):
        if held and _may_break(held, cluster[0]):
            yield held
            held = ""
        held += cluster
    if held:
        yield held


def _base(text: str) -> str:
    """The letter that a text's last accents stand on."""
    return next(
        (char for char in reversed(text) if unicodedata.category(char) not in ("Mn", "Mc", "Me", "Cf")), text[-1]
    )


def _may_break(before: str, after: str) -> bool:
    last, base = before[-1], _base(before)
    if after in _NEVER_FIRST or last in _NEVER_LAST or "\u00a0" in (last, after) or "\u202f" in (last, after):
        return False
    return _ideographic(base) or _ideographic(after)


def _ideographic(char: str) -> bool:
    """Whether lines may be broken beside a letter: those of Chinese and Japanese, not Korean, which has blanks."""
    return unicodedata.east_asian_width(char) in "WF" and not (
        "\u1100" <= char <= "\u11ff" or "\u3130" <= char <= "\u318f" or "\uac00" <= char <= "\ud7ff"
    )


def _within(piece: str, width: int) -> Iterator[str]:
    """A piece as it is, or cut between letters where it is wider than a line."""
    if columns(piece) <= width:
        yield piece
        return
    held: list[str] = []
    wide = 0
    for cluster in clusters(piece):
        own = columns(cluster)
        if held and wide + own > width:
            # Some letters are carried over with what may not begin a line, or may not end one.
            carried = [cluster]
            while len(held) > 1 and (carried[0][0] in _NEVER_FIRST or held[-1][-1] in _NEVER_LAST) and len(carried) < 8:
                carried.insert(0, held.pop())
            yield "".join(held)
            held, wide = carried, sum(map(columns, carried))
        else:
            held.append(cluster)
            wide += own
    yield "".join(held)


def _pause(text: str) -> float:
    text = text.rstrip("\"')]\u201d\u2019\u00bb\u300d\u300f\uff09\u3011 \u00a0\u202f")
    if text.endswith(tuple(_SENTENCE_ENDS)):
        return _AFTER_SENTENCE
    return _AFTER_CLAUSE if text.endswith(tuple(_CLAUSE_ENDS)) else _INSIDE


def _even(pieces: Sequence[Piece], width: int) -> list[str]:
    """A cue in as few lines as it needs, as even as they can be."""
    lines = _lines(pieces, width)
    whole = sum(columns(text) + len(gap) for gap, text in pieces)
    narrowest = max(-(-whole // len(lines)), *(columns(text) for _, text in pieces), 1)
    for narrower in range(narrowest, width):
        even = _lines(pieces, narrower)
        if len(even) == len(lines):
            return even
    return lines


def _lines(pieces: Sequence[Piece], width: int) -> list[str]:
    lines: list[str] = []
    filled = 0
    for gap, text in pieces:
        wide = columns(text)
        if lines and filled + len(gap) + wide <= width:
            lines[-1] += gap + text
            filled += len(gap) + wide
        else:
            lines.append(text)
            filled = wide
    return lines
