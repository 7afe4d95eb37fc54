"""Words that are said in many places, each in one way: names, numbers of things, errors; text of strangers as shown."""

from __future__ import annotations

import re

NAME = re.compile("[A-Za-z][A-Za-z0-9_-]*")
"""A name as stories have them, as ``NAME`` of the grammar: letters, digits, - and _, a letter first."""


def in_words(name: str) -> str:
    """A name of a story as words: ``stirring-a-pot`` is "stirring a pot"."""
    return " ".join(re.split(r"[-_\s]+", name.strip("-_ ")))


def printing(text: str, instead: str, kept: str = "") -> str:
    """``text`` with ``instead`` for each character that doesn't print and is none of ``kept``."""
    return "".join(char if char in kept or char.isprintable() else instead for char in text)


def printable(text: str) -> str:
    """``text`` with tabs as one blank and control characters as ``?``, so that a terminal shows it and no more.

    Its line ends stay.
    """
    return printing(text.replace("\t", " "), "?", kept="\n")


def printable_line(text: str) -> str:
    """``text`` as :func:`printable` gives it, but its line ends as ``?``, too: for a stranger's name in a message."""
    return printing(text.replace("\t", " "), "?")


def one_line(text: str) -> str:
    """``text`` on one line: blanks in a row, line ends and characters that don't print become one blank."""
    return " ".join(printing(text, " ").split())


def shortened(text: str, most: int, mark: str = "...") -> str:
    """``text``, cut where it is longer than ``most`` characters; it then ends in ``mark``, which counts too."""
    return text if len(text) <= most else text[: most - len(mark)] + mark
