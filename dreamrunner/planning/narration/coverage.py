"""Which words of a clause nothing was made of though they may change who does what, where, or which way.

Ornaments, times and the background's words may go. What may not: a way ("up", "out"), a side, somebody who is named and
has no part in what is filmed, and a verb that no clause was found for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dreamrunner.planning.english.clause import Clause, Unfilmed
from dreamrunner.planning.english.lexicon import is_setting
from dreamrunner.planning.english.parts import PERCEIVING, Item
from dreamrunner.planning.english.things import is_no_thing
from dreamrunner.planning.english.verb_groups import MOVING, ON_FOOT, UPRIGHT
from dreamrunner.planning.english.verbs import HAVING
from dreamrunner.planning.english.word_forms import kinds_of, verb_forms
from dreamrunner.planning.narration.events import Event
from dreamrunner.planning.narration.filming import Filming

Unread = tuple[int, int, Unfilmed]
"""Positions of items from one (inclusive) to another (exclusive), and why their words are told."""

_UP = frozenset("up upward upwards skyward skywards upstairs uphill".split())
_DOWN = frozenset("down downward downwards downstairs downhill".split())
_OFF, _IN_OR_OUT = frozenset("off away".split()), frozenset("out outside outdoors ahead in inside indoors past".split())
_ALOFT = frozenset("overhead above below beneath underneath".split())
_ALOFT |= {"through"}
_HELD_SO = frozenset("upside face head".split())
"""Words before "down" that say how somebody is held."""
_TAKING_ALONG = frozenset("carry drag pull haul tow tug lug bring lead take throw toss hurl fling kick push".split())
_GOING = MOVING | _TAKING_ALONG
_COMING = frozenset(
    "come go fall rise walk run fly swim creep crawl step stroll march hop jump trot gallop drift float sink soar dive"
    " swoop hurry dash flutter emerge appear".split()
)
"""Verbs that nobody does to another: who stands right behind them does them."""
_OF_SIDES = frozenset("side end edge corner".split())
_AT_ENDS = frozenset("front back rear bottom top".split())
_OTHER_SIDES = frozenset("other far opposite near same".split())
_PLACES = frozenset("in at on to from near".split())
_QUIET = (
    PERCEIVING | HAVING | frozenset(("", "be", "appear", "seem", "live", "exist", "stay", "remain", "own", "belong"))
)
_BY_THINGS = frozenset(
    "on past over under around round onto behind between through towards toward across against off".split()
)
_DEPENDING = frozenset("while when whilst because although".split())
_OTHERS = frozenset("another others".split())


class Coverage(Filming):
    """Tells of words of a clause that nothing was made of."""

    def _unread(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """What of a clause is told that happens, and of which ``events`` are filmed."""
        if not events:
            if self._lost(items, clause):
                yield clause.own, clause.end, "act"
            return
        yield from self._ways(items, clause, events)
        yield from self._sides_of(items, clause, events)
        yield from self._others(items, clause)
        yield from self._left_over(items, clause, events)
        yield from self._verbs(items, clause)
        yield from self._hanging(items, clause)
        yield from self._meant_to(items, clause)
        yield from self._unknown(items, clause, events)

    def _lost(self, items: list[Item], clause: Clause) -> bool:
        """Whether a clause without an event says what somebody does."""
        return bool(clause.verbs) and not clause.passive and not clause.leads and clause.lemma not in _QUIET

    def _ways(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Words for a way that nobody takes: "carries him up", "is dragged out"."""
        if clause.lemma not in _GOING or clause.lemma in UPRIGHT:
            return
        paths = [event.path for event in events if event.path is not None]
        placed = any(event.height or (event.relation and event.relation.kind != "held") for event in events)
        if placed or any(path.way in ("up", "down") or path.other for path in paths):
            return
        if self._acted_on(items, clause) and not clause.passive:
            return  # the way is that of something that the story doesn't have
        for at in range(clause.begin, clause.end):
            low, after = items[at].low, items[at + 1] if at + 1 < clause.end else None
            if items[at].tag not in "RPA" or items[at - 1].low in _HELD_SO:
                continue
            ends = after is None or after.tag in "MCRSTX" or (at < clause.verb and after.tag in "VU")
            leads = after is not None and after.tag == "P" and at > clause.verb
            if (
                after is not None
                and low in ("up", "down")
                and [i.low for i in items[at + 1 : at + 3]] == ["and", "down"]
            ):
                return
            found = (
                (low in _UP | _DOWN and (ends or leads) and (clause.lemma not in ON_FOOT or low not in ("up", "down")))
                or (low in _OFF and (ends or leads) and not paths)
                or (low in _IN_OR_OUT and ends and not paths)
                or (low in _ALOFT and ends and not any(event.relation for event in events))
            )
            if found:
                yield at, at + 1, "place"
                return

    def _sides_of(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Words for an end or a side of something that nothing is placed by: "from the other side"."""
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
            after = items[at + 1] if at + 1 < clause.end else None
            ends = after is None or after.tag in "MCS"
            if said & _OTHER_SIDES or (low in _AT_ENDS and ends and items[begin - 1].low != "on"):
                yield begin - 1, at + 1, "place"

    def _others(self, items: list[Item], clause: Clause) -> Iterator[Unread]:
        """Others to or by whom something is done: "hands it to another"."""
        for at in range(clause.tail + 1, clause.end):
            if items[at].low in _OTHERS and items[at].tag == "O" and items[at - 1].tag == "P":
                yield at, at + 1, "whom"

    def _left_over(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Somebody who is named, and who neither acts nor is acted on nor tells a place."""
        told = {event.entity for event in events}
        for event in events:
            told |= {event.path.other} if event.path else set()
            told |= {event.relation.other, event.relation.and_other} if event.relation else set()
        heads = {head for each in self.together for head in (*each.subjects, *each.agents, each.whom)}
        things = self.characters.isdisjoint(event.entity for event in events)
        idle = not any(event.path or event.relation for event in events)
        for at in self.entities_at:
            if not clause.begin <= at < clause.end or at in heads or at in self.apart:
                continue
            after = items[at + 1] if at + 1 < len(items) else None
            if self.names[items[at].entity] in told or self._owns(items, at) or self._under(items, at, clause.begin):
                continue
            twice = at > 0 and items[at - 1].entity == items[at].entity
            if twice or (after is not None and after.tag in "NE"):
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
        for at in range(clause.begin, clause.end):
            low = items[at].low
            before, after = items[at - 1].tag if at else "", items[at + 1].tag if at + 1 < clause.end else ""
            if items[at].tag != "N" or items[at].joined or before in "DAP" or after not in ("D", "O", "E"):
                continue
            if "past" in verb_forms(low) and not kinds_of(low) & {"NOUN", "ADJ"}:
                first = clause.begin if at < clause.own else at
                yield first, max(at + 1, min(clause.own, clause.end)), "act"
                return

    def _unknown(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[Unread]:
        """Where somebody goes by a part of another that nothing is known of: "pounces on his antenna"."""
        if clause.lemma not in MOVING or any(event.path or event.relation for event in events):
            return
        for at in range(clause.tail + 1, clause.end):
            item, after = items[at], items[at + 1] if at + 1 < clause.end else None
            if item.tag != "N" or item.entity >= 0 or at in self.apart or (after is not None and after.tag in "NE"):
                continue
            begin = at
            while begin > clause.tail and items[begin - 1].tag in "DAN":
                begin -= 1
            owned = items[begin].low in ("his", "her", "its", "their") and begin >= clause.tail
            if owned and items[begin - 1].low in _BY_THINGS and not is_setting(item.low) and not is_no_thing(item.low):
                yield begin - 1, at + 1, "place"
                return
