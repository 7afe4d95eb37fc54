"""Lanes: which stretch of the frame's width is whose, from left to right.

An entity that stands on the ground by itself gets a lane, and a second one where its way leads past another entity.
Lanes never overlap, so that boxes in them never do. Widths are counted in thousandths of the frame, so that rounding
cannot make neighbours overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """All lanes, their demanded order, and the pairs that must be neighbours."""

    lanes: dict[Key, Lane] = field(default_factory=dict)
    edges: set[tuple[Key, Key]] = field(default_factory=set)
    near: list[tuple[Key, Key]] = field(default_factory=list)

    def before(self, left: Key, right: Key) -> bool:
        """Demand that one is left of another; what would contradict earlier demands is refused."""
        if left == right or self.reaches(right, left):
            return False
        self.edges.add((left, right))
        return True

    def reaches(self, start: Key, end: Key) -> bool:
        """Whether ``start`` is demanded to be left of ``end``."""
        return any(a == start and (b == end or self.reaches(b, end)) for a, b in self.edges)

    def order(self) -> list[Key]:
        """The lanes from left to right: as demanded, else by their sides, else in the order of the text."""
        placed: list[Key] = []
        for key, lane in self.lanes.items():
            low = max((placed.index(other) + 1 for other in placed if self.reaches(other, key)), default=0)
            high = min((placed.index(other) for other in placed if self.reaches(key, other)), default=len(placed))
            wish = high
            partner = next(
                (b if a == key else a for a, b in self.near if key in (a, b) and (b if a == key else a) in placed), None
            )
            if partner is not None:
                beside = placed.index(partner)
                wish = beside + 1 if beside + 1 >= low and not self.reaches(key, partner) else beside
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
        rooms = _rooms(respected)
        while order and not _wide_enough(rooms, len(order)):
            respected.pop()
            rooms = _rooms(respected)
        counts = [0] * len(rooms)
        chosen: dict[Key, int] = {}
        for key in order:
            fits = [number for number, room in enumerate(rooms) if self._fits(key, room, taken)]
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
        sizes = [(right - left) / (1 + count) for (left, right), count in zip(rooms, counts, strict=False)]
        for number, count in enumerate(share(sizes, len(free)) if free else ()):
            for key in free[:count]:
                chosen[key] = number
            free = free[count:]
        for number, (left, right) in enumerate(rooms):
            self._cut([key for key in order if chosen[key] == number], left, right)
        for entity in {key[0] for key in order}:
            own = [self.lanes[key] for key in order if key[0] == entity]
            for lane in own:
                lane.figure = min(each.figure for each in own)

    def _fits(self, key: Key, room: tuple[int, int], taken: dict[str, tuple[int, int]]) -> bool:
        for entity, (left, right) in taken.items():
            if (key, (entity, -1)) in self.edges and room[0] >= left:
                return False
            if ((entity, -1), key) in self.edges and room[1] <= right:
                return False
        return True

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
        for lane, weight in zip(lanes, weights, strict=False):
            given, figures = given + weight, figures + lane.figure
            end = min(left + figures + spare * given // sum(weights), FRAME)
            lane.left = min(at, FRAME - 1)
            lane.right = max(end, lane.left + 1)
            at = end


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
    sizes = [right - left for left, right in rooms]
    return bool(sizes) and all(
        size // count >= NARROWEST_LANE for size, count in zip(sizes, share(sizes, items), strict=False) if count
    )
