"""Text of strangers as it is shown."""

from __future__ import annotations

import sys
from pathlib import Path


def printable(text: str) -> str:
    """``text`` with tabs as one blank and control characters as ``?``, so that a terminal shows it and no more.

    Its line ends stay.
    """
    return "".join(" " if char == "\t" else char if char == "\n" or char.isprintable() else "?" for char in text)


def tell_path(path: Path) -> None:
    """Print the path of what was made: to a program as it is, to a terminal so that no file's name can steer it."""
    print(printable(str(path)) if sys.stdout.isatty() else path)
