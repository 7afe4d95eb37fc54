"""Which words of a clause nothing was made of though they may change who does what, where, or which way.

Ornaments, times and the background's words may go. What may not: a way ("up", "out"), a side, somebody who is named and
has no part in what is filmed, and a verb that no clause was found for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dreamrunner.planning.english.beings import nature_of
from dreamrunner.planning.english.clause import Clause, Unfilmed
from dreamrunner.planning.english.lexicon import is_setting
from dreamrunner.planning.english.parts import PERCEIVING, Item
from dreamrunner.planning.english.things import is_no_thing
from dreamrunner.planning.english.verb_groups import AIMING, GIVING, LEAPING, MOVING, ON_FOOT, PUSHING, UPRIGHT
from dreamrunner.planning.english.verbs import BODY, DRIVING, HAVING, MENTAL, SPEAKING, STATES
from dreamrunner.planning.english.word_forms import kinds_of, motion_verb, verb_forms
from dreamrunner.planning.narration.events import Event
from dreamrunner.planning.narration.filming import Filming

Unread = tuple[int, int, Unfilmed]
"""Positions of items from one (inclusive) to another (exclusive), and why their words are told."""

_UP = frozenset("up upward upwards skyward skywards upstairs uphill".split())
_DOWN = frozenset("down downward downwards downstairs downhill".split())
_OFF, _IN_OR_OUT = frozenset("off away".split()), frozenset("out outside outdoors ahead in inside indoors past".split())
_ALOFT = frozenset("overhead above below beneath underneath under through".split())
_ANY_WAY = _UP | _DOWN | _OFF | _IN_OR_OUT | _ALOFT | {"on"}
_FRONTED = frozenset("up down in out off away".split())
_HELD_SO = frozenset("upside face head".split())
"""Words before "down" that say how somebody is held."""
_GOING = (
    MOVING | frozenset("carry drag pull haul tow tug lug bring lead take throw toss hurl fling kick push shoot".split())
) - UPRIGHT
_COMING = frozenset(
    "come go fall rise walk run fly swim creep crawl step stroll march hop jump trot gallop drift float sink soar dive"
    " swoop hurry dash flutter emerge appear".split()
)
"""Verbs that nobody does to another: who stands right behind them does them."""
_OF_SIDES, _AT_ENDS = frozenset("side end edge corner".split()), frozenset("front back rear bottom top".split())
_OTHER_SIDES = frozenset("other far opposite near same".split())
_PLACES, _IN = frozenset("in at on to from near".split()), frozenset({"in", "inside"})
_QUIET = PERCEIVING | HAVING | STATES | {"", "be"}
_BY_THINGS = frozenset(
    "on past over under around round onto behind between through towards toward across against off".split()
)
_OWNERS = frozenset("his her its their".split())
_RESTING = frozenset("pounce cling hang perch sit stand lie crouch kneel lean balance sleep rest".split())
_PATTED = frozenset("back side head shoulder nose cheek forehead".split())
"""Parts on which one is patted or lies: "on the back"."""
_CLOSE = frozenset("before behind beside under beneath underneath above below on over between near by".split())
_TO = frozenset("to towards toward from around round past into onto after".split())
_WAYS = frozenset("up down off out away over through across into onto from towards".split())
_TAKING_OFF = DRIVING | PUSHING | frozenset("punch hustle bundle shoo whisk sling heave".split())
_DONE_TO = (_GOING | _TAKING_OFF | {"drive"}) - {"go"}
_AIMED = AIMING | SPEAKING | PERCEIVING | MENTAL | GIVING
_POINTING = frozenset("him her it them".split())
_DEPENDING = frozenset("while when whilst because although".split())
_OTHERS = frozenset("another others".split())
_CUES = _ANY_WAY | _OF_SIDES | _AT_ENDS | _OTHERS | _POINTING | _DEPENDING | {"one"}
"""Words without one of which nothing of several kinds is missed."""


class Coverage(Filming):
    """Tells of words of a clause that nothing was made of."""

    def _unread(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """What is told of a clause that happens, and of which ``events`` are filmed."""
        if clause.lemma in PERCEIVING:
            yield from self._seen_at(items, clause, events)
        if events:
            yield from self._left_over(items, clause, events)
            if not self.words.isdisjoint(_CUES):
                yield from self._ways(items, clause, events)
                yield from self._sides_of(items, clause, events)
                yield from self._others(items, clause)
                yield from self._hanging(items, clause)
                yield from self._by_pronouns(items, clause, events)
            if len(clause.verbs) > 1:
                yield from self._meant_to(items, clause)
            if self.nouns:
                yield from self._unknown(items, clause, events)
            if len(self.entities_at) > 1:
                yield from self._twice(items, clause)
            if clause.lemma in _TAKING_OFF:
                yield from self._carried_off(items, clause, events)
        elif clause.verbs and not clause.passive and not clause.leads and clause.lemma not in _QUIET:
            yield clause.own, clause.end, "act"
        elif clause.passive and items[clause.verb].tag == "U" and clause.lemma in _DONE_TO:
            yield clause.own, clause.end, "act"  # "is towed along"
        elif clause.verbs and not clause.passive and clause.lemma != "be":
            yield from self._left_over(items, clause, events)

    def _ways(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Words for a way that nobody takes: "carries him up", "is dragged out"."""
        if self.words.isdisjoint(_ANY_WAY):
            return
        leads = clause.begin < clause.verb and items[clause.verb - 1].low in _FRONTED
        goes = any(motion_verb(event.motion) in MOVING for event in events if event.motion)
        if not (leads or goes or clause.lemma in _GOING):
            return
        paths = [event.path for event in events if event.path is not None]
        placed = any(event.height or (event.relation and event.relation.kind != "held") for event in events)
        if placed or any(path.way in ("up", "down") or path.other for path in paths):
            return
        meant = any(self._meant_to(items, clause))  # "flies out to catch a fly"
        if not meant and self._acted_on(items, clause) and not clause.passive:
            return  # the way is that of something that the story doesn't have
        for at in range(clause.begin, clause.end):
            low, after = items[at].low, items[at + 1] if at + 1 < clause.end else None
            if low not in _ANY_WAY or items[at].tag not in "RPA" or items[at - 1].low in _HELD_SO:
                continue
            ends = after is None or after.tag in "MCRSTX" or (at < clause.verb and after.tag in "VUO")
            leads = after is not None and after.tag == "P" and at > clause.verb
            ends |= leads and low in _ALOFT
            if low == "up" and after is not None and [item.low for item in items[at + 1 : at + 3]] == ["and", "down"]:
                return
            steep = clause.lemma not in ON_FOOT or low not in ("up", "down") or items[at - 1].low == "straight"
            vertical = low in _UP | _DOWN and steep
            ends |= leads and after is not None and after.low in ("after", "with", "without")  # "goes in after it"
            onto = low == "on" and ends and clause.lemma in LEAPING | {"climb", "get"} and not paths
            off = (ends or leads) and (vertical or (low in _OFF and not paths))
            if onto or off or (ends and (low in _ALOFT or (low in _IN_OR_OUT and not paths))):
                yield at, at + 1, "place"
                return

    def _sides_of(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Words for an end or a side of something that nothing is placed by: "from the other side"."""
        if self.words.isdisjoint(_OF_SIDES | _AT_ENDS):
            return
        if any(event.path or event.relation or event.side is not None or event.height for event in events):
            return
        for at in range(clause.own + 2, clause.end):
            low, begin = items[at].low, at
            if low not in _OF_SIDES | _AT_ENDS or items[at].entity >= 0 or items[at].tag == "V":
                continue
            while begin > clause.own and items[begin - 1].tag in "DAN":
                begin -= 1
            said = {item.low for item in items[begin:at]}
            if items[begin - 1].low not in _PLACES or begin <= clause.own or "the" not in said:
                continue
            ends = at + 1 >= clause.end or items[at + 1].tag in "MCS"
            if said & _OTHER_SIDES or (low in _AT_ENDS and ends and items[begin - 1].low != "on"):
                yield begin - 1, at + 1, "place"

    def _others(self, items: list[Item], clause: Clause) -> Iterator[Unread]:
        """Others to or by whom something is done: "hands it to another", "over another person"."""
        for at in range(clause.tail + 1, clause.end) if self.words & (_OTHERS | {"one"}) else ():
            item, before = items[at], items[at - 1]
            if item.low in _OTHERS and item.tag == "O" and before.tag == "P" and before.low != "in":
                yield at, at + 1, "whom"
            elif item.low == "them" and before.low == "of" and items[at - 2].low == "one" and items[at - 3].tag == "P":
                yield at - 2, at + 1, "whom"  # "perches on one of them"
            elif item.tag == "N" and item.entity < 0 and before.low == "another" and nature_of(item.low):
                yield at - 1, at + 1, "whom"

    def _left_over(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Somebody who is named, and who neither acts nor is acted on nor tells a place."""
        told = _told_in(events)
        left = [
            at for at in self.entities_at
            if clause.begin <= at < clause.end and self.names[items[at].entity] not in told and at not in self.apart
        ]  # fmt: skip
        if not left:
            return
        heads = {head for each in self.together for head in (*each.subjects, *each.agents, each.whom)}
        things = bool(events) and self.characters.isdisjoint(event.entity for event in events)
        idle = not any(event.path or event.relation for event in events)
        for at in left:
            under = "" if at in heads or self._owns(items, at) else self._under(items, at, clause.begin)
            if under == "with" and at + 1 < clause.end and items[at + 1].tag == "P" and at > clause.verb:
                yield at, at + 1, "part"  # "leaps with a cub in her pouch"
            if under or at in heads or self._owns(items, at):
                continue
            twice = at > 0 and items[at - 1].entity == items[at].entity
            if twice or (at + 1 < len(items) and items[at + 1].tag in "NE"):
                continue
            begin = at
            while begin > clause.begin and items[begin - 1].tag in "DAN":
                begin -= 1
            before = items[begin - 1] if begin > clause.begin else None
            if before is not None and before.low in ("and", "or") and items[begin - 2].entity >= 0:
                continue
            acted_on = before is not None and before.tag in "VRO" and begin - 1 >= clause.verb
            if acted_on and not (idle and not clause.passive and (clause.lemma in _COMING or things)):
                continue
            if acted_on or at > clause.own:
                yield at, at + 1, "part"

    def _hanging(self, items: list[Item], clause: Clause) -> Iterator[Unread]:
        """Somebody of the next clause, which another was taken to do: "he bites while a gull, perched there, eats"."""
        if self.words.isdisjoint(_DEPENDING):
            return
        last = clause.end
        while last > clause.tail and items[last - 1].tag in "MCS":
            last -= 1
        begin = last
        while begin > clause.tail and items[begin - 1].tag in "DANE":
            begin -= 1
        heads = {head for each in self.together for head in each.subjects}
        joins = begin < last and begin > clause.tail and items[begin - 1].low in _DEPENDING
        if joins and items[last - 1].tag in "NE" and heads.isdisjoint(range(begin, last)):
            yield begin, last, "part"

    def _meant_to(self, items: list[Item], clause: Clause) -> Iterator[Unread]:
        """What is only meant to be done: "stoops to pick it up"."""
        verbs = clause.verbs
        if len(verbs) > 1 and items[verbs[0]].lemma == clause.lemma != items[verbs[-1]].lemma:
            to = next((at for at in range(verbs[0], verbs[-1]) if items[at].tag == "T"), -1)
            if to >= 0:
                yield to, clause.end, "perhaps"

    def _verbs(self, items: list[Item], clause: Clause) -> Iterator[Unread]:
        """Words that can only be verbs and were taken for something else: "Stewards chased the goat before it fled"."""
        for at in self.nouns:
            if not clause.begin <= at < clause.end or items[at].joined:
                continue
            before, after = items[at - 1].tag if at else "", items[at + 1].tag if at + 1 < clause.end else ""
            if before in "DAP" or after not in ("D", "O", "E"):
                continue
            if "past" in verb_forms(items[at].low) and not kinds_of(items[at].low) & {"NOUN", "ADJ"}:
                first = clause.begin if at < clause.own else at
                yield first, max(at + 1, min(clause.own, clause.end)), "act"
                return

    def _unknown(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Where somebody is by a part of another that nothing is known of: "pounces on his antenna", "on the tail"."""
        rests = clause.lemma in _RESTING
        if not (rests or clause.lemma in MOVING) or any(event.path or event.relation for event in events):
            return
        for at in self.nouns:
            item, after = items[at], items[at + 1] if at + 1 < clause.end else None
            if not clause.tail < at < clause.end or at in self.apart or (after is not None and after.tag in "NE"):
                continue
            begin = at
            while begin > clause.tail and items[begin - 1].tag in "DAN":
                begin -= 1
            under = items[begin - 1].low if begin >= clause.tail else ""
            owned = items[begin].low in _OWNERS and not is_setting(item.low) and not is_no_thing(item.low)
            sat_on = items[begin].low == "the" and item.low in BODY - _PATTED and items[at - 1].tag == "D"
            if (owned and (under in _BY_THINGS or (under == "to" and rests))) or (sat_on and under in ("on", "onto")):
                yield begin - 1, at + 1, "place"
                return

    def _by_pronouns(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """A place by somebody whom only a pronoun names, and that nothing shows: "kneels down before her"."""
        if self.words.isdisjoint(_POINTING) or clause.lemma in _AIMED:
            return
        placed = [
            at for at in range(clause.tail + 1, clause.end) if items[at].tag == "O" and items[at - 1].low in _CLOSE
        ]
        if not placed or self._acted_on(items, clause):
            return
        told = _told_in(events)
        for at in placed:
            other = self._known.get(at)
            if other is not None and other not in told:
                yield at - 1, at + 1, "place"

    def _twice(self, items: list[Item], clause: Clause) -> Iterator[Unread]:
        """Whoever acts, named again as if another were there: "the gingerbread man runs from the man"."""
        for at in self.entities_at:
            if not clause.tail < at < clause.end:
                continue
            again = any(items[head].entity == items[at].entity for head in clause.subjects)
            if again and self._under(items, at, clause.tail) in _CLOSE | _TO:
                yield at, at + 1, "whom"

    def _seen_at(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Where somebody is who is seen: "in the mirror he saw the queen"."""
        for at in self.entities_at:
            fronted = clause.begin <= at < clause.own and self._under(items, at, clause.begin) in _CLOSE | _IN
            if fronted and self.names[items[at].entity] not in _told_in(events):
                yield at, at + 1, "place"

    def _carried_off(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """A way that somebody is taken who is not filmed so: "sweeps the king down the steps"."""
        if clause.passive:
            return
        at = clause.tail
        while at < clause.end and items[at].entity < 0 and items[at].tag in "DA":
            at += 1
        if at + 1 >= clause.end or items[at].entity < 0 or self.names[items[at].entity] in _told_in(events):
            return
        way = at + 2 if items[at + 1].low.endswith("self") else at + 1
        if way < clause.end and items[way].low in _WAYS:
            yield way, clause.end, "place"


def _told_in(events: Sequence[Event]) -> set[str]:
    """Everybody of whom something is filmed, or by whom it is placed."""
    told = {event.entity for event in events}
    for event in events:
        told |= {event.path.other} if event.path else set()
        told |= {event.relation.other, event.relation.and_other} if event.relation else set()
    return told
