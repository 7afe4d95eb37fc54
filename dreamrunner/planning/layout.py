"""Where everyone stands: boxes for beats that have none.

Every entity gets a lane, a stretch of the frame's width that is its own for the whole scene, and moves inside it, so
filled boxes can never cover each other, whatever the times. The boxes that the author wrote are respected: an entity
that has some owns the width they sweep, and lanes are laid in what is left. Widths are counted in thousandths of the
frame, so that rounding cannot make neighbours overlap.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dreamrunner.language.story import Box, KeyFrame
from dreamrunner.planning.plan import PlannedBeat
from dreamrunner.planning.spans import by_entity, share
from dreamrunner.planning.words import stem

FRAME = 1000
"""The frame's width and height in the units of this module."""
FIGURE_WIDTH = 300
MARGIN = 50
"""What a figure that is said to be on one side keeps from the frame's edge."""
NARROWEST_LANE = 100
"""Written boxes that leave less than this for a figure (a crowd, the sky, the whole frame) are drawn over."""
TRAVEL = 60
"""How far a moving figure gets in a second."""
CLIMB = 150
"""How far an edge may rise or fall in a second when a figure takes off or lands."""

STANDING, FLYING, JUMPING, THING = (350, 920), (80, 600), (150, 920), (500, 920)
"""Top and bottom edge: feet on the ground, in the air, with room to jump, and a prop, lower than a figure."""

_MOVING = frozenset(
    map(
        stem,
        "walking running strolling flying marching riding sailing driving crawling creeping sneaking skipping racing"
        " chasing dashing wandering travelling traveling trotting galloping floating drifting gliding skating skiing"
        " roaming sliding slithering jogging striding hurrying sprinting swimming rolling hopping moving crossing"
        " passing following approaching".split(),
    )
)
_IN_THE_AIR = frozenset(map(stem, "flying soaring hovering floating gliding levitating".split()))
_JUMPING = frozenset(map(stem, "jumping leaping hopping bouncing".split()))


@dataclass(slots=True)
class _Lane:
    """A stretch [left, right) of the frame that one entity has to itself, and where it has got to.

    ``figure`` is the width of its filled boxes, ``written`` says that the author placed it somewhere in the scene, and
    ``side`` where its description puts it: -1 left, 1 right. ``edges`` (x0, y0, x1, y1) and ``heading`` are those of
    its latest box.
    """

    left: int
    right: int
    figure: int
    written: bool = False
    side: int = 0
    edges: tuple[int, int, int, int] | None = None
    heading: int = 0


def fill_boxes(beats: Sequence[PlannedBeat]) -> tuple[PlannedBeat, ...]:
    """Give every beat that has no key frames its boxes, one a second; the others come back as they are.

    ``beats`` are those of one scene, complete but for key frames. A beat that goes on from an earlier one of its
    entity begins with that one's last box; one that comes before written boxes ends at the first of them.
    """
    if all(beat.keyframes for beat in beats):
        return tuple(beats)
    groups = by_entity([beat.entity for beat in beats])
    lanes = _lay_lanes(beats, groups)
    filled = list(beats)
    for entity, positions in groups.items():
        lane = lanes[entity]
        in_time = sorted(positions, key=lambda position: beats[position].start)
        first_written = next((n for n, position in enumerate(in_time) if beats[position].keyframes), len(in_time))
        for position in in_time[first_written:] if first_written < len(in_time) else in_time:
            beat = beats[position]
            frames = beat.keyframes or _move(beat, lane)
            filled[position] = beat.model_copy(update={"keyframes": frames})
            lane.edges = _edges(frames[-1].box)
        if first_written < len(in_time):
            # What comes before the first written box is walked backwards from there.
            lane.edges = _edges(beats[in_time[first_written]].keyframes[0].box)
            for position in reversed(in_time[:first_written]):
                frames = _move(beats[position], lane, backwards=True)
                filled[position] = beats[position].model_copy(update={"keyframes": frames})
                lane.edges = _edges(frames[0].box)
    return tuple(filled)


def way(beat: PlannedBeat) -> int:
    """Say which way a beat's boxes travel from its first to its last: -1 leftwards, 1 rightwards.

    0 for a motion that stays in its place, for less than :data:`TRAVEL` in all, and for a way that turns back.
    """
    middles = [(frame.box.x0 + frame.box.x1) / 2 * FRAME for frame in beat.keyframes]
    steps = [after - before for before, after in zip(middles, middles[1:])]
    if not _travels(beat) or abs(sum(steps)) < TRAVEL - 1:
        return 0
    if any(step * sum(steps) < 0 for step in steps):
        return 0
    return 1 if sum(steps) > 0 else -1


def _lay_lanes(beats: Sequence[PlannedBeat], groups: dict[str, list[int]]) -> dict[str, _Lane]:
    swept = {
        entity: _swept([frame.box for position in positions for frame in beats[position].keyframes])
        for entity, positions in groups.items()
        if any(beats[position].keyframes for position in positions)
    }
    new = [entity for entity in groups if entity not in swept]
    sides = {entity: _side([beats[position] for position in groups[entity]]) for entity in groups}
    new.sort(key=sides.__getitem__)
    moving = {entity: any(_travels(beats[position]) for position in groups[entity]) for entity in groups}

    rooms = _rooms(list(swept.values()))
    respected = sorted(swept.values(), key=lambda width: width[1] - width[0])
    while new and not _wide_enough(rooms, len(new)):
        respected.pop()
        rooms = _rooms(respected)
    lanes: dict[str, _Lane] = {}
    counts = share([right - left for left, right in rooms], len(new)) if new else (0,) * len(rooms)
    for (left, right), count in zip(rooms, counts):
        members, new = new[:count], new[count:]
        lanes |= _cut(left, right, {entity: 4 if moving[entity] else 1 for entity in members})
    unused = [room for room, count in zip(rooms, counts) if not count]
    for entity, (left, right) in swept.items():
        before = next((room for room in unused if room[1] == left), None)
        after = next((room for room in unused if room[0] == right), None)
        for room in (before, after):
            if room is not None:
                unused.remove(room)  # so that no two entities move into the same room
        lanes[entity] = _Lane(
            before[0] if before else left, after[1] if after else right, right - left, written=True
        )
    for entity, lane in lanes.items():
        lane.side = sides[entity]
    return lanes


def _cut(left: int, right: int, weights: dict[str, int]) -> dict[str, _Lane]:
    """Cut a room into lanes: a figure each, and what is left over by weight, so that those who move get more."""
    if not weights:
        return {}
    width = right - left
    # Up to three figures stand 0.3 wide; more, or in a narrower room, share nine tenths of it.
    figure = max(1, min(FIGURE_WIDTH, width * 9 // (10 * len(weights))))
    spare, total = max(0, width - figure * len(weights)), sum(weights.values())
    lanes, at, given = {}, left, 0
    for entity, weight in weights.items():
        given += weight
        end = min(left + figure * (len(lanes) + 1) + spare * given // total, FRAME)
        lanes[entity] = _Lane(min(at, FRAME - 1), max(end, min(at, FRAME - 1) + 1), figure)
        at = end
    return lanes


def _move(beat: PlannedBeat, lane: _Lane, *, backwards: bool = False) -> tuple[KeyFrame, ...]:
    """Walk a beat's key frames, from the lane's latest box on; backwards, towards it."""
    times = _times(beat.start, beat.end)
    seconds = times[-1] - times[0]
    heading, travels = _heading(beat), _travels(beat)
    if lane.edges is None:
        x = _start(beat, lane, heading, seconds)
        top, bottom = y0, y1 = _height(beat)
        x0, x1 = x, x + lane.figure
    else:
        x0, y0, x1, y1 = lane.edges
        top, bottom = (y0, y1) if lane.written else _height(beat)
    low, high = min(lane.left, x0), max(lane.right - (x1 - x0), x0)

    facing, step = heading or lane.heading or (1 if high - x0 >= x0 - low else -1), float(TRAVEL if travels else 0)
    if backwards:
        facing = -facing
    if heading and seconds:
        # Whoever is said to go one way never turns back, and goes slower where there is less room.
        step = min(step, (high - x0 if facing > 0 else x0 - low) / seconds)
    boxes, at, before = [], float(x0), None
    for time in reversed(times) if backwards else times:
        elapsed, before = abs(time - before) if before is not None else 0.0, time
        at, turned = _turn(at + facing * step * elapsed, low, high)
        facing = -facing if turned else facing
        y0 += _toward(top - y0, CLIMB * elapsed)
        y1 += _toward(bottom - y1, CLIMB * elapsed)
        left = round(at)
        boxes.append(Box(left / FRAME, y0 / FRAME, (left + x1 - x0) / FRAME, y1 / FRAME))
    if travels:
        lane.heading = -facing if backwards else facing
    return tuple(KeyFrame(time, box) for time, box in zip(times, reversed(boxes) if backwards else boxes))


def _turn(at: float, low: int, high: int) -> tuple[float, bool]:
    """Reflect a position into [low, high]; also say whether it now goes the other way."""
    turned = False
    while not low <= at <= high:
        if high - low < 1 or abs(at - low) < 1e-6 or abs(at - high) < 1e-6:
            return min(max(at, low), high), turned
        at, turned = 2 * (low if at < low else high) - at, not turned
    return at, turned


def _start(beat: PlannedBeat, lane: _Lane, heading: int, seconds: float) -> int:
    """Where a figure begins: where it is said to be, else so that its way lies in the middle of its lane."""
    room = max(0, lane.right - lane.left - lane.figure)
    if lane.side:
        margin = min(MARGIN, room // 2)
        return lane.left + (room - margin if lane.side > 0 else margin)
    if not _travels(beat):
        return lane.left + room // 2
    way = min(room, round(TRAVEL * seconds))
    return lane.left + ((room - way) // 2 if heading >= 0 else (room + way) // 2)


def _times(start: float, end: float) -> tuple[float, ...]:
    """The key frames of a span: its start and every whole second after it."""
    return (start, *(float(second) for second in range(math.floor(start) + 1, math.ceil(end))))


def _height(beat: PlannedBeat) -> tuple[int, int]:
    if beat.motion is None:
        return THING
    verb = _verb(beat)
    return FLYING if verb in _IN_THE_AIR else JUMPING if verb in _JUMPING else STANDING


def _travels(beat: PlannedBeat) -> bool:
    return beat.motion is not None and _verb(beat) in _MOVING


def _verb(beat: PlannedBeat) -> str:
    return stem(re.split("[-_]", beat.motion)[0])


def _heading(beat: PlannedBeat) -> int:
    """-1 leftwards, 1 rightwards, 0 when neither the motion nor the description says."""
    if beat.motion is None:
        return 0
    motion = re.split("[-_]", beat.motion.lower())
    for words in (" ".join(motion), beat.description.lower()):
        found = re.search(r"\b(left|right)wards?\b|\b(?:to|towards?) the (left|right)\b", words)
        if found:
            return -1 if "left" in found.groups() else 1
    return -1 if "left" in motion else 1 if "right" in motion else 0


def _side(beats: Sequence[PlannedBeat]) -> int:
    """-1 for an entity whose description puts it on the left, 1 on the right, else 0."""
    for beat in beats:
        found = re.search(r"\b(?:on|at) the (?:far )?(left|right)\b", beat.description.lower())
        if found:
            return -1 if found[1] == "left" else 1
    return 0


def _swept(boxes: Sequence[Box]) -> tuple[int, int]:
    return math.floor(min(box.x0 for box in boxes) * FRAME), math.ceil(max(box.x1 for box in boxes) * FRAME)


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
        size // count >= NARROWEST_LANE for size, count in zip(sizes, share(sizes, items)) if count
    )


def _edges(box: Box) -> tuple[int, int, int, int]:
    # Outwards, so that the thinnest box that an author can write keeps a width.
    x0, y0 = (min(max(math.floor(edge * FRAME), 0), FRAME - 1) for edge in (box.x0, box.y0))
    x1, y1 = (min(max(math.ceil(edge * FRAME), 1), FRAME) for edge in (box.x1, box.y1))
    return x0, y0, x1, y1


def _toward(gap: float, most: float) -> int:
    return round(max(-most, min(most, gap)))
