"""Where everyone is: boxes for beats that have none.

Entities that stand for themselves walk in lanes (:mod:`dreamrunner.planning.boxes.lanes`) and so never cover each
other, whatever the times, unless the text brings them together; those that are on, under or in another one get their
place from its box (:mod:`dreamrunner.planning.boxes.constraints`). Boxes that the author wrote are respected.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Mapping, Sequence

from dreamrunner.planning.boxes.constraints import ATTACHED, GROUND, attach, climb, edges_of, smaller
from dreamrunner.planning.boxes.lanes import FRAME, Key, Lane
from dreamrunner.planning.boxes.moving import scaled, toward, turn
from dreamrunner.planning.boxes.requirements import PASSING, Stage, slants, travels
from dreamrunner.planning.boxes.timed import TimedBoxes, rounded, times_of
from dreamrunner.planning.english.verb_groups import AIRBORNE, LEAPING
from dreamrunner.planning.keyframes import Edges, between
from dreamrunner.planning.narration.events import Event, RelationKind
from dreamrunner.planning.plan import PlannedBeat

MARGIN = 50
"""What a figure that is said to be on one side keeps from the frame's edge."""
TRAVEL = 60
"""How far a moving figure gets in a second when nothing says how far."""
CLIMB = 150
"""How far an edge may rise or fall in a second when a figure takes off or lands."""
TOP = 80
"""The upper edge of an entity that flies."""
JUMP = 200
"""The room above the head of an entity that jumps in one place."""
_SCALES = {"near": (0.6, 1.25), "far": (1.1, 0.5), "grow": (0.6, 1.15), "shrink": (1.1, 0.5)}
"""The size at the begin and at the end, as a share of the usual one, of an entity that comes nearer, goes away, grows
or shrinks."""


def fill_boxes(
    beats: Sequence[PlannedBeat],
    events: Sequence[Event | None] = (),
    sizes: Mapping[str, float] | None = None,
) -> tuple[PlannedBeat, ...]:
    """Give every beat that has no key frames its boxes, one a second; the others come back as they are.

    ``beats`` are those of one scene, complete but for key frames. ``events`` are what the text says of each beat, if
    anything, and ``sizes`` how large entities are (1 is usual). A beat that goes on from an earlier one of its entity
    begins with that one's last box; one that comes before written boxes ends at the first of them.
    """
    if all(beat.keyframes for beat in beats):
        return tuple(beats)
    tracks = _Tracks(Stage(beats, events or [None] * len(beats), sizes or {}))
    return tuple(
        beat if beat.keyframes else beat.model_copy(update={"keyframes": rounded(tracks.frames(position))})
        for position, beat in enumerate(beats)
    )


def way(beat: PlannedBeat) -> int:
    """Say which way a beat's boxes travel from its first to its last: -1 leftwards, 1 rightwards.

    0 for a motion that stays in its place, for less than :data:`TRAVEL` in all, and for a way that turns back.
    """
    middles = [(frame.box.x0 + frame.box.x1) / 2 * FRAME for frame in beat.keyframes]
    steps = [after - before for before, after in itertools.pairwise(middles)]
    if not travels(beat) or abs(sum(steps)) < TRAVEL - 1:
        return 0
    if any(step * sum(steps) < 0 for step in steps):
        return 0
    return 1 if sum(steps) > 0 else -1


class _Tracks:
    """The boxes of everybody on a stage, as edges in thousandths of the frame; each entity's after its anchors'."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.beats, self.events, self.groups = stage.beats, stage.events, stage.groups
        self.anchors, self.row, self.lane = stage.anchors, stage.row, stage.lane
        self.done: dict[int, tuple[tuple[float, Edges], ...]] = {}
        self.busy: set[str] = set()
        self.known: dict[str, TimedBoxes] = {entity: TimedBoxes() for entity in self.groups}
        self.shared: dict[int, list[int]] = {}
        self.beside: dict[tuple[str, str], list[int]] = {}
        for position, other in self.anchors.items():
            if relation := self.events[position].relation:
                self.beside.setdefault((other, relation.kind), []).append(position)
        for beat in self.beats:
            self.known[beat.entity].add((frame.at, edges_of(frame.box)) for frame in beat.keyframes)
        self.edges = sorted(
            [edge for swept in stage.written.values() for edge in swept]
            + [edge for lane in self.row.lanes.values() for edge in (lane.left, lane.right)]
            + [0, FRAME]
        )

    def frames(self, position: int) -> tuple[tuple[float, Edges], ...]:
        """Times and boxes of a beat."""
        self._track(self.beats[position].entity)
        return self.done[position]

    def _track(self, entity: str) -> None:
        """Compute the boxes of all beats of an entity, after those of the entities that its relations name."""
        waiting = [(entity, False)]
        while waiting:
            entity, ready = waiting.pop()
            if ready:
                self._compute(entity)
            elif entity not in self.busy:
                self.busy.add(entity)
                anchors = [self.anchors[position] for position in self.groups[entity] if position in self.anchors]
                waiting += [(entity, True), *((anchor, False) for anchor in reversed(anchors))]

    def _compute(self, entity: str) -> None:
        positions = self.groups[entity]
        if entity in self.stage.written:
            self._go_on(entity)
            return
        at: Edges | None = None
        for number, position in enumerate(positions):
            after = positions[number + 1] if number + 1 < len(positions) else None
            goes_on = at is not None and at[2] > 0 and at[0] < FRAME and not self._comes(position)
            start = at if at is not None and goes_on else self._begin(position)
            wanted = self._demanded(after) if after is not None else None
            self._know(position, self._boxes(position, start, wanted))
            at = wanted if wanted is not None else self.done[position][-1][1]

    def _know(self, position: int, frames: tuple[tuple[float, Edges], ...]) -> None:
        self.done[position] = frames
        if not self.beats[position].keyframes:
            self.known[self.beats[position].entity].add(frames)

    def _demanded(self, position: int) -> Edges | None:
        """The box with which a beat begins; None where it may begin anywhere."""
        if self._comes(position):
            return None
        if position not in self.anchors or self.stage.approaches(position):
            key, _ = self.lane[position]
            lane, path = self.row.lanes[key], self.events[position].path
            anywhere = path is not None or not (lane.align or lane.side is not None)
            if anywhere and self.stage.travels(position):
                return None
            if not lane.align and lane.side is None and key[1] == 0:
                return None
        return self._begin(position)

    def _begin(self, position: int) -> Edges:
        """The box with which a beat begins."""
        beat, event = self.beats[position], self.events[position]
        if position in self.anchors and not self.stage.approaches(position):
            return self._attached(position, beat.start, 0.0)
        key, _ = self.lane[position]
        lane = self.row.lanes[key]
        height = self.stage.height(position, lane.figure)
        path = event.path
        x = float(lane.start())
        low, high = lane.left, max(lane.left, lane.right - lane.figure)
        if path and path.way in ("to", "into", "onto"):
            x = low if lane.align > 0 else high
        elif path and path.way == "enter":
            from_left = path.heading > 0 if path.heading else lane.side is not None and lane.side < 0
            x = float(-lane.figure if from_left else FRAME)
        elif path and (path.way == "cross" or slants(path)):
            x = low if path.heading > 0 else high
        elif lane.side is not None and not lane.align and (path is None or path.way == "go"):
            room = max(0, lane.right - lane.left - lane.figure)
            margin = min(MARGIN, room // 2)
            x = lane.left + (room - margin if lane.side > 0 else margin if lane.side < 0 else room // 2)
        elif not lane.align and self.stage.travels(position) and not (path and path.way in PASSING | {"follow"}):
            room = high - low
            times = times_of(beat.start, beat.end)
            go = min(room, round(TRAVEL * (times[-1] - times[0])))
            heading = path.heading if path else 0
            x = low + ((room - go) // 2 if heading >= 0 else (room + go) // 2)
        top, bottom = self._heights(position, height, 0.0)
        return x, top, x + lane.figure, bottom

    def _attached(self, position: int, time: float, progress: float) -> Edges:
        beat, event = self.beats[position], self.events[position]
        other = self.anchors[position]
        anchor = self._at(other, time)
        size = self.stage.size(beat.entity)
        path = event.path
        if path and path.way in ("up", "down") and path.other:
            return climb(anchor, size, progress if path.way == "up" else 1 - progress)
        kind = event.relation.kind if event.relation and event.relation.kind in ATTACHED else (
            "inside" if path and path.way == "into" else "on"
        )  # fmt: skip
        sharing = self._sharing(position, kind)
        index = sharing.index(position) if position in sharing else 0
        x0, y0, x1, y1 = attach(kind, anchor, size, index, max(1, len(sharing)))
        if path and path.way in ("go", "cross") and path.heading:
            first, last = (0.0, float(FRAME)) if path.way == "cross" else (anchor[0], anchor[2])
            share = progress if path.heading > 0 else 1 - progress
            width = x1 - x0
            x0 = min(first + max(0.0, last - first - width) * share, FRAME - width)
            x1 = x0 + width
        if path and path.way in ("up", "down") and not path.other:
            x0, y0, x1, y1 = smaller((x0, y0, x1, y1))
            lift = max(0.0, y0 - 20) * (progress if path.way == "up" else 1 - progress)
            y0, y1 = y0 - lift, y1 - lift
        return x0, y0, x1, y1

    def _sharing(self, position: int, kind: RelationKind) -> list[int]:
        """The beats that stand in one relation to the same anchor while a beat lasts, its own among them."""
        if position not in self.shared:
            beat = self.beats[position]
            self.shared[position] = [
                each
                for each in self.beside.get((self.anchors[position], kind), ())
                if self.beats[each].start < beat.end and beat.start < self.beats[each].end
            ]
        return self.shared[position]

    def _at(self, entity: str, time: float) -> Edges:
        """An entity's box at a time, interpolated; a box in the middle while its own are still being computed."""
        box = self.known[entity].at(time)
        if box is not None:
            return box
        width, height = self.stage.size(entity)
        return (FRAME - width) / 2, GROUND - height, (FRAME + width) / 2, float(GROUND)

    def _heights(self, position: int, height: float, progress: float) -> tuple[float, float]:
        """Upper and lower edge at a share of a beat's time."""
        beat, event = self.beats[position], self.events[position]
        path, verb = event.path, self.stage.verb(position)
        if path and path.way in ("up", "down") and not path.other:
            share = progress if path.way == "up" else 1 - progress
            bottom = GROUND + (min(height + 40, GROUND - 300) - GROUND) * share
            return max(bottom - height, 10.0), bottom
        if path and path.way == "over" and path.other and verb not in AIRBORNE:
            anchor = self._at(path.other, beat.start)
            lift = (GROUND - anchor[1] + 30) * min(1.0, 4.4 * progress * (1 - progress))
            return max(GROUND - lift - height, 5.0), GROUND - lift
        if event.height == "top":
            return 40.0, 40.0 + height * 0.9
        if event.height == "bottom":
            return 990 - height, 990.0
        if verb in AIRBORNE:
            bottom = TOP + height * 0.912
            if path and path.way == "over" and path.other:
                bottom = min(bottom, self._at(path.other, beat.start)[1] - 20)
            return max(min(float(TOP), bottom - 120), 20.0), bottom
        if verb in LEAPING and not (path and path.way in ("onto", "into")):
            return max(GROUND - height - JUMP, 20.0), float(GROUND)
        return GROUND - height, float(GROUND)

    def _boxes(self, position: int, start: Edges, wanted: Edges | None) -> tuple[tuple[float, Edges], ...]:
        """Times and boxes of a beat that begins in ``start`` and after which the box ``wanted`` comes, if any."""
        beat, event = self.beats[position], self.events[position]
        times = times_of(beat.start, beat.end)
        if event.path and event.path.way in ("enter", "leave"):
            times = (*times, beat.end)  # to be seen coming or going
        span = times[-1] - times[0]
        shares = [(time - times[0]) / span if span else 1.0 for time in times]
        path = event.path
        if position in self.anchors and not self.stage.approaches(position):
            found = [(time, self._attached(position, time, share)) for time, share in zip(times, shares, strict=True)]
            if wanted is not None and len(found) > 1 and not self._bound(position):
                found[-1] = (found[-1][0], wanted)
            return tuple(found)
        key, end = self.lane[position]
        lane = self.row.lanes[key]
        width = start[2] - start[0]
        if self.stage.approaches(position):
            target = self._attached(position, times[-1], 1.0)
            return tuple((time, between(start, target, share)) for time, share in zip(times, shares, strict=True))
        if wanted is not None and path and path.way in ("up", "down"):
            return tuple((time, between(start, wanted, share)) for time, share in zip(times, shares, strict=True))
        stay = not self.stage.travels(position)
        x0 = start[0]
        if wanted is not None and (not stay or path is not None):
            ends: float | None = wanted[0]
        else:
            ends = self._goal(position, lane, end, x0, width, span)
        found = []
        y0, y1 = start[1], start[3]
        heading = path.heading if path and path.way in ("go", "to-and-fro") else 0
        facing, at, before = 0, x0, times[0]
        low, high = min(lane.left, x0), max(lane.right - width, x0)
        facing = heading or (1 if high - x0 >= x0 - low else -1)
        step = float(TRAVEL if not stay and ends is None else 0)
        if span and (heading or step * span < 2 * (high - low)):
            # Whoever is said to go one way never turns back, and goes slower where there is less room; nobody else
            # turns back for a step or two.
            step = min(step, (high - x0 if facing > 0 else x0 - low) / span)
        for time, share in zip(times, shares, strict=True):
            if ends is not None:
                swing = share if not (path and path.way == "around") else 1 - abs(1 - 2 * share)
                at = x0 + (ends - x0) * swing
            else:
                at, turned = turn(at + facing * step * (time - before), low, high)
                facing = -facing if turned else facing
            top, bottom = self._heights(position, self.stage.height(position, width), share)
            if path and path.way in ("up", "down", "over"):
                y0, y1 = top, bottom
            else:
                y0 += toward(top - y0, CLIMB * (time - before))
                y1 += toward(bottom - y1, CLIMB * (time - before))
            before = time
            box = (at, y0, at + width, y1)
            if path and path.way in _SCALES:
                box = scaled(box, *_SCALES[path.way], share, lane)
            found.append((time, box))
        if wanted is not None and len(found) > 1 and not (stay and self._bound(position)):
            found[-1] = (found[-1][0], wanted)
        return tuple(found)

    def _bound(self, position: int) -> bool:
        """Whether a beat's relation must hold to its last key frame."""
        return self.events[position].relation is not None

    def _goal(self, position: int, lane: Lane, end: Key, x0: float, width: float, span: float) -> float | None:
        """The left edge at which a way ends, or nothing when it only has a direction."""
        path = self.events[position].path
        if end != self.lane[position][0]:
            return float(self.row.lanes[end].start())
        if path is None:
            return None
        low, high = float(lane.left), float(max(lane.left, lane.right - width))
        if path.way == "to":
            return float(lane.start())
        if path.way == "from":
            return low if lane.align > 0 else high
        if path.way == "cross" or slants(path):
            return high if path.heading > 0 else low
        if path.way == "enter":
            return low + (high - low) / 2
        if path.way == "leave":
            out = width if self._gone_after(position) else 0.0
            return FRAME - width + out if (path.heading or lane.side or 1) > 0 else -out
        return None if self.stage.travels(position) and path.way in ("go", "to-and-fro") else x0

    def _comes(self, position: int) -> bool:
        """Whether an entity comes into the picture in a beat."""
        path = self.events[position].path
        return path is not None and path.way == "enter"

    def _gone_after(self, position: int) -> bool:
        """Whether an entity does nothing after a beat, or comes again by then."""
        positions = self.groups[self.beats[position].entity]
        later = positions[positions.index(position) + 1 :]
        return not later or self._comes(later[0])

    def _go_on(self, entity: str) -> None:
        """Boxes of the beats of an entity of which some are written: from there on, and backwards towards them."""
        positions = self.groups[entity]
        first = next(n for n, position in enumerate(positions) if self.beats[position].keyframes)
        left, right = self._own_room(entity)
        at, heading = edges_of(self.beats[positions[first]].keyframes[-1].box), 0
        for position in positions[first:]:
            if self.beats[position].keyframes:
                at = edges_of(self.beats[position].keyframes[-1].box)
            else:
                frames, heading = self._walk(position, at, left, right, heading, backwards=False)
                self._know(position, frames)
                at = frames[-1][1]
        at, heading = edges_of(self.beats[positions[first]].keyframes[0].box), 0
        for position in reversed(positions[:first]):
            frames, heading = self._walk(position, at, left, right, heading, backwards=True)
            self._know(position, frames)
            at = frames[0][1]

    def _own_room(self, entity: str) -> tuple[int, int]:
        """What a written entity sweeps, and the free room beside it that nobody stands in."""
        left, right = self.stage.written[entity]
        # Its own two edges are among all; those next to them are meant.
        before, after = bisect.bisect_right(self.edges, left) - 2, bisect.bisect_left(self.edges, right) + 1
        return self.edges[before], self.edges[after]

    def _walk(
        self, position: int, at: Edges, left: int, right: int, heading: int, *, backwards: bool
    ) -> tuple[tuple[tuple[float, Edges], ...], int]:
        """Walk from a written box on, or backwards towards it."""
        beat = self.beats[position]
        times = times_of(beat.start, beat.end)
        span = times[-1] - times[0]
        x0, y0, x1, y1 = at
        path = self.events[position].path
        said = path.heading if path else 0
        low, high = min(left, x0), max(right - (x1 - x0), x0)
        facing, step = said or heading or (1 if high - x0 >= x0 - low else -1), float(TRAVEL if travels(beat) else 0)
        if backwards:
            facing = -facing
        if said and span:
            step = min(step, (high - x0 if facing > 0 else x0 - low) / span)
        found, x, before = [], float(x0), None
        for time in reversed(times) if backwards else times:
            elapsed, before = abs(time - before) if before is not None else 0.0, time
            x, turned = turn(x + facing * step * elapsed, low, high)
            facing = -facing if turned else facing
            found.append((time, (x, y0, x + x1 - x0, y1)))
        onward = (-facing if backwards else facing) if travels(beat) else heading
        return tuple(reversed(found) if backwards else found), onward
