"""Two texts side by side, in columns that letters of any width keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from dreamrunner.files.letters import clusters, columns
from dreamrunner.files.text import printable_line

NARROWEST = 24
"""Columns that each side has at least, however narrow the terminal is."""

_SAME, _OTHER, _LEFT, _RIGHT = "   ", " | ", " < ", " > "
_BOLD, _FAINT, _MARKED, _END = "\033[1m", "\033[2m", "\033[1;33m", "\033[0m"


def side_by_side(
    titles: tuple[str, str], rows: Iterable[tuple[str, str]], width: int, *, color: bool = False
) -> Iterator[str]:
    """Lines of a terminal of ``width`` columns: under two titles, texts beside each other, an empty one for none.

    Between the sides stands ``|`` where the two differ, ``<`` or ``>`` where only one has something. Long texts go on
    in further lines, indented.
    """
    side = max(NARROWEST, (width - len(_SAME)) // 2)
    yield _line(titles, side, _SAME, _BOLD if color else "")
    for left, right in rows:
        between = _SAME if left == right else _LEFT if not right else _RIGHT if not left else _OTHER
        style = "" if not color else _FAINT if left == right else _MARKED
        for pair in zip_longest(_wrapped(left, side), _wrapped(right, side), fillvalue=""):
            yield _line(pair, side, between, style)


def _line(pair: tuple[str, str], side: int, between: str, style: str) -> str:
    """A line; a mark between the sides alone is in its style, everything else is where there is no mark."""
    left, right = pair[0] + " " * (side - columns(pair[0])), pair[1]
    if between.strip():
        return f"{left}{style}{between}{_END if style else ''}{right}".rstrip()
    text = f"{left}{between}{right}".rstrip()
    return f"{style}{text}{_END}" if style else text


def _wrapped(text: str, width: int) -> list[str]:
    """A text in lines of a width, broken at blanks where there are any."""
    text = printable_line(text)
    indent = " " * (len(text) - len(text.lstrip(" ")))
    lines, line = [], indent
    for word in text.split():
        room = width - columns(indent) - 2
        for part in _parts(word, room):
            tried = f"{line} {part}" if line.strip() else f"{line}{part}"
            if columns(tried) > width:
                lines.append(line)
                line = f"{indent}  {part}"
            else:
                line = tried
    return [*lines, line] if line.strip() else lines


def _parts(word: str, width: int) -> list[str]:
    """A word in pieces of a width at most."""
    pieces = [""]
    for letter in clusters(word):
        if pieces[-1] and columns(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
