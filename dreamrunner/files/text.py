"""Text of strangers as it is shown."""

from __future__ import annotations


def printable(text: str) -> str:
    """``text`` with tabs as one blank and control characters as ``?``, so that a terminal shows it and no more.

    Its line ends stay.
    """
    return "".join(" " if char == "\t" else char if char == "\n" or char.isprintable() else "?" for char in text)
