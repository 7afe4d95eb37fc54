"""Paths that name no file: what was likely meant."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path

from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.syntax import Text, Word

_MOST_NAMES = 2000  # of a folder, which are looked at for one that is spelt nearly so
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z+.-]+:/")


def no_match(written: Text | Word, path: Path, looked_in: str) -> Diagnostic:
    """The diagnostic of a path or pattern in a story that no file matches; ``path`` is the whole of it."""
    said = written.text
    help, fix = _advice(said, path), []
    near = None if help else _near(path)
    if near is not None:
        meant = said[: len(said) - len(path.name)] + near
        help = did_you_mean(shown(meant), mark="`")
        if said.endswith(path.name) and not re.search(r'["\\\\]', meant):
            fix = [Change(written.location, f'"{meant}"')]
    help = help or f"looked in {looked_in}; the path is relative to the file that names it"
    return diagnostic("no-match", written.location, pattern=shown(said), help=help, fix=fix)


def _advice(said: str, path: Path) -> str:
    """What to do about a path in a form that the language has not; empty for others."""
    if _ADDRESS.match(said):
        return "files are not fetched: copy it into the story's folder, and name it by its path from there"
    if said.startswith("~"):
        return "`~` is a name like others: copy the file into the story's folder, and name it by its path from there"
    if re.search(r"\{[^{}]*,[^{}]*\}", said):
        return "braces are signs like others: name each pattern in quotes of its own"
    if os.path.isdir(path):
        return f"it is a folder; name what is in it: `{shown(os.path.join(said, '*'))}`"
    return ""


def _near(path: Path) -> str | None:
    """The name in the path's folder that is nearest to its own, in other letters or another case."""
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry, _ in zip(entries, range(_MOST_NAMES), strict=False) if entry.is_file()]
    except OSError:
        return None
    if "*" in path.name:
        # Cameras write `.MP4` and `.JPG`.
        found = next((name for name in names if fnmatch(name.lower(), path.name.lower())), "")
        other = Path(path.name).stem + Path(found).suffix
        return other if found and fnmatchcase(found, other) else None
    same = next((name for name in names if name.lower() == path.name.lower()), None)
    return same or closest(path.name, [name for name in names if Path(name).suffix == path.suffix])
