"""Reading a text as events: who does what, in which order, where and which way. Rules over words, no model.

A text is cut into clauses (:mod:`dreamrunner.planning.english.clauses`); this module says who is meant by their words,
what of them is filmed, and in which order. Of each clause it is known whether anything is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from dreamrunner.files.heard import through
from dreamrunner.planning.english.beings import is_several
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.clauses import clauses_of
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.lexicon import DETERMINERS, TIMES_OF_DAY, is_setting, size_word
from dreamrunner.planning.english.parts import BE, PERCEIVING, THEN, Item
from dreamrunner.planning.english.tagging import tagged
from dreamrunner.planning.english.verbs import MENTAL, SPEAKING
from dreamrunner.planning.english.word_forms import noun_lemma, verb_lemma
from dreamrunner.planning.english.words import MARKS, POSSESSIVE, Sentence, sentences
from dreamrunner.planning.narration.coverage import Coverage
from dreamrunner.planning.narration.events import Event, Said, Stretch, Telling, Unfilmed
from dreamrunner.planning.narration.phrases import BECOMING
from dreamrunner.planning.narration.referents import PRONOUN_OF
from dreamrunner.planning.narration.sentence_order import Order

_WHILE = frozenset("while as when meanwhile whilst whenever".split())
_AFTER, _BEFORE = frozenset({"after", "once", "since"}), frozenset({"before", "until", "till"})
_OF_ANOTHER_PLACE = frozenset("about like without except than as".split())
"""Prepositions whose nouns are not in the picture."""
_ANOTHER = frozenset({"a", "an", "another"})
_MANY = frozenset("two three four five six seven eight nine ten dozen several many both".split())
_SAID_OF = frozenset("like as such what than into for of with".split())
"""Words before "a" that say what somebody is, or is like."""
_THOUGHT_OF = frozenset("dream think speak talk tell sing hear know remember forget wish read".split())


def read_telling(
    text: str,
    entities: Sequence[str],
    characters: Sequence[str],
    motions: Sequence[str],
    speaker: str | None = None,
    looks: Mapping[str, str] | None = None,
) -> Telling:
    """Read a narration. ``entities`` are all names of the story, ``characters`` those that do something by themselves.

    ``motions`` are the story's own, preferred to the verbs that this planner knows. ``speaker`` is the one that "she"
    stands for before anyone is named. ``looks`` say what entities look like, by name: a bear may be called "the bear".
    """
    known = tuple(sorted((looks or {}).items()))
    return _telling(text, tuple(entities), tuple(characters), tuple(motions), speaker, known)


@lru_cache(maxsize=2048)
def _telling(
    text: str,
    entities: tuple[str, ...],
    characters: tuple[str, ...],
    motions: tuple[str, ...],
    speaker: str | None,
    looks: tuple[tuple[str, str], ...],
) -> Telling:
    """A scene is read again each time that another scene of a story that is being edited changes."""
    reader = _Reader(_cast(entities, characters, looks), motions, speaker)
    for sentence in through([*sentences(text)], "reading the narration"):
        reader.read(sentence)
    told = zip(reader.clauses, reader.order.steps(), reader.places, strict=True)
    events = tuple(replace(event, step=step, said=(place,)) for made, step, place in told for event in made)
    return Telling(
        events=events,
        steps=1 + max((event.step for event in events), default=0),
        sizes=reader.sizes,
        larger=tuple(reader.larger),
        present=tuple(reader.present),
        named=reader.named,
        clauses=tuple(reader.said),
    )


@lru_cache(maxsize=32)
def _cast(entities: tuple[str, ...], characters: tuple[str, ...], looks: tuple[tuple[str, str], ...]) -> Cast:
    return Cast(entities, characters, dict(looks))


class _Reader(Coverage):
    """Reads sentence after sentence; ``order`` turns clauses into steps at the end, and ``said`` tells of every one."""

    def __init__(self, cast: Cast, motions: tuple[str, ...], speaker: str | None) -> None:
        super().__init__(cast, motions, speaker)
        self.stems = frozenset(verb_lemma(re.split("[-_]", motion)[0]) for motion in motions)
        self.places: list[Stretch] = []
        self.named: dict[str, Stretch] = {}
        self.said: list[Said] = []
        self.sizes: dict[str, float] = {}
        self.order = Order()

    # One sentence.

    def read(self, sentence: Sentence) -> None:
        """Read one sentence: its clauses, their events, and how they follow each other."""
        items = tagged(sentence, self.cast, self.stems)
        self._leave_out_others(items)
        self._begin_sentence(items)
        self._note_sizes(items)
        clauses = clauses_of(items, sentence.asks)
        self._ahead(items, clauses)
        self.together = clauses
        pending: tuple[str, int] | None = None
        previous: int | None = None
        for number, clause in enumerate(clauses):
            made, why = self._events(items, clause)
            self._told(items, clause, made, why)
            self._mention(items, clause, bool(made))
            if not made:
                continue
            for event in made:
                leaves = event.path is not None and event.path.way == "leave"
                self.departed = self.departed | {event.entity} if leaves else self.departed - {event.entity}
                self.present.setdefault(event.entity)
                if event.relation:
                    self.present.setdefault(event.relation.other)
            this = self.order.add()
            where = self._words(items, clause)
            self.clauses.append(made)
            self.places.append(where)
            doers = {event.entity for event in made}
            pending = self._place(clause, this, previous, pending, doers, number + 1 < len(clauses))
            for doer in doers:
                self._one_by_one(doer, this)
            previous = this
        self._end_sentence(items)

    def _leave_out_others(self, items: list[Item]) -> None:
        """Take a noun with "a" for another one where the story's own was spoken of before: "a red ball hits a ball"."""
        named = dict.fromkeys(self.seen)
        for at, item in enumerate(items):
            if item.entity < 0:
                continue
            name = self.names[item.entity]
            begin = at - 1
            while begin >= 0 and items[begin].tag in "AN" and items[begin].entity < 0:
                begin -= 1
            anew = begin >= 0 and items[begin].low in _ANOTHER and name in named
            low = items[begin - 1].low if begin > 0 else ""
            said_of = low in BE | _SAID_OF or low in MARKS or (begin > 0 and items[begin - 1].lemma in BECOMING)
            if anew and not said_of and name not in self.plurals and not self.cast.several(name):
                item.entity, item.tag = -1, "N"
            named.setdefault(name)

    def _ahead(self, items: list[Item], clauses: list[Clause]) -> None:
        """Let a pronoun at the beginning mean who is named next: "when she saw the king, the queen waved"."""
        if (
            len(clauses) < 2
            or len(clauses[0].subjects) != 1
            or not {"when", "while", "as", "after"} & set(clauses[0].markers)
        ):
            return
        head, ahead = clauses[0].subjects[0], clauses[1].subjects[:1]
        if (
            items[head].tag != "O"
            or not ahead
            or items[ahead[0]].entity < 0
            or not self._nobody_else(items[head].low, items, head, self.names[items[ahead[0]].entity])
        ):
            return
        if self.cast.gender(self.names[items[ahead[0]].entity]) in ("", PRONOUN_OF.get(items[head].low, "-")):
            clauses[0].subjects = ahead

    def _nobody_else(self, low: str, items: list[Item], head: int, ahead: str) -> bool:
        """Whether a pronoun means nobody spoken of before but may mean who is named ahead."""
        if low in PRONOUN_OF and self._best(low, items, head, (ahead,)):
            return False  # "when he holds up the mirror, the guest screams"
        self._known.pop(head, None)
        return not self._pronoun(low, items, head)

    def _place(
        self,
        clause: Clause,
        this: int,
        previous: int | None,
        pending: tuple[str, int] | None,
        doers: set[str],
        later: bool,
    ) -> tuple[str, int] | None:
        """Put a clause into the order of all; what is known only when the next one comes is given back."""
        marker = next((word for word in clause.markers if word in THEN | _WHILE | _AFTER | _BEFORE), "")
        if marker in THEN - {"meanwhile"} or clause.anew:
            if previous is None:
                self.order.after_all(this)
            else:
                self.order.before(previous, this)
        elif pending is not None:
            kind, other = pending
            if kind == "while":
                self._same(other, this, doers)
            else:
                self._over(*((other, this) if kind == "after" else (this, other)))
        elif previous is None and later and marker in (_WHILE | _AFTER | _BEFORE) - {"meanwhile"}:
            return ("while" if marker in _WHILE else "after" if marker in _AFTER else "before", this)
        elif previous is None and marker in _WHILE and this:
            self._same(this - 1, this, doers)
        elif previous is not None and marker in _AFTER:
            self._over(this, previous)
        elif previous is not None and marker in _BEFORE:
            self._over(previous, this)
        elif previous is not None:
            self._same(previous, this, doers)
        return None

    def _same(self, clause: int, this: int, doers: set[str]) -> None:
        """Both at the same time, unless somebody would have to do two things at once."""
        if not doers & {event.entity for event in self.clauses[clause]}:
            self.order.same(clause, this)

    def _one_by_one(self, doer: str, this: int) -> None:
        """Nobody does two things at once: what the text has somebody do earlier is over, unless it says otherwise.

        ``deeds`` holds somebody's clauses, each with whether all earlier ones are over when it begins: there the search
        ends.
        """
        deeds, over = self.deeds.setdefault(doer, []), True
        for clause, alone in reversed(deeds):
            follows = self.order.before(clause, this) or self.order.together(clause, this)
            over &= follows
            if follows and alone:
                break
        deeds.append((this, over))

    def _over(self, clause: int, after: int) -> None:
        """One clause is over when another begins, as "after" and "until" say."""
        self.order.before(clause, after)
        self.clauses[clause] = [replace(event, over=True) for event in self.clauses[clause]]

    # Who is meant.

    def _note_sizes(self, items: list[Item]) -> None:
        for position in self.entities_at:
            item = items[position]
            for adjective in reversed(items[max(0, position - 3) : position]):
                if adjective.low in DETERMINERS or not adjective.low.isalpha():
                    break
                if (size := size_word(adjective.low)) is not None:
                    self.sizes[self.names[item.entity]] = size

    # What of a clause is filmed.

    # What is told of it.

    def _words(self, items: list[Item], clause: Clause) -> Stretch:
        first, last = clause.own, clause.end
        while last > first + 1 and items[last - 1].tag in "MCS":
            last -= 1
        return items[min(first, len(items) - 1)].start, items[max(first, last - 1)].end

    def _told(self, items: list[Item], clause: Clause, made: Sequence[Event], why: Unfilmed) -> None:
        start, end = self._words(items, clause)
        unread = [*self._verbs(items, clause)]
        if not (why or self.missed or self.undeclared or self.unseen >= 0):
            unread = [*self._unread(items, clause, made)]
        bare = not any(item.entity >= 0 for item in items[clause.own : clause.end])
        if why and clause.lemma in ("", "be") and bare and self._sets(items, clause):
            why = ""
        word = items[clause.verbs[-1]].low if clause.verbs else ""
        self.said.append(Said(start, end, why, word if why else ""))
        if self.unseen >= 0 and not why:
            verb = items[self.unseen]
            self.said.append(Said(verb.start, verb.end, "act", verb.low))
        for first, last in self.missed:
            self.said.append(Said(items[first].start, items[last - 1].end, "place"))
        for at in self.entities_at:
            if clause.begin <= at < clause.end and self._too_many(items, at):
                self.said.append(Said(items[at - 1].start, items[at].end, "many", items[at].low.split()[-1]))
        for first, last, reason in unread:
            self.said.append(Said(items[first].start, items[last - 1].end, reason, items[last - 1].low))
        for first, last in self.undeclared:
            self.said.append(Said(items[first].start, items[last - 1].end, "thing", noun_lemma(items[last - 1].low)))

    def _too_many(self, items: list[Item], at: int) -> bool:
        """Whether a number says that there are more of somebody than the one that the story declares."""
        name, begin = self.names[items[at].entity], at - 1
        while begin > 0 and items[begin].tag == "A":
            begin -= 1
        numbered = begin >= 0 and (items[begin].low in _MANY or items[begin].low.isdigit())
        return numbered and is_several(items[at].low) and not self.cast.several(name)

    def _sets(self, items: list[Item], clause: Clause) -> bool:
        """Whether words without a verb name a place or a time of day, which the background shows."""
        return any(is_setting(item.low) or item.low in TIMES_OF_DAY for item in items[clause.own : clause.end])

    def _mention(self, items: list[Item], clause: Clause, filmed: bool) -> None:
        """Note who is named in a clause, and who of them is in the picture. ``filmed``: whether anything of it is."""
        subjects = set(clause.subjects) | set(clause.agents)
        self._owners(items, clause)
        for position in range(clause.begin, clause.end):
            item = items[position]
            if item.sort >= 0 and self.names[item.sort] not in self.characters and clause.unreal == "":
                self.present.setdefault(self.names[item.sort])
            if item.entity < 0:
                for name in self._called(items, position) if item.tag == "N" else ():
                    self._hear(name, position in subjects)
                continue
            name = self.names[item.entity]
            done_to = position >= clause.tail and not self._under(items, position, clause.begin)
            self._hear(name, position in subjects, owns=self._owns(items, position), done_to=done_to)
            if self._there(items, clause, position, position in subjects):
                self.present.setdefault(name)
                self.named.setdefault(name, (item.start, item.end))
        none = any(item.low == "no" for item in items[clause.begin : clause.end])
        for name in self._meant(items, clause) if clause.unreal == "" or (clause.unreal == "not" and not none) else ():
            if not any(items[head].low in ("everyone", "everybody", "all") for head in clause.subjects):
                self._hear(name, True)
            several = any(items[head].low in ("they", "both") for head in clause.subjects)
            if not (clause.unreal == "" and self._leaves(items, clause)) and (filmed or not several):
                self.present.setdefault(name)

    def _there(self, items: list[Item], clause: Clause, position: int, subject: bool) -> bool:
        """Whether an entity that is named is in the picture."""
        after = items[position + 1] if position + 1 < len(items) else None
        if after is not None and after.low == POSSESSIVE:
            owned = next((each for each in items[position + 2 : clause.end] if each.tag in "NE"), None)
            return owned is not None and owned.entity < 0 and not is_setting(owned.low) and not clause.unreal
        if clause.content or (clause.lemma in MENTAL - PERCEIVING and not subject):
            return False
        if clause.unreal in ("perhaps", "asked"):
            return (
                subject
                and clause.form == "finite"
                and "if" not in clause.markers
                and clause.unreal == "perhaps"
                and "that" not in clause.markers
            )
        if any(each.low == "no" for each in items[max(0, position - 2) : position]):
            return False
        if clause.unreal == "not":
            return subject and not any(each.low == "there" for each in items[clause.begin : clause.tail])
        if subject and self._leaves(items, clause):
            return False
        under = self._under(items, position, clause.begin)
        if not subject and not under and self._says_what(items, clause, position):
            return False
        if under == "into" and clause.lemma in BECOMING:
            return False
        if under in _OF_ANOTHER_PLACE and not (under in ("like", "than", "as") and self._compared(items, position)):
            return False
        return not ((under in ("of", "about", "to") and clause.lemma in _THOUGHT_OF and under != "to") or (
            clause.lemma in _THOUGHT_OF - SPEAKING and not subject and not under))  # fmt: skip

    def _says_what(self, items: list[Item], clause: Clause, position: int) -> bool:
        """Whether a noun says what somebody is: "the king is a good man"."""
        if clause.lemma not in ("be", "become") or position < clause.tail:
            return False
        return not any(item.low == "there" or item.tag == "P" for item in items[clause.begin : position])

    def _compared(self, items: list[Item], position: int) -> bool:
        words = [item.low for item in items[max(0, position - 6) : position]]
        return "than" in words or (
            words.count("as") > 1 and bool({"twice", "not", "times", "double"}.intersection(words))
        )
