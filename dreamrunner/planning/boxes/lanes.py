"""Lanes: which stretch of the frame's width is whose, from left to right.

An entity that stands on the ground by itself gets a lane, and a second one where its way leads past another entity.
Lanes never overlap, so that boxes in them never do. Widths are counted in thousandths of the frame, so that rounding
cannot make neighbours overlap.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dreamrunner.planning.spans import share

FRAME = 1000
"""The frame's width and height in the units of the layout."""
NARROWEST_LANE = 100
"""Written boxes that leave less than this for a figure (a crowd, the sky, the whole frame) are drawn over."""
ROOMY = 4
"""How much more of the spare width an entity that moves gets than one that stays."""

Key = tuple[str, int]
"""An entity and the number of its lane."""


@dataclass(slots=True)
class Lane:
    """A stretch [left, right) of the frame.

    ``figure`` is the width of the entity that stands in it, ``align`` where: -1 at its left end, 1 at its right.
    """

    figure: int
    roomy: bool = False
    align: int = 0
    side: int | None = None
    left: int = 0
    right: int = 0

    def start(self) -> int:
        """The left edge of a figure that stands where the lane wants it."""
        room = max(0, self.right - self.left - self.figure)
        return self.left + (room if self.align > 0 else 0 if self.align < 0 else room // 2)


@dataclass(slots=True)
class Row:
    """All lanes, their demanded order, and whose neighbours each must be.

    ``right_of``: by a lane, those that are demanded to be right of it.
    ``left_of``: the same the other way round.
    """

    lanes: dict[Key, Lane] = field(default_factory=dict)
    right_of: dict[Key, set[Key]] = field(default_factory=dict)
    left_of: dict[Key, set[Key]] = field(default_factory=dict)
    near: dict[Key, dict[Key, None]] = field(default_factory=dict)

    def before(self, left: Key, right: Key) -> bool:
        """Demand that one is left of another; what would contradict earlier demands is refused."""
        if left == right or self.reaches(right, left):
            return False
        self.right_of.setdefault(left, set()).add(right)
        self.left_of.setdefault(right, set()).add(left)
        return True

    def beside(self, one: Key, other: Key) -> None:
        """Wish that two are neighbours."""
        self.near.setdefault(one, {}).setdefault(other)
        self.near.setdefault(other, {}).setdefault(one)

    def reaches(self, start: Key, end: Key) -> bool:
        """Whether ``start`` is demanded to be left of ``end``: looked for from both sides, the narrower first."""
        fore, back = {start}, {end}
        ahead, behind = {start}, {end}
        while fore and back:
            if len(fore) <= len(back):
                fore = {each for key in fore for each in self.right_of.get(key, ())} - ahead
                if fore & behind:
                    return True
                ahead |= fore
            else:
                back = {each for key in back for each in self.left_of.get(key, ())} - behind
                if back & ahead:
                    return True
                behind |= back
        return False

    def order(self) -> list[Key]:
        """The lanes from left to right: as demanded, else by their sides, else in the order of the text."""
        placed: list[Key] = []
        for key, lane in self.lanes.items():
            left, right = _all_from(key, self.left_of), _all_from(key, self.right_of)
            low = next((at + 1 for at in reversed(range(len(placed))) if placed[at] in left), 0) if left else 0
            high = (
                next((at for at, other in enumerate(placed) if other in right), len(placed)) if right else len(placed)
            )
            wish = high
            partner = next((other for other in self.near.get(key, ()) if other in placed), None)
            if partner is not None:
                beside = placed.index(partner)
                wish = beside + 1 if beside + 1 >= low and partner not in right else beside
            elif lane.side is not None and lane.side < 0:
                wish = low
            elif lane.side == 0:
                wish = len(placed) // 2
            elif lane.side is None:
                while wish > low and (self.lanes[placed[wish - 1]].side or 0) > 0:
                    wish -= 1
            placed.insert(min(max(wish, low), high), key)
        return placed

    def lay(self, taken: dict[str, tuple[int, int]]) -> None:
        """Give every lane its stretch, clear of the stretches that are ``taken`` by written boxes where there is room.

        An edge may also name a taken entity: its key has lane number -1.
        """
        order = self.order()
        respected = sorted(taken.values(), key=lambda width: width[1] - width[0])
        # The fewer are respected, the more room there is: the first number from the end with room enough.
        left_out = bisect.bisect_left(
            range(len(respected)),
            True,
            key=lambda number: _wide_enough(_rooms(respected[: len(respected) - number]), len(order)),
        )
        rooms = _rooms(respected[: len(respected) - left_out] if order else respected)
        counts = [0] * len(rooms)
        chosen: dict[Key, int] = {}
        for key in order:
            fits = self._fitting(key, rooms, taken)
            if len(fits) < len(rooms):
                wide = [
                    number
                    for number in fits
                    if rooms[number][1] - rooms[number][0] >= NARROWEST_LANE * (counts[number] + 1)
                ]
                if wide:
                    best = max(wide, key=lambda number: (rooms[number][1] - rooms[number][0]) / (counts[number] + 1))
                    chosen[key] = best
                    counts[best] += 1
        free = [key for key in order if key not in chosen]
        sizes = [(right - left) / (1 + count) for (left, right), count in zip(rooms, counts, strict=True)]
        for number, count in enumerate(share(sizes, len(free)) if free else ()):
            for key in free[:count]:
                chosen[key] = number
            free = free[count:]
        keys: dict[int, list[Key]] = {}
        narrowest: dict[str, int] = {}
        for key in order:
            keys.setdefault(chosen[key], []).append(key)
        for number, (left, right) in enumerate(rooms):
            self._cut(keys.get(number, ()), left, right)
        for key in order:
            narrowest[key[0]] = min(narrowest.get(key[0], FRAME), self.lanes[key].figure)
        for key in order:
            self.lanes[key].figure = narrowest[key[0]]

    def _fitting(self, key: Key, rooms: Sequence[tuple[int, int]], taken: dict[str, tuple[int, int]]) -> Sequence[int]:
        """The rooms that lie as a lane must lie to the ``taken`` stretches."""
        before = [taken[name][0] for name, lane in self.right_of.get(key, ()) if lane < 0 and name in taken]
        after = [taken[name][1] for name, lane in self.left_of.get(key, ()) if lane < 0 and name in taken]
        if not before and not after:
            return range(len(rooms))
        least, most = max(after, default=-1), min(before, default=FRAME + 1)
        return [number for number, (left, right) in enumerate(rooms) if left < most and right > least]

    def _cut(self, keys: Sequence[Key], left: int, right: int) -> None:
        """Cut a room: a figure's width each, and what is left over by weight, so that those who move get more."""
        if not keys:
            return
        lanes = [self.lanes[key] for key in keys]
        width, wanted = right - left, sum(lane.figure for lane in lanes)
        # Figures take nine tenths of a room at most.
        if wanted * 10 > width * 9:
            for lane in lanes:
                lane.figure = max(1, lane.figure * width * 9 // (10 * wanted))
        spare = max(0, width - sum(lane.figure for lane in lanes))
        weights = [ROOMY if lane.roomy else 1 for lane in lanes]
        at, given, figures = left, 0, 0
        for lane, weight in zip(lanes, weights, strict=True):
            given, figures = given + weight, figures + lane.figure
            end = min(left + figures + spare * given // sum(weights), FRAME)
            lane.left = min(at, FRAME - 1)
            lane.right = max(end, lane.left + 1)
            at = end


def _all_from(start: Key, ways: Mapping[Key, set[Key]]) -> set[Key]:
    """Everything that some steps lead to."""
    found, waiting = set(ways.get(start, ())), list(ways.get(start, ()))
    while waiting:
        new = ways.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _rooms(taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    rooms, at = [], 0
    for left, right in sorted(taken):
        if left > at:
            rooms.append((at, left))
        at = max(at, right)
    return rooms + ([(at, FRAME)] if at < FRAME else [])


def _wide_enough(rooms: Sequence[tuple[int, int]], items: int) -> bool:
    if rooms == [(0, FRAME)]:
        return True
    return bool(rooms) and sum((right - left) // NARROWEST_LANE for left, right in rooms) >= items
