"""Who does what a group of verbs says: found among the noun phrases around it."""

from __future__ import annotations

from dreamrunner.planning.english.chunks import Chunk, chunked, done_to
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.lexicon import is_setting
from dreamrunner.planning.english.parts import CAUSING, PERCEIVING, SENDING_OFF, SUBORDINATE, Item
from dreamrunner.planning.english.verb_finding import PARTICLES
from dreamrunner.planning.english.verbs import (
    BODY,
    GARMENTS,
    INVERTING,
    MENTAL,
    POSING,
    QUANTITIES,
    SPEAKING,
    WISHING,
)

_OF_THE_FRAME = frozenset(
    "camera viewer audience screen frame left right side distance background foreground air ground floor wind rain snow"
    " sun moonlight sunlight dark darkness".split()
)
"""Nouns behind a preposition that do nothing themselves."""
_GROUPS = frozenset("group pair flock herd couple crowd bunch pack swarm family line row team".split())
_LOOKS = (
    BODY | GARMENTS | frozenset("braids pigtails ponytail glasses sunglasses freckles curls moustache mustache".split())
)
"""What somebody looks like who is said to be "with" it."""
_DONE_TO = frozenset("draw paint carve plant put place cover fill dress set tie attach mount stack".split())
"""Verbs of which only the passive stands before who it is done to."""
_LAYING = frozenset("put lay set hang place".split())
"""Verbs of putting something down, up or away."""


class SubjectFinder:
    """A sentence of ``items`` in ``chunks``, and its ``clauses`` as far as they are found."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.chunks = chunked(items)
        self.clauses: list[Clause] = []

    def _doer(self, at: int, chunk: Chunk, before: int) -> tuple[int, tuple[int, ...], str]:
        """Where a clause's own words begin (a chunk), the heads of its subjects, and how it hangs together."""
        previous = self.clauses[-1] if self.clauses else None
        near = self._back(at)
        kind = self.chunks[near].kind if near >= 0 else ""
        participle = chunk.form in ("ing", "part") or self._by(at, chunk, near, previous)
        if chunk.form == "to":
            return at, self._infinitive(before, near, previous), "to"
        if kind == "W":
            return self._relative(at, near)
        if self._posed(at, chunk):
            chunk.form = "part"
            return at, (self.chunks[near].head,), "done"
        if kind == "M" and (head := self._described(at, near)) >= 0:
            chunk.form = "part"
            return at, (head,), "done"
        if kind == "NP" and self._apart(at, near):
            chunk.form = "part"
            return near, (self.chunks[near].head,), "done"
        if self._leftover(previous, before, at) and chunk.form == "finite" and previous is not None:
            return at, (previous.subjects if previous.whom < 0 else (previous.whom,)), "main"
        if participle:
            return self._participle(at, chunk, near, previous, before)
        if kind == "NP" and near > before:
            heads, own = self._heads(near, before)
            if heads:
                return own, heads, "subject"
            if previous is None:
                turned = self._turned(at)
                return (0 if turned else own), turned, "turned"
            start = self._phrase_start(near)
            anew = start > 0 and self.chunks[start - 1].kind in ("C", "M", "S") and self._inverts(at)
            if turned := self._turned(at) if anew or not self._main(previous) else ():
                return self._phrase_start(near), turned, "turned"
            self._reduce(previous, before, at)
            return at, self._main(previous), "shared"
        if kind == "M" and (head := self._parenthesis(near)) >= 0:
            return at, (head,), "main"  # "the calf, barely a week old, stumbles"
        if kind == "M" and chunk.form == "finite" and self._placed_first(before, at) and (turned := self._turned(at)):
            return at, turned, "turned"  # "there, behind it, sat a ghost"
        if kind in ("M", "A") and previous is None:
            first = next(
                (n for n in range(near, -1, -1) if self.chunks[n].kind == "NP" and not self.chunks[n].under), -1
            )
            if first >= 0:
                heads, own = self._heads(first, before)
                return own, heads, "subject"
        opens = chunk.first < 2 or self.items[chunk.first - 2].tag in ("M", "C")
        if self._leads(at) and opens and (turned := self._turned(at)):
            return at - 1, turned, "turned"  # "and down comes the box"
        if chunk.first and self.items[chunk.first - 1].low in ("so", "nor") and (turned := self._turned(at)):
            return at, turned, "turned"
        there = near >= 0 and self.items[self.chunks[near].first].low == "there"
        if there or kind == "Q" or previous is None or (near <= before and self._there(at)):
            turned = self._turned(at)
            if turned or there or kind == "Q":
                own = near if there and near >= 0 else at
                return own, turned or (self._main(previous) if previous else ()), "turned"
            return at, (), "none"
        then = chunk.first > 1 and [item.low for item in self.items[chunk.first - 2 : chunk.first]] == [",", "then"]
        if then:  # "he waits until she comes, then leaves"
            plain = [clause for clause in self.clauses if not SUBORDINATE.intersection(clause.markers)]
            main = next((clause for clause in reversed(plain) if clause.form == "finite" and not clause.relative), None)
            if main is not None and main.subjects:
                return at, main.subjects, "shared"
        return at, self._main(previous, chunk), "shared"

    def _reduce(self, previous: Clause, before: int, at: int) -> None:
        """Take the verb of the clause before for what was done to its subject, whose own verb comes only here."""
        joined = any(chunk.kind in ("C", "M", "S", "W") for chunk in self.chunks[before + 1 : at])
        if self.chunks[at].form == "finite" and not joined and done_to(self.items, self.chunks[before]):
            previous.passive, previous.form, previous.relative = True, "part", True

    def _leads(self, at: int) -> bool:
        """Whether a particle stands right before a group of verbs and begins its clause."""
        return at > 0 and self.items[self.chunks[at - 1].first].low in PARTICLES | {"in"}

    def _back(self, at: int) -> int:
        """The chunk before a group of verbs, adverbs left out."""
        at -= 1
        while at >= 0 and self.chunks[at].kind in ("R", "X") and self.items[self.chunks[at].first].low != "there":
            at -= 1
        return at

    def _there(self, at: int) -> bool:
        return at > 0 and self.items[self.chunks[at - 1].first].low == "there"

    def _by(self, at: int, chunk: Chunk, near: int, previous: Clause | None) -> bool:
        """Whether what may be the past is a participle: "a cat followed by a dog", "a lamp placed on a table"."""
        if chunk.helped or not chunk.verbs or "part" not in self.items[chunk.verbs[-1]].forms:
            return False
        ahead_at = at + 1
        while self._chunk_kind(ahead_at) == "R" and (
            (near >= 0 and previous is not None and self._object_of(at, previous)) or self._by_somebody(ahead_at)
        ):
            ahead_at += 1  # "a tray piled high with plates"
        after = self.chunks[ahead_at] if ahead_at < len(self.chunks) else None
        if after is None or after.kind != "P":
            return False
        follows = self.chunks[ahead_at + 1].kind if ahead_at + 1 < len(self.chunks) else ""
        if (
            self.items[after.first].low in PARTICLES
            and follows == "NP"
            and self.items[chunk.verbs[-1]].lemma in _LAYING
        ):
            return False  # "the girl put down her umbrella"
        if self.items[after.first].low == "by":
            ahead = self.chunks[ahead_at + 1] if ahead_at + 1 < len(self.chunks) else None
            return ahead is not None and ahead.kind == "NP"
        return self.items[chunk.verbs[-1]].lemma in POSING

    def _by_somebody(self, at: int) -> bool:
        while self._chunk_kind(at + 1) == "R":
            at += 1
        return self._chunk_kind(at + 1) == "P" and self.items[self.chunks[at + 1].first].low == "by"

    def _parenthesis(self, closing: int) -> int:
        """The head of the subject before what stands between two commas, of which the second is given; -1 for none."""
        for opening in range(closing - 1, 0, -1):
            chunk = self.chunks[opening]
            if chunk.kind in ("C", "S", "W") or (chunk.kind == "VG" and chunk.form == "finite"):
                return -1
            if chunk.kind != "M":
                continue
            noun = self.chunks[opening - 1]
            begins = opening < 2 or self.chunks[opening - 2].kind in ("C", "M", "S", "R", "Q")
            return noun.head if noun.kind == "NP" and not noun.under and begins and opening < closing - 1 else -1
        return -1

    def _apart(self, at: int, near: int) -> bool:
        """Whether a verb between commas says how a part of somebody is held: "the guard, arms crossed, watches"."""
        chunk, noun = self.chunks[at], self.chunks[near]
        plain = noun.first == noun.head and not noun.under and self.items[noun.head].low in BODY
        comma = near > 0 and self.chunks[near - 1].kind == "M"
        return plain and comma and not chunk.helped and any("part" in self.items[verb].forms for verb in chunk.verbs)

    def _described(self, at: int, comma: int) -> int:
        """The head of the subject of which a participle between two commas tells, as in "Tilly, strapped in, waves"; -1
        for none."""
        chunk, noun = self.chunks[at], self.chunks[comma - 1] if comma else None
        if chunk.helped or not chunk.verbs or "part" not in self.items[chunk.verbs[-1]].forms or noun is None:
            return -1
        if noun.kind != "NP" or noun.under or self.items[self.chunks[comma].first].low != ",":
            return -1
        if self.clauses and (comma < 2 or self.chunks[comma - 2].kind not in ("C", "S", "M")):
            return -1
        for number in range(at + 1, len(self.chunks) - 1):
            if self.chunks[number].kind in ("C", "S", "W", "VG"):
                return -1
            if self.chunks[number].kind == "M":
                after = self.chunks[number + 1]
                return noun.head if after.kind == "VG" and after.form == "finite" else -1
        return -1

    def _placed_first(self, before: int, at: int) -> bool:
        """Whether only words of place stand before a verb that may stand before its subject."""
        joints = [number for number in range(before + 1, at) if self.chunks[number].kind in ("C", "S")]
        between = self.chunks[joints[-1] + 1 if joints else before + 1 : at]
        subject = bool(self.clauses) and bool(self.clauses[-1].subjects)
        if subject and not joints and between[:1] and between[0].kind != "M":
            return False  # "comes out of the dark, draws his sword": the dark is where he comes from
        places = any(chunk.kind == "NP" and chunk.under for chunk in between)
        return places and self._inverts(at) and all(chunk.kind != "NP" or chunk.under for chunk in between)

    def _posed(self, at: int, chunk: Chunk) -> bool:
        """Whether a verb says how a part of somebody is held: "with her eyes closed"."""
        near = self.chunks[at - 1] if at else None
        if near is None or near.under != "with" or chunk.helped or not chunk.verbs:
            return False
        own = self.items[near.head].low in BODY or self.items[near.first].low in ("his", "her", "its", "their")
        return own and "part" in self.items[chunk.verbs[-1]].forms

    def _chunk_kind(self, at: int) -> str:
        return self.chunks[at].kind if at < len(self.chunks) else ""

    def _object_of(self, at: int, previous: Clause) -> bool:
        """Whether the noun before a group of verbs is the object of the clause before."""
        return at > 1 and self.chunks[at - 1].kind == "NP" and self.chunks[at - 1].first == previous.tail

    def _participle(
        self, at: int, chunk: Chunk, near: int, previous: Clause | None, before: int
    ) -> tuple[int, tuple[int, ...], str]:
        done = "done" if "ing" not in self.items[chunk.verbs[-1]].forms else "ing"
        kind = self.chunks[near].kind if near > before else ""
        if kind == "NP":
            heads, own = self._heads(near, before)
            noun = self.items[self.chunks[near].head]
            if (
                previous is not None
                and self.chunks[near].under
                and noun.entity < 0
                and done == "ing"
                and (is_setting(noun.low) or noun.low in _OF_THE_FRAME)
            ):
                return at, self._main(previous), done  # "runs towards the camera waving"
            if (
                previous is not None
                and self.chunks[near].under
                and (
                    self.items[chunk.verbs[-1]].lemma in CAUSING | SENDING_OFF
                    or (noun.tag == "O" and done == "ing" and previous.lemma not in PERCEIVING)
                )
            ):
                return at, self._main(previous), done  # "lands on a branch causing it to dip", "runs by her shouting"
            looks = (
                self.items[self.chunks[near].head].low in _LOOKS and previous is None and bool(heads) and done == "ing"
            )
            if not heads or (self.chunks[near].under == "with" and not looks):
                heads = (self.chunks[near].head,)
                own = at
            if self.items[heads[-1]].low in _GROUPS and self.chunks[near].under == "of":
                heads = (self.chunks[near].head,)
            if previous is not None:
                own = at
            return own, heads, done if done == "done" else "reduced" if previous else "subject"
        if kind == "P" or previous is None or (kind == "S" and near == self._back(at)):
            if previous is None and kind == "M" and near > 0 and self.chunks[near - 1].kind == "NP":
                heads, _ = self._heads(near - 1, before)
                return at, heads, done if done == "done" else "reduced"
            if previous is not None:
                return at, previous.subjects, done
            return at, (), "later"
        if kind == "M" and previous.passive and near > 0 and self.chunks[near - 1].under == "by":
            return at, (self.chunks[near - 1].head,), done  # "is joined by an otter, swimming on its back"
        if kind == "M" and done == "done" and self._by_somebody(at):
            return at, self._main(previous), done  # "the king enters, followed by the queen"
        if kind == "M" and previous.form == chunk.form == "ing" and previous.relative:
            return at, self._main(previous), "shared"  # "he runs, his coat flapping, shouting"
        if kind in ("C", "M"):
            near_to = previous.form == chunk.form or (previous.form == "base" and previous.lemma not in CAUSING)
            return at, previous.subjects if near_to else self._main(previous), "shared"
        return at, self._main(previous), done

    def _relative(self, at: int, near: int) -> tuple[int, tuple[int, ...], str]:
        """A clause after "who", "which" or "that": its doer is the noun before."""
        noun = near - 1
        while noun >= 0 and self.chunks[noun].kind in ("M", "P", "R"):
            noun -= 1
        heads = (self.chunks[noun].head,) if noun >= 0 and self.chunks[noun].kind == "NP" else ()
        return near, heads, "relative"

    def _leftover(self, previous: Clause | None, before: int, at: int) -> bool:
        """Whether the clause before told of a noun that still wants its verb: "the boy who is tall waves"."""
        told = previous is not None and (previous.relative or previous.form in ("ing", "part") or previous.passive)
        if previous is None or not (told and previous.subjects and (previous.relative or previous.form != "finite")):
            return False
        seen = [clause.tail for clause in self.clauses[-2:-1] if clause.lemma in PERCEIVING]
        if seen and previous.form != "finite" and previous.subjects[0] >= seen[0]:
            return False  # "a hawk saw it floating, snatched it up"
        if any(
            set(clause.subjects) & set(previous.subjects) and not clause.relative and clause.form == "finite"
            for clause in self.clauses
        ):
            return False
        between, subject = self.chunks[before + 1 : at], self.items[previous.subjects[0]]
        if subject.low in BODY and subject.entity < 0:
            return False
        if previous.whom >= 0:
            return not any(chunk.kind in ("C", "S", "W") for chunk in between)
        if previous.subjects[0] > self.chunks[before].first:
            return False
        marks = [chunk for chunk in between if chunk.kind == "M"]
        if marks and any(chunk.kind == "NP" and chunk.first > marks[-1].first and not chunk.under for chunk in between):
            return False
        return not any(chunk.kind in ("C", "S", "W") for chunk in between)

    def _main(self, previous: Clause, chunk: Chunk | None = None) -> tuple[int, ...]:
        """The subjects of a clause that names none: those of the last main clause before it."""
        for clause in reversed(self.clauses):
            led = clause.form == "base" or (clause.form == "to" and clause.subjects != previous.subjects)
            if chunk is not None and chunk.form == "base" and (led or (clause is previous and clause.form == "to")):
                return clause.subjects
            if clause.form == "finite" and not clause.relative:
                return clause.subjects
        return previous.subjects

    def _infinitive(self, before: int, near: int, previous: Clause | None) -> tuple[int, ...]:
        if previous is None:
            return ()
        between = [chunk for chunk in self.chunks[before + 1 : near + 1] if chunk.kind == "NP" and not chunk.under]
        if between and (previous.lemma in WISHING | SPEAKING | CAUSING | MENTAL or previous.lemma == "ask"):
            return (between[-1].head,)
        return previous.subjects

    def _heads(self, near: int, before: int) -> tuple[tuple[int, ...], int]:
        """The heads of the noun phrases that stand before a verb as its subjects, and where the first begins."""
        at, heads, own = near, [], near
        while at > before:
            chunk = self.chunks[at]
            if chunk.under == "of" and at - 2 > before and self._some(self.chunks[at - 2]):
                return (chunk.head,), at - 2
            if chunk.kind == "NP" and chunk.under:
                at -= 1  # "the cat on the table sleeps"
                while (
                    at > before
                    and self.chunks[at].kind in ("P", "C", "NP")
                    and (self.chunks[at].kind != "NP" or self.chunks[at].under)
                ):
                    if self.chunks[at].kind == "C" and not self.chunks[at + 1].under:
                        break
                    at -= 1
                while at > before and self.chunks[at].kind == "R":
                    at -= 1
                continue
            if chunk.kind != "NP":
                break
            heads.append(chunk.head)
            own = at
            earlier = at - 1
            while earlier > before and self.chunks[earlier].kind in ("C", "M") and self._lists(earlier):
                earlier -= 1
            if earlier == at - 1 or earlier <= before or self.chunks[earlier].kind != "NP":
                break
            low = self.items[self.chunks[earlier].head].low
            acted_on = low == "it" and earlier > 0 and self.chunks[earlier - 1].kind not in ("C", "M", "S")
            if acted_on or low in ("him", "her", "them", "me", "us"):
                break  # "he climbs in to free it, and a hand comes up"
            if self.chunks[earlier].under or (self.chunks[earlier - 1 : earlier] and earlier - 1 == before):
                break
            at = earlier
        return tuple(reversed(heads)), own

    def _some(self, chunk: Chunk) -> bool:
        """Whether a noun phrase only says how many: "some of the children"."""
        return chunk.kind == "NP" and self.items[chunk.head].low in QUANTITIES | _GROUPS

    def _lists(self, at: int) -> bool:
        return self.items[self.chunks[at].first].low in ("and", ",", "&", "or", "nor")

    def _phrase_start(self, near: int) -> int:
        while near > 0 and self.chunks[near - 1].kind in ("P", "NP"):
            near -= 1
        return near

    def _turned(self, at: int) -> tuple[int, ...]:
        """The noun behind its verb: "on the table sits the cat", "there is a cat"."""
        heads: list[int] = []
        for number in range(at + 1, len(self.chunks)):
            chunk = self.chunks[number]
            if chunk.kind == "NP" and not chunk.under:
                heads.append(chunk.head)
                ahead = self.chunks[number + 1 : number + 3]
                if len(ahead) < 2 or not (ahead[0].kind == "C" and ahead[1].kind == "NP" and not ahead[1].under):
                    return tuple(heads)
                if number + 3 < len(self.chunks) and self.chunks[number + 3].kind == "VG":
                    return tuple(heads)
            elif chunk.kind not in ("R", "C", "A") or (heads and chunk.kind != "C"):
                return tuple(heads)
        return tuple(heads)

    def _inverts(self, at: int) -> bool:
        """Whether a group of verbs may stand before its subject: "and under it sleeps the dog"."""
        chunk = self.chunks[at]
        after = self.chunks[at + 1] if at + 1 < len(self.chunks) else None
        lemma = self.items[chunk.verbs[-1]].lemma if chunk.verbs else "be"
        return after is not None and after.kind == "NP" and not after.under and lemma in INVERTING - _DONE_TO
