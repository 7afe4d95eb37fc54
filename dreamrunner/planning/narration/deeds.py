"""What everybody did so far, as what they do next goes on from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.verb_groups import DOWNWARDS, LEAPING, MOVING, UPWARDS
from dreamrunner.planning.english.word_forms import ing_form, motion_verb, verb_forms
from dreamrunner.planning.narration.events import Event, Path, SpatialRelation
from dreamrunner.planning.narration.interaction import OFF
from dreamrunner.planning.narration.phrases import Phrase
from dreamrunner.planning.narration.senses import SEATS
from dreamrunner.planning.narration.states import States

_RIDDEN = frozenset(
    "bicycle bike motorcycle motorbike scooter skateboard unicycle surfboard board sled sledge sleigh snowboard skis"
    " horse pony donkey camel broom broomstick raft carpet tractor toboggan".split()
)
_ATTRIBUTES = MOVING | frozenset(
    "sleep snore doze nap sit stand kneel crouch lie wait smile laugh grin weep cry sob dance wave shiver tremble graze"
    " bark growl snarl purr hiss howl roar yawn whistle hum swim eat drink play fight".split()
)
"""Verbs whose -ing form before somebody says what he or she does meanwhile."""
_DRIVEN = frozenset("ride race drive travel speed cruise sail fly rocket zoom drift arrive come go".split())
"""Verbs of who goes somewhere in a vehicle, which goes there too."""
_SPEEDING = frozenset("move speed race".split())
"""Verbs whose -ing form before a thing says that it goes along."""
_STICKS = frozenset("stick cane crutch crutches staff".split())
_OUT = re.compile(r"(?:\w+ly )?(?:back )?(?:out|off)(?: again)?(?:$| ,)")
_LOW = frozenset("sitting lying kneeling sleeping crouching resting squatting napping dozing".split())


class Deeds(States):
    """Remembers what was done.

    ``clauses``: the events of each clause of which something is filmed. ``deeds``: by entity the numbers of its
    clauses, each with whether all earlier ones are over.
    """

    def __init__(self, cast: Cast, speaker: str | None) -> None:
        super().__init__(cast, speaker)
        self.clauses: list[list[Event]] = []
        self.deeds: dict[str, list[tuple[int, bool]]] = {}

    def _mounted(self, events: list[Event], verb: str, path: Path | None, text: str) -> list[Event]:
        """The events of who goes somewhere on a scooter or a broom, which goes there with its rider on it."""
        on = re.search(r"\b(on|in) @(\d+)", text) if verb in MOVING - LEAPING and len(events) == 1 else None
        mount = self.names[int(on[2])] if on else ""
        if (
            on
            and on[1] == "in"
            and verb in _DRIVEN
            and self.cast.nature(mount) == "machine"
            and not (path and path.other)
        ):
            rider = replace(events[0], path=None, relation=SpatialRelation("inside", mount))
            return [rider, Event(mount, path=path or Path("go"))] if mount != events[0].entity else events
        if on and on[1] == "in":
            return events
        if not path or path.way in ("onto", "into", "up", "down") or not _RIDDEN.intersection(in_words(mount).split()):
            return events
        if mount in (events[0].entity, path.other):
            return events
        rider = replace(events[0], path=None, relation=SpatialRelation("on", mount))
        return [rider, Event(mount, path=path)]

    def _last_motion(self, name: str) -> str:
        """What somebody did last; "" for nobody who did anything."""
        number = self.deeds[name][-1][0] if self.deeds.get(name) else -1
        return next((event.motion for event in self.clauses[number] if event.entity == name), "") if number >= 0 else ""

    def _goes(self, name: str) -> bool:
        number = self.deeds[name][-1][0] if self.deeds.get(name) else -1
        last = [event for event in self.clauses[number] if event.entity == name] if number >= 0 else []
        return any(event.path is not None or motion_verb(event.motion) in MOVING for event in last)

    def _further(self, said: Phrase, clause: Clause, subjects: tuple[str, ...], verb: str, tail: str) -> Phrase:
        """A phrase with the way that somebody goes from where he was: of "and it jumps out"."""
        if clause.passive and clause.lemma in OFF and said.path == Path("leave") and re.match(r"off [a-z]", tail):
            return replace(said, path=Path("down"))  # "is knocked off her bike"
        if said.path is None and verb in MOVING and _OUT.match(tail) and (origin := self._place_of(subjects)):
            return replace(said, path=Path("from", origin))
        return said

    def _place_of(self, names: tuple[str, ...]) -> str:
        """In, under, behind or on what somebody is, as was told of him last; "" where that is not known."""
        for number, _ in reversed(self.deeds.get(names[0], [])):
            for event in self.clauses[number]:
                if event.entity == names[0] and event.path is not None:
                    return event.path.other if event.path.way in ("into", "onto") else ""
                if event.entity == names[0] and event.relation is not None:
                    near = event.relation.kind in ("inside", "under", "behind", "on")
                    return event.relation.other if near else ""
        return ""

    def _heading_of(self, name: str) -> int:
        """Which way somebody went last, -1 or 1; 0 where that is not said."""
        number = self.deeds[name][-1][0] if self.deeds.get(name) else -1
        paths = [event.path for event in self.clauses[number] if event.entity == name] if number >= 0 else []
        return next((path.heading for path in paths if path is not None), 0)

    def _going_on(self, name: str) -> str:
        """The motion in which somebody went somewhere last; "" for nobody who did."""
        for number, _ in reversed(self.deeds.get(name, [])):
            motion = next((event.motion for event in self.clauses[number] if event.entity == name), "")
            if motion_verb(motion) in MOVING - LEAPING - UPWARDS - DOWNWARDS:
                return motion
        return ""

    def _described_as(self, items: list[Item], clause: Clause) -> Iterator[tuple[str, str]]:
        """Each character that an adjective says to do something, as "a sleeping dog", and its motion."""
        for at in self.entities_at:
            name = self.names[items[at].entity] if items[at].entity >= 0 else ""
            moves = name not in self.characters and items[at - 1].lemma in _SPEEDING and at > clause.own
            if moves and at < clause.end and "ing" in items[at - 1].low:
                yield name, ""
            if name not in self.characters or not max(clause.own, 1) <= at < clause.end or items[at - 1].tag != "A":
                continue
            if "ing" in verb_forms(items[at - 1].low) and items[at - 1].lemma in _ATTRIBUTES:
                yield name, items[at - 1].low

    def _leant_on(self, name: str) -> bool:
        """Whether a thing is one on which somebody walks who holds it."""
        return bool(_STICKS.intersection(in_words(name).split()))

    def _gets_up(self, name: str, tail: str) -> bool:
        """Whether somebody who is said to rise stands up, and doesn't go up into the air. ``tail``: the phrase"
        " behind."""
        if self.cast.nature(name) != "person" or not re.fullmatch(
            r"(?:\w+ly )?(?:(?:to|on) \w+|from (?:@\d+|\w+))?", tail
        ):
            return False
        seat = re.search(r"from (?:@(\d+)|(\w+))$", tail)
        words = in_words(self.names[int(seat[1])]) if seat and seat[1] else seat[2] if seat else ""
        return (
            bool(SEATS.intersection(words.split()))
            or tail.endswith(("feet", "toes", "tiptoe", "oneself"))
            or self._last_motion(name) in _LOW
        )

    def _going(self, subjects: tuple[str, ...]) -> str:
        """The motion of going somewhere: birds fly, fish swim."""
        ways = {self.cast.moves_by(name) for name in subjects if name in self.characters}
        return ing_form(ways.pop()) if len(ways) == 1 else "walking"
