"""Characters that look like those of the language and are others: no-break spaces, what can't be seen, curly quotes.

Word processors, web pages and keyboards write them. Inside texts and comments they are what the author wrote, but for
control characters; anywhere else the language reads what they look like, and says so.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

Kind = Literal["blank", "unseen", "quotes", "wide"]

_BLANK = r"[^\S \t\n]"
_UNSEEN = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WIDE = "[\uff01-\uff5e\u3001]"
_PAIRS = {
    "\u201c": "\u201d\u201c",
    "\u201d": "\u201d\u201c",
    "\u201e": "\u201c\u201d",
    "\u201f": "\u201d",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab\u00bb",
    "\u2039": "\u203a",
    "\u203a": "\u2039",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "\uff02": "\uff02",
    "\u2033": "\u2033",
}
_SINGLE = {"'": "'", "\u2018": "\u2019'", "\u2019": "\u2019", "\u201a": "\u2018\u2019", "`": "`'\u00b4"}
"""What may close a text that one of these opens. Single ones are apostrophes too, so they open only after a blank."""

_DOUBLED = "(?:''|``)(?!['`])"
"""Two single quotes, as typewriters and TeX have them in the place of a double one."""

_CURLY = "\u201c\u201d\u201e\u201f"


@cache
def _suspect() -> re.Pattern[str]:
    """What any lookalike begins with."""
    return re.compile(f"{_BLANK}|{_UNSEEN}|{_WIDE}|[{''.join(_PAIRS)}]|(?<!\\S)[{''.join(_SINGLE)}]")


def _quoted() -> Iterator[str]:
    for opening, closing in _PAIRS.items():
        yield f"{opening}[^{closing}\n]*[{closing}]"
        yield f'{opening}[^{closing}"\n]*"'
    yield f"(?<!\\S){_DOUBLED}[^\n\"]*?''(?!\\w)"
    for opening, closing in _SINGLE.items():
        yield f'(?<!\\S){opening}(?!{opening})[^\n"]*?[{closing}](?!\\w)'


@cache
def _scanned() -> re.Pattern[str]:
    """All that a text may have in it: lookalikes, and texts and comments, which have none."""
    return re.compile(
        "|".join(
            [
                r'(?P<text>#[^\n]*|"""[\s\S]*?""")',
                # Where a straight quote is first, curly ones behind it stand in its text.
                rf'(?P<long>(?!"[{_CURLY}])["{_CURLY}]{{3}}[\s\S]*?["{_CURLY}]{{3}}|\'{{3}}[\s\S]*?\'{{3}})',
                r'(?P<closed>"""[\s\S]*|"(?:\\.|[^"\\\n])*")',
                rf'(?P<half>"[^"\n]*[{_CURLY}\u00bb](?=[ \t]*(?:#[^\n]*)?(?:\n|\Z)))',
                r'(?P<unclosed>"[^\n]*)',
                f"(?P<quotes>{'|'.join(_quoted())})",
                r'(?P<lines>\u201c[^\u201c\u201d"]*\u201d)',
                f"(?P<blank>{_BLANK}+)",
                # Beside a letter of another script, it is part of a name or picture that can't stand here anyway.
                f"(?P<unseen>(?<![^\x00-\x7f\\s]){_UNSEEN}+(?![^\x00-\x7f\\s]))",
                f"(?P<wide>{_WIDE}+)",
            ]
        )
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """The characters ``start`` to before ``end`` of a text, and what is read in their place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Lookalike:
    """One place where characters look like others: what they are, where they stand, and what was meant."""

    kind: Kind
    start: int
    end: int
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Plain:
    """A text as the language reads it.

    ``text``: with what was meant in the place of every lookalike; it has the same lines.
    ``written``: as it stands in the file.
    ``found``: the lookalikes, in the order of the text.
    """

    text: str
    written: str
    found: tuple[Lookalike, ...] = ()

    @cached_property
    def _readings(self) -> list[tuple[int, Reading]]:
        """Every change with the position in ``text`` where what was meant begins."""
        placed, shift = [], 0
        for item in self.found:
            for change in item.readings:
                placed.append((change.start + shift, change))
                shift += len(change.text) - (change.end - change.start)
        return placed

    def original(self, position: int, *, end: bool = False) -> int:
        """The position in ``written`` of one in ``text``; ``end`` for that of a stretch's end, which is exclusive."""
        index = bisect_right(self._readings, position - end, key=lambda item: item[0]) - 1
        if index < 0:
            return position
        start, change = self._readings[index]
        if position < start + len(change.text) or (end and position == start + len(change.text)):
            return change.end if end or position > start else change.start
        return change.end + position - start - len(change.text)

    def place(self, position: int, *, end: bool = False) -> tuple[int, int]:
        """Line and column in ``written``, from 1, of a position in ``text``."""
        at = self.original(position, end=end)
        line = bisect_left(self._ends, at)
        return line + 1, at - (self._ends[line - 1] if line else -1)

    @cached_property
    def _ends(self) -> list[int]:
        """Where the lines of ``written`` end."""
        return [match.start() for match in re.finditer("\n", self.written)]


def plain(text: str) -> Plain:
    """``text`` with what was meant for every lookalike outside of its texts and comments."""
    if not _suspect().search(text):
        return Plain(text, text)
    found = tuple(_lookalikes(text))
    parts, at = [], 0
    for change in (change for item in found for change in item.readings):
        parts += [text[at : change.start], change.text]
        at = change.end
    return Plain("".join([*parts, text[at:]]), text, found)


def _lookalikes(text: str) -> Iterator[Lookalike]:
    for match in _scanned().finditer(text):
        kind, (start, end), words = match.lastgroup, match.span(), match[0]
        if kind == "quotes":
            inside = [Reading(start + at, start + at + 1, '\\"') for at in _unescaped(words)]
            wide = 2 if re.match(_DOUBLED, words) else 1
            changes = [Reading(start, start + wide, '"'), *inside, Reading(end - wide, end, '"')]
            yield Lookalike("quotes", start, end, tuple(changes))
        elif kind == "half":
            yield Lookalike("quotes", end - 1, end, (Reading(end - 1, end, '"'),))
        elif kind == "lines":
            yield Lookalike("quotes", start, end, (Reading(start, start + 1, '"""'), Reading(end - 1, end, '"""')))
        elif kind == "long":
            yield Lookalike("quotes", start, end, (Reading(start, start + 3, '"""'), Reading(end - 3, end, '"""')))
        elif kind == "blank":
            yield Lookalike("blank", start, end, (Reading(start, end, " " * len(words)),))
        elif kind == "unseen":
            yield Lookalike("unseen", start, end, (Reading(start, end, ""),))
        elif kind == "wide":
            meant = "".join("," if char == "\u3001" else chr(ord(char) - 0xFEE0) for char in words)
            yield Lookalike("wide", start, end, (Reading(start, end, meant),))


def _unescaped(words: str) -> list[int]:
    """Where straight quotes stand inside other ones."""
    return [match.start() for match in re.finditer(r'(?<!\\)"', words[:-1])]


def named(char: str) -> str:
    """What a character is called, with its article: "a no-break space (U+00A0)"."""
    name = unicodedata.name(char, "control character").lower()
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} (U+{ord(char):04X})"
