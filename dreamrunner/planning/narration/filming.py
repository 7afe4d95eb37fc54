"""What is filmed of a clause: its events, or why there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.lexicon import VERBS, WALKS
from dreamrunner.planning.english.parts import BE, PERCEIVING, Item
from dreamrunner.planning.english.verbs import DRIVING, HANDS, HAVING, LIGHT, POSING, SAYING, STATES
from dreamrunner.planning.english.word_forms import ing_form, kinds_of, noun_lemma
from dreamrunner.planning.english.words import POSSESSIVE
from dreamrunner.planning.narration.events import Event, Path, SpatialRelation, Unfilmed, Way
from dreamrunner.planning.narration.interaction import interaction
from dreamrunner.planning.narration.mentions import motion_at
from dreamrunner.planning.narration.phrases import (
    BECOMING,
    GIVING,
    HOLDING,
    MEETING,
    MOVING,
    PUSHING,
    PUTTING,
    TAKING,
    change_in,
    read_phrase,
)
from dreamrunner.planning.narration.referents import Referents

_ABSENT = frozenset("gone away absent missing nowhere".split())
_SIZING: dict[str, Way] = {"grow": "grow", "shrink": "shrink"}
_KEPT = frozenset(
    "and left right up down from top bottom middle center centre side front away with after by of".split()
)
_COMPARED = dict.fromkeys("bigger larger taller higher greater".split(), 1) | dict.fromkeys(
    "smaller shorter tinier littler".split(), -1
)
_GROWING = {word: "grow" if sign > 0 else "shrink" for word, sign in _COMPARED.items()}
_TOGETHER_WITH = {("take", "off"): "fly", ("fall", "asleep"): "sleep", ("get", "up"): "stand", ("stand", "up"): "stand"}
"""Verbs that mean another one with a word behind them."""
_CLOTHES = frozenset("hat cap crown coat dress suit cape cloak boots shoes scarf helmet mask robe gown armour".split())
_POSTURES = {"asleep": "sleeping", "awake": "standing"}


def _says(event: Event) -> bool:
    """Whether an event says anything but that somebody is there."""
    return event != Event(event.entity, verb=event.verb) or bool(event.verb in VERBS)


class Filming(Referents):
    """Makes events of clauses.

    ``motions``: the story's own. ``clauses``: the events of each clause of which something is filmed. ``deeds``: by
    entity the numbers of its clauses, each with whether all earlier ones are over. ``larger``: who was said to be
    larger than whom. ``present``: who is in the picture.
    """

    def __init__(self, cast: Cast, motions: tuple[str, ...], speaker: str | None) -> None:
        super().__init__(cast, speaker)
        self.motions = motions
        self.clauses: list[list[Event]] = []
        self.deeds: dict[str, list[tuple[int, bool]]] = {}
        self.larger: list[tuple[str, str]] = []
        self.present: dict[str, None] = {}

    def _events(self, items: list[Item], clause: Clause) -> tuple[list[Event], Unfilmed]:
        """The events of one clause, of its subjects and those that they act on; or why there are none."""
        subjects = self._meant(items, clause)
        if not clause.relative and clause.form != "to":
            self.subjects = subjects or self.subjects
            doers = [name for name in subjects if name in self.characters]
            self.single = doers[0] if doers else self.single
        if clause.unreal:
            return [], clause.unreal
        if clause.leads:
            return [], ""  # who is made to act does
        if clause.lemma == "do" and clause.verb and items[clause.verb - 1].low == "so" and self.clauses:
            return [replace(self.clauses[-1][0], entity=name) for name in subjects], "" if subjects else "doer"
        if clause.ends:
            return self._ended(items, clause, subjects)
        if clause.agents:
            agents = tuple(self.names[items[head].entity] for head in clause.agents if items[head].entity >= 0)
            if agents:
                return self._done_by(items, clause, agents, subjects)
        if not subjects and not clause.subjects and clause.lemma and items[0].low in ("and", "then", "but"):
            subjects = self.subjects
        driven = items[clause.tail : clause.tail + 4] if clause.subjects and clause.lemma in DRIVING else []
        whose = [after.low == POSSESSIVE for after in [*driven[1:], *items[clause.tail + 4 : clause.tail + 5]]]
        thing = next((item for item, owns in zip(driven, whose, strict=False) if item.entity >= 0 and not owns), None)
        if not subjects and thing is not None and all(item.tag in "DANE" for item in driven[: driven.index(thing)]):
            subjects = (self.names[thing.entity],)
            clause = replace(clause, passive=True, tail=clause.tail + driven.index(thing) + 1)
        if not subjects:
            return [], "doer" if clause.lemma else "nothing"
        tail = self._phrase(items, clause.tail, clause.end, subjects)
        if clause.whom >= 0 and items[clause.whom].entity >= 0:
            tail = f"@{items[clause.whom].entity} {tail}".strip()
        return self._done(items, clause, subjects, tail)

    def _done(
        self, items: list[Item], clause: Clause, subjects: tuple[str, ...], tail: str
    ) -> tuple[list[Event], Unfilmed]:
        verb = clause.lemma
        begin = clause.own if clause.relative else clause.begin
        lead = self._phrase(items, begin, clause.verb, subjects, set(clause.subjects))
        if self._leaves(items, clause) and "@" not in tail:
            for name in subjects:
                self.present.pop(name, None)
            return [], ""
        if self._compares(items, clause, subjects):
            return [], ""
        if {"nothing", "nobody"} & set(tail.split()[:2]) or tail.startswith("no "):
            return [], "not"
        motion = self._motion(items, clause)
        if (verb, tail.split(" ")[0]) in _TOGETHER_WITH:
            verb = _TOGETHER_WITH[verb, tail.split(" ")[0]]
            motion = ing_form(verb)
            tail = tail.partition(" ")[2] if verb != "fly" else f"up {tail}"
        if (
            verb in ("swap", "switch", "exchange", "trade")
            and len(subjects) == 2
            and re.match("places|positions", tail)
        ):
            one, other = subjects
            ways = ((one, Path("past", other, 1)), (other, Path("past", one, -1)))
            return [Event(name, "walking" if name in self.characters else "", path=path) for name, path in ways], ""
        if verb in ("tower", "loom"):
            large = re.match(r"(?:over|above) @(\d+)", tail)
            self.larger += [(subjects[0], self.names[int(large[1])])] if large else []
            return [], "" if large else "act"
        if verb == "fall" and tail.startswith("in love"):
            return [], "act"
        if verb == "look" and (tail.startswith("like ") or items[min(clause.tail, len(items) - 1)].tag == "A"):
            return [], "act"
        if verb in BECOMING and (sizing := _GROWING.get(tail.split(" ")[0])):
            verb, tail = sizing, ""
        change = change_in(re.sub(r"@(\d+)", lambda found: in_words(self.names[int(found[1])]), tail), verb)
        seen = (verb in BECOMING and change is not None) or verb in _SIZING
        if not motion and verb in WALKS | MEETING:
            motion = "walking"
        if not motion and verb in SAYING:
            motion = "talking"
        if not motion and verb == "be" and (posture := next((w for w in tail.split() if w in _POSTURES), "")):
            motion = _POSTURES[posture]
        if verb in LIGHT and "@" not in tail:
            motion, verb = self._light(items, clause) or (motion if verb == "go" else "", verb)
        if verb == "move" and items[min(clause.tail, len(items) - 1)].tag in "DN" and not tail.startswith("@"):
            motion, verb = "", "shake"
        if verb == "fly" and re.search(r"\bopen\b", tail):
            motion = ""
        if clause.passive and verb in PUSHING | HOLDING | DRIVING | {"roll", "chase", "hunt"}:
            verb = "move"
        state = verb in STATES | POSING | PERCEIVING | HAVING | {""} or clause.passive
        said = read_phrase(tail, verb or "be", self.names)
        if lead:
            said = said.or_else(replace(read_phrase(lead, verb or "be", self.names), company=""))
        if verb in ("shine", "glow", "glitter"):
            said = replace(said, relation=None)
        if clause.passive and verb not in ("sit", "perch", "lean", "crouch", "stand", "seat"):
            motion = "running" if verb in ("chase", "hunt") else ""
        if change is not None:
            motion, said = "", replace(said, path=None)
        elif (sizing := _SIZING.get(verb)) is not None:
            said = replace(said, path=Path(sizing))
        things = not any(name in self.characters for name in subjects)
        if things and motion and not (said.path or said.relation or said.side is not None or said.height or seen):
            return [Event(name, verb=verb) for name in subjects], "" if verb in VERBS else "act"
        handles = verb in TAKING | PUTTING | GIVING and re.match(r"@\d", tail) is not None
        shows = bool(motion or seen or handles or said.path or said.relation or said.side is not None or said.height)
        if not (shows or (things and verb in MOVING)) and not state:
            return [], "act"
        if state and not shows and not self._shown(items, clause, subjects):
            return [], "act" if verb else ("nothing" if not subjects else "")
        events = interaction(subjects, verb, motion, said, tail, change, self.names, self.characters)
        if verb in HAVING:
            events += [
                Event(self.names[item.entity], relation=SpatialRelation("held", subjects[0]))
                for at, item in enumerate(items[clause.tail : clause.end], clause.tail)
                if item.entity >= 0 and not self._under(items, at, clause.tail)
                and self.names[item.entity] not in (*subjects, *self.characters)
            ]  # fmt: skip
        held = [
            self.names[items[at].entity]
            for at in range(clause.own, clause.end)
            if items[at].entity >= 0 and self._in_hand(items, at, clause.own)
        ]
        if said.relation and said.relation.kind == "inside" and self._worn(said.relation.other):
            held.append(said.relation.other)
        events = [
            replace(event, relation=None) if event.relation and event.relation.other in held else event
            for event in events
        ] + [Event(thing, relation=SpatialRelation("held", subjects[0])) for thing in held]
        return [event for event in events if _says(event)], ""

    def _leaves(self, items: list[Item], clause: Clause) -> bool:
        """Whether somebody is said not to be there: "the king is gone", "the cat is away"."""
        words = [item.low for item in items[clause.verb : clause.end]]
        if clause.verbs and clause.lemma != "go":
            return False
        return bool(BE.intersection(words[:2])) and bool(_ABSENT.intersection(words[1:4]))

    def _worn(self, thing: str) -> bool:
        return bool(_CLOTHES.intersection(in_words(thing).split()))

    def _in_hand(self, items: list[Item], position: int, begin: int) -> bool:
        """Whether a thing is held as "with a ball in his hand" says."""
        words = [item.low for item in items[position + 1 : position + 4]]
        held = words[:1] == ["in"] and bool(HANDS.intersection(words))
        return held and self._under(items, position, begin) in ("with", "")

    def _shown(self, items: list[Item], clause: Clause, subjects: tuple[str, ...]) -> bool:
        """Whether a clause of being or seeing brings somebody into the picture."""
        if clause.lemma in PERCEIVING | HAVING:
            return any(item.entity >= 0 for item in items[clause.tail : clause.end])
        if clause.lemma == "be":
            there = any(item.low == "there" for item in items[clause.begin : clause.tail])
            after = next((item.tag for item in items[clause.tail : clause.end] if item.tag not in "RX"), "")
            return there or after in ("P", "", "M")
        return True

    def _compares(self, items: list[Item], clause: Clause, subjects: tuple[str, ...]) -> bool:
        """Whether a clause says who is larger; it is noted."""
        if clause.lemma not in ("be", "stand", "look"):
            return False
        words = items[clause.tail : clause.end]
        than = next((at for at, item in enumerate(words) if item.low == "than"), -1)
        others = [self.names[item.entity] for item in words[than:] if item.entity >= 0] if than > 0 else []
        sign = next((_COMPARED[item.low] for item in words[:than] if item.low in _COMPARED), 0)
        for name in subjects if others and sign else ():
            self.larger.append((name, others[0]) if sign > 0 else (others[0], name))
        return bool(others and sign)

    def _done_by(
        self, items: list[Item], clause: Clause, agents: tuple[str, ...], subjects: tuple[str, ...]
    ) -> tuple[list[Event], Unfilmed]:
        """Turned round: "the boy is chased by the dragon"."""
        last = clause.agents[-1]
        tail = self._phrase(items, last + 1, clause.end, agents)
        done = f"@{self.numbers[subjects[0]]} {tail}" if subjects else tail
        return self._done(items, replace(clause, subjects=clause.agents, passive=False), agents, done.strip())

    def _ended(self, items: list[Item], clause: Clause, subjects: tuple[str, ...]) -> tuple[list[Event], Unfilmed]:
        """What ends: whoever did it does nothing afterwards."""
        motion = self._motion(items, clause)
        for name in subjects:
            if any(event.motion == motion for clause, _ in self.deeds.get(name, ()) for event in self.clauses[clause]):
                return [Event(name, "standing", verb="stand")], ""
        return [], "not"

    def _light(self, items: list[Item], clause: Clause) -> tuple[str, str] | None:
        """ "takes a walk" is walking."""
        for at in range(clause.tail, min(clause.tail + 4, clause.end)):
            item = items[at]
            if item.tag == "N":
                base = noun_lemma(item.low)
                if base in VERBS and "VERB" in kinds_of(base) and at > clause.tail and items[at - 1].tag in "DA":
                    return ing_form(base), base
                return None
            if item.tag not in "DA":
                return None
        return None

    def _motion(self, items: list[Item], clause: Clause) -> str:
        if not clause.verbs:
            return ""
        at = clause.verbs[-1]
        plain = [in_words(self.names[item.entity]) if item.entity >= 0 else item.low for item in items[: clause.end]]
        words = [word for part in plain[at + 1 :] for word in part.split()]
        return motion_at(0, [plain[at], *words], self.motions) or ""

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
            if position in skipped:
                pass
            elif item.tag == "O" and item.low in ("him", "it", "them", "her"):
                if other := self._pointed(items, position, subjects, item.low):
                    out.append(f"@{self.numbers[other]}")
            elif item.entity >= 0:
                if after is not None and after.low == POSSESSIVE:
                    position += 2
                    continue
                while (
                    out
                    and out[-1].isalpha()
                    and out[-1] not in _KEPT
                    and len(out) > 1
                    and self._adjective(items, position, out[-1])
                ):
                    out.pop()
                out.append(f"@{item.entity}")
            elif item.tag == "Q":
                pass
            elif (
                item.tag == "D"
                and after is not None
                and after.low in ("left", "right")
                and item.low != "the"
                and subjects
            ):
                out += [after.low, "of", f"@{self.numbers[(self.subjects or subjects)[0]]}"]
                position += 1
            elif item.low in (",", ";") or (item.tag not in "DM" and item.low.isalpha()):
                out.append(item.low)
            position += 1
        return " ".join(out)

    def _adjective(self, items: list[Item], position: int, word: str) -> bool:
        """Whether a word before an entity belongs to it."""
        at = position - 1
        while at >= 0 and items[at].tag in "DAN":
            if items[at].low == word:
                return True
            at -= 1
        return False
