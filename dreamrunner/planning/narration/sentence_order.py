"""In which order the clauses of a text happen: some at the same time, some one after the other."""

from __future__ import annotations


class Order:
    """Clauses, numbered in the order of the text, and what is known of their times.

    What would contradict what is known already is left out, so that every text has an order.
    """

    def __init__(self) -> None:
        self._group: list[int] = []
        self._later: set[tuple[int, int]] = set()

    def add(self) -> int:
        """Number one more clause."""
        self._group.append(len(self._group))
        return len(self._group) - 1

    def before(self, first: int, second: int) -> None:
        """The ``first`` clause ends before the ``second`` begins."""
        a, b = self._group[first], self._group[second]
        if a != b and not self._reaches(b, a):
            self._later.add((a, b))

    def same(self, one: int, other: int) -> None:
        """Both happen at the same time."""
        a, b = self._group[one], self._group[other]
        if a != b and not self._reaches(a, b) and not self._reaches(b, a):
            self._group = [a if group == b else group for group in self._group]
            self._later = {(a if x == b else x, a if y == b else y) for x, y in self._later}

    def steps(self) -> tuple[int, ...]:
        """The step of every clause: 0 for the first, and each as early as it can be."""
        found: dict[int, int] = {}

        def step(group: int) -> int:
            if group not in found:
                found[group] = max((step(a) + 1 for a, b in self._later if b == group), default=0)
            return found[group]

        return tuple(step(group) for group in self._group)

    def _reaches(self, start: int, end: int) -> bool:
        return start == end or any(a == start and self._reaches(b, end) for a, b in self._later)
