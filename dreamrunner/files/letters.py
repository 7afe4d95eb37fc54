"""Letters as readers see them: which signs are none, what stands together, and how wide it is."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CONTROLS = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
"""Control characters that are no blank, halves of letters, and what Unicode says will never be a letter."""

_BREAKING = r" \t\n\v\f\r\x1c-\x1f\x85\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000"
"""Blanks and line ends, without those that keep together what stands beside them."""

_REORDERING = "\u202a-\u202e\u2066-\u2069"
"""What turns the direction of the letters that follow, and could make a line of a terminal say something else."""

CONTROL = re.compile(f"[{_CONTROLS}]")
BLANKS = re.compile(f"[{_BREAKING}]+")
UNSEEN = re.compile(rf"[{_CONTROLS}\v\f\x1c-\x1f\x85]+")
"""What no text is to hold: control characters, but for tabs and line ends, and what is no letter at all."""

UNFIT_FOR_TERMINAL = re.compile(rf"[{_CONTROLS}{_REORDERING}\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")


def clusters(text: str) -> list[str]:
    """A text in pieces that readers see as one letter each: accents, vowel signs and emoji that are made of several
    stay together."""
    found: list[str] = []
    flags = 0
    for char in text:
        flag = "\U0001f1e6" <= char <= "\U0001f1ff"
        joined = bool(found) and (_extends(char) or _keeps_next(found[-1][-1], char) or (flag and flags % 2 == 1))
        if joined:
            found[-1] += char
        else:
            found.append(char)
        flags = flags + 1 if flag else 0
    return found


def columns(text: str) -> int:
    """How wide a text is, in letters of Latin: those of East Asia, and emoji, count twice, accents not at all."""
    if text.isascii():
        return len(text)
    return sum(map(_width, clusters(text)))


@lru_cache(maxsize=8192)
def _extends(char: str) -> bool:
    """Whether a sign belongs to the letter before it."""
    return unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf") or "\U0001f3fb" <= char <= "\U0001f3ff"


def _keeps_next(before: str, char: str) -> bool:
    """Whether a letter's last sign binds the next: a joiner, or a virama before another consonant."""
    return before == "\u200d" or (unicodedata.combining(before) == 9 and unicodedata.category(char) == "Lo")


@lru_cache(maxsize=8192)
def _width(cluster: str) -> int:
    first = cluster[0]
    if _extends(first) and len(cluster) == 1:
        return 0
    wide = unicodedata.east_asian_width(first) in "WF" or "\U0001f1e6" <= first <= "\U0001f1ff"
    return 2 if wide or "\ufe0f" in cluster else 1
