"""What a scene's script promises, second by second: who is where, who is gone, and who does what.

It is made of the plan alone, so that the film is held to what was planned and not to how it was lowered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from dreamrunner.files.text import in_words
from dreamrunner.language.parts import Box
from dreamrunner.planning.keyframes import box_at
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

SHOWN = 0.25
"""How much of a box must lie in the picture for its entity to be looked for there, as a share of the box."""


class Promise(Enum):
    """What a script says of an entity that has no box in the picture: ``GONE``, it is outside; ``UNSAID``, nothing,
    since no beat of it goes on or too little of its box is in the picture."""

    GONE = "gone"
    UNSAID = "unsaid"


Place = Box | Promise


@dataclass(frozen=True)
class Subject:
    """An entity of a scene as it is to be recognized.

    ``name``: what the story calls it.
    ``looks``: how it looks, in words.
    ``photos``: pictures of it, if the story brings any.
    ``moves``: whether it is a character; a prop does nothing of its own.
    """

    name: str
    looks: str
    photos: tuple[Path, ...] = ()
    moves: bool = True


@dataclass(frozen=True)
class Act:
    """A beat of a character: what it does between two moments.

    ``subject``: its number among the script's subjects.
    ``motion``: the motion's name.
    ``start``, ``end``: seconds from the scene's start.
    ``beat``: the plan's beat, which says where the box is at any moment.
    """

    subject: int
    motion: str
    start: float
    end: float
    beat: PlannedBeat

    @property
    def phrase(self) -> str:
        """The motion in words."""
        return in_words(self.motion)

    def box_at(self, moment: float) -> Box:
        """Its box at a moment, in seconds."""
        return box_at(self.beat.keyframes, moment)


@dataclass(frozen=True)
class Script:
    """A scene as it is checked.

    ``duration``: seconds.
    ``moments``: when it is looked at: the middle of every second, the last one shorter.
    ``subjects``: its entities in the order of their first beats.
    ``places``: for every subject, where it is at every moment.
    ``acts``: what the characters do, in the order of the beats.
    """

    duration: float
    moments: tuple[float, ...]
    subjects: tuple[Subject, ...]
    places: tuple[tuple[Place, ...], ...]
    acts: tuple[Act, ...]


def script_of(scene: PlannedScene, subjects: Sequence[Subject]) -> Script:
    """What a planned scene promises; ``subjects`` are the entities of the story, of which it takes its own.

    One that is not among them looks as its first beat describes it.
    """
    known = {subject.name: subject for subject in subjects}
    own: dict[str, Subject] = {}
    for beat in scene.beats:
        made = Subject(beat.entity, beat.description, moves=beat.motion is not None)
        own.setdefault(beat.entity, known.get(beat.entity, made))
    names = list(own)
    moments = moments_of(scene.duration)
    beats = {name: [beat for beat in scene.beats if beat.entity == name] for name in names}
    places = tuple(tuple(place_at(beats[name], moment) for moment in moments) for name in names)
    acts = tuple(
        Act(names.index(beat.entity), beat.motion, beat.start, beat.end, beat)
        for beat in scene.beats
        if beat.motion is not None and own[beat.entity].moves
    )
    return Script(scene.duration, moments, tuple(own.values()), places, acts)


def moments_of(duration: float) -> tuple[float, ...]:
    """The middle of each second of a scene; of what is left over at the end, where that is a tenth of one or more."""
    whole = int(duration + 1e-9)
    middles = [second + 0.5 for second in range(whole)]
    if (rest := duration - whole) >= 0.1 or not middles:
        middles.append(whole + rest / 2)
    return tuple(middles)


def place_at(beats: Sequence[PlannedBeat], moment: float) -> Place:
    """Where an entity is at a moment by its beats."""
    for beat in beats:
        if beat.start <= moment < beat.end:
            return in_picture(box_at(beat.keyframes, moment))
    return Promise.UNSAID


def in_picture(box: Box) -> Place:
    """The part of a box that the picture shows, which is nothing where the box lies outside, and unsaid where it is too
    little of it to recognize anybody by."""
    x0, y0, x1, y1 = max(0.0, box.x0), max(0.0, box.y0), min(1.0, box.x1), min(1.0, box.y1)
    if x0 >= x1 or y0 >= y1:
        return Promise.GONE
    whole = (box.x1 - box.x0) * (box.y1 - box.y0)
    return Box(x0, y0, x1, y1) if (x1 - x0) * (y1 - y0) >= SHOWN * whole else Promise.UNSAID
