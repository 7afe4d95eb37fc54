"""A text as sentences of words, each with its place in the text. Spoken words in quotes are one word each."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

LONGEST = 200
"""Words after which a sentence without an end is read as if it ended."""
QUOTE = '"'
"""What stands for everything between two quotation marks."""
POSSESSIVE = "'s"
MARKS = frozenset(",;:-()")
_QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*[.,!?…]’|\"[^\"]*\"|(?<!\w)'[^']*[.,!?…]'")
_PIECE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:]\d+)*|\n\s*\n|[^\w\s]")
_TITLES = frozenset("mr mrs ms dr prof st".split())
_SHORT = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am"}
_BASE = {"ca": "can", "wo": "will", "sha": "shall"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word or mark.

    ``low``: in lower case, without accents; what is short is whole ("not" for "n't").
    ``start``: where it begins in the text, counted in characters.
    ``end``: where it ends there.
    ``capital``: whether it begins with a capital letter.
    ``joined``: whether a hyphen joins it to the word before.
    """

    low: str
    start: int
    end: int
    capital: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one sentence, without its last mark; ``asks`` where that is a question mark."""

    words: tuple[Word, ...]
    asks: bool = False


def folded(text: str) -> str:
    """The text in lower case and without accents: "Zoë" is "zoe"."""
    low = text.lower()
    if low.isascii():
        return low
    return "".join(mark for mark in unicodedata.normalize("NFKD", low) if not unicodedata.combining(mark))


def sentences(text: str) -> list[Sentence]:
    """Cut a text into sentences. Every place in them is one of ``text``."""
    found: list[Sentence] = []
    words: list[Word] = []

    def close(asks: bool = False) -> None:
        if words:
            found.append(Sentence(tuple(words), asks))
            words.clear()

    position, hyphen = 0, False
    for quoted in [*_QUOTED.finditer(text), None]:
        for piece in _PIECE.finditer(text, position, quoted.start() if quoted else len(text)):
            mark = piece[0]
            if mark in ".!?…" or not mark.strip():
                if not (mark == "." and words and words[-1].low in _TITLES):
                    close(mark == "?")
            elif mark[0].isalnum():
                made = _pieces(mark, piece.start())
                words += [replace(made[0], joined=True), *made[1:]] if hyphen else made
            elif mark in "'’" and words and words[-1].low.endswith("s") and words[-1].end == piece.start():
                words.append(Word(POSSESSIVE, piece.start(), piece.end()))
            elif mark in "-–—" and not _alone(text, piece.start(), piece.end()):
                hyphen = True
                continue
            elif mark in ",;:()–—-":
                words.append(Word("-" if mark in "–—" else mark, piece.start(), piece.end()))
            hyphen = False
            if len(words) >= LONGEST:
                close()
        if quoted is not None:
            position = quoted.end()
            words.append(Word(QUOTE, quoted.start(), quoted.end()))
            after = text[position:].lstrip()
            if quoted[0][-2:-1] in ".!?…" and after[:1].isupper():
                close()
    close()
    return found


def _alone(text: str, start: int, end: int) -> bool:
    """Whether a dash stands between blanks or is a long one, and so joins no two words."""
    return text[start] != "-" or not (text[start - 1 : start].isalnum() and text[end : end + 1].isalnum())


def _pieces(word: str, start: int) -> list[Word]:
    """A word, and what is written together with it: "didn't" is "did" and "not"."""
    low, end = folded(word).replace("’", "'"), start + len(word)
    capital = word[0].isupper()
    if "'" not in low:
        return [Word(low, start, end, capital)]
    if len(low) != len(word):
        return [Word(low, start, end, capital)]
    if low.endswith("n't") and len(low) > 3:
        base = low[:-3]
        return [Word(_BASE.get(base, base), start, end - 3, capital), Word("not", end - 3, end)]
    for short in (POSSESSIVE, "'re", "'ve", "'ll", "'d", "'m"):
        if low.endswith(short) and len(low) > len(short):
            cut = end - len(short)
            return [Word(low[: -len(short)], start, cut, capital), Word(_SHORT.get(short, short), cut, end)]
    return [Word(low, start, end, capital)]
