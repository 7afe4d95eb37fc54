"""What is filmed of a clause: its events, or why there are none."""

from __future__ import annotations

import re
from dataclasses import replace

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.lexicon import VERBS, WALKS, is_setting
from dreamrunner.planning.english.parts import PERCEIVING, Item
from dreamrunner.planning.english.verb_finding import PARTICLES
from dreamrunner.planning.english.verb_groups import (
    DROPPING,
    GIVING,
    HOLDING,
    MOVING,
    PULLING,
    PUSHING,
    PUTTING,
    TAKING,
)
from dreamrunner.planning.english.verbs import BODY, DRIVING, HAVING, POSING, STATES
from dreamrunner.planning.english.word_forms import motion_verb
from dreamrunner.planning.english.words import POSSESSIVE
from dreamrunner.planning.narration.events import Event, Path, SpatialRelation, Unfilmed
from dreamrunner.planning.narration.interaction import interaction
from dreamrunner.planning.narration.objects import Objects
from dreamrunner.planning.narration.phrases import BECOMING, change_in, read_phrase, relation_in
from dreamrunner.planning.narration.rewording import fronted
from dreamrunner.planning.narration.senses import SIZING, Sense, sense_of

_RESTS = STATES | PERCEIVING | HAVING | {""}
_STATES = _RESTS | POSING
"""Verbs that say how somebody is."""
_READ = VERBS | MOVING | HAVING | PERCEIVING | {"be"}
"""Verbs whose phrases are read though something that is nobody of the story is acted on."""
_PLACED_AT = VERBS | MOVING | _STATES
_WITH_OBJECTS = (PULLING | PUSHING | HOLDING) - MOVING
_SEEN_DONE = MOVING | PUSHING | PUTTING | GIVING | TAKING
_PLACED_ONLY = frozenset("queue line appear get gather seem".split())
"""Verbs that say no more than that somebody is there."""
_OF_BEINGS = frozenset(
    "clutch spread drape fold tuck wrap tie carry hold grip pin hug scoop wipe comb dab nod cast pick read".split()
)
"""Verbs that no thing does by itself: of a thing they say what is done with it."""
_ALONG = frozenset(
    "walk run climb ride drive sail row fly leave enter approach circle follow chase jump leap hop vault cross pass"
    " scale pull carry".split()
) - {"cross", "pass"}
"""Verbs of going whose object is gone along, over or with: "climbs the stairs"."""
_OTHERWISE = frozenset("sink wind weave charge surface advance exit return".split())
"""Verbs of going that mean another thing where something is done to an object."""
_LOOKING = frozenset("look stare gaze smile laugh nod listen grin frown yawn sigh".split())
_CEASES = frozenset({"stop", "pause"})
_KEEPING = frozenset("carry hold clutch grip wear cradle grasp".split())
"""Verbs that somebody does beside what else he or she does."""
_SEEN_THERE = re.compile(r"@(\d+)(?= (?:in|inside|on|on top of|under|beneath|behind|beside|next to|in front of) @)")
_VERTICAL = re.compile(r"^(?:\w+ly )?(?:upwards?|downwards?|skywards?|into (?:air|sky))\b")
"""Where a thing is let go, or sent: "the balloon is released upward"."""
_SWAPPING = frozenset("swap switch exchange trade change".split())
_PLACING = frozenset(
    "put place set lay hang stick plant pin nail stack tuck bang tap knock beat slam hit drum pound rap strike"
    " shine slam dump press wedge thrust dip spill sprinkle scatter".split()
)
"""Verbs whose phrase of place is their object's, or where the blow falls."""


def _says(event: Event) -> bool:
    """Whether an event says anything but that somebody is there."""
    return event != Event(event.entity, verb=event.verb) or bool(event.verb in VERBS)


def _by_itself(event: Event) -> bool:
    return event.relation is not None and event.relation.other == event.entity


class Filming(Objects):
    """Makes events of clauses.

    ``motions``: the story's own. ``together``: the clauses of the sentence. ``present``: who is in the picture.
    """

    def __init__(self, cast: Cast, motions: tuple[str, ...], speaker: str | None) -> None:
        super().__init__(cast, speaker)
        self.motions = motions
        self.together: list[Clause] = []
        self.present: dict[str, None] = {}

    def _events(self, items: list[Item], clause: Clause) -> tuple[list[Event], Unfilmed]:
        """The events of one clause, of its subjects and those that they act on; or why there are none."""
        caused, found = bool(self.causers), self._understood(items, clause)
        self.causers = () if caused else self.causers
        events, why = found
        if not why and events:
            told = {event.entity for event in events} | self.deeds.keys()
            events += [
                Event(name, motion, path=None if motion else Path("go"))
                for name, motion in self._described_as(items, clause)
                if name not in told
            ]
        return events, why

    def _understood(self, items: list[Item], clause: Clause) -> tuple[list[Event], Unfilmed]:
        self.missed, self.undeclared, self.unseen = [], [], -1
        subjects = self._meant(items, clause)
        if not clause.relative and clause.form != "to":
            self.subjects = subjects or self.subjects
            doers = [name for name in subjects if name in self.characters]
            self.single = doers[0] if doers else self.single
        owner = items[clause.subjects[0] - 2] if not subjects and clause.subjects and clause.subjects[0] > 1 else None
        if owner is not None and owner.entity >= 0 and items[clause.subjects[0]].low in BODY and not clause.relative:
            self.subjects = (self.names[owner.entity],)  # "the panther's shoulders bunch. It drops"
            self._hear(self.subjects[0], True)
        if clause.unreal == "not" and self._compares(items, clause, subjects):
            return [], ""
        if clause.unreal:
            return [], clause.unreal
        if clause.leads:
            self.causers = subjects
            return [], ""  # who is made to act does
        if clause.lemma == "do" and clause.verb and items[clause.verb - 1].low == "so" and self.clauses:
            return [replace(self.clauses[-1][0], entity=name) for name in subjects], "" if subjects else "doer"
        if clause.ends:
            return self._ended(items, clause, subjects)
        if clause.lemma == "pass" and clause.agents and items[clause.verb].tag != "U":
            things = all(self.names[items[head].entity] not in self.characters for head in clause.agents)
            clause = replace(clause, passive=False, agents=()) if things else clause  # "a car passed by a sign"
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
            heads = clause.subjects
            unsure = len(heads) == 1 and items[heads[0]].low in ("he", "she") and self._known.get(heads[0], "") is None
            return [], "whom" if unsure and self.seen else "doer" if clause.lemma else "nothing"
        along = list(self._held(items, clause, subjects))
        self.apart = {at for _, _, said in along for at in said}
        self.walks = clause.lemma in MOVING and not self.characters.isdisjoint(subjects)
        tail = (
            "" if self._purpose(items, clause) else self._phrase(items, clause.tail, clause.end, subjects, self.apart)
        )
        if clause.whom >= 0 and items[clause.whom].entity >= 0:
            tail = f"@{items[clause.whom].entity} {tail}".strip()
        aimed, place = self._aimed(clause, tail)
        events, why = self._done(items, clause, subjects, aimed)
        events += self._aimed_at(aimed, place, subjects) if place and not why else []
        events += self._chained(tail, events, subjects)
        events += self._also(tail, events, subjects)
        if clause.lemma in PERCEIVING and not why and (seen := _SEEN_THERE.match(tail)):
            there, other = relation_in(tail[seen.end(1) :], self.names), self.names[int(seen[1])]
            events = [replace(event, relation=None) if event.entity in subjects else event for event in events]
            events += [Event(other, relation=there)] if there and there.other != other else []
        held = {thing: where for thing, where, _ in along if thing != where.other}
        if why in ("", "act") and held:
            events += [Event(thing, relation=where) for thing, where in held.items()]
        self.carried |= {event.entity for event in events if event.relation and event.relation.kind == "held"}
        for stretch in self._unplaced(items, clause, events) if not why else ():
            self.missed.append(stretch)
        return events, why

    def _done(
        self, items: list[Item], clause: Clause, subjects: tuple[str, ...], tail: str
    ) -> tuple[list[Event], Unfilmed]:
        verb = clause.lemma
        begin = clause.own if clause.relative else clause.begin
        lead = fronted(self._phrase(items, begin, clause.verb, subjects, self.apart | {*clause.subjects}), verb)
        last = self._last_motion(subjects[0]) if clause.lemma in _CEASES and not tail else ""
        if last and motion_verb(last) not in MOVING:
            return [], "act"  # what ends is what he did, and not that he goes
        if self._leaves(items, clause) and "@" not in tail:
            for name in subjects:
                if name not in self.deeds:
                    self.present.pop(name, None)
            gone = [name for name in subjects if name in self.deeds]
            goes = {name: self._going((name,)) if name in self.characters else "" for name in gone}
            return [Event(name, goes[name], path=Path("leave")) for name in gone], ""
        if self._compares(items, clause, subjects):
            return [], ""
        if {"nothing", "nobody"} & set(tail.split()[:2]) or tail.startswith("no "):
            return [], "not"
        things_only = self.characters.isdisjoint(subjects)
        sense = sense_of(items, clause, Sense(verb, self._motion(items, clause), tail), things=things_only)
        if sense is None:
            return [], "act"
        verb, motion, tail = sense.verb, sense.motion, sense.tail
        if verb == "rise" and motion and all(self._gets_up(name, tail) for name in subjects):
            verb, motion, tail = "stand", "standing", tail.replace("from ", "by ")
        swap = re.match(r"(?:places|positions|seats)(?: with @(\d+))?", tail) if verb in _SWAPPING else None
        both = (*subjects, self.names[int(swap[1])]) if swap and swap[1] else subjects
        if swap and len(both) == 2:
            one, other = both
            ways = ((one, Path("past", other, 1)), (other, Path("past", one, -1)))
            return [Event(name, "walking" if name in self.characters else "", path=path) for name, path in ways], ""
        if verb in ("tower", "loom"):
            large = re.match(r"(?:over|above) @(\d+)", tail)
            self.larger += [(subjects[0], self.names[int(large[1])])] if large else []
            return [], "" if large else "act"
        into = re.match(r"@(\d+) into\b", tail) if verb in ("turn", "change", "transform") else None
        becomes = self._plain(items, clause).partition(" into ")[2] if into else ""
        if into and (turns := change_in(f"into {becomes}", verb)):
            return [Event(self.names[int(into[1])], change=turns)], ""  # "turns the king into a frog"
        turned = verb in ("turn", "fade", "shift") and self._tag_at(items, clause.tail) in ("D", "E")
        changes = "" if turned and " into " not in tail else verb  # "turns its head from side to side"
        change = change_in(self._plain(items, clause) if changes in BECOMING else "", changes)
        seen = (verb in BECOMING and change is not None) or verb in SIZING
        posed = clause.subjects and self._under(items, clause.subjects[0], 0) == "with"  # "with his hat pulled low"
        if posed and clause.passive:
            return [], "act"
        if clause.passive and verb in ("raise", "lift", "hoist", "lower"):
            verb = "descend" if verb == "lower" else "rise"
        if clause.passive and (
            verb in PUSHING | HOLDING | DRIVING | {"roll", "chase", "hunt"}
            or (verb not in ("rise", "descend") and _VERTICAL.search(tail))
        ):
            verb = "move"
        state = verb in _STATES or clause.passive
        if clause.passive and verb == "cover" and (cover := re.match(r"(?:\w+ly )?(?:in|with) @(\d+)", tail)):
            return [Event(self.names[int(cover[1])], relation=SpatialRelation("on", subjects[0]))], ""
        if re.search(r"\b(?:alongside|beside)$", tail) and self.clauses and not clause.passive:
            lead = self.clauses[-1][0].entity
            tail = f"{tail} @{self.numbers[lead]}" if lead not in subjects else tail  # "and a duck swims alongside"
        if verb == "leave" and things_only and re.match(r"(?:on|in|under|behind|beside|inside) @", tail):
            verb, motion = "be", ""  # "a hat left on a statue"
        if verb == "follow" and "@" not in tail and not clause.passive and self.clauses:
            ahead = self.clauses[-1][0].entity
            follow = Path("follow", ahead, self._heading_of(ahead))
            if ahead not in subjects and self._goes(ahead):  # "and the boys follow"
                return [Event(name, motion if name in self.characters else "", path=follow) for name in subjects], ""
        tail = self._placed_by_itself(items, clause, verb, tail)
        acted_on, apart = self._acted_on(items, clause), False
        if acted_on and not clause.passive:
            known = motion or verb in _READ or change_in(tail, verb)
            # "tightens her grip on the case" says nothing of where she is
            tail = self._of_doer(items, clause, acted_on, tail, subjects, verb) if known else ""
            moves = verb in MOVING - _ALONG and not (verb == "cross" and items[acted_on - 1].low not in BODY)
            moves = moves and change_in(tail, verb) is None
            if moves and verb in WALKS | _OTHERWISE:
                return [], "act"  # "crosses his legs", "sinks its teeth into it"
            tail = re.sub(r"\b(?:up|down|off|out|over|into|onto|through|across)\b.*", "", tail) if moves else tail
            if verb == "enter" and not is_setting(items[acted_on - 1].low):
                return [], "act"
            apart = moves or verb not in MOVING  # nobody goes where a thing is dropped or pulled
        said = read_phrase(tail, verb or "be", self.names)
        said = self._further(said, clause, subjects, verb, tail)
        if said.side is not None and re.search(r"\bone (?:on|at|to|in)\b", tail):
            said = replace(said, side=None)  # "two vases, a blue one on the left and a green one on the right"
        if things_only and "up and down" in tail:
            return [], "act"
        if things_only and verb in PERCEIVING | _LOOKING:
            return [], "act"  # no thing looks
        if (
            said.path and said.path.way == "down" and said.relation and said.relation.kind == "on"
            and said.relation.other in self.characters
            and not re.search(rf"\b(?:on|onto|on to|upon|on top of) @{self.numbers[said.relation.other]}\b", tail)
        ):  # fmt: skip
            said = replace(said, relation=replace(said.relation, kind="above"))  # "swoops down towards the rabbit"
        if (
            verb == "rise" and said.path == Path("up") and said.relation and said.relation.kind in ("on", "inside")
            and all(name in self.characters and self.cast.moves_by(name) == "walk" for name in subjects)
        ):  # fmt: skip
            said = replace(
                said, path=Path("up", said.relation.other), relation=None
            )  # "a skeleton rises from a coffin"
        if said.path and said.path.way == "follow" and not said.path.heading:
            said = replace(said, path=replace(said.path, heading=self._heading_of(said.path.other)))
        seen_to = motion or things_only or verb in _PLACED_AT
        if not seen_to and said.relation and said.relation.kind == "above" and "above @" not in tail:
            said = replace(said, relation=None)  # "swarms over it"
        if acted_on and apart and not clause.passive and (verb in DROPPING or (said.path and not said.path.other)):
            said = replace(said, path=None)
        if lead:
            behind = clause.subjects[-1] + 1 if clause.subjects else clause.verb
            own = any(item.low == "by" for item in items[behind : clause.verb])
            before = read_phrase(lead, "be" if own else verb or "be", self.names)  # "the boys by the car run"
            bare = before.path is not None and before.path.way in ("up", "down") and not before.path.other
            if bare and not {"up", "down", "upwards", "downwards"}.intersection(lead.split()):
                before = replace(before, path=None)  # the verb alone says so, which the words behind it may deny
            if verb not in PERCEIVING:  # "in the mirror he sees her": that is where she is
                said = said.or_else(replace(before, company="") if before.company else before)
        if (
            (inner := said.relation) and inner.kind == "inside" and inner.other in self.characters
            and verb not in ("hide", "be", "hold", "carry")
        ):  # fmt: skip
            falls = (
                said.path is not None and said.path.way == "down"
            )  # "falls into his arms", not "whispers in his ear"
            said = replace(said, relation=replace(inner, kind="beside") if falls else None)
        if (
            said.relation and said.relation.kind == "inside" and re.search(r"\b(?:middle|center|centre) of @", tail)
            and self._flat(said.relation.other)
        ):  # fmt: skip
            said = replace(said, relation=replace(said.relation, kind="on"))
        if verb == "shine" and said.relation and said.relation.kind in ("on", "inside"):
            said = replace(said, relation=None)
        if clause.passive and verb not in ("sit", "perch", "lean", "crouch", "stand", "seat"):
            motion = "running" if verb in ("chase", "hunt") else ""
        if change is not None:
            motion, said = "", replace(said, path=None)
        elif (sizing := SIZING.get(verb)) is not None:
            said = replace(said, path=Path(sizing))
        if verb == "put" and (worn := re.match(r"on @(\d+)", tail)) and self._worn(self.names[int(worn[1])]):
            return [Event(self.names[int(worn[1])], relation=SpatialRelation("held", subjects[0]))], ""
        struck = re.match(r"@(\d+)", tail) if things_only and verb in ("hit", "strike") else None
        if struck and not clause.passive:
            said = replace(said, path=Path("to", self.names[int(struck[1])]))  # "a snowball hits the sign"
        lets_down = verb in DROPPING | PULLING and tail.startswith("@")
        if (
            things_only
            and motion
            and not lets_down
            and not (said.path or said.relation or said.side is not None or said.height or seen)
        ):
            seen = verb in VERBS - _OF_BEINGS and not clause.passive
            return ([Event(name, verb=verb) for name in subjects], "") if seen else ([], "act")
        handles = verb in TAKING | PUTTING | GIVING and re.match(r"@\d", tail) is not None
        shows = bool(motion or seen or handles or said.path or said.relation or said.side is not None or said.height)
        if not (shows or (things_only and verb in MOVING)) and not state:
            return [], "act"
        if (
            clause.passive
            and not shows
            and verb not in POSING - {"tie", "hang", "cover", "fill", "dress"}
            and self.characters.issuperset(subjects)
            and verb in VERBS
        ):
            return [], "act"
        if state and not shows and not self._shown(items, clause, subjects):
            return [], "act" if verb else ("nothing" if not subjects else "")
        thing = items[clause.tail] if clause.tail < clause.end else None
        after = items[clause.tail + 1].tag if clause.tail + 1 < clause.end else "-"
        if thing is not None and thing.low in PARTICLES and after in "DN" and verb in _WITH_OBJECTS:
            said = replace(said, path=None)  # "pulls off her boots"
        if verb in PUSHING | _PLACING and thing is not None and thing.tag in "DANE" and not clause.passive:
            there = re.match(r"@\d+ (?:on|against|with) @", tail) if verb not in PUTTING else None
            said = replace(said, path=None, relation=None) if there or not tail.startswith("@") else said
        if said.relation and said.relation.kind == "on" and verb in MOVING and self._leant_on(said.relation.other):
            stick = Event(said.relation.other, relation=SpatialRelation("held", subjects[0]))
            return [*(Event(name, motion, path=said.path) for name in subjects), stick], ""  # "walks on her stick"
        if said.relation:
            self.anchor = said.relation.other
        elif said.path and said.path.way in ("past", "over", "onto") and said.path.other not in self.characters:
            self.anchor = said.path.other
        if motion == "walking" and verb in WALKS - {"step", "head", "meet", "flee"}:
            motion = self._going(subjects)
        events = interaction(subjects, verb, motion, said, tail, change, self.names, self.characters)
        events = self._mounted(events, verb, said.path, f"{lead} {tail}")
        if verb == "ride" or (said.path and said.path.way == "follow" and verb != "chase"):
            # whoever is ridden, or run after, goes as before
            events = [
                replace(event, motion=self._going_on(event.entity) or event.motion)
                if event.motion in ("running", "walking") and event.entity not in subjects
                else event
                for event in events
            ]
        if verb in HAVING:
            events += [
                Event(self.names[item.entity], relation=SpatialRelation("held", subjects[0]))
                for at, item in enumerate(items[clause.tail : clause.end], clause.tail)
                if item.entity >= 0 and not self._under(items, at, clause.tail)
                and self.names[item.entity] not in (*subjects, *self.characters)
            ]  # fmt: skip
        shown = motion or state or seen or handles or things_only or verb in _SEEN_DONE
        self.unseen = clause.verbs[-1] if clause.verbs and not shown and verb not in _PLACED_ONLY else -1
        besides = any(other is not clause and set(other.subjects) & set(clause.subjects) for other in self.together)
        if besides and clause.form == "ing" and verb in _KEEPING:
            held = [event for event in events if event.relation and event.relation.kind == "held"]
            events = held or events  # "carrying a twig, the bird flies"
        moved = verb in MOVING - {"emerge"} and things_only and not clause.passive
        made = [event for event in events if (_says(event) or moved) and not _by_itself(event)]
        bare = clause.passive or thing is None or thing.tag not in "DANOE"
        rests = state and (bare or verb in _RESTS)
        return made, "" if made or rests else "act"

    def _done_by(
        self, items: list[Item], clause: Clause, agents: tuple[str, ...], subjects: tuple[str, ...]
    ) -> tuple[list[Event], Unfilmed]:
        """Turned round: "the boy is chased by the dragon"."""
        last = clause.agents[-1]  # the words behind who does it
        begin = next(at for at in range(clause.tail, last) if items[at].low == "by")
        between = self._phrase(items, clause.tail, begin, agents)
        tail = f"{between} {self._phrase(items, last + 1, clause.end, agents)}".strip()
        done = f"@{self.numbers[subjects[0]]} {tail}" if subjects else tail
        return self._done(items, replace(clause, subjects=clause.agents, passive=False), agents, done.strip())

    def _ended(self, items: list[Item], clause: Clause, subjects: tuple[str, ...]) -> tuple[list[Event], Unfilmed]:
        """What ends: whoever did it does nothing afterwards."""
        motion = self._motion(items, clause)
        for name in subjects:
            if any(event.motion == motion for clause, _ in self.deeds.get(name, ()) for event in self.clauses[clause]):
                return [Event(name, "standing", verb="stand")], ""
        return [], "not"
