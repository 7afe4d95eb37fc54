"""A text with the fixes of what is found in it, and of what is found in that, until there is none left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dreamrunner.files.text import lines_of
from dreamrunner.language.diagnostics import Change, Diagnostic
from dreamrunner.language.edits import Edits
from dreamrunner.language.fixing.fixes import Fix, chosen
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Syntax

_MOST_ROUNDS = 100

Find = Callable[[str], tuple[Sequence[Diagnostic], Syntax | None]]
"""What is found in a text, and how it is read; None for one that can't be read at all."""


@dataclass(frozen=True, slots=True)
class Mended:
    """The text with its fixes, and what they have mended, in the order in which that was done."""

    text: str
    fixes: tuple[tuple[Diagnostic, Fix], ...] = ()


def mend(text: str, find: Find, *, unsafe: bool = False) -> Mended:
    """Fix what ``find`` finds in a text; what is not safe only where ``unsafe``.

    Fixes that change the same place are done one after the other, each on what the one before it has made. Nothing but
    what a fix names is changed, line ends stay.
    """
    done: list[tuple[Diagnostic, Fix]] = []
    seen = {text}
    for _ in range(_MOST_ROUNDS):
        found, syntax = find(text)
        offered = [(item, fix) for item in found if syntax and (fix := chosen(item, syntax, unsafe=unsafe))]
        after, applied = _with(text, offered)
        if after in seen:
            break
        seen.add(after)
        text = after
        done += applied
    return Mended(text, tuple(done))


def changed(text: str, changes: Iterable[Change]) -> str:
    """A text with changes, none of which overlaps another."""
    places = _Places(text)
    for start, end, words in sorted((places.of(change) for change in changes), reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _with(text: str, offered: Sequence[tuple[Diagnostic, Fix]]) -> tuple[str, list[tuple[Diagnostic, Fix]]]:
    """The text with those fixes that touch no other's place, the first in it before others; and these."""
    places = _Places(text)
    taken: list[tuple[int, int]] = []
    applied: list[tuple[Diagnostic, Fix]] = []
    for item, fix in sorted(offered, key=lambda each: places.of(each[1].changes[0])[:2]):
        own = [places.of(change)[:2] for change in fix.changes]
        if not any(start <= other_end and other <= end for start, end in own for other, other_end in taken):
            taken += own
            applied.append((item, fix))
    return changed(text, [change for _, fix in applied for change in fix.changes]), applied


class _Places:
    """Where lines and columns are in a text, whose line ends may be those of Windows."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        self._ends: list[int] = []
        for line in lines_of(text):
            self._ends.append(self._starts[-1] + len(line.rstrip("\r\n")))
            self._starts.append(self._starts[-1] + len(line))
        self._ends.append(len(text))
        self._newline = Edits.of(text).newline

    def of(self, change: Change) -> tuple[int, int, str]:
        """Where a change begins and ends, and what stands there after it."""
        place: Location = change.location
        start, end = self._at(place.line, place.column), self._at(place.end_line, place.end_column)
        return start, end, change.text.replace("\n", self._newline)

    def _at(self, line: int, column: int) -> int:
        if line > len(self._starts):
            return self._ends[-1]
        return min(self._starts[line - 1] + column - 1, self._ends[line - 1])
