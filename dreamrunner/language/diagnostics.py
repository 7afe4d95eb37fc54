"""Diagnostics: values that say what is wrong, where, and what to do about it.

Every code has one Markdown file in ``grammar/diagnostics``; severity, message and help are read from there when a
diagnostic of that code is first made, so the text has one home.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Iterable, Literal, Mapping

from dreamrunner.language.story import Location

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. ``related`` holds other places that matter, each with what it is."""

    code: str
    severity: Severity
    message: str
    help: str
    location: Location
    related: tuple[tuple[str, Location], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What the Markdown file of one code says. ``message`` and ``help`` are templates for :meth:`str.format`."""

    code: str
    severity: Severity
    message: str
    help: str
    markdown: str


def grammar_folder() -> Traversable:
    """The folder with the grammar and the diagnostics: inside an installed package, or beside the package."""
    package = files("dreamrunner")
    inside = package / "grammar"
    if inside.is_dir():
        return inside
    return Path(str(package)).parent / "grammar"


def codes() -> tuple[str, ...]:
    """Every code there is, sorted."""
    folder = grammar_folder() / "diagnostics"
    return tuple(sorted(item.name[:-3] for item in folder.iterdir() if item.name.endswith(".md")))


@lru_cache(maxsize=None)
def entry(code: str) -> Entry:
    """The entry of ``code``. Raises KeyError when there is none."""
    item = grammar_folder() / "diagnostics" / f"{code}.md"
    if not item.is_file():
        raise KeyError(code)
    markdown = item.read_text(encoding="utf-8")
    facts = dict(re.findall(r"^- (severity|message|help): (.*)$", markdown, re.MULTILINE))
    return Entry(code, facts["severity"], facts["message"], facts["help"], markdown)


def diagnostic(
    code: str,
    location: Location,
    *,
    help: str | None = None,
    related: Iterable[tuple[str, Location]] = (),
    **facts: object,
) -> Diagnostic:
    """Make a diagnostic of ``code``; ``facts`` fill its message and help, ``help`` replaces the general advice."""
    text = entry(code)
    advice = text.help if help is None else help
    return Diagnostic(
        code,
        text.severity,
        text.message.format(**facts),
        advice.format(**facts) if help is None else advice,
        location,
        tuple(related),
    )


_STYLES = {"error": "\033[1;31m", "warning": "\033[1;33m", "bold": "\033[1m", "frame": "\033[1;34m", "end": "\033[0m"}


def render(diagnostics: Iterable[Diagnostic], color: bool, sources: Mapping[Path, str] | None = None) -> str:
    """The diagnostics as text: each with its source line and the span marked.

    ``sources`` gives the text of files that are not, or not so, on disk. Ends with a newline unless empty.
    """
    reader = _Sources(sources or {})
    return "".join(_render_one(item, color, reader) for item in diagnostics)


class _Sources:
    """The lines of files, read once each; a file that can't be read has none."""

    def __init__(self, given: Mapping[Path, str]) -> None:
        self._lines: dict[Path, list[str]] = {path: text.split("\n") for path, text in given.items()}

    def line(self, file: Path, number: int) -> str | None:
        if file not in self._lines:
            try:
                self._lines[file] = file.read_bytes().decode("utf-8-sig", "replace").split("\n")
            except (OSError, ValueError):
                self._lines[file] = []
        lines = self._lines[file]
        return lines[number - 1].rstrip("\r") if number <= len(lines) else None


def _render_one(item: Diagnostic, color: bool, sources: _Sources) -> str:
    def paint(text: str, style: str) -> str:
        return f"{_STYLES[style]}{text}{_STYLES['end']}" if color else text

    places = [("", item.location), *item.related]
    width = max(len(str(place.line)) for _, place in places)
    bar = paint("|", "frame")
    head = paint(f"{item.severity}[{item.code}]", item.severity) + paint(f": {item.message}", "bold")
    lines = [head]
    for index, (note, place) in enumerate(places):
        arrow = paint("-->" if index == 0 else ":::", "frame")
        lines.append(f"{' ' * width}{arrow} {_printable(str(place.file))}:{place.line}:{place.column}")
        source = sources.line(place.file, place.line)
        if source is None or not source.strip():
            if note:
                lines.append(f"{' ' * width} {bar} {note}")
            continue
        margin, marked = _mark(source, place)
        lines.append(f"{' ' * width} {bar}")
        lines.append(f"{paint(str(place.line).rjust(width), 'frame')} {bar} {_printable(source)}")
        marks = paint(marked, item.severity if index == 0 else "frame")
        lines.append(f"{' ' * width} {bar} {margin}{marks}{' ' + note if note else ''}")
    if item.help:
        lines.append(f"{' ' * width} {paint('=', 'frame')} {paint('help', 'bold')}: {item.help}")
    return "\n".join(lines) + "\n\n"


def _mark(source: str, place: Location) -> tuple[str, str]:
    """The blank before the marks, and the marks, for the first line of ``place``."""
    start = min(place.column, len(source) + 1) - 1
    end = place.end_column - 1 if place.end_line == place.line else len(source)
    return " " * _columns(source[:start]), "^" * max(1, _columns(source[start:end]))


def _columns(text: str) -> int:
    """How many terminal cells ``text`` takes."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in _printable(text))


def _printable(text: str) -> str:
    """``text`` with tabs as one blank and control characters as ``?``, so that a terminal shows it and no more."""
    return "".join(" " if char == "\t" else char if char.isprintable() else "?" for char in text)
