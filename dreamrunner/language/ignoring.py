"""``# ignore: CODE reason``: a warning that the author has answered is not told.

The comment stands at the end of the line that the warning is about, or on a line of its own before it; several may
stand there, each for one code. Errors can't be ignored: they keep a story from being read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.language.diagnostics import Change, Diagnostic, codes, diagnostic, entry
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.story import Ignore, Location
from dreamrunner.language.syntax import BeatLine, Comment, Property, Syntax, Text, Value, every

MARK = re.compile(r"#\s*ignore:[ \t]*(\S*)[ \t]*(.*)")
"""How a comment begins that is for a warning: its code, and the reason."""

OWN = ("bad-ignore", "unused-ignore")
"""The codes of mistakes in such comments, which none of them answers."""


def ignorable() -> tuple[str, ...]:
    """The codes that a comment can name: those of warnings."""
    return tuple(code for code in codes() if entry(code).severity == "warning" and code not in OWN)


def ignores(syntax: Syntax) -> tuple[tuple[Ignore, ...], list[Diagnostic]]:
    """The warnings that comments of a file answer, and what is wrong with such comments."""
    found: list[Ignore] = []
    told: list[Diagnostic] = []
    marked = [(item, match) for item in syntax.comments if (match := MARK.match(item.text)) is not None]
    if not marked:
        return (), told
    lines = _Lines(syntax)
    for comment, match in marked:
        code = match[1].rstrip(":,")
        if (wrong := _wrong(comment, match, code)) is not None:
            told.append(wrong)
        if code in ignorable():
            found.append(Ignore(code, comment.location, lines.about(comment), lines.whole(comment)))
    return tuple(found), told


def unanswered(
    found: Iterable[Diagnostic], ignores: Iterable[Ignore]
) -> tuple[tuple[Diagnostic, ...], tuple[Ignore, ...]]:
    """What of ``found`` no comment answers, and the comments, of which those are heeded that answered something."""
    by_place: dict[tuple[Path, str], list[Ignore]] = {}
    known = list(ignores)
    for item in known:
        by_place.setdefault((item.location.file, item.code), []).append(item)
    left: list[Diagnostic] = []
    heeded: set[Location] = set()
    for each in found:
        place = each.location
        own = by_place.get((place.file, each.code), []) if each.severity == "warning" else []
        answers = [item for item in own if item.lines[0] <= place.line <= item.lines[1]]
        heeded |= {item.location for item in answers}
        if not answers:
            left.append(each)
    marked = [replace(item, heeded=True) if item.location in heeded else item for item in known]
    return tuple(left), tuple(marked)


def unheeded(ignores: Iterable[Ignore], file: Path, unknown: Iterable[str] = ()) -> Iterator[Diagnostic]:
    """A warning for each comment of a file that answered nothing. Those for the codes ``unknown`` may answer what is
    only noticed later."""
    later = frozenset(unknown)
    for item in ignores:
        if not item.heeded and item.location.file == file and item.code not in later:
            yield diagnostic("unused-ignore", item.location, what=item.code, fix=[Change(item.whole, "")])


def _wrong(comment: Comment, match: re.Match[str], code: str) -> Diagnostic | None:
    """What is wrong with one comment, if anything."""
    start, end = match.span(1)
    line = comment.location.line
    first = comment.location.column + (start if code else 0)
    last = comment.location.column + end if code else comment.location.end_column
    place = Location(comment.location.file, line, first, line, max(first + 1, last))
    if not code:
        return diagnostic("bad-ignore", place, problem="it is not said which warning is meant")
    if code in OWN:
        return diagnostic("bad-ignore", place, problem=f"`{code}` is about these comments, and can't be ignored")
    if code not in ignorable():
        if code in codes():
            problem = f"`{code}` is an error, which can't be ignored"
            return diagnostic("bad-ignore", place, problem=problem, help="mend what it is about")
        near = did_you_mean(closest(code, ignorable()), mark="`")
        help = near or "`dreamrunner explain` lists the codes"
        return diagnostic("bad-ignore", place, problem=f"there is no warning `{shown(code)}`", help=help)
    if not match[2].strip():
        help = f"write a reason after the code: `# ignore: {code} it is meant so`"
        return diagnostic("bad-ignore", place, problem=f"it is not said why `{code}` is ignored", help=help)
    return None


class _Lines:
    """Which lines belong together: a long text's are those of the line in which it begins."""

    def __init__(self, syntax: Syntax) -> None:
        self._lines = syntax.text.split("\n")
        self._comments = {item.location.line for item in syntax.comments if item.own_line}
        self._last: dict[int, int] = {}
        self._first: dict[int, int] = {}
        for text in _texts(syntax):
            place = text.location
            if place.end_line > place.line:
                self._last[place.line] = place.end_line
                self._first[place.end_line] = place.line

    def about(self, comment: Comment) -> tuple[int, int]:
        """The lines that a comment is about: its own, or the next one that says something."""
        line = comment.location.line
        if not comment.own_line:
            return self._first.get(line, line), line
        line += 1
        while line <= len(self._lines) and (line in self._comments or not self._lines[line - 1].strip()):
            line += 1
        return line, self._last.get(line, line)

    def whole(self, comment: Comment) -> Location:
        """What goes with a comment that is taken away."""
        place = comment.location
        before = self._lines[place.line - 1][: place.column - 1].rstrip()
        if before or place.line >= len(self._lines):
            return replace(place, column=len(before) + 1)
        return replace(place, column=1, end_line=place.line + 1, end_column=1)


def _texts(syntax: Syntax) -> Iterator[Text]:
    """Every text of a file."""
    values: list[Value | Property | None] = []
    for block in syntax.blocks:
        values += [block.name, block.short]
        for line in block.body:
            if isinstance(line, BeatLine):
                values += [line.description, *line.keyframes]
            else:
                values.append(line)
    for value in values:
        yield from every(value.values if isinstance(value, Property) else [value] if value is not None else [], Text)
