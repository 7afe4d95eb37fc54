"""Changes of a story's text that keep the rest as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from dreamrunner.files.text import lines_of


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

    ``within`` gives by line what takes the place of its columns, the end exclusive; ``after`` the new lines below it.
    Lines keep their ends, so that all but the changes stays byte for byte; new ones end as the first line does.
    """

    lines: list[str]
    newline: str
    within: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
    after: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Edits:
        lines = lines_of(text)
        return cls(lines, "\r\n" if lines and lines[0].endswith("\r\n") else "\n")

    def replace(self, line: int, column: int, end: int, words: str) -> None:
        self.within.setdefault(line, []).append((column, end, words))

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
        for position, line in enumerate(self.lines[start - 1 : stop - 1], start):
            for column, end, words in sorted(self.within.get(position, []), reverse=True):
                line = line[: column - 1] + words + line[end - 1 :]
            new = self.after.get(position, [])
            out.append(line if line.endswith(("\n", "\r")) or not new else line + self.newline)
            out += [each + self.newline for each in new]
        return "".join(out)
