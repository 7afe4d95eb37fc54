"""Which words of place led to nothing, so that their author can be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.lexicon import is_setting
from dreamrunner.planning.english.parts import PERCEIVING, Item
from dreamrunner.planning.english.things import is_no_thing, is_thing
from dreamrunner.planning.english.verb_groups import AIMING, GIVING, MOVING
from dreamrunner.planning.english.verbs import BODY, GARMENTS, MENTAL, SPEAKING
from dreamrunner.planning.english.words import POSSESSIVE
from dreamrunner.planning.narration.events import Event
from dreamrunner.planning.narration.holding import Holding

_OF_PLACE = frozenset(
    "in at on onto into through across under underneath beneath below above over near by inside outside within along"
    " alongside around round behind beside besides between beyond to toward towards from among amid up down past off"
    " against atop upon opposite next close".split()
)
_FROM = frozenset({"from", "off"})
"""Where something comes from is seen only of who goes."""
_BEFORE_OF = frozenset("front top left right side middle back bottom out foot edge end ahead".split())
_AT_SOMEBODY = frozenset("at to toward towards after from for over on into up".split())
_OUTERMOST = frozenset("leftmost rightmost uppermost topmost lowest highest".split())
_PARTS_OF = _BEFORE_OF | {"shade", "shadow", "shelter"}
_CLOSE = frozenset("under underneath beneath behind beside between".split())
"""Prepositions that say where somebody is, whatever is done."""
_LOOSE = frozenset(
    "on onto upon in into inside at by near to towards toward past around round over through across against off atop"
    " above below along".split()
)
_TOWARDS = frozenset("to towards toward past around round over through across off into onto along".split())
_RESTING = frozenset(
    "be stand sit lie sleep rest wait nap doze perch crouch kneel lean hang lounge squat snore float hover balance hide"
    " curl huddle sprawl slump nestle read play work eat drink dance sing".split()
)
_THERE = MOVING | _RESTING
_AIMS = {"shine", "pour"} | AIMING | SPEAKING | PERCEIVING | MENTAL
_SIDES = frozenset("left right".split())
_SIDEWARDS = frozenset("leftwards rightwards leftward rightward".split())


class Placing(Holding):
    """Finds words of place of which no event of their clause says anything.

    ``apart``: positions of words that say what goes along. ``missed``: the words found in the last clause.
    ``undeclared``: those of them that tell a place by something that the story doesn't declare.
    ``unseen``: the verb of the last clause of which only the place is shown, -1 for none.
    """

    def __init__(self, cast: Cast, speaker: str | None) -> None:
        super().__init__(cast, speaker)
        self.apart: set[int] = set()
        self.missed: list[tuple[int, int]] = []
        self.unseen = -1
        self.undeclared: list[tuple[int, int]] = []

    def _unplaced(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[tuple[int, int]]:
        """The words, as positions of items from one (inclusive) to another (exclusive)."""
        told = {event.entity for event in events}
        for event in events:
            told |= {event.path.other} if event.path else set()
            told |= {event.relation.other, event.relation.and_other} if event.relation else set()
        self.undeclared = []
        if any(event.change for event in events):
            return
        goes = any(event.path or event.relation for event in events)
        aims = clause.lemma in _AIMS
        for at in self.entities_at:
            if not clause.own <= at < clause.end:
                continue
            item = items[at]
            if self.names[item.entity] in told or at in self.apart:
                continue
            if self._owns(items, at) and items[min(at + 2, len(items) - 1)].low not in BODY:
                continue
            under = self._under(items, at, clause.own)
            begin = at
            while begin > clause.own and items[begin].tag != "P":
                begin -= 1
            afar = begin > clause.own and items[begin - 1].low in ("away", "far")
            if under in _FROM and (goes or clause.lemma not in MOVING) and not (afar and not goes):
                continue
            part = under == "of" and begin > clause.own
            if part and (items[begin - 1].low in _BEFORE_OF or self._under(items, begin - 1, clause.own) in _OF_PLACE):
                while begin > clause.own and items[begin - 1].tag in "DANP":
                    begin -= 1
                if items[begin].low != "out" or not goes:
                    yield begin, at + 1
            elif under in _OF_PLACE | ({"from"} if afar else set()) and not (aims and under in _AT_SOMEBODY):
                yield begin, at + 1
        self.undeclared = [*self._by_unknown(items, clause, aims)]
        for at in range(max(clause.begin, 1), min(clause.own + 1, clause.end)):
            if items[at].tag == "W" and items[at - 1].low in _OF_PLACE:
                yield at - 1, at + 1  # "a sofa on which a man naps"
        if len(events) == 1 and any(item.low == "each" for item in items[clause.tail : clause.end]):
            at = next(at for at in range(clause.tail, clause.end) if items[at].low == "each")
            if at + 1 < clause.end and items[at + 1].low == "other" and items[at - 1].low in _OF_PLACE | {"from"}:
                yield at - 1, at + 2  # of two that the story has as one
        if not clause.relative and not goes:
            for at in range(clause.begin, clause.own):
                other = self._known.get(at) if items[at].tag == "O" else None
                if other is not None and other not in told and self._under(items, at, clause.begin) in _OF_PLACE:
                    yield at - 1, at + 1  # "inside it, half buried, lies a chest"
        for at in range(max(clause.own, clause.tail), clause.end):
            if items[at].tag == "O" and at > 1 and [item.low for item in items[at - 2 : at]] == ["ahead", "of"]:
                yield at - 2, at + 1
            lost = items[at].tag == "O" and at in self._known and self._known[at] is None
            if lost and not aims and self._under(items, at, clause.own) in _OF_PLACE:
                yield at - 1, at + 1  # "circles behind it", and it is nobody of the story
        for at in range(clause.own, clause.end):
            one = (
                items[at].low == "one"
                and (at + 1 >= len(items) or items[at + 1].tag not in "DAN")
                and clause.lemma in ("", "be", "stand", "sit", "lie", "hang", "park", "rest")
            )
            if one and self._under(items, at, clause.own) in _OF_PLACE:
                yield at, at + 1  # "a red cup beside a blue one"
            if items[at].low in _OUTERMOST and items[at].entity < 0:
                yield at, at + 1
        sides = [at for at in range(clause.tail, clause.end) if items[at].low in _SIDES and items[at - 1].low == "the"]
        if len({items[at].low for at in sides}) > 1 and not any(items[at - 2].low == "from" for at in sides):
            yield sides[-1], sides[-1] + 1  # "to the left, then to the right"
        for at in range(clause.tail, clause.end - 1) if clause.lemma in MOVING else ():
            if items[at].low == "right" and items[at].tag == "R" and items[at + 1].low in ("across", "over", "along"):
                yield at, at + 1  # a side, or "all the way"
        if not self.sided or any(self._says_side(event) for event in events):
            return
        for at in range(clause.own, clause.end):
            low, before = items[at].low, items[at - 1].low if at else ""
            sided = low in _SIDES and before in ("the", "to", "from", "far", "on", "his", "her", "its")
            if any(first <= at < last for first, last in (*self.missed, *self.undeclared)):
                continue
            if low in _SIDEWARDS or (sided and items[at].tag != "V" and not self._names_a_thing(items, at + 1)):
                yield at, at + 1

    def _by_unknown(self, items: list[Item], clause: Clause, aims: bool) -> Iterator[tuple[int, int]]:
        """Places by something that the story doesn't declare: "sits under a lamp"."""
        for at in range(clause.own, clause.end):
            item = items[at]
            after = items[at + 1] if at + 1 < len(items) else None
            if item.tag != "N" or item.entity >= 0 or at in self.apart or self._called(items, at):
                continue
            if after is not None and (after.tag in "NE" or after.low in (POSSESSIVE, "of") or after.joined):
                continue
            begin = at
            while begin > clause.own and items[begin - 1].tag in "DAN":
                begin -= 1
            if begin == clause.own or items[begin - 1].tag != "P" or items[begin].tag != "D":
                continue
            under, setting = items[begin - 1].low, is_setting(item.low)
            sided = under == "of" and items[begin - 2].low in _SIDES | {"front", "top"}
            close = under in _CLOSE or (under == "to" and items[begin - 2].low in ("next", "close")) or sided
            if under == "of" and items[begin - 2].low in _PARTS_OF and not sided:
                start = begin - 2
                while start > clause.own and items[start - 1].tag in "DAP":
                    start -= 1
                if clause.lemma in _THERE and is_thing(item.low):
                    yield start, at + 1
                continue
            if (
                (self._within(items, begin - 2, clause) and not sided)
                or (aims and not close)
                or (self._gives(clause) and under == "to")
            ):
                continue
            if close and setting:
                found = under in ("under", "underneath", "beneath", "behind", "between") or (
                    sided and items[begin - 2].low in _SIDES
                )
            elif close:
                found = not is_no_thing(item.low)
            elif under == "in" and item.low in GARMENTS:
                found = False
            else:
                found = (
                    not setting
                    and items[begin].low not in ("its", "one")
                    and under in _LOOSE
                    and is_thing(item.low)
                    and self._goes_or_is(clause, under)
                )
            if found:
                start = begin - 1
                while start > clause.own and (
                    items[start - 1].tag in "DAP" or items[start - 1].low in _SIDES | {"front"}
                ):
                    start -= 1
                yield start if sided or under == "to" else begin - 1, at + 1

    def _within(self, items: list[Item], at: int, clause: Clause) -> bool:
        """Whether the words of place at a position belong to a thing that is acted on: "paints the wall by the"
        " door"."""
        return (
            at >= clause.tail
            and items[at].tag in "NE"
            and (items[at].tag == "N" or self.names[items[at].entity] not in self.characters)
        )

    def _gives(self, clause: Clause) -> bool:
        return clause.lemma in GIVING | SPEAKING

    def _goes_or_is(self, clause: Clause, under: str) -> bool:
        return clause.lemma in (MOVING if under in _TOWARDS else _THERE)

    def _says_side(self, event: Event) -> bool:
        turned = event.path is not None and (event.path.heading != 0 or event.path.way in ("enter", "leave"))
        beside = event.relation is not None and event.relation.kind in ("left", "right")
        return turned or beside or event.side is not None

    def _names_a_thing(self, items: list[Item], position: int) -> bool:
        """Whether "right" is said of a hand or an eye."""
        return position < len(items) and items[position].tag in "NE" and items[position].low not in ("side", "edge")
