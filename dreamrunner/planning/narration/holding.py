"""What goes along with somebody: "with a lantern", "an axe over his shoulder", "a hat on her head"."""

from __future__ import annotations

from collections.abc import Iterator

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.lexicon import usual_size
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.verbs import BODY, GARMENTS
from dreamrunner.planning.english.words import POSSESSIVE
from dreamrunner.planning.narration.events import RelationKind, SpatialRelation
from dreamrunner.planning.narration.referents import Referents

_HOLDING_AT = frozenset("in over above under between around across round against on through".split())
_ON_TOP = frozenset("head nose".split())
_INSIDE = frozenset("sit lie sleep hide nest curl nap rest crouch".split())
"""Verbs of who is in a garment that nobody wears: "the cat sleeps in the hat"."""
_SENT = frozenset(
    "toss throw hurl fling lob chuck pitch put place set lay stick drop lower pour spill smash break".split()
)
_PORTABLE = 0.9
"""The greatest usual size of what somebody is said to be "with", and so carries."""
_OWN = frozenset("his her its their my your".split())


class Holding(Referents):
    """Says what a clause has in somebody's hands, on a shoulder or on a head."""

    def _held(
        self, items: list[Item], clause: Clause, subjects: tuple[str, ...]
    ) -> Iterator[tuple[str, SpatialRelation, range]]:
        """Each thing that goes along, where it is, and the words that say so."""
        for at in self.entities_at:
            # "the knight, sword in hand, advances"
            inserted = not clause.relative and clause.begin <= at < clause.own and items[at - 1].tag in "MDA"
            if not (clause.own <= at < clause.end or (inserted and at not in clause.subjects)):
                continue
            name = self.names[items[at].entity]
            under = self._under(items, at, clause.own)
            begin = at
            while begin > clause.begin and items[begin - 1].tag in "DA":
                begin -= 1
            aside = under == "" and begin > clause.begin and items[begin - 1].low == ","  # ", the boy on his shoulder"
            alive = name in self.characters and under != "with" and not aside
            if name in subjects or self._owns(items, at) or alive or (aside and at in clause.subjects):
                continue
            begin = at
            while begin > clause.own and items[begin].low not in ("with", "in") and items[begin - 1].tag in "DANP":
                begin -= 1
            if clause.passive and clause.lemma == "cover":
                continue
            if clause.lemma in _SENT and at >= clause.tail:
                continue  # "tosses the apple over her shoulder"
            if under in ("with", "") and (last := self._by_body(items, at, clause)):
                on_top = items[at + 1].low == "on" and (items[last].low in _ON_TOP or name in self.characters)
                holder = self._holder(items, at, clause, subjects)
                aloft = items[at + 1].low in ("over", "above") and items[last].low == "head"
                where: RelationKind = "above" if aloft else "on" if on_top else "held"
                yield name, SpatialRelation(where, holder), range(begin, last + 1)
            elif under == "in" and self._worn(name) and not (clause.lemma in _INSIDE and begin == clause.tail):
                if wearer := self._wearer(items, at, clause, subjects):
                    yield name, SpatialRelation("held", wearer), range(begin, at + 1)
            elif under == "with" and self._carries(items, at, clause):
                yield name, SpatialRelation("held", self._holder(items, at, clause, subjects)), range(begin, at + 1)

    def _owns(self, items: list[Item], position: int) -> bool:
        return position + 1 < len(items) and items[position + 1].low == POSSESSIVE

    def _by_body(self, items: list[Item], position: int, clause: Clause) -> int:
        """Where the part of somebody stands that a thing is said to be in, over or on; 0 where none is."""
        begin = position + 1
        while begin < clause.end and items[begin].tag == "R":
            begin += 1
        words = [item.low for item in items[begin : min(begin + 5, clause.end)]]
        if len(words) < 2 or words[0] not in _HOLDING_AT:
            return 0
        part = next((number for number, word in enumerate(words[:4]) if word in BODY), 0)
        if words[:3] == ["in", "the", "other"] and self.words & {"hand", "paw", "claw"}:
            return begin + 2  # "a ball in one hand, a bat in the other"
        return begin + part if part and (words[1] in _OWN or words[1] in ("one", "both", "the", words[part])) else 0

    def _carries(self, items: list[Item], position: int, clause: Clause) -> bool:
        """Whether a thing after "with" is carried: nothing large, and with no place of its own."""
        name = self.names[items[position].entity]
        if name in self.characters:
            return False
        after = items[position + 1] if position + 1 < clause.end else None
        if (
            after is not None
            and after.tag == "P"
            and after.low not in ("of", "to", "towards", "from", "through", "past")
        ):
            return any(item.low in _OWN or item.entity < 0 for item in items[position + 2 : position + 3]) and not any(
                item.low in ("left", "right") or item.tag == "O" for item in items[position + 2 : position + 5]
            )
        if after is not None and (after.low in ("left", "right") or after.tag == "O"):
            return False
        return (usual_size(in_words(name)) or _PORTABLE) <= _PORTABLE

    def _wearer(self, items: list[Item], position: int, clause: Clause, subjects: tuple[str, ...]) -> str:
        """Who wears a garment after "in": the noun right before, or who does something; "" for nobody of the story."""
        at = position - 1
        while at > clause.own and items[at].tag in "DAN":
            at -= 1
        noun = items[at - 1] if at > clause.begin and items[at].low == "in" else None
        if noun is None or noun.tag not in "EN":
            return subjects[0]
        name = self.names[noun.entity] if noun.entity >= 0 else ""
        return name if name in self.characters else ""

    def _holder(self, items: list[Item], position: int, clause: Clause, subjects: tuple[str, ...]) -> str:
        """Who has a thing: the one right before "with" where that is somebody, else who acts."""
        at = position - 1
        while at > clause.own and items[at].tag in "DAN":
            at -= 1
        before = items[at - 1].entity if at > clause.own and items[at].tag == "P" else -1
        if before >= 0 and self.names[before] in self.characters and at < clause.verb:
            return self.names[before]
        return subjects[0]

    def _worn(self, thing: str) -> bool:
        return bool(GARMENTS.intersection(in_words(thing).split()))
