"""What is told of a text, and the text after what is suggested."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.language import Diagnostic, check_text

FILE = Path("x.story")


def errors(text: str) -> list[Diagnostic]:
    return [item for item in check_text(text, FILE).diagnostics if item.severity == "error"]


def fixed(text: str, item: Diagnostic) -> str:
    """``text`` after the fix of a diagnostic."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    places = [
        (starts[change.location.line - 1] + change.location.column - 1,
         starts[change.location.end_line - 1] + change.location.end_column - 1, change.text)
        for change in item.fix
    ]  # fmt: skip
    for start, end, words in sorted(places, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def told_without_fix(text: str) -> Diagnostic:
    (found,) = errors(text)
    assert not found.fix
    return found


def told_once(text: str) -> Diagnostic:
    found = errors(text)
    assert len(found) == 1, [(item.code, item.message) for item in found]
    assert found[0].fix, found[0].message
    return found[0]
