"""Which words of place led to nothing, so that their author can be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.parts import PERCEIVING, Item
from dreamrunner.planning.english.verb_groups import AIMING, MOVING
from dreamrunner.planning.english.verbs import BODY, MENTAL, SPEAKING
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
_SIDES = frozenset("left right".split())
_SIDEWARDS = frozenset("leftwards rightwards leftward rightward".split())


class Placing(Holding):
    """Finds words of place of which no event of their clause says anything.

    ``apart``: positions of words that say what goes along. ``missed``: the words found in the last clause.
    ``unseen``: the verb of the last clause of which only the place is shown, -1 for none.
    """

    def __init__(self, cast: Cast, speaker: str | None) -> None:
        super().__init__(cast, speaker)
        self.apart: set[int] = set()
        self.missed: list[tuple[int, int]] = []
        self.unseen = -1

    def _unplaced(self, items: list[Item], clause: Clause, events: Sequence[Event]) -> Iterator[tuple[int, int]]:
        """The words, as positions of items from one (inclusive) to another (exclusive)."""
        told = {event.entity for event in events}
        for event in events:
            told |= {event.path.other} if event.path else set()
            told |= {event.relation.other, event.relation.and_other} if event.relation else set()
        if any(event.change for event in events):
            return
        goes = any(event.path or event.relation for event in events)
        aims = clause.lemma in {"shine", "pour"} | AIMING | SPEAKING | PERCEIVING | MENTAL
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
        for at in range(max(clause.begin, 1), min(clause.own + 1, clause.end)):
            if items[at].tag == "W" and items[at - 1].low in _OF_PLACE:
                yield at - 1, at + 1  # "a sofa on which a man naps"
        if len(events) == 1 and any(item.low == "each" for item in items[clause.tail : clause.end]):
            at = next(at for at in range(clause.tail, clause.end) if items[at].low == "each")
            if at + 1 < clause.end and items[at + 1].low == "other" and items[at - 1].low in _OF_PLACE | {"from"}:
                yield at - 1, at + 2  # of two that the story has as one
        for at in range(max(clause.own, clause.tail), clause.end):
            lost = items[at].tag == "O" and at in self._known and self._known[at] is None
            if lost and not aims and self._under(items, at, clause.own) in _OF_PLACE:
                yield at - 1, at + 1  # "circles behind it", and it is nobody of the story
        for at in range(clause.own, clause.end):
            one = items[at].low == "one" and clause.lemma in ("", "be", "stand", "sit", "lie", "hang", "park", "rest")
            if one and self._under(items, at, clause.own) in _OF_PLACE:
                yield at, at + 1  # "a red cup beside a blue one"
            if items[at].low in _OUTERMOST and items[at].entity < 0:
                yield at, at + 1
        if not self.sided or any(self._says_side(event) for event in events):
            return
        for at in range(clause.own, clause.end):
            low, before = items[at].low, items[at - 1].low if at else ""
            sided = low in _SIDES and before in ("the", "to", "from", "far", "on", "his", "her", "its")
            if any(first <= at < last for first, last in self.missed):
                continue
            if low in _SIDEWARDS or (sided and items[at].tag != "V" and not self._names_a_thing(items, at + 1)):
                yield at, at + 1

    def _says_side(self, event: Event) -> bool:
        turned = event.path is not None and (event.path.heading != 0 or event.path.way in ("enter", "leave"))
        beside = event.relation is not None and event.relation.kind in ("left", "right")
        return turned or beside or event.side is not None

    def _names_a_thing(self, items: list[Item], position: int) -> bool:
        """Whether "right" is said of a hand or an eye."""
        return position < len(items) and items[position].tag in "NE" and items[position].low not in ("side", "edge")
