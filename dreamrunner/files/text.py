"""Words that are said in many places, each in one way: names, numbers of things, errors; text of strangers as shown."""

from __future__ import annotations

import re
from functools import lru_cache

from dreamrunner.files.letters import BLANKS, CONTROL, UNFIT_FOR_TERMINAL

NAME = re.compile("[A-Za-z][A-Za-z0-9_-]*")
"""A name as stories have them, as ``NAME`` of the grammar: letters, digits, - and _, a letter first."""


def with_line_ends(text: str) -> str:
    """``text`` with ``\\n`` at the end of each line, where it may have the line ends of Windows or of old Macs, too.

    Nothing else ends a line, here as in the language server protocol.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def lines_of(text: str) -> list[str]:
    """The lines of ``text`` with their ends as they are, counted as :func:`with_line_ends` does."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)


@lru_cache(4096)
def in_words(name: str) -> str:
    """A name of a story as words: ``stirring-a-pot`` is "stirring a pot"."""
    return " ".join(re.split(r"[-_\s]+", name.strip("-_ ")))


def printing(text: str, instead: str, kept: str = "") -> str:
    """``text`` with ``instead`` for each character that is no letter or could reorder a line of a terminal, and is none
    of ``kept``."""
    return UNFIT_FOR_TERMINAL.sub(lambda found: found[0] if found[0] in kept else instead, text)


def printable(text: str) -> str:
    """``text`` with tabs as one blank and control characters as ``?``, so that a terminal shows it and no more.

    Its line ends stay.
    """
    return printing(text.replace("\t", " "), "?", kept="\n")


def printable_line(text: str) -> str:
    """``text`` as :func:`printable` gives it, but its line ends as ``?``, too: for a stranger's name in a message."""
    return printing(text.replace("\t", " "), "?")


def one_line(text: str) -> str:
    """``text`` on one line, without control characters and halves of letters: blanks in a row and line ends become one
    blank. Blanks that keep words together stay, and so do joiners, soft hyphens and marks of direction."""
    return BLANKS.sub(" ", CONTROL.sub("", text)).strip(" ")


def shortened(text: str, most: int, mark: str = "...") -> str:
    """``text``, cut where it is longer than ``most`` characters; it then ends in ``mark``, which counts too."""
    return text if len(text) <= most else text[: most - len(mark)] + mark
