"""What a command would change in a file, shown as a unified diff."""

from __future__ import annotations

import sys
from difflib import unified_diff
from pathlib import Path

from dreamrunner.cli.console import output
from dreamrunner.files.text import lines_of, printable


def show_changes(path: Path, before: str, after: str, what: str) -> None:
    """Write to standard output how a file's text would change; ``what`` says how the new one is called."""
    lines = unified_diff(lines_of(before), lines_of(after), str(path), f"{path} ({what})")
    shown = "".join(map(_ended, lines))
    output.document(printable(shown) if sys.stdout.isatty() else shown)


def _ended(line: str) -> str:
    if line.endswith(("\n", "\r")):
        return line.rstrip("\r\n") + ("\r\n" if line.endswith("\r\n") else "\n")
    return f"{line}\n\\ No newline at end of file\n"
