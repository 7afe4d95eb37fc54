"""Diagnostics as records, and the records as text, JSON, SARIF or GitHub annotations.

Every form is made from the records, so that all of them always agree. Lines and columns count from 1, ends are
exclusive, columns count Unicode characters.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from dreamrunner.files.letters import columns
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import printable, with_line_ends
from dreamrunner.language.diagnostics import Diagnostic, entry
from dreamrunner.language.story import Location
from dreamrunner.version import __version__

Record = dict[str, Any]

MOST_SHOWN = 200
"""Problems that are shown as text."""
_BEFORE, _AROUND = 60, 160  # characters of a long source line: before a place, and in all

_STYLES = {"error": "\033[1;31m", "warning": "\033[1;33m", "bold": "\033[1m", "frame": "\033[1;34m", "end": "\033[0m"}


def records(diagnostics: Iterable[Diagnostic]) -> list[Record]:
    """The diagnostics as JSON objects: what is wrong, where (paths with ``/``), and the ``related`` places."""
    return [
        {
            "code": item.code,
            "severity": item.severity,
            "message": item.message,
            "help": item.help,
            **_place(item.location),
            "related": [{"message": note, **_place(place)} for note, place in item.related],
        }
        for item in diagnostics
    ]


def _place(location: Location) -> Record:
    return {
        "file": location.file.as_posix(),
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def render(diagnostics: Iterable[Diagnostic], color: bool, sources: Mapping[Path, str] | None = None) -> str:
    """The diagnostics as text: each with its source line and the span marked, and a blank line after it.

    ``sources`` gives the text of files that are not, or not so, on disk. Empty when there is nothing to show.
    """
    return as_text(records(diagnostics), color, sources)


def in_color(stream: TextIO) -> bool:
    """Whether to write colour: to a terminal that has it, unless ``NO_COLOR`` is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def as_text(found: Sequence[Record], color: bool, sources: Mapping[Path, str] | None = None) -> str:
    """The text form of records, of the first :data:`MOST_SHOWN` of them; see :func:`render`."""
    lines = _Lines({path.as_posix(): text for path, text in (sources or {}).items()})
    more = f"... and {len(found) - MOST_SHOWN:,} more\n\n" if len(found) > MOST_SHOWN else ""
    return "".join(_text_of(record, color, lines) for record in found[:MOST_SHOWN]) + more


def as_json(found: Sequence[Record]) -> str:
    """A list of the records."""
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def as_sarif(found: Sequence[Record]) -> str:
    """SARIF 2.1.0, one run, with a rule for every code that occurs."""
    rules = sorted({record["code"] for record in found})
    return (
        json.dumps(
            {
                "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
                "version": "2.1.0",
                "runs": [
                    {
                        "tool": {
                            "driver": {
                                "name": "dreamrunner",
                                "version": __version__,
                                "rules": [_rule(code) for code in rules],
                            }
                        },
                        "columnKind": "unicodeCodePoints",
                        "results": [_result(record, rules) for record in found],
                    }
                ],
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )


def as_github(found: Sequence[Record]) -> str:
    """Workflow commands that annotate the lines of a pull request."""
    return "".join(_annotation(record) for record in found)


FORMATS: Mapping[str, Callable[[Sequence[Record]], str]] = {
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
"""The forms for machines, by name."""


# SARIF


def _rule(code: str) -> Record:
    item = entry(code)
    return {
        "id": code,
        "defaultConfiguration": {"level": item.severity},
        "shortDescription": {"text": item.section("Cause")},
        "help": {"text": item.section("Remedy"), "markdown": item.markdown},
    }


def _result(record: Record, rules: list[str]) -> Record:
    result = {
        "ruleId": record["code"],
        "ruleIndex": rules.index(record["code"]),
        "level": record["severity"],
        "message": {"text": f"{record['message']} ({record['help']})" if record["help"] else record["message"]},
        "locations": [_physical(record)],
    }
    if record["related"]:
        result["relatedLocations"] = [
            {"id": index, "message": {"text": place["message"]}, **_physical(place)}
            for index, place in enumerate(record["related"])
        ]
    return result


def _physical(place: Record) -> Record:
    from urllib.parse import quote

    file = place["file"]
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": ("file://" if file.startswith("/") else "") + quote(file)},
            "region": {
                "startLine": place["line"],
                "startColumn": place["column"],
                "endLine": place["end_line"],
                "endColumn": place["end_column"],
            },
        }
    }


# GitHub


def _annotation(record: Record) -> str:
    facts = {
        "file": record["file"],
        "line": record["line"],
        "endLine": record["end_line"],
        "col": record["column"],
        "endColumn": record["end_column"],
        "title": record["code"],
    }
    if record["line"] != record["end_line"]:
        # GitHub takes columns only for a stretch of one line.
        del facts["col"], facts["endColumn"]
    shown = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in facts.items())
    text = record["message"] + (f" ({record['help']})" if record["help"] else "")
    return f"::{record['severity']} {shown}::{_escaped(text)}\n"


def _escaped(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


# Text


class _Lines:
    """The lines of files, read once each; a file that can't be read has none."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._lines: dict[str, list[str]] = {path: with_line_ends(text).split("\n") for path, text in given.items()}

    def line(self, file: str, number: int) -> str | None:
        if file not in self._lines:
            try:
                text = read_regular(file).decode("utf-8-sig", "replace")
                self._lines[file] = with_line_ends(text).split("\n")
            except (OSError, ValueError):
                self._lines[file] = []
        lines = self._lines[file]
        return lines[number - 1] if number <= len(lines) else None


def _text_of(record: Record, color: bool, lines: _Lines) -> str:
    def paint(text: str, style: str) -> str:
        return f"{_STYLES[style]}{text}{_STYLES['end']}" if color else text

    places = [record, *record["related"]]
    margin = " " * max(len(str(place["line"])) for place in places)
    bar = paint("|", "frame")
    severity = record["severity"]
    shown = [paint(f"{severity}[{record['code']}]", severity) + paint(f": {printable(record['message'])}", "bold")]
    for index, place in enumerate(places):
        note = printable(place["message"]) if index else ""
        arrow = paint(":::" if index else "-->", "frame")
        shown.append(f"{margin}{arrow} {printable(place['file'])}:{place['line']}:{place['column']}")
        source = lines.line(place["file"], place["line"])
        if source is None or not source.strip():
            if note:
                shown.append(f"{margin} {bar} {note}")
            continue
        source, before, marks = _marks(source, place)
        marks = paint(marks, "frame" if index else severity)
        number = paint(str(place["line"]).rjust(len(margin)), "frame")
        shown += [f"{margin} {bar}", f"{number} {bar} {printable(source)}"]
        shown.append(f"{margin} {bar} {before}{marks}{' ' + note if note else ''}")
    if record["help"]:
        shown.append(f"{margin} {paint('=', 'frame')} {paint('help', 'bold')}: {printable(record['help'])}")
    return "\n".join(shown) + "\n\n"


def _marks(source: str, place: Record) -> tuple[str, str, str]:
    """What is shown of the first line of a place, the blank before the marks, and the marks."""
    start = min(place["column"], len(source) + 1) - 1
    end = min(place["end_column"] - 1, len(source)) if place["end_line"] == place["line"] else len(source)
    cut = max(0, start - _BEFORE) if len(source) > _AROUND else 0
    head = "\u2026" if cut else ""
    tail = "\u2026" if len(source) > cut + _AROUND else ""
    end = min(end, cut + _AROUND)
    shown = head + source[cut : cut + _AROUND] + tail
    return shown, " " * _columns(head + source[cut:start]), "^" * max(1, _columns(source[start:end]))


def _columns(text: str) -> int:
    """How many terminal cells ``text`` takes."""
    return columns(printable(text))
