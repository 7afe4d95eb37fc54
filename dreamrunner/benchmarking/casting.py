"""Whom and what sentences name, and who does what in them, so that a story of them can be written.

A benchmark's prompt declares nobody. Its nouns are found as the offline planner finds the words of narrations; who is
the subject of a verb, or a person, an animal or a machine, becomes a character, other things become props.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dreamrunner.language.parsing.lines import words as reserved
from dreamrunner.planning.english.beings import nature_of
from dreamrunner.planning.english.chunks import Chunk, chunked
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.clauses import clauses_of
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.lexicon import DETERMINERS, MORE_COLOURS, is_setting
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.tagging import tagged
from dreamrunner.planning.english.things import is_no_thing, is_thing
from dreamrunner.planning.english.verbs import BODY, GARMENTS
from dreamrunner.planning.english.word_forms import ing_form, is_plural, noun_lemma, with_article
from dreamrunner.planning.english.words import POSSESSIVE, sentences
from dreamrunner.planning.exchange.convert import name_of

_NUMBERS = {word: number for number, word in enumerate("two three four five six seven eight".split(), 2)}
"""How many of a kind stand for themselves; of more there is one declaration for all."""

_INDEFINITE = frozenset({"a", "an", "another"})
_WEATHER = frozenset("rain snow hail thunder".split())
_UNSEEN = frozenset("there it darkness silence time night day morning evening wind sound music".split())
"""Subjects that can't be seen in one place."""

_BY_THINGS = frozenset(
    "of on onto beside behind under above below near by over past towards toward against around from between"
    " into".split()
)
"""Prepositions that tell a place by a thing: what stands behind them is to be seen, too."""

_NOTHING = frozenset("go timelapse time-lapse close-up closeup shot video scene view footage".split())


@dataclass(slots=True)
class Figure:
    """Somebody or something that is named.

    ``name``: its name in the story. ``looks``: what it looks like. ``acts``: whether it is a character.
    ``noun``: the singular of its noun, ``noun_shown``: as its looks have it.
    ``attributes``: the words that describe it. ``since``: the number of the text that names it first.
    """

    name: str
    looks: str
    acts: bool
    noun: str
    noun_shown: str
    attributes: frozenset[str]
    since: int


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does in one of the texts, or has done to it.

    ``figure``: who. ``motion``: as a story names it, None for what does nothing by itself. ``words``: what is said of
    it, from the verb on. ``more``: the same with the words between it and the deed before, where it belongs to that:
    the "as floating bubbles" of "notes drift as floating bubbles"; else "".
    """

    figure: Figure
    motion: str | None
    words: str
    more: str = ""


@dataclass(slots=True)
class Casting:
    """All figures, in the order in which they are named; by text the deeds; which texts name several of a kind."""

    figures: list[Figure] = field(default_factory=list)
    deeds: list[list[Deed]] = field(default_factory=list)
    counted: bool = False


def cast_of(texts: Sequence[str]) -> Casting:
    """Who and what is in texts that follow one another, such as the events of a story."""
    return _Caster().run(texts)


class _Caster:
    def __init__(self) -> None:
        self.made = Casting()
        self.taken = set(reserved().values())

    def run(self, texts: Sequence[str]) -> Casting:
        nobody = Cast((), (), {})
        before: list[Figure] = []
        for number, text in enumerate(texts):
            deeds: list[Deed] = []
            for sentence in sentences(text):
                items = tagged(sentence, nobody, frozenset())
                chunks, clauses = chunked(items), clauses_of(items, sentence.asks)
                found = self._figures(items, chunks, clauses, number)
                after = -1
                for clause in clauses:
                    doers = [each for head in clause.subjects for each in found.get(head, ())]
                    spoken = any(items[head].tag == "O" for head in clause.subjects)
                    if not doers and (spoken or not clause.subjects):
                        doers = before
                    before = doers or before
                    weather = clause.lemma in _WEATHER and any(items[head].low == "it" for head in clause.subjects)
                    if clause.lemma and not weather and not clause.unreal and clause.end > clause.verb:
                        deeds += self._deeds(text, items, clause, doers, after)
                        after = items[clause.end - 1].end
            self.made.deeds.append(deeds)
        return self.made

    def _figures(
        self, items: list[Item], chunks: list[Chunk], clauses: list[Clause], number: int
    ) -> dict[int, list[Figure]]:
        """The figures of a sentence, by the positions of their nouns."""
        active = {head for clause in clauses if not clause.passive and clause.lemma for head in clause.subjects}
        subjects = {head for clause in clauses for head in clause.subjects}
        found: dict[int, list[Figure]] = {}
        last: list[Figure] = []
        for at, chunk in enumerate(chunks):
            if chunk.kind != "NP" or items[chunk.head].tag == "O":
                continue
            if chunk.under in ("in", "with") and last and items[chunk.head].low in GARMENTS | BODY:
                self._worn(items, chunk, last)
                continue
            end = next((n for n in range(chunk.first, chunk.last) if items[n].low == POSSESSIVE), chunk.last)
            head = chunk.head if end == chunk.last else end - 1
            noun = items[head].low
            direct = not chunk.under and at > 0 and chunks[at - 1].kind == "VG"
            direct |= chunk.under in _BY_THINGS and items[chunk.first].low in DETERMINERS
            if not _seen(noun, chunk, direct=direct, subject=chunk.head in subjects):
                continue
            acts = nature_of(noun) in ("person", "animal") or (chunk.head in active and not is_thing(noun))
            acts = acts or (chunk.head in active and nature_of(noun) == "machine")
            last = self._named([item.low for item in items[chunk.first : head]], noun, acts, number)
            found[chunk.head] = last
        return found

    def _named(self, before: list[str], noun: str, acts: bool, number: int) -> list[Figure]:
        """The figures that a noun with the words ``before`` it names, told of before or new."""
        count = next((_NUMBERS[word] for word in before if word in _NUMBERS), 1)
        self.made.counted |= count > 1
        one = noun_lemma(noun)
        own = [word for word in before if word not in DETERMINERS and word not in _NUMBERS and word.isalpha()]
        attributes = frozenset(own) - {"one", "other", "another", "same", "both", "each"}
        alike = [each for each in self.made.figures if each.noun == one]
        fitting = [each for each in alike if attributes <= each.attributes] or ([] if attributes else alike)
        anew = "another" in before or (bool(_INDEFINITE.intersection(before)) and bool(attributes))
        if fitting and not (anew and not any(each.attributes == attributes for each in fitting)):
            return fitting if count > 1 or noun != one else fitting[-1:]
        told = " ".join(word for word in own if word in attributes)
        phrase = f"{told} {one if count > 1 else noun}".strip()
        indefinite = count > 1 or bool(_INDEFINITE.intersection(before))
        looks = with_article(phrase) if indefinite else f"the {phrase}" if "the" in before else phrase
        made = [
            Figure(
                name_of(one if not alike or not told else f"{told} {one}", self.taken),
                looks,
                acts,
                one,
                one if count > 1 else noun,
                attributes,
                number,
            )
            for _ in range(count)
        ]
        self.made.figures += made
        return made

    def _worn(self, items: list[Item], chunk: Chunk, who: list[Figure]) -> None:
        """What somebody wears, or has, is of its looks: "a woman in a blue coat"."""
        worn = " ".join(item.low for item in items[chunk.first : chunk.last]).replace(f" {POSSESSIVE}", POSSESSIVE)
        for each in who:
            if f" {chunk.under} {worn}" not in each.looks:
                each.looks += f" {chunk.under} {worn}"

    def _deeds(self, text: str, items: list[Item], clause: Clause, doers: list[Figure], after: int) -> Iterator[Deed]:
        """Who does what in a clause. ``after`` is where the clause before ends in the text, -1 for none."""
        begin, end = clause.verb, items[clause.end - 1].end
        while begin > 0 and items[begin - 1].tag == "R":
            begin -= 1
        said = text[items[begin].start : end].strip(" ,;.")
        rest = text[items[clause.tail].start : end].strip(" ,;.") if clause.tail < clause.end else ""
        more = text[after:end].rstrip(" ,;.") if after >= 0 and clause.form != "finite" else ""
        for doer in doers:
            if doer.acts and not clause.passive and clause.lemma not in ("be", "have"):
                verb = ing_form(clause.lemma)
                helper = "are" if is_plural(doer.noun_shown) else "is"
                yield Deed(doer, verb, f"{helper} {verb} {rest}".strip(), more)
            else:
                yield Deed(doer, None, said, more)


def _seen(noun: str, chunk: Chunk, *, direct: bool, subject: bool) -> bool:
    """Whether a noun is to be a figure: it names something that can be seen in one place."""
    if noun in MORE_COLOURS or noun in _NOTHING or noun.isdecimal():
        return False
    if subject:
        return noun not in _UNSEEN
    if is_no_thing(noun) or (is_setting(noun) and chunk.under):
        return False
    return is_thing(noun) or bool(nature_of(noun)) or direct
