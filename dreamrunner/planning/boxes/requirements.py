"""What a text demands of the boxes of a scene, before there are any: lanes, their order, and spatial relations."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dreamrunner.language.parts import Box
from dreamrunner.planning.boxes.constraints import ATTACHED, LOW, ROOMY
from dreamrunner.planning.boxes.lanes import FRAME, Key, Lane, Row
from dreamrunner.planning.english.verb_groups import AIRBORNE, LEAPING, MOVING
from dreamrunner.planning.english.word_forms import motion_verb
from dreamrunner.planning.narration.events import Event, Path, Way
from dreamrunner.planning.narration.phrases import described
from dreamrunner.planning.plan import PlannedBeat
from dreamrunner.planning.spans import by_entity

FIGURE, THING = (300, 570), (300, 420)
"""Width and height of a figure and of a prop of usual size."""
PASSING = frozenset({"past", "over", "around", "beyond"})
_GOING_TOO = frozenset("dance swing spin carry drag haul lug tow".split())
"""Verbs of who goes somewhere where a way is told, and stays where none is."""
_ON_STILTS = frozenset({"on", "above"})
_MOST_LANES = 8
"""How often a way past somebody leads into a lane further on."""


class Stage:
    """All entities of a scene and what is known of where they are.

    ``groups``: the positions of each entity's beats, in order of time.
    ``events``: what the text says of each beat.
    ``written``: the stretch across that an entity's written boxes sweep, in thousandths of the frame.
    ``anchors``: by a beat's position, the entity by whose box the beat's boxes are placed.
    ``row``: all lanes.
    ``lane``: by a beat's position, the lanes in which it begins and ends.
    """

    def __init__(
        self, beats: Sequence[PlannedBeat], events: Sequence[Event | None], sizes: Mapping[str, float]
    ) -> None:
        self.beats, self.sizes = list(beats), sizes
        self.groups: dict[str, list[int]] = {
            entity: sorted(positions, key=lambda position: beats[position].start)
            for entity, positions in by_entity([beat.entity for beat in beats]).items()
        }
        self.events = [self._event(beat, event) for beat, event in zip(beats, events, strict=False)]
        self.written = {
            entity: swept([frame.box for position in positions for frame in beats[position].keyframes])
            for entity, positions in self.groups.items()
            if any(beats[position].keyframes for position in positions)
        }
        self.anchors: dict[int, str] = {}
        self._placed_by: dict[str, set[str]] = {}
        self._held = self._holdings()
        self._sizes_made: dict[str, tuple[float, float]] = {}
        for position in range(len(self.beats)):
            self._anchor(position)
        self.row = Row()
        self.lane: dict[int, tuple[Key, Key]] = {}
        self._places: dict[str, Key] = {}
        self._lanes()
        self.row.lay(self.written)

    def _event(self, beat: PlannedBeat, event: Event | None) -> Event:
        event = event or Event(beat.entity)
        said = described(beat.motion or "", beat.description)
        if not travels(beat) and beat.motion is not None:
            said = replace(said, path=None)
            if not _goes_too(beat, event.path) and event.path and event.path.way in ("go", "cross", "to-and-fro"):
                event = replace(event, path=None)
        if said.path and not (event.path and event.path.heading == said.path.heading):
            event = replace(event, path=said.path)
        side = event.side if said.side is None else said.side
        known = event.relation and event.relation.other in self.groups and event.relation.other != beat.entity
        made = (side, event.height or said.height, event.relation if known else None,
                self._known(event.path, beat.entity))  # fmt: skip
        if made == (event.side, event.height, event.relation, event.path):
            return event
        return replace(event, side=made[0], height=made[1], relation=made[2], path=made[3])

    def _known(self, path: Path | None, entity: str) -> Path | None:
        """The path, or what is left of it when the one that it leads to, or past, is not in the scene."""
        if path is None or (path.other in self.groups and path.other != entity):
            return path
        if path.way in ("up", "down", "go", "cross", "to-and-fro", "enter", "leave", "near", "far", "grow", "shrink"):
            return Path(path.way, "", path.heading)
        ways: dict[Way, Way] = {"past": "cross", "over": "cross", "around": "to-and-fro"}
        return Path(ways.get(path.way, "go"), "", path.heading)

    def _anchor(self, position: int) -> None:
        """Note the entity by whose box a beat's boxes are placed, unless that one is placed by this entity's."""
        beat, event = self.beats[position], self.events[position]
        if beat.entity in self.written:
            return
        other = event.relation.other if event.relation and event.relation.kind in ATTACHED else ""
        if event.path and event.path.way in ("up", "down", "into", "onto") and event.path.other:
            other = event.path.other
        if other and not self._depends(other, beat.entity):
            self.anchors[position] = other
            self._placed_by.setdefault(beat.entity, set()).add(other)

    def _depends(self, entity: str, other: str) -> bool:
        """Whether an entity is placed by another one's box, or by one that is placed by that, and so on."""
        known, waiting = {entity}, [entity]
        while waiting and other not in known:
            new = self._placed_by.get(waiting.pop(), set()) - known
            known |= new
            waiting += new
        return other in known

    def size(self, entity: str) -> tuple[float, float]:
        """Width and height of an entity: the usual ones, and room for what is on or in it."""
        if entity not in self._sizes_made:
            self._sizes_made[entity] = self._size(entity)
        return self._sizes_made[entity]

    def _size(self, entity: str) -> tuple[float, float]:
        prop = all(self.beats[position].motion is None for position in self.groups[entity])
        size = self.sizes.get(entity)
        width, height = (side * (size or 1.0) for side in (FIGURE if not prop else THING))
        if prop and size:
            height *= 1.1
        aloft = self._aloft(entity) if prop and "in" in self._held[entity] else True
        for use in self._held[entity]:
            if use == "on":
                height = min(height, LOW)
            elif not aloft:
                width, height = max(width, ROOMY[0]), max(height, ROOMY[1])
        return min(width, 600.0), min(height, 860.0)

    def _holdings(self) -> Mapping[str, list[str]]:
        """What entities are used for by others, in the order of the beats: ``on`` for who is on or above them or jumps
        over them, ``in`` for who is under or in them or climbs them."""
        found: dict[str, list[str]] = {entity: [] for entity in self.groups}
        for beat, event in zip(self.beats, self.events, strict=True):
            relation, path = event.relation, event.path
            others = dict.fromkeys(each.other for each in (relation, path) if each and each.other)
            for other in others:
                kind = relation.kind if relation and relation.other == other else ""
                way = path.way if path and path.other == other else ""
                if other == beat.entity or other not in found:
                    continue
                if kind in _ON_STILTS or way in ("onto", "over"):
                    found[other].append("on")
                elif kind in ("under", "inside") or way in ("into", "up", "down"):
                    found[other].append("in")
        return found

    def _aloft(self, entity: str) -> bool:
        return any(
            self.events[position].height == "top"
            or position in self.anchors
            or ((path := self.events[position].path) is not None and path.way == "up")
            for position in self.groups[entity]
        ) or any(self.verb(position) in AIRBORNE for position in self.groups[entity])

    def travels(self, position: int) -> bool:
        beat, event = self.beats[position], self.events[position]
        return (
            travels(beat)
            or _goes_too(beat, event.path)
            or (beat.motion is None and (event.path is not None or event.verb in MOVING))
        )

    def verb(self, position: int) -> str:
        """The base form of what is done; a thing has no motion, but the text may say that it flies."""
        return verb_of(self.beats[position]) or self.events[position].verb

    def height(self, position: int, width: float) -> float:
        full, height = self.size(self.beats[position].entity)
        return height * min(1.0, max(width / full, 0.62)) if width < 0.6 * full else height

    def _lanes(self) -> None:
        """Give each entity that has no place by another one a lane, and a second one beyond whatever it passes."""
        last: dict[str, int] = {}
        later: list[tuple[int, Path]] = []
        for entity, positions in self.groups.items():
            if entity in self.written:
                continue
            for position in positions:
                if position in self.anchors and not self.approaches(position):
                    continue
                number = last.setdefault(entity, 0)
                key = (entity, number)
                lane = self.row.lanes.setdefault(key, Lane(round(self.size(entity)[0])))
                path, event = self.events[position].path, self.events[position]
                lane.roomy |= travels(self.beats[position]) or (
                    path is not None and (path.way not in ("up", "down") or slants(path))
                )
                if event.side is not None and lane.side is None:
                    lane.side = event.side
                end = key
                if path and path.way in PASSING | {"follow"} and path.other and number < _MOST_LANES:
                    end = (entity, number + 1)
                    self.row.lanes.setdefault(end, Lane(lane.figure))
                    if path.way != "around":
                        last[entity] = number + 1
                    later.append((position, path))
                self.lane[position] = (key, end)
        for position, way in later:
            self._beyond(position, way)
        for position in self.lane:
            self._demands(position)

    def approaches(self, position: int) -> bool:
        path = self.events[position].path
        return bool(path and path.way in ("into", "onto") and path.other)

    def _place(self, entity: str) -> Key | None:
        """The lane in which an entity, or the one that gives it its place, stands at first; -1 if that is written."""
        asked = entity
        known = set()
        while asked not in self._places and entity not in known:
            known.add(entity)
            if entity in self.written:
                self._places[asked] = entity, -1
            elif (entity, 0) in self.row.lanes:
                self._places[asked] = entity, 0
            anchored = (self.anchors[position] for position in self.groups.get(entity, ()) if position in self.anchors)
            entity = next(anchored, entity)
        return self._places.get(asked)

    def _beyond(self, position: int, path: Path) -> None:
        start, end = self.lane[position]
        heading = path.heading or (-1 if (self.row.lanes[start].side or 0) > 0 else 1)
        other = self._place(path.other)
        if other is None:
            return
        if path.way == "follow":
            ahead = next(
                (each for each in self.groups[path.other] if self.lane.get(each, (None, None))[0] == other), None
            )
            if ahead is not None and self.lane[ahead][0] == self.lane[ahead][1]:
                beyond = (other[0], other[1] + 1)
                self.row.lanes.setdefault(beyond, Lane(self.row.lanes[other].figure))
                self.lane[ahead] = (other, beyond)
                chain = [start, other, end, beyond]
            else:
                chain = [start, end, other]
        else:
            chain = [start, other, end]
        for left, right in itertools.pairwise(chain):
            self.row.before(*((left, right) if heading > 0 else (right, left)))

    def _demands(self, position: int) -> None:
        """What the text demands of the order of lanes."""
        event, (key, _) = self.events[position], self.lane[position]
        lane = self.row.lanes[key]
        path, relation = event.path, event.relation
        if (
            path
            and path.way in ("to", "from", "into", "onto")
            and (other := self._place(path.other))
            and other[0] != key[0]
        ):
            toward = path.way != "from"
            heading = path.heading * (1 if toward else -1)
            if not heading:
                heading = -1 if self.row.reaches(other, key) or (lane.side or 0) > 0 else 1
            self._adjoin(key, other, heading)
        if path and path.way in ("enter", "leave") and lane.side is None:
            heading = path.heading or (1 if path.way == "leave" else -1)
            lane.side = heading if path.way == "leave" else -(path.heading or 1)
        if relation is None:
            return
        other = self._place(relation.other)
        if other is None or other[0] == key[0]:
            return
        if relation.kind == "left":
            self.row.before(key, other)
        elif relation.kind == "right":
            self.row.before(other, key)
        elif relation.kind == "beside":
            self._adjoin(key, other, -1 if self.row.reaches(other, key) or (lane.side or 0) > 0 else 1)
        elif relation.kind == "between" and (third := self._place(relation.and_other)) and third != other:
            ways = ((other, third), (third, other))
            left, right = ways[0] if not self.row.reaches(third, other) else ways[1]
            self.row.before(left, key)
            self.row.before(key, right)

    def _adjoin(self, key: Key, other: Key, heading: int) -> None:
        """Put two next to each other: ``heading`` is 1 when the second is to the right of the first."""
        if not self.row.before(*((key, other) if heading > 0 else (other, key))):
            heading = -heading
        self.row.lanes[key].align = heading
        if other[1] >= 0:
            self.row.beside(key, other)
            if not self.row.lanes[other].align:
                self.row.lanes[other].align = -heading


def slants(path: Path) -> bool:
    """Whether a way leads up or down and to one side as well, as from the bottom left to the top right."""
    return path.way in ("up", "down") and path.heading != 0 and not path.other


def swept(boxes: Sequence[Box]) -> tuple[int, int]:
    """The left and right end of all that boxes cover of the frame, in its thousandths, rounded outwards."""
    left, right = math.floor(min(box.x0 for box in boxes) * FRAME), math.ceil(max(box.x1 for box in boxes) * FRAME)
    return min(max(left, 0), FRAME), min(max(right, 0), FRAME)


def travels(beat: PlannedBeat) -> bool:
    """Whether a beat's motion takes its entity somewhere, as walking and hopping do."""
    return (beat.motion is not None and verb_of(beat) in MOVING and verb_of(beat) not in LEAPING) or verb_of(
        beat
    ) == "hop"


def _goes_too(beat: PlannedBeat, path: Path | None) -> bool:
    """Whether one whose motion may stay in its place goes somewhere, as the text says: "jumps to the right"."""
    return path is not None and path.heading != 0 and verb_of(beat) in LEAPING | _GOING_TOO


def verb_of(beat: PlannedBeat) -> str:
    """The base form of the verb of a beat's motion; "" where it has none."""
    return motion_verb(beat.motion or "")
