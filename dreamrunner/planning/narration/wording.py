"""The words behind a verb as phrases are read: whose they are, whom they mean, and which of them say where."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.verb_groups import MOVING
from dreamrunner.planning.english.verbs import BODY, GRASPING, HAVING
from dreamrunner.planning.english.words import POSSESSIVE
from dreamrunner.planning.narration.events import Event, RelationKind, SpatialRelation
from dreamrunner.planning.narration.phrases import BECOMING, relation_in
from dreamrunner.planning.narration.placing import Placing
from dreamrunner.planning.narration.referents import PRONOUN_OF

_BEHIND_RIGHT = frozenset(
    "back up down past over into onto through away behind beside in on at out off under above along around across"
    " there here".split()
)
"""Words before which "right" is no side."""
_CROSSED = frozenset("across over along through off down".split())
_LEFTS = frozenset("left leftwards leftward".split())
_BY_DOER = re.compile(
    r"\b(?:under|underneath|beneath|below|beside|next to|behind|in front of|near|between|opposite|above"
    r"|(?:to|on|at) (?:far )?(?:left|right)|left of|right of|alongside|among)\b"
)
"""Where a phrase of place says where the doer is, whatever stands before it: "reads a book under the tree"."""
_ABSORBED = frozenset(
    "read eat drink sing play knit sew hum munch chew sip have enjoy rehearse practise practice juggle do study smoke"
    " whistle strum nibble take perform chop cut stir wash iron peel build make dig".split()
)
"""Verbs that one does where one is: "plays the violin on a box"."""
_AT_DOER = _ABSORBED | MOVING | HAVING | BECOMING | {"watch"}
_ANOTHERS = frozenset("onto at towards toward behind beside near".split())
"""Prepositions before parts of another: "leaps onto her back"."""
_LANDING = frozenset("land settle perch alight hop jump leap climb crawl".split())
_PERCHES = frozenset("finger shoulder shoulders head nose hand arm lap knee palm".split())
"""Parts of another on which somebody lands: no butterfly lands on its own finger."""
_SWITCHED = frozenset("switch turn put try pull take throw hold carry pass click flick flip strap slip set".split())
"""Verbs with a word behind them that is no preposition: "turns on the radio"."""
_PARTICLE = frozenset("on off out over in up down".split())
_EXTENTS = frozenset("step steps way bit inch inches metre metres meter meters foot feet mile miles time times".split())
"""Nouns behind a verb that say how far or how often."""
_TWO_PLACES = re.compile(
    r"@\d+ (?:, )?and (?:also |just )*(?:to |on )?((?:left|right) of|above|below|under|beneath|behind|in front of"
    r"|beside|next to) @(\d+)$"
)
_INVERSE: dict[str, RelationKind] = {
    "left": "right", "right": "left", "above": "under", "under": "above", "behind": "before", "before": "behind",
    "beside": "beside",
}  # fmt: skip
_KEPT = frozenset(
    "and left right up down from top bottom middle center centre side front away with after by of".split()
)


class Wording(Placing):
    """Turns words into the text that phrases are read from; see :mod:`.phrases`.

    ``walks``: whether the clause that is read has a character go somewhere.
    """

    def __init__(self, cast: Cast, speaker: str | None) -> None:
        super().__init__(cast, speaker)
        self.walks = False

    def _acted_on(self, items: list[Item], clause: Clause) -> int:
        """Where the noun ends that a verb acts on and that is nobody of the story; 0 where there is none."""
        at = clause.tail
        while at < clause.end and items[at].tag in "RX":
            at += 1
        low = items[at].low if at < clause.end else ""
        if low in ("it", "them") and items[at].tag == "O" and self._known.get(at, "") is None:
            return at + 1
        if (
            at + 2 < clause.end
            and items[at + 1].tag == "P"
            and items[at].tag == "N"
            and (items[at + 2].low == low or (low in BODY and items[at + 2].low in BODY))
        ):
            return 0  # "side by side", "hand in hand"
        if clause.lemma in _SWITCHED and at < clause.end and items[at].tag in "PR" and items[at].low in _PARTICLE:
            at += 1
        elif at > clause.tail and items[at - 1].low in ("left", "right", "home", "there", "here"):
            return 0
        begin, head = at, -1
        while at < clause.end and (items[at].tag in "DAN" or items[at].entity >= 0):
            head = at if items[at].tag == "N" or items[at].entity >= 0 else head
            at += 1
        if head < 0 or items[head].entity >= 0 or items[begin].low in ("left", "right") or items[head].low in _EXTENTS:
            return 0
        return at

    def _of_doer(
        self, items: list[Item], clause: Clause, end: int, tail: str, subjects: tuple[str, ...], verb: str
    ) -> str:
        """The phrase behind a verb without what says where the thing is that it acts on, which ends at ``end``."""
        behind = self._phrase(items, end, clause.end, subjects, self.apart)
        if not behind or verb in _AT_DOER or _BY_DOER.match(behind):
            return tail
        return tail[: len(tail) - len(behind)].strip() if tail.endswith(behind) else tail

    def _also(self, tail: str, events: list[Event], subjects: tuple[str, ...]) -> list[Event]:
        """Where another is that somebody's place is told by too: of "left of the bowl and right of the vase"."""
        found = _TWO_PLACES.search(tail) if len(subjects) == 1 and " and " in tail else None
        if found is None or not any(event.relation and event.entity == subjects[0] for event in events):
            return []
        where, other = relation_in(f"{found[1]} @{found[2]}", self.names), self.names[int(found[2])]
        told = {event.entity for event in events} | {event.relation.other for event in events if event.relation}
        if where is None or other in told or where.kind not in _INVERSE:
            return []
        return [Event(other, relation=SpatialRelation(_INVERSE[where.kind], subjects[0]))]

    def _purpose(self, items: list[Item], clause: Clause) -> bool:
        """Whether the words behind a clause's verbs belong to what it is done for: "rises to show a face"."""
        verbs = clause.verbs
        whole = len(verbs) > 1 and items[verbs[0]].lemma == clause.lemma != items[verbs[-1]].lemma
        return whole and any(item.tag == "T" for item in items[verbs[0] : verbs[-1]])

    def _tag_at(self, items: list[Item], position: int) -> str:
        return items[position].tag if position < len(items) else ""

    def _phrase(
        self, items: list[Item], begin: int, end: int, subjects: tuple[str, ...], left_out: Iterable[int] = ()
    ) -> str:
        """The words between two positions as phrases are read: no articles, no adjectives, pronouns resolved."""
        out: list[str] = []
        skipped = set(left_out)
        position = begin
        while position < end:
            item = items[position]
            after = items[position + 1] if position + 1 < end else None
            if after is not None and (item.low, after.low) in (("each", "other"), ("one", "another")):
                out.append("@@")
                position += 2
                continue
            if item.low == "," and (past := self._apart(items, position, end)):
                position = past
                continue
            if position in skipped or (
                item.tag == "A" and (item.joined or (after is not None and after.joined and after.tag == "A"))
            ):
                pass  # "a balled-up sock"
            elif item.low == "them" and out[-1:] == ["between"] and (pair := self._pair(items, position, subjects)):
                self._known[position] = pair[0]
                out += [f"@{self.numbers[pair[0]]}", "and", f"@{self.numbers[pair[1]]}"]
            elif item.tag == "O" and item.low in ("him", "it", "them", "her"):
                other = self._pointed(items, position, subjects, item.low)
                if other in self.characters and out[-1:] == ["with"] and item.low == "it" and self.walks:
                    out.pop()  # "flies off with it": hardly with somebody
                elif other:
                    self._hear(other, False)
                    out.append(f"@{self.numbers[other]}")
            elif item.entity >= 0:
                if after is not None and after.low == POSSESSIVE:
                    part = self._part_of(items, position + 2, end)
                    if part and out and items[position - 1].tag in "PDA":
                        self._grasp(out, items[part - 1].low)
                        out.append(f"@{item.entity}")
                    position = part or position + 2
                    continue
                while out and out[-1].isalpha() and out[-1] not in _KEPT and self._adjective(items, position, out[-1]):
                    out.pop()
                out.append(f"@{item.entity}")
            elif item.tag == "Q":
                pass
            elif (
                item.low in ("his", "her", "its")
                and position > begin
                and items[position - 1].tag == "P"
                and (part := self._part_of(items, position + 1, end))
            ):
                own = bool(left_out) or items[position - 1].low in ("on", "over", "under", "across")
                fitting = [name for name in subjects if own and self._fit(PRONOUN_OF[item.low], name, False) >= 2]
                if items[position - 1].low == "with" and out and out[-1] == "with":
                    out.pop()  # "freezes with her mouth open"
                    position = part
                    continue
                things = [name for name in self.names if name not in self.characters]  # no barrel has horns
                others = things
                lands = begin > 0 and items[begin - 1].lemma in _LANDING and items[part - 1].low in _PERCHES
                others += [*subjects] if lands or (self.walks and items[position - 1].low in _ANOTHERS) else []
                if owner := next(iter(fitting), None) or self._best(item.low, items, position, others):
                    if owner not in subjects:
                        self._grasp(out, items[part - 1].low)
                    out.append(f"@{self.numbers[owner]}" if owner not in subjects else "oneself")
                elif out and out[-1] == items[position - 1].low:
                    out.pop()  # whose face it is, is not known
                position = part
                continue
            elif (
                item.tag == "D"
                and after is not None
                and after.low in ("left", "right")
                and item.low != "the"
                and subjects
            ):
                if position > 1 and items[position - 2].low in ("himself", "herself", "itself"):
                    position += 2
                    continue  # "flings herself to her right"
                whose = (self.subjects or subjects)[0]
                if item.low in ("his", "her") and whose in subjects:
                    whose = self._best(item.low, items, position, subjects) or whose
                out += [after.low, "of", f"@{self.numbers[whose]}"]
                position += 1
            elif item.low == "upside" and after is not None and after.low == "down":
                position += 1  # no way down
            elif item.low == "right" and item.tag != "N" and after is not None and after.low in _BEHIND_RIGHT:
                if after.low in _CROSSED and any(other.low in _LEFTS for other in items):
                    out.append("right")  # "one rolls right across the rug, the other left"
            elif item.low in (",", ";") or (item.tag not in "DM" and item.low.isalpha()):
                out.append(item.low)
            position += 1
        return " ".join(out)

    def _pair(self, items: list[Item], position: int, subjects: tuple[str, ...]) -> tuple[str, ...]:
        """The two that "between them" means: of the sentence, or of whom it goes on; none where that is not certain."""
        named = dict.fromkeys(self.names[items[at].entity] for at in self.entities_at if at < position)
        found = tuple(name for name in named if name not in subjects)
        several = tuple(name for name in self._several() if name not in subjects)
        return next((pair for pair in (found, several) if len(pair) == 2), ())

    def _grasp(self, out: list[str], part: str) -> None:
        """Say "held by" for what is in somebody's claws."""
        if not self.walks and out and out[-1] in ("in", "between", "under", "inside") and part in GRASPING:
            out[-1] = "held by"

    def _apart(self, items: list[Item], comma: int, end: int) -> int:
        """Where words end that a comma begins and that say how a part of somebody is held: ", chin in the air"; 0 where
        none do."""
        at = comma + 1
        while at < end and items[at].tag in "DA" and items[at].low not in BODY:
            at += 1
        if at >= end or items[at].low not in BODY or items[at].entity >= 0:
            return 0
        while at < end and items[at].low not in (",", ";"):
            at += 1
        return at

    def _part_of(self, items: list[Item], position: int, end: int) -> int:
        """Where the words for a part of somebody end, which begin at a position; 0 where they are none."""
        while position < end and (items[position].tag in "DA" or items[position].low in ("left", "right")):
            if items[position].low in BODY:
                break
            position += 1
        if position < end and items[position].low in BODY and not items[position].entity >= 0:
            return position + 1
        return 0

    def _adjective(self, items: list[Item], position: int, word: str) -> bool:
        """Whether a word before an entity belongs to it."""
        at = position - 1
        while at >= 0 and items[at].tag in "DAN":
            if items[at].low == word:
                return True
            at -= 1
        return False
