"""Reading a text as events: who does what, in which order, where and which way. Rules over words, no model.

A text is cut into clauses, one for every verb: its subjects, what joins it to the clauses before it, and the
phrases that belong to it. English is richer than these rules; what they don't understand they leave out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from dreamrunner.files.text import in_words
from dreamrunner.planning.narration.connectives import (
    AFTER,
    BEFORE,
    CONJUNCTIONS,
    LISTING,
    THEN,
    WHILE,
    in_phrase,
    is_entity,
)
from dreamrunner.planning.narration.events import Event, Path, Telling, Way
from dreamrunner.planning.narration.interaction import interaction
from dreamrunner.planning.narration.lexicon import DETERMINERS, PREPOSITIONS, WALKS, gender, size_word
from dreamrunner.planning.narration.mentions import mentions, motion_at, tokens
from dreamrunner.planning.narration.phrases import BECOMING, MEETING, change_in, read_phrase
from dreamrunner.planning.narration.sentence_order import Order
from dreamrunner.planning.narration.word_forms import verb_lemma

_BEING = frozenset("is are was were stays stay remains remain stayed remained there".split())
_NOUNS = frozenset(
    "left rose light like fly flies lights plants waves dives drinks watches fish rests lands hands".split()
)
"""Words that are verbs only where somebody stands before them."""
_KEPT = frozenset("and left right up down from top middle side front away with after".split())
"""Words that say where, and so are no adjectives of the entity that they stand before."""
_OTHER_VERBS = (BECOMING - {"get"}) | WALKS | MEETING | {"shrink", "appear", "disappear"}
_SINGLE, _SEVERAL = frozenset({"he", "she", "it"}), frozenset({"they", "both", "everyone", "everybody"})
_LONGEST_SENTENCE = 200
"""Words after which a sentence without an end is read as if it ended."""
_LONGEST_PHRASE = 40
"""Words of what stands before or after a verb that are read."""
_MOST_TOGETHER = 20
"""How many "they" and "everybody" may mean."""
_AUXILIARY = frozenset(
    "is are was were be been being has have had will would can could may must should do does did to begins begin"
    " began starts"
    " start started tries try keeps kept stops stop stopped also still now both all not just already happily".split()
)


@dataclass(slots=True)
class _Clause:
    """A verb, its subjects, and the words that join it to what came before; positions in a sentence."""

    verb: int
    subjects: tuple[str, ...]
    markers: tuple[str, ...]
    begin: int
    own: int
    """Where the words after the joining ones begin."""
    end: int = 0


def read_telling(
    text: str, entities: Sequence[str], characters: Sequence[str], motions: Sequence[str], speaker: str | None = None
) -> Telling:
    """Read a narration. ``entities`` are all names of the story, ``characters`` those that do something by themselves.

    ``motions`` are the story's own, preferred to the verbs that this planner knows. ``speaker`` is the one that "she"
    stands for before anyone is named.
    """
    return _telling(text, tuple(entities), tuple(characters), tuple(motions), speaker)


@lru_cache(maxsize=1024)
def _telling(
    text: str, entities: tuple[str, ...], characters: tuple[str, ...], motions: tuple[str, ...], speaker: str | None
) -> Telling:
    """A scene is read again each time that another scene of a story that is being edited changes."""
    reader = _Reader(list(entities), frozenset(characters), motions, speaker)
    sentence: list[str] = []
    for word in [*reader.marked(tokens(text)), "."]:
        ends = word in {".", "!", "?"}
        if not ends:
            sentence.append(word)
        if ends or len(sentence) == _LONGEST_SENTENCE:
            reader.read(sentence)
            sentence = []
    steps = reader.order.steps()
    told = zip(reader.clauses, steps, strict=True)
    events = tuple(replace(event, step=step) for clause, step in told for event in clause)
    return Telling(events, 1 + max(steps, default=0), reader.sizes)


_SIZING: dict[str, Way] = {"grow": "grow", "shrink": "shrink"}


class _Reader:
    """Reads sentence after sentence and remembers their subjects. Entities are written ``@0``, ``@1`` ...

    ``clauses`` holds the events of each clause; ``order`` turns clauses into steps at the end.
    """

    def __init__(
        self, names: list[str], characters: frozenset[str], motions: tuple[str, ...], speaker: str | None
    ) -> None:
        self.names, self.characters, self.motions = names, characters, motions
        self.numbers = {name: number for number, name in enumerate(names)}
        self.clauses: list[list[Event]] = []
        self.deeds: dict[str, list[tuple[int, bool]]] = {}
        self.sizes: dict[str, float] = {}
        self.order = Order()
        self.subjects: tuple[str, ...] = ()
        self.single, self.latest = speaker, ""
        self.seen: dict[str, None] = {}
        self.plain: list[str] = []

    def marked(self, words: list[str]) -> list[str]:
        """The words with every entity as one word; the sizes that adjectives give them are noted."""
        found, out, position = mentions(words, self.names), [], 0
        while position < len(words):
            if position not in found:
                out.append(words[position])
                position += 1
                continue
            name = found[position]
            for adjective in reversed(out[-3:]):
                if adjective in DETERMINERS or not adjective.isalpha():
                    break
                if (size := size_word(adjective)) is not None:
                    self.sizes[name] = size
            out.append(f"@{self.numbers[name]}")
            position += len(tokens(in_words(name)))
        return out

    def read(self, words: list[str]) -> None:
        """Read one sentence: its clauses, their events, and how they follow each other."""
        self.plain = [in_words(self._name(word)) if is_entity(word) else word for word in words]
        clauses = self._clauses(words)
        pending: tuple[str, int] | None = None
        previous: int | None = None
        for number, clause in enumerate(clauses):
            made = self._events(words, clause)
            if not made:
                continue
            this = self.order.add()
            self.clauses.append(made)
            doers = {event.entity for event in made}
            marker = next((word for word in clause.markers if word in THEN | WHILE | AFTER | BEFORE), "")
            later = number + 1 < len(clauses)
            if marker in THEN:
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
                pending = None
            elif previous is None and later and marker in (WHILE | AFTER | BEFORE) - {"meanwhile"}:
                pending = ("while" if marker in WHILE else "after" if marker in AFTER else "before", this)
            elif previous is None and marker in WHILE and this:
                self._same(this - 1, this, doers)
            elif previous is not None and marker in WHILE:
                self._same(previous, this, doers)
            elif previous is not None and marker in AFTER:
                self._over(this, previous)
            elif previous is not None and marker in BEFORE:
                self._over(previous, this)
            elif previous is not None:
                self._same(previous, this, doers)
            for doer in doers:
                self._one_by_one(doer, this)
            previous = this
        for word in words:
            if is_entity(word):
                self._mention(self.names[int(word[1:])])

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

    def _mention(self, name: str) -> None:
        self.latest = name
        self.seen.setdefault(name)

    def _clauses(self, words: list[str]) -> list[_Clause]:
        verbs = [position for position in range(len(words)) if self._is_verb(words, position)]
        # Of two verbs in a row, as in "goes swimming" or "tries to climb", the last says what is done.
        ends = [*verbs[1:], len(words)]
        verbs = [
            verb
            for verb, after in zip(verbs, ends, strict=False)
            if after == len(words) or not all(word in _AUXILIARY for word in words[verb + 1 : after])
        ]
        clauses: list[_Clause] = []
        for number, verb in enumerate(verbs):
            begin = start = own = self._joint(words, verbs[number - 1] + 1, verb) if number else 0
            while own < verb and words[own] in LISTING | CONJUNCTIONS | THEN:
                own += 1
            markers = tuple(words[start:own])
            if not number and any(word in markers for word in AFTER | BEFORE) and "," in words[own:verb]:
                markers = ("then",)  # "after a while, the witch waves"
            if clauses:
                clauses[-1].end = start
            clauses.append(_Clause(verb, (), markers, begin, own, len(words)))
        for number, clause in enumerate(clauses):
            clause.subjects = self._subjects(words, clause, not number)
            self.subjects = clause.subjects or self.subjects
            doers = [name for name in clause.subjects if name in self.characters]
            self.single = doers[0] if doers else self.single
        return clauses

    def _joint(self, words: list[str], begin: int, verb: int) -> int:
        """Where a clause begins that is not its sentence's first: its joining word, between two verbs."""
        joints = [
            position
            for position in range(begin, verb)
            if words[position] in LISTING | CONJUNCTIONS | THEN and not self._follows(words, position, verb)
        ]
        if not joints:
            return verb
        joint = joints[-1]
        for earlier in reversed(joints[:-1]):
            between = words[earlier + 1 : joint]
            if not between:
                joint = earlier  # ", and then"
            elif (
                words[joint] in LISTING
                and is_entity(words[joint - 1])
                and not any(word in PREPOSITIONS for word in between)
            ):
                joint = earlier  # "... , and the cat and the dog jump": the list began there
            else:
                break
        return joint

    def _follows(self, words: list[str], position: int, verb: int) -> bool:
        """Whether "after" is a way here, as in "runs after the cat and laughs", and joins nothing."""
        return words[position] in AFTER and any(
            word in LISTING | THEN | CONJUNCTIONS for word in words[position + 1 : verb]
        )

    def _subjects(self, words: list[str], clause: _Clause, first: bool) -> tuple[str, ...]:
        part = range(clause.own, clause.verb)
        free = [
            position for position in part if is_entity(words[position]) and not in_phrase(words, position, clause.own)
        ]
        if free:
            return tuple(dict.fromkeys(self._name(words[position]) for position in free))
        said = {words[position] for position in part}
        if said & _SEVERAL:
            return self._several()
        if said & _SINGLE:
            known = self.subjects[:1] if "it" in said else ()
            meant = self._meant("she" if "she" in said else "he" if "he" in said else "", words[: clause.own])
            return known or ((meant,) if meant else ())
        if not first:
            if clause.begin == clause.verb and is_entity(words[clause.verb - 1]):
                return (self._name(words[clause.verb - 1]),)  # "watches the cat jump"
            return self.subjects
        if words[clause.verb] == "there" or (part and said & PREPOSITIONS):
            # Turned round: "there is a cat", "on the table sits the cat".
            for position in range(clause.verb + 1, clause.end):
                if is_entity(words[position]) and not in_phrase(words, position, clause.verb + 1):
                    return (self._name(words[position]),)
        return ()

    def _meant(self, pronoun: str, before: list[str]) -> str | None:
        """The character that "she" or "he" means: the last subject if it is one, else the last named that is."""

        def fits(name: str | None) -> bool:
            return name in self.characters and gender(in_words(name)) == pronoun

        if not pronoun or fits(self.single):
            return self.single
        named = (self._name(word) for word in reversed(before) if is_entity(word))
        known = itertools.chain(named, reversed(self.seen))
        return next((name for name in known if fits(name)), self.single)

    def _several(self) -> tuple[str, ...]:
        if len(self.subjects) > 1:
            return self.subjects
        seen = [name for name in self.seen if name in self.characters][:_MOST_TOGETHER]
        everyone = seen if len(seen) > 1 else [name for name in self.names if name in self.characters][:2]
        return tuple(everyone) if len(everyone) > 1 else ((self.single,) if self.single else ())

    def _name(self, word: str) -> str:
        return self.names[int(word[1:])]

    def _is_verb(self, words: list[str], position: int) -> bool:
        word, before = words[position], words[position - 1] if position else ""
        after = words[position + 1] if position + 1 < len(words) else ""
        if word == "there":
            return after in ("is", "are", "was", "were")
        if not word.isalpha() or before in DETERMINERS | (PREPOSITIONS - {"to"}) | {"very", "of", "there"}:
            return False
        if word in _BEING:
            done = next(
                (at for at in range(position + 1, min(position + 5, len(words))) if words[at] not in _AUXILIARY
                 and not words[at].endswith("ly")), None,
            )  # fmt: skip
            passive = done is not None and words[done + 1 : done + 2] == ["by"]
            return done is None or not ((words[done].endswith("ing") or passive) and self._does(words, done))
        said = is_entity(before) or before in _SINGLE | _SEVERAL | LISTING | THEN | _AUXILIARY - {"to"}
        if word in _NOUNS and not said:
            return False
        return self._does(words, position)

    def _does(self, words: list[str], position: int) -> bool:
        return bool(self._motion(position)) or verb_lemma(words[position]) in _OTHER_VERBS

    def _motion(self, position: int) -> str | None:
        return motion_at(position, self.plain, self.motions)

    def _phrase(self, words: list[str], begin: int, end: int, subjects: tuple[str, ...]) -> str:
        """The words between two positions as phrases are read: no articles, no adjectives, pronouns resolved."""
        out: list[str] = []
        position = begin
        while position < end:
            word = words[position]
            after = words[position + 1] if position + 1 < end else ""
            if (word, after) in (("each", "other"), ("one", "another")):
                out.append("@@")
                position += 1
            elif word in ("him", "it", "them") or (
                word == "her" and (not after.isalpha() or after in PREPOSITIONS | LISTING)
            ):
                if other := self._pointed(words[:position], subjects, word):
                    out.append(f"@{self.numbers[other]}")
            elif is_entity(word):
                while out and out[-1].isalpha() and out[-1] not in PREPOSITIONS | _KEPT and len(out) > 1:
                    out.pop()  # adjectives
                out.append(word)
            elif (word not in DETERMINERS | LISTING - {"and"} and word.isalpha()) or word in (",", ";"):
                out.append(word)
            position += 1
        return " ".join(out)

    def _pointed(self, before: list[str], subjects: tuple[str, ...], word: str) -> str | None:
        """The entity that "him" or "it" means: the one named last that isn't the subject."""
        named = (self._name(each) for each in reversed(before) if is_entity(each))
        people = word in ("him", "her")
        for name in itertools.chain(named, reversed(self.seen)):
            if name not in subjects and (not people or name in self.characters):
                return name
        return None

    def _events(self, words: list[str], clause: _Clause) -> list[Event]:
        """The events of one clause: those of its subjects, and of the entities that they act on."""
        if not clause.subjects:
            return []
        verb = "" if words[clause.verb] in _BEING else verb_lemma(words[clause.verb])
        motion = self._motion(clause.verb) or ("walking" if verb in WALKS | MEETING else "")
        first, last = clause.verb + 1, min(clause.end, clause.verb + 1 + _LONGEST_PHRASE)
        tail = self._phrase(words, first, last, clause.subjects)
        lead = self._phrase(words, max(clause.own, clause.verb - _LONGEST_PHRASE), clause.verb, clause.subjects)
        if (by := re.match(r"(?:\w+ly )?by @(\d+)", tail)) and {"is", "are", "was", "were", "being", "gets"} & set(
            lead.split()
        ):
            # Turned round: "the boy is chased by the dragon".
            done = self.numbers[clause.subjects[0]]
            clause.subjects, tail = (self.names[int(by[1])],), f"@{done}{tail[by.end() :]}"
        change = change_in(tail, verb)
        said = read_phrase(tail, verb, self.names).or_else(read_phrase(lead, verb, self.names))
        if change is not None:
            motion, said = "", replace(said, path=None)
        elif (sizing := _SIZING.get(verb)) is not None:
            said = replace(said, path=Path(sizing))
        return interaction(clause.subjects, verb, motion, said, tail, change, self.names, self.characters)
