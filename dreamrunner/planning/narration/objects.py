"""Where things are that somebody acts on, or by which others are placed, and which words of place are theirs."""

from __future__ import annotations

import re

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.lexicon import VERBS
from dreamrunner.planning.english.parts import PERCEIVING, Item
from dreamrunner.planning.english.verb_finding import PARTICLES
from dreamrunner.planning.english.verb_groups import (
    AIMING,
    DROPPING,
    FOLLOWING,
    GIVING,
    HOLDING,
    LEADING,
    MEETING,
    MOVING,
    PULLING,
    PUSHING,
    PUTTING,
    TAKING,
)
from dreamrunner.planning.english.verbs import HAVING, STATES
from dreamrunner.planning.narration.deeds import Deeds
from dreamrunner.planning.narration.events import Event
from dreamrunner.planning.narration.interaction import OFF
from dreamrunner.planning.narration.mentions import motion_at
from dreamrunner.planning.narration.phrases import BECOMING, relation_in

_SENDING = frozenset("knock blow cut chop tear rip wipe brush wash clean shake gulp wolf bite snap break fold".split())
"""Verbs that take "over", "off" or "down" before what they are done to."""
_OF_OBJECTS = (
    TAKING | PUTTING | GIVING | PUSHING | PULLING | HOLDING | LEADING | MOVING | MEETING | FOLLOWING | BECOMING | HAVING
    | PERCEIVING | STATES | DROPPING | frozenset("find join face surround chase eat read drink play watch".split())
)  # fmt: skip
"""Verbs that are read with the place of what they are done to."""
_OBJECTS_PLACE = re.compile(r"@\d+ (?:to|on|in|into|onto|over|through|across|inside|against|around|from|off|out of) @")
_IN_OR_ON = frozenset("pull haul reel drag tug hand".split())

_AIMED = re.compile(
    r"(?:\w+ )??(?:at|to|towards?) @(\d+)(?= (?:in|inside|on|on top of|under|beneath|behind|beside|next to|in front of)"
    r" (?:@|left\b|right\b))"
)
"""Whom one looks at, or waves to, right before the place where that one is."""
_SURFACES = frozenset(
    "bridge road street path table rug carpet mat stage raft plate tray roof ice floor deck pier dock sofa bench bed"
    " log"
    " stone rock lawn blanket platform square".split()
)
"""Things in the middle of which one is on them."""


class Objects(Deeds):
    """Reads phrases of place behind what is acted on. ``motions``: the story's own."""

    motions: tuple[str, ...] = ()

    def _placed_by_itself(self, items: list[Item], clause: Clause, verb: str, tail: str) -> str:
        """A phrase without what belongs to the thing that is acted on: the anvil of "hammers the sword on the anvil",
        and the "over" of "knocks over the pins"."""
        word = items[clause.tail] if clause.tail + 1 < clause.end else None
        loose = PARTICLES | {"over"} | ({"in", "on"} if verb in _IN_OR_ON else frozenset())
        if (
            word is not None and word.low in loose and verb not in MOVING | AIMING and not clause.passive
            and verb in _SENDING | PUSHING | PULLING | TAKING and items[clause.tail + 1].tag in "DNE"
        ):  # fmt: skip
            tail = tail.removeprefix(f"{word.low} ")
        if clause.passive or verb in _OF_OBJECTS or not (thing := re.match(r"@\d+(?= [a-z])", tail)):
            return tail
        if verb in OFF and re.match(r"@\d+ (?:\w+ly )?off\b", tail):
            return tail  # "knocks the lamp off the table"
        unknown = verb not in VERBS and verb not in MOVING and not self._motion(items, clause)
        return thing[0] if _OBJECTS_PLACE.match(tail) or unknown else tail

    def _aimed(self, clause: Clause, tail: str) -> tuple[str, str]:
        """A phrase up to whom somebody looks at, and the place of that one behind it; the place is "" for none."""
        found = _AIMED.match(tail) if clause.lemma in AIMING else None
        return (tail[: found.end()], tail[found.end() :]) if found else (tail, "")

    def _flat(self, name: str) -> bool:
        """Whether one is on a thing who is in the middle of it."""
        return bool(_SURFACES.intersection(in_words(name).split()))

    def _aimed_at(self, aimed: str, place: str, subjects: tuple[str, ...]) -> list[Event]:
        """Where the one is whom somebody looks at: "at the bird in the cage"."""
        name, there = self.names[int(aimed.rpartition("@")[2])], relation_in(place, self.names)
        side = re.match(r" (?:on|at) (left|right)\b(?! of)", place)
        if name in subjects or not (there or side):
            return []
        if side:
            return [Event(name, side=-1 if side[1] == "left" else 1)]
        return [Event(name, relation=there)] if there and there.other not in (name, *subjects) else []

    def _chained(self, tail: str, events: list[Event], subjects: tuple[str, ...]) -> list[Event]:
        """Where things are by which others are placed: "in a bowl on the table" also puts the bowl on the table."""
        found = []
        for event in events:
            other = event.relation.other if event.relation else ""
            if not other or other in self.characters or event.entity == other or event.relation is None:
                continue
            after = tail.partition(f"@{self.numbers[other]} ")[2] if event.relation.kind != "between" else ""
            if re.match(r"(?:on|on top of|atop|under|beneath|behind|beside|next to|in|inside|in front of) @", after):
                where = relation_in(after, self.names)
                if where and where.other not in (other, *subjects):
                    found.append(Event(other, relation=where))
        return found

    def _plain(self, items: list[Item], clause: Clause) -> str:
        """The words behind a verb as they stand, without articles."""
        kept = [item for item in items[clause.tail : clause.end] if item.tag != "D"]
        words = [
            item.low for at, item in enumerate(kept)
            if item.low[0].isalpha() or (item.low == "," and not (0 < at < len(kept) - 1 and kept[at - 1].tag == "A"))
        ]  # fmt: skip
        return " ".join(words)

    def _motion(self, items: list[Item], clause: Clause) -> str:
        if not clause.verbs:
            return ""
        at = next((at for at in reversed(clause.verbs) if items[at].lemma == clause.lemma), clause.verbs[-1])
        plain = [in_words(self.names[item.entity]) if item.entity >= 0 else item.low for item in items[: clause.end]]
        words = [word for part in plain[at + 1 :] for word in part.split()]
        return motion_at(0, [plain[at], *words], self.motions) or ""
