"""Words that are said in many places, each in one way: names, numbers of things, errors; text of strangers as shown."""

from __future__ import annotations

import re

NAME = re.compile("[A-Za-z][A-Za-z0-9_-]*")
"""A name as stories have them, as ``NAME`` of the grammar: letters, digits, - and _, a letter first."""


def in_words(name: str) -> str:
    """A name of a story as words: ``stirring-a-pot`` is "stirring a pot"."""
    return " ".join(re.split(r"[-_\s]+", name.strip("-_ ")))


def printable(text: str) -> str:
    """``text`` with tabs as one blank and control characters as ``?``, so that a terminal shows it and no more.

    Its line ends stay.
    """
    return "".join(" " if char == "\t" else char if char == "\n" or char.isprintable() else "?" for char in text)
