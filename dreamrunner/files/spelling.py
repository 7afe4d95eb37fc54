"""Did you mean: the nearest known word to one that is not known."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

MEANT = re.compile(r"did you mean (?:the \w+ )?`([^`]+)`\?")
"""Finds the word in what :func:`did_you_mean` says, where that stands in back quotes."""

_LONGEST = 40  # longer words are no misspellings, and comparing them is slow


def distance(left: str, right: str, limit: int) -> int:
    """Edits between two words (insert, delete, replace, swap neighbours); ``limit + 1`` when there are more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        last, before_last = row, before
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before = last
        if min(row) > limit:
            return limit + 1
    return row[-1]


def one_replaced(left: str, right: str) -> bool:
    """Whether two words differ in letters, but not in how many nor in which."""
    return len(left) == len(right) and sorted(left) != sorted(right)


def closest(word: str, known: Iterable[str], most: int = 2) -> str | None:
    """The known word that ``word`` was most likely meant to be, at most ``most`` edits away, or None.

    Short words must be nearer than long ones.
    """
    if not word or len(word) > _LONGEST:
        return None
    limit = min(most, 1 if len(word) < 5 else 2)
    best: tuple[int, str] | None = None
    for candidate in known:
        if candidate == word or len(candidate) < 2:
            continue
        allowed = min(limit, len(candidate) // 2)
        edits = distance(word.lower(), candidate.lower(), allowed)
        if edits <= allowed and edits < len(word) and (best is None or (edits, candidate) < best):
            best = (edits, candidate)
    return best[1] if best else None


def did_you_mean(near: str | None, what: str = "", mark: str = "") -> str:
    """The question whether ``near`` was meant: "did you mean build?"; "" where there is no such word.

    ``what`` is of which kind it is ("the property `looks`"), ``mark`` what stands around it.
    """
    return f"did you mean {what}{' ' if what else ''}{mark}{near}{mark}?" if near else ""


class Nearby:
    """Known words by what they are with one letter left out, so that those near a word are found without comparing it
    with every one of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._words: dict[str, list[str]] = defaultdict(list)
        for word in dict.fromkeys(known):
            if 1 < len(word) <= _LONGEST + 1:
                for part in dict.fromkeys(_shortened(word.lower())):
                    self._words[part].append(word)

    def closest(self, word: str, allowed: Callable[[str], bool] = lambda candidate: True) -> str | None:
        """As :func:`closest` with ``most`` 1, among the known words that are ``allowed``."""
        if not word or len(word) > _LONGEST:
            return None
        lower = word.lower()
        near = {each for part in _shortened(lower) for each in self._words.get(part, ()) if each != word}
        found = [(distance(lower, each.lower(), 1), each) for each in near if allowed(each)]
        return min(((edits, each) for edits, each in found if edits <= 1 and edits < len(word)), default=(0, None))[1]


def _shortened(word: str) -> Iterator[str]:
    """A word, and the word without each of its letters."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
