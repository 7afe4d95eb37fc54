"""The clauses of a sentence: what is done, by whom, and what joins it to the clauses before it.

A clause is found for each group of verbs. English is richer than these rules; a clause whose doer or verb they don't
find says so, and nothing is made of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from dreamrunner.planning.english.chunks import Chunk, auxiliaries, bare, passive
from dreamrunner.planning.english.clause import Clause, Unfilmed
from dreamrunner.planning.english.lexicon import VERBS, WALKS
from dreamrunner.planning.english.parts import CAUSING, PERCEIVING, SENDING_OFF, THEN, Item
from dreamrunner.planning.english.subjects import SubjectFinder
from dreamrunner.planning.english.verbs import (
    BEGINNING,
    BODY,
    CEASING,
    GARMENTS,
    MENTAL,
    SPEAKING,
    STATES,
    TRYING,
    WISHING,
)

UNREAL = frozenset("would could may might must should can cannot".split())
_SOMETIME = frozenset("tomorrow soon someday later".split())
_NOT_YET = frozenset("about ready eager afraid able unable free likely too willing prepared keen".split())
_TURNING_TO = frozenset("stop bend kneel lean sit turn come go return reach stoop crouch pause halt rise get".split())
"""Verbs whose purpose is what is done next: "stops to rest"."""
_LEADING = BEGINNING | TRYING | CEASING | _TURNING_TO | {"seem", "appear"}
_NOT_QUITE = frozenset({"almost", "nearly"})
_UNSURE = frozenset("if unless whether".split())
_AT_PLACES = frozenset({"", "be", "stand", "sit", "lie", "hang", "wait", "sleep", "rest"})
"""Verbs that a list of places goes on from: "the king stands on the left, the queen on the right"."""
_GOING_ON = frozenset("go keep carry".split())
_NOBODY = frozenset("nobody none nothing neither no-one".split())


def clauses_of(items: list[Item], asks: bool) -> list[Clause]:
    """The clauses of one sentence, in its order. ``asks`` for a question, of which nothing happens."""
    return _Parser(items, asks).run()


class _Parser(SubjectFinder):
    def __init__(self, items: list[Item], asks: bool) -> None:
        super().__init__(items)
        self.asks = asks
        self.accompanied = any(item.low == "with" for item in items)
        self.waiting: list[Clause] = []
        """Participles at the beginning, whose doer comes later."""

    def run(self) -> list[Clause]:
        before = -1
        for at, chunk in enumerate(self.chunks):
            if chunk.kind == "VG":
                self._clause(at, chunk, before)
                before = at
        if not self.clauses:
            return [part for clause in self._verbless() for part in self._listed(clause)]
        self.clauses[0].begin = 0
        for clause, after in zip(self.clauses, [*self.clauses[1:], None], strict=True):
            clause.end = after.begin if after else len(self.items)
        for clause in self.clauses:
            self._agents(clause)
        return [part for clause in self.clauses for part in self._listed(clause)]

    def _listed(self, clause: Clause) -> Iterator[Clause]:
        """A clause of being, once for each noun with a place: "there is a lamp on the table and a ball under it"."""
        at_once = next((chunk.kind for chunk in self.chunks if chunk.first == clause.tail), "") == "P"
        told_apart = clause.lemma in _AT_PLACES and not clause.passive and bool(clause.subjects)
        gapped = at_once and not clause.passive and bool(clause.subjects)
        if not (told_apart or gapped or self.accompanied):
            yield clause
            return
        inside = [
            number
            for number, chunk in enumerate(self.chunks)
            if clause.tail <= chunk.first and chunk.last <= clause.end
        ]
        cuts = [
            number
            for number in inside[2:]
            if self.chunks[number].kind == "NP" and not self.chunks[number].under
            and self.chunks[number - 1].kind in ("C", "M") and self.chunks[number + 1 : number + 2]
            and number + 1 in inside and self._placed(self.chunks[number + 1])
            and any(self._placed(self.chunks[earlier]) for earlier in inside if earlier < number)
        ]  # fmt: skip
        # "the cat sits by the king, and the dog by the queen", but "he enters, umbrella in hand"
        others = [
            cut for cut in cuts if self.chunks[cut - 1].kind == "C" and self.items[self.chunks[cut].head].entity >= 0
        ]
        cuts = cuts if told_apart else [cut for cut in others if not self._held(cut)] if gapped else []
        # "with a cat on the left" has no verb of its own.
        beside = [
            number
            for number in inside[1:]
            if self.chunks[number].under == "with" and self.chunks[number + 1 : number + 2]
            and self.chunks[number + 1].kind == "P" and number + 1 in inside
            and self.items[self.chunks[number].last].low != "of" and not self._held(number) and not self._wears(number)
        ]  # fmt: skip
        cuts = sorted({*cuts, *beside, *(self._after_with(number, inside) for number in beside)} - {-1})
        if not cuts:
            yield clause
            return
        yield replace(clause, end=self.chunks[cuts[0] - 1].first)
        for cut, after in zip(cuts, [*cuts[1:], None], strict=True):
            noun = self.chunks[cut]
            end = self.chunks[after - 1].first if after else clause.end
            plain = cut in beside or clause.lemma in ("", "be")
            yield replace(
                clause, begin=noun.first, own=noun.first, verb=noun.last, tail=noun.last, end=end,
                subjects=(noun.head,), markers=("and",), relative=True,
                verbs=[] if plain else clause.verbs, lemma="be" if plain else clause.lemma,
            )  # fmt: skip

    def _placed(self, chunk: Chunk) -> bool:
        """Whether a chunk begins to say where something is."""
        return chunk.kind == "P" or self.items[chunk.first].low in ("left", "right")

    def _held(self, number: int) -> bool:
        """Whether what follows a thing says that somebody has it in a hand, which is an event of that person."""
        words = [item.low for item in self.items[self.chunks[number].last :][:4]]
        return bool(BODY.intersection(words[2:])) or words[1:2] == ["hand"]

    def _wears(self, number: int) -> bool:
        """Whether what follows somebody says what he or she wears: "with a boy in a hat"."""
        worn = self.chunks[number + 2] if number + 2 < len(self.chunks) else None
        return (
            worn is not None and worn.under == "in" and bool(GARMENTS.intersection(self.items[worn.head].low.split()))
        )

    def _after_with(self, number: int, inside: list[int]) -> int:
        """The second noun of "with a cat on the left and a dog on the right"; -1 where there is none."""
        for later in range(number + 2, len(self.chunks) - 1):
            if later not in inside:
                return -1
            if self.chunks[later].kind == "NP" and not self.chunks[later].under:
                joined = self.chunks[later - 1].kind == "C" and self.chunks[later + 1].kind == "P"
                return later if joined and later + 1 in inside else -1
        return -1

    def _verbless(self) -> list[Clause]:
        """A sentence without a verb: "a heron on the right of a mailbox"."""
        heads = [chunk.head for chunk in self.chunks if chunk.kind == "NP" and not chunk.under]
        if not self.chunks or all(chunk.kind in "QM" for chunk in self.chunks):
            return []
        if any(one.kind == other.kind == "NP" and not other.under for one, other in itertools.pairwise(self.chunks)):
            heads = []  # "two men flank a door": a verb that no dictionary of this planner tells from a noun
        first = next((chunk.last for chunk in self.chunks if chunk.kind == "NP" and not chunk.under), len(self.items))
        last = max((chunk.last for chunk in self.chunks if chunk.head in heads), default=first)
        tail = last if heads and all(chunk.under == "" for chunk in self.chunks if chunk.last <= last) else first
        unreal: Unfilmed = "asked" if self.asks else ""
        return [Clause(0, 0, tail, tail, len(self.items), "", tuple(heads[:1] if tail == first else heads),
                       unreal=unreal)]  # fmt: skip

    # The doer of a group of verbs, and where its clause begins.

    def _clause(self, at: int, chunk: Chunk, before: int) -> None:
        own, subjects, kind = self._doer(at, chunk, before)
        own = self._with_phrases(own, before)
        begin, markers = self._joint(own, before, kind)
        lemma, unreal, ends = self._said(chunk, own, begin, markers, at)
        made = Clause(
            begin=self._start(begin), own=self._start(own), verb=chunk.first, tail=chunk.last, end=chunk.last,
            lemma=lemma, subjects=subjects, markers=markers, passive=passive(self.items, chunk)
            or kind == "done"
            or (kind == "later" and not chunk.helped and "ing" not in self.items[chunk.verbs[-1]].forms)
            or self._passive_too(chunk, kind),
            unreal=unreal, ends=ends, form=chunk.form, relative=kind in ("relative", "reduced"),
            shared=kind == "shared", verbs=chunk.verbs,
        )  # fmt: skip
        if kind == "subject" and (whom := self._whom(begin, own)) is not None:
            made.relative, made.whom = True, whom
        if self._goes_on_doing(made, chunk):
            begun = self.clauses.pop()
            made = replace(
                made, begin=begun.begin, own=begun.own, subjects=begun.subjects, markers=begun.markers,
                unreal=begun.unreal, form=begun.form, relative=begun.relative, shared=begun.shared,
            )  # fmt: skip
        self._depend(made, chunk, at, before, kind)
        if any(self.items[head].low in _NOBODY or self._none(head) for head in subjects) or "nor" in markers:
            made.unreal = made.unreal or "not"
        elif len(subjects) > 1 and any(item.low == "or" for item in self.items[subjects[0] : subjects[-1]]):
            made.unreal = made.unreal or "perhaps"
        if kind == "later":
            self.waiting.append(made)
        elif chunk.form == "finite" and subjects and not made.relative:
            for clause in self.waiting:
                clause.subjects = subjects
            self.waiting = []
        self.clauses.append(made)

    def _goes_on_doing(self, made: Clause, chunk: Chunk) -> bool:
        """Whether a clause is what the one before says to go on: "she keeps on walking"."""
        previous = self.clauses[-1] if self.clauses else None
        on = self.items[chunk.first - 1].low == "on" and chunk.first - 1 == (previous.tail if previous else -1)
        return chunk.form == "ing" and on and previous is not None and previous.lemma in _GOING_ON

    def _passive_too(self, chunk: Chunk, kind: str) -> bool:
        """Whether a verb shares the auxiliary of a passive before it: "is washed, peeled and eaten"."""
        previous = self.clauses[-1] if self.clauses else None
        if previous is None or not previous.passive or kind != "shared" or chunk.helped or not chunk.verbs:
            return False
        forms = self.items[chunk.verbs[-1]].forms
        return (
            "part" in forms and previous.form == "finite" and (previous.shared or self.items[previous.verb].tag == "U")
        )

    def _with_phrases(self, own: int, before: int) -> int:
        """Where a clause begins with the phrases of place before its subject: "; on the right a dog sleeps"."""
        at = own
        while at - 2 > before and self.chunks[at - 1].kind == "NP" and self.chunks[at - 1].under:
            at -= 2
        joint = at - 1 > before and self.chunks[at - 1].kind in ("C", "M", "S") and self.chunks[at].kind == "P"
        return at if joint else own

    def _start(self, chunk: int) -> int:
        return self.chunks[chunk].first if chunk < len(self.chunks) else len(self.items)

    def _none(self, head: int) -> bool:
        """Whether a noun is said not to be there: "no cat"."""
        chunk = next(chunk for chunk in self.chunks if chunk.head == head)
        return any(item.low in ("no", "neither") for item in self.items[chunk.first : chunk.head])

    def _whom(self, begin: int, own: int) -> int | None:
        """The object that stands before its relative clause: the cat in "the cat that the dog chased"."""
        at = next((at for at in range(begin, own) if self.chunks[at].kind == "W"), own)
        if at == own:
            at = own - 1
            if at < 1 or self.chunks[at].kind != "W":
                return None
        noun = next((self.chunks[n] for n in range(at - 1, -1, -1) if self.chunks[n].kind == "NP"), None)
        return noun.head if noun else None

    def _joint(self, own: int, before: int, kind: str) -> tuple[int, tuple[str, ...]]:
        """Where the words that join a clause begin, and which these are."""
        begin, words = own, []
        while begin - 1 > before:
            chunk = self.chunks[begin - 1]
            low = self.items[chunk.first].low
            if (
                chunk.kind in ("C", "S", "M", "W")
                or low in THEN
                or (chunk.kind == "R" and before < 0)
                or (
                    chunk.kind == "R"
                    and kind in ("ing", "shared", "later")
                    and self._chunk_kind(begin - 2) == "P"
                    and begin - 2 > before
                )
                or (chunk.kind == "P" and kind in ("shared", "ing", "done", "later"))
            ):
                words.append(low)
                begin -= 1
            elif chunk.kind in ("X", "R") and kind == "shared" and self.chunks[begin - 2].kind in ("C", "M", "S"):
                begin -= 1
            else:
                break
        inside = [
            self.items[chunk.first].low
            for chunk in self.chunks[own:]
            if chunk.kind == "R" and chunk.first < len(self.items) and self.items[chunk.first].low in THEN
            and chunk.first < self._next_verb(own)
        ]  # fmt: skip
        if before < 0:
            # "After a while, the witch waves": a phrase of time before the subject.
            words += [
                self.items[chunk.first].low for chunk in self.chunks[:begin]
                if chunk.kind == "S" or self.items[chunk.first].low in THEN or self.items[chunk.first].low == "after"
            ]  # fmt: skip
            begin = 0
        return begin, (*reversed(words), *inside)

    def _next_verb(self, own: int) -> int:
        return next((chunk.first for chunk in self.chunks[own:] if chunk.kind == "VG"), len(self.items))

    # What a group of verbs says, and whether it happens.

    def _said(
        self, chunk: Chunk, own: int, begin: int, markers: tuple[str, ...], at: int
    ) -> tuple[str, Unfilmed, bool]:
        """The base form of what is done, why it doesn't happen, and whether it ends."""
        items, ends = self.items, False
        unreal: Unfilmed = ""
        helping = auxiliaries(items, chunk)
        if self.asks:
            unreal = "asked"
        if any(item.tag == "X" for item in items[chunk.first : chunk.last]) or self._denied(at):
            unreal = "not"
        elif (
            set(helping) & UNREAL
            or set(markers) & _UNSURE
            or ("as" in markers and "though" in markers)
            or ("will" in helping and {item.low for item in items} & _SOMETIME)
        ):
            unreal = unreal or "perhaps"
        near = set(markers[len(markers) - markers[::-1].index(",") :] if "," in markers else markers)
        close = chunk.verbs[-1] - 1 if chunk.verbs else min(chunk.last, len(items) - 1)
        if not unreal and items[close].low in _NOT_QUITE:
            unreal = "perhaps"
        if chunk.form == "ing" and {"without", "instead", "of"} & near:
            unreal = unreal or "not"
        elif chunk.form == "ing" and {"from", "for", "about", "at"} & near:
            unreal = unreal or "perhaps"
        if "had" in helping and not unreal and self._long_ago(chunk, begin):
            unreal = "before"
        verbs = [items[position].lemma for position in chunk.verbs]
        if not verbs:
            return bare(items, chunk), unreal, False
        first, *rest = verbs
        if first == "use" and rest and chunk.verbs[1] > chunk.verbs[0] + 1:
            return verbs[-1], unreal or "perhaps", False
        while rest:
            if first in CEASING and "ing" in items[chunk.verbs[len(verbs) - len(rest)]].forms:
                ends = True
            elif first in WISHING | MENTAL or (first == "go" and bare_of(helping) == "be" and self._to_between(chunk)):
                unreal = unreal or "perhaps"
            elif self._to_between(chunk) and (
                first not in _LEADING or (first in VERBS and verbs[-1] not in VERBS | WALKS)
            ):
                return first, unreal, False  # "runs to help": what is meant to come, not what comes
            first, *rest = rest
        return first, unreal, ends

    def _long_ago(self, chunk: Chunk, begin: int) -> bool:
        """Whether what had been done is said to have been so the day before, years ago, or of somebody by the way."""
        words = [item.low for item in self.items[chunk.last : chunk.last + 6]]
        ago = {"ago", "yesterday"}.intersection(words) or any(
            pair in (("day", "before"), ("night", "before"), ("year", "before"), ("week", "before"))
            for pair in itertools.pairwise(words)
        )
        return bool(ago)

    def _to_between(self, chunk: Chunk) -> bool:
        return any(item.tag == "T" for item in self.items[chunk.first : chunk.last])

    def _denied(self, at: int) -> bool:
        chunk = self._back(at)
        return any(self.chunks[number].kind == "X" for number in range(max(chunk, 0), at))

    def _depend(self, made: Clause, chunk: Chunk, at: int, before: int, kind: str) -> None:
        """What the clause that it depends on says of whether it happens."""
        previous = self.clauses[-1] if self.clauses else None
        if previous is None:
            return
        low = self.items[chunk.first - 1].low if chunk.first else ""
        if kind == "to":
            if previous.lemma in WISHING | MENTAL | SPEAKING or low in _NOT_YET or previous.lemma == "be":
                made.unreal = made.unreal or "perhaps"
            elif previous.lemma in _TURNING_TO | BEGINNING | TRYING | CAUSING:
                made.anew = previous.lemma in _TURNING_TO
                previous.leads |= previous.lemma in CAUSING - {"have"} and made.subjects != previous.subjects
                made.unreal = made.unreal or previous.unreal
            else:
                made.unreal = made.unreal or "perhaps"
            return
        told = previous.lemma in SPEAKING | MENTAL | WISHING
        if "if" in previous.markers and kind == "subject" and previous.begin == 0 and not made.unreal:
            made.unreal = previous.unreal
        joined = any(marker in ("and", "but", ",", ";", "then", "while", "as", "when") for marker in made.markers)
        if told and not joined and (kind == "subject" or "that" in made.markers) and previous.form != "ing":
            made.unreal, made.content = made.unreal or "perhaps", True
        caused = previous.lemma in CAUSING and chunk.form in ("base", "to") and kind in ("subject", "to")
        if caused or (previous.lemma in SENDING_OFF and kind == "reduced" and made.subjects != previous.subjects):
            previous.leads = True
        elif previous.unreal and kind == "shared" and "but" not in made.markers and "or" in made.markers:
            made.unreal = made.unreal or previous.unreal
        elif previous.unreal and kind == "shared" and "," not in made.markers and "and" in made.markers:
            made.unreal = made.unreal or (previous.unreal if previous.unreal != "not" and not chunk.helped else "")
        elif previous.unreal and kind in ("ing", "reduced") and not joined and previous.lemma not in STATES:
            made.unreal = made.unreal or previous.unreal
        if previous.lemma in PERCEIVING and kind in ("reduced", "subject") and chunk.form in ("base", "ing"):
            made.unreal = made.unreal or previous.unreal
        if previous.lemma in WISHING and chunk.form == "ing" and not joined:
            made.unreal = made.unreal or "perhaps"

    def _agents(self, clause: Clause) -> None:
        """Who acts in a passive clause, as words behind "by" name them."""
        if clause.passive:
            found: list[int] = []
            listed = False
            for chunk in self.chunks:
                if not clause.tail <= chunk.first < clause.end:
                    continue
                if chunk.kind == "NP" and (chunk.under == "by" or (listed and not chunk.under)):
                    found.append(chunk.head)
                    listed = True
                elif chunk.kind not in ("M", "C"):
                    listed = False
            clause.agents = tuple(found)


def bare_of(helping: list[str]) -> str:
    return "be" if helping and helping[-1] in ("is", "are", "was", "were", "am", "be", "been") else ""
