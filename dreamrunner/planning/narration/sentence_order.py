"""In which order the clauses of a text happen: some at the same time, some one after the other."""

from __future__ import annotations

from graphlib import TopologicalSorter


class Order:
    """Clauses, numbered in the order of the text, and what is known of their times.

    What would contradict what is known already is left out, so that every text has an order. Clauses at the same time
    make a group, called by the first of them; ``_later`` holds for each group those that it is known to end before.
    """

    def __init__(self) -> None:
        self._group: list[int] = []
        self._later: list[set[int]] = []
        self._earlier: list[set[int]] = []
        self._last: set[int] = set()  # the groups before which nothing is known to end

    def add(self) -> int:
        """Number one more clause."""
        number = len(self._group)
        self._group.append(number)
        self._later.append(set())
        self._earlier.append(set())
        self._last.add(number)
        return number

    def before(self, first: int, second: int) -> bool:
        """The ``first`` clause ends before the ``second`` begins. False where that contradicts what is known, or both
        happen at the same time."""
        a, b = self._of(first), self._of(second)
        if a == b or self._reaches(b, a):
            return False
        self._join(a, b)
        return True

    def same(self, one: int, other: int) -> None:
        """Both happen at the same time."""
        a, b = self._of(one), self._of(other)
        if a == b or self._reaches(a, b) or self._reaches(b, a):
            return
        a, b = min(a, b), max(a, b)
        self._group[b] = a
        for after in self._later[b]:
            self._earlier[after].discard(b)
            self._join(a, after)
        for before in self._earlier[b]:
            self._later[before].discard(b)
            self._join(before, a)
        self._later[b], self._earlier[b] = set(), set()
        self._last.discard(b)

    def together(self, one: int, other: int) -> bool:
        """Whether both are known to happen at the same time."""
        return self._of(one) == self._of(other)

    def after_all(self, clause: int) -> None:
        """Everything before ``clause``, the newest, is over when it begins."""
        for last in [last for last in self._last if last != self._of(clause)]:
            self._join(last, self._of(clause))

    def steps(self) -> tuple[int, ...]:
        """The step of every clause: 0 for the first, and each as early as it can be."""
        found: dict[int, int] = {}
        groups = {group: self._earlier[group] for group in range(len(self._group)) if self._of(group) == group}
        for group in TopologicalSorter(groups).static_order():
            found[group] = max((found[each] + 1 for each in self._earlier[group]), default=0)
        return tuple(found[self._of(clause)] for clause in range(len(self._group)))

    def _join(self, first: int, second: int) -> None:
        self._later[first].add(second)
        self._earlier[second].add(first)
        self._last.discard(first)

    def _of(self, clause: int) -> int:
        """The group of a clause; the way to it is shortened for the next time."""
        while self._group[clause] != clause:
            self._group[clause] = self._group[self._group[clause]]
            clause = self._group[clause]
        return clause

    def _reaches(self, start: int, end: int) -> bool:
        """Whether one group is known to end before another begins: looked for from both sides, the narrower first."""
        ahead, behind = {start}, {end}
        fore, back = {start}, {end}
        while fore and back:
            if len(fore) <= len(back):
                fore = {each for group in fore for each in self._later[group]} - ahead
                ahead |= fore
                met = behind.intersection(fore)
            else:
                back = {each for group in back for each in self._earlier[group]} - behind
                behind |= back
                met = ahead.intersection(back)
            if met:
                return True
        return False
