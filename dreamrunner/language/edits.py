"""Changes of a story's text that keep the rest as it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from dreamrunner.files.text import lines_of
from dreamrunner.language.story import Location


def quoted(text: str) -> str:
    """A text as the language writes it on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def number(value: float) -> str:
    """A number with all of its digits, without an exponent, as the language reads it."""
    digits = format(Decimal(repr(float(value))), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


@dataclass(slots=True)
class Edits:
    """Changes to a text, by the lines and columns (from 1) that it has before any of them.

    ``within`` gives by line what takes the place of its columns, the end exclusive; ``after`` the new lines below it;
    ``gone`` are the lines that are left out, and with them one of two blank lines that they stood between. Lines keep
    their ends, so that all but the changes stays byte for byte; new ones end as the first line does.
    """

    lines: list[str]
    newline: str
    within: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
    after: dict[int, list[str]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, text: str) -> Edits:
        lines = lines_of(text)
        return cls(lines, "\r\n" if lines and lines[0].endswith("\r\n") else "\n")

    def replace(self, line: int, column: int, end: int, words: str) -> None:
        self.within.setdefault(line, []).append((column, end, words))

    def replace_stretch(self, place: Location, words: str) -> None:
        """Put words, on one line or on several, in place of a stretch of one line or of several."""
        words = words.replace("\n", self.newline)
        if place.line == place.end_line:
            self.replace(place.line, place.column, place.end_column, words)
            return
        # The rest of its last line goes on behind the words.
        self.replace(place.line, place.column, self._end(place.line), words + self._tail(place))
        self.gone |= set(range(place.line + 1, place.end_line + 1))

    def remove(self, place: Location, margin: int | None = None) -> None:
        """Leave out what alone stands on its lines, and them. A comment behind it stays, in its place or behind a
        ``margin`` of blanks."""
        comment = self._tail(place).lstrip()
        if comment:
            column = place.column if margin is None else 1
            end = self._end(place.end_line) - len(comment)
            self.replace_stretch(replace(place, column=column, end_column=end), " " * (margin or 0))
        else:
            self.gone |= set(range(place.line, place.end_line + 1))

    def insert_after(self, line: int, lines: list[str]) -> None:
        self.after.setdefault(line, []).extend(lines)

    def append(self, lines: list[str]) -> None:
        last = max((number for number, line in enumerate(self.lines, 1) if line.strip()), default=0)
        self.insert_after(last, lines)

    def result(self) -> str:
        """The whole text with all changes."""
        return "".join([line + self.newline for line in self.after.get(0, [])]) + self.part(1, len(self.lines) + 1)

    def part(self, start: int, stop: int) -> str:
        """The lines ``start`` to before ``stop``, by their old numbers, with what was changed in and below them."""
        out: list[str] = []
        closing = False  # whether lines were left out since the last one that stayed
        for position, line in enumerate(self.lines[start - 1 : stop - 1], start):
            new = self.after.get(position, [])
            blank = not line.strip() and closing and (not out or not out[-1].strip())
            if position in self.gone or blank:
                closing = not new
                out += [each + self.newline for each in new]
                continue
            closing = False
            for column, end, words in sorted(self.within.get(position, []), reverse=True):
                line = line[: column - 1] + words + line[end - 1 :]
            out.append(line if line.endswith(("\n", "\r")) or not new else line + self.newline)
            out += [each + self.newline for each in new]
        while closing and out and not out[-1].strip() and stop > len(self.lines):
            out.pop()
        return "".join(out)

    def _end(self, line: int) -> int:
        """The column behind a line's last letter."""
        return len(self.lines[line - 1].rstrip("\r\n")) + 1

    def _tail(self, place: Location) -> str:
        """What stands behind a stretch on its last line."""
        return self.lines[place.end_line - 1][place.end_column - 1 : self._end(place.end_line) - 1]
