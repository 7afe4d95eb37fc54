"""The messages about one file while it is parsed: one for a line, and one for a name that is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.parsing.lines import HEADS, Layout, Line
from dreamrunner.language.parsing.mistakes import telling
from dreamrunner.language.parsing.mistakes.mending import Habit, Meant, meant, renamed
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Word

_MOST_UNEXPLAINED = 300
"""Lines of a file that no habit explains. A file with more is no story: what the rest were meant to say isn't sought,
which takes a hundred readings of a line."""


class Messages:
    """Collects what is told of a file. Some is told of lines that are then read as they were meant.

    ``found``: the diagnostics so far.
    ``told``: the lines that have their message.
    """

    def __init__(self, file: Path, text: str, layout: Layout) -> None:
        self.file = file
        self.layout = layout
        self.found: list[Diagnostic] = telling.lookalikes(file, layout.read)
        self.told: set[int] = set()
        self._lines = text.split("\n")
        self._unexplained: set[int] = set()
        self._renamed: dict[str, tuple[str, int]] = {}  # names that are none: what they should be, and who was told

    def report(self, item: Diagnostic) -> None:
        """Add a message, unless its line has one already."""
        if item.location.line not in self.told:
            self.told.add(item.location.line)
            self.found.append(item)

    def meant(self, line: Line, rule: str, habits: Sequence[Habit], told: Diagnostic) -> Meant | None:
        """What a line that can't be read was meant to say, in the place of what is ``told`` of it; it is reported.

        The line has then the tokens that were meant.
        """
        first = line.tokens[0]
        if len(self._unexplained) >= _MOST_UNEXPLAINED:
            return None
        found = meant(line.tokens, self.layout, rule, habits)
        if found is None:
            self._unexplained.add(first.line or 0)
            return None
        if first.line not in self.told:
            item = telling.meant_so(found, told, first, self.layout)
            if found.mend.code == "bad-name" and item.fix[0].text == found.mend.text and rule in HEADS.values():
                written = self.layout.read.text[found.change.start : found.change.end].strip("\"' ")
                self._renamed[written] = (found.mend.text, len(self.found))
            self.report(item)
        line.tokens = found.tokens or line.tokens
        return found

    def rename(self, line: Line) -> bool:
        """Whether a line begins with a name that is none and was told as such; it then begins with the right one."""
        for written, (name, told_at) in self._renamed.items():
            tokens = renamed(line.tokens, self.layout, written, name)
            if tokens is not None:
                line.tokens = tokens
                self.found[told_at] = telling.also_at(self.found[told_at], tokens, name)
                return True
        return False

    def as_written(self, place: Location) -> Word:
        """A name that is none, as it stands at a place."""
        line = self._lines[place.line - 1]
        return Word(line[place.column - 1 : place.end_column - 1].strip("\"' "), place)

    def words_of(self, line: Line) -> str:
        """The text of a line as it is read."""
        return self.layout.read.text[line.tokens[0].start_pos : line.tokens[-1].end_pos]
