"""The stories that paths on the command line stand for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from dreamrunner.files.paths import FILLED
from dreamrunner.files.text import printable
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.files import LARGEST_STORY, decoded, is_blank
from dreamrunner.language.story import Location

STDIN = Path("-")
"""Stands for standard input."""


def stories_in(path: Path) -> tuple[list[Path], list[Diagnostic]]:
    """The story files that a path stands for: itself, or those in a folder, without hidden folders."""
    if not path.is_dir():
        return [path], []
    found = sorted(
        item
        for item in path.rglob("*.story")
        if item.is_file() and not any(part.startswith(".") for part in item.relative_to(path).parts)
    )
    if found:
        return found, []
    advice = "there is no .story file in it, nor in the folders under it"
    return [], [diagnostic("not-a-file", start_of(path), path=path, help=advice)]


def inside(path: Path, stories: list[Path]) -> list[Path]:
    """The stories without those to which only a link in a folder leads, out of that folder; these are said."""
    kept = []
    for story in stories:
        if story == path or story.resolve().is_relative_to(path.resolve()):
            kept.append(story)
        else:
            print(printable(f"{story} leads out of {path}: what it leads to is left as it is"), file=sys.stderr)
    return kept


def authored_in(paths: list[Path]) -> Iterator[Path]:
    """The story files that paths stand for: themselves, or those in a folder that are not filled stories."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.glob("*.story") if not file.name.endswith(FILLED))
        else:
            yield path


def read_input(*, empty: bool = False) -> str | Diagnostic:
    """The text on standard input, or why there is none. One of comments alone is refused unless ``empty``."""
    raw = sys.stdin.buffer.read(LARGEST_STORY + 1)
    if len(raw) > LARGEST_STORY:
        why = f"it is longer than {LARGEST_STORY:,} bytes"
        return diagnostic("missing-file", start_of(STDIN), path="standard input", reason=why)
    text = decoded(raw, start_of(STDIN), "standard input")
    if not empty and isinstance(text, str) and is_blank(text):
        return diagnostic("empty-file", start_of(STDIN), path="standard input")
    return text


def start_of(path: Path) -> Location:
    """The first letter of a file."""
    return Location(path, 1, 1, 1, 1)
