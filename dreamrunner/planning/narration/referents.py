"""Who is meant by the words of a sentence: "she", "the king's horse", "both animals", "everyone but the cat"."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from dreamrunner.planning.english.beings import is_several
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.word_forms import noun_lemma
from dreamrunner.planning.english.words import POSSESSIVE

PRONOUN_OF = {"he": "he", "him": "he", "his": "he", "himself": "he", "she": "she", "her": "she", "hers": "she",
              "herself": "she", "it": "it", "its": "it", "itself": "it"}  # fmt: skip
_SEVERAL = frozenset("they them both everyone everybody all each themselves".split())
_EXCEPT = frozenset("except without but".split())
_SIDED = frozenset("left right leftwards rightwards leftward rightward".split())
_OWNERS = frozenset("his her its".split())
_ALL = frozenset("everyone everybody all".split())
_ANY_OF = frozenset("one either any some most half".split())
"""Quantities of which it is not said who of several they are."""
_NUMBERS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_COMPANIONS = frozenset(
    "friend companion comrade pair couple duo trio partner rival enemy opponent fighter ally hero traveller traveler"
    " adventurer player winner loser twin".split()
)
_KINDS_OF_SEVERAL = {"animal": "animal", "beast": "animal", "creature": "animal", "robot": "machine",
                     "machine": "machine"}  # fmt: skip
_SEXES = {"man": "he", "boy": "he", "brother": "he", "woman": "she", "girl": "she", "sister": "she", "lady": "she"}
_ALONE = {"guy": "he", "fellow": "he", "gentleman": "he", "lad": "he"}
_KINDS = frozenset("bird fish insect reptile".split())
_BEINGS = frozenset("man woman child people person animal bird soldier guest villager dancer star wolf bee".split())
_PEOPLE = frozenset("person people child kid lover stranger dancer soldier human sibling".split())
_MOST_TOGETHER = 20
"""How many "they" and "everybody" may mean, and how far back a pronoun reaches."""
_GOING_ON = {"person": 0.8, "animal": 0.6, "machine": 0.3, "": 0.1}
"""How much nearer who acted last is to a pronoun that acts."""
_SURE = 1.0
"""How much better than all others somebody must fit a pronoun for it to say whether it is a he or a she."""
_FARTHEST = 6
"""How many sentences back."""
_DOING, _NAMED, _OWNING = 1.0, 0.6, 0.4
"""How much nearer at hand who did something is than who was only named, or only named as whose something is."""


class Referents:
    """Who was named so far, sentence after sentence.

    ``subjects``: who did something last. ``single``: the last character of these. ``seen``: everybody who was named,
    the last one last, each with the sentence and with how much he or she was spoken of. ``bound``: by pronoun, whom it
    last stood for, whether that one acted, and whether another did. ``sexes``: which of "she" and "he" stood for whom,
    where only the text says so. ``anchor``: by whom somebody's place was told last. ``carried``: things in somebody's
    hands. ``causers``: who makes somebody do what a clause says. ``others``: the last sentence that ends with several
    who are nobody of the story. ``entities_at``: where the sentence names somebody. ``sided``: whether it has words of
    left and right.
    """

    def __init__(self, cast: Cast, speaker: str | None) -> None:
        self.cast, self.names = cast, list(cast.names)
        self.characters = cast.characters
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.subjects: tuple[str, ...] = ()
        self.single = speaker
        self.speaker = speaker
        self.seen: dict[str, tuple[int, float]] = {}
        self.bound: dict[str, tuple[str, bool, bool]] = {}
        self.sexes: dict[str, str] = {}
        self.carried: set[str] = set()
        self.causers: tuple[str, ...] = ()
        self.sentence = 0
        self.anchor = ""
        self.others = -9
        self._known: dict[int, str | None] = {}
        self.entities_at: list[int] = []
        self.sided = False
        self._excepts = False
        self._owned: list[int] = []

    def _begin_sentence(self, items: list[Item]) -> None:
        self.sentence += 1
        self._known = {}
        words = {item.low for item in items}
        self.entities_at = [at for at, item in enumerate(items) if item.entity >= 0]
        self.sided = not words.isdisjoint(_SIDED)
        self._excepts = not words.isdisjoint(_EXCEPT)
        self._owned = [at for at, item in enumerate(items) if item.low in _OWNERS and item.tag == "D"]

    def _end_sentence(self, items: list[Item]) -> None:
        """Note whom "they" may mean in the next sentence."""
        named = max((at for at, item in enumerate(items) if item.entity >= 0), default=-1)
        for item in items[named + 1 :]:
            if item.tag == "N" and is_several(item.low) and (item.low == "eyes" or noun_lemma(item.low) in _BEINGS):
                self.others = self.sentence

    def _hear(self, name: str, subject: bool, *, owns: bool = False) -> None:
        """Note that somebody was named, as a subject, or only as whose something is."""
        before = self.seen.pop(name, (-1, 0.0))
        weight = _DOING if subject else _OWNING if owns else _NAMED
        self.seen[name] = (self.sentence, max(weight, before[1]) if before[0] == self.sentence else weight)

    def _meant(self, items: list[Item], clause: Clause) -> tuple[str, ...]:
        """The names of a clause's subjects; none where they are nobody of the story."""
        found: list[str] = []
        for head in clause.subjects:
            item = items[head]
            if item.entity >= 0:
                found.append(self.names[item.entity])
            elif item.tag == "O" or item.low in _NUMBERS:
                found += self._pronoun(item.low, items, head)
            elif item.tag == "N":
                found += self._together_called(items, head) or self._called(items, head)
        if not self._excepts:
            return tuple(dict.fromkeys(found))
        excepted = {
            self.names[items[at].entity]
            for at in range(clause.begin, clause.end)
            if items[at].entity >= 0 and self._under(items, at, clause.begin) in _EXCEPT
        }
        return tuple(dict.fromkeys(name for name in found if name not in excepted))

    def _pronoun(self, low: str, items: list[Item], position: int) -> tuple[str, ...]:
        before = items[position - 2].low if position > 1 and items[position - 1].low == "of" else ""
        if before in _ANY_OF:
            return ()
        if low in _ALL | {"others"} and (low == "others" or self._word(items, position + 1) == "else"):
            lately = {name for name, (sentence, _) in self.seen.items() if self.sentence - sentence < 2}
            return tuple(name for name in self._everybody() if name not in lately) if lately else ()
        if low in _NUMBERS and low != "both":
            return self._so_many(self.characters, _NUMBERS[low])
        if low in _SEVERAL:
            if before in _NUMBERS:
                return self._so_many(self.characters, _NUMBERS[before])
            several = self._several(low == "both")
            return several or (self._everybody() if low in _ALL else ())
        if low not in PRONOUN_OF:
            return ()
        best = self._best(low, items, position, acts=False if self.causers else None)
        return (best,) if best else ()

    def _word(self, items: list[Item], position: int) -> str:
        return items[position].low if position < len(items) else ""

    # One.

    def _best(
        self, low: str, items: list[Item], position: int, other_than: Iterable[str] = (), acts: bool | None = None
    ) -> str | None:
        """Whom a pronoun most likely means: who fits it and was spoken of just now."""
        left_out = {*other_than, *self.causers} if items[position].tag == "O" else set(other_than)
        if items[position].tag == "D" and position + 1 < len(items) and items[position + 1].entity >= 0:
            left_out.add(self.names[items[position + 1].entity])  # nobody is his own horse
        if position in self._known and self._known[position] not in left_out:
            return self._known[position]
        pronoun = PRONOUN_OF[low]
        near: dict[str, float] = {}
        if self.speaker is not None:
            near[self.speaker] = 0.1 if not self.seen else -2.0
        if not self.seen:
            alike = [name for name in self.characters if self.cast.gender(name) == pronoun]
            near |= dict.fromkeys(alike, 0.1) if len(alike) == 1 else {}
        for name, (sentence, weight) in itertools.islice(reversed(self.seen.items()), _MOST_TOGETHER):
            ago = self.sentence - sentence
            if ago <= _FARTHEST:
                near[name] = weight * (3.0 if ago == 0 else 1.2 / ago)
        for item in items[:position]:
            if item.entity >= 0:
                near.setdefault(self.names[item.entity], 0.0)
                near[self.names[item.entity]] = max(near[self.names[item.entity]], 3.0 * _NAMED)
        if acts is None:
            acts = position + 1 < len(items) and items[position + 1].tag in "UVRX"
        goes_on = 0.8 if position and items[position - 1].low in ("that", "because", "so") else 0.2
        for name in self.subjects:
            if name in near:
                near[name] += goes_on  # "the dragon was so glad that he danced"
                if acts and len(self.subjects) == 1 and self.seen.get(name, (-9,))[0] == self.sentence - 1:
                    near[name] += _GOING_ON[self.cast.nature(name)]
        if self.single in near and self.single is not None:
            near[self.single] += 0.1
        last, acted, another = self.bound.get(pronoun, ("", False, False))
        if last in near:
            near[last] += (
                0.4 if pronoun == "it" and self._overtaken(last)
                else 1.2 if acted or not acts
                else 0.9 if another and pronoun != "it"
                else 0.4
            )  # fmt: skip
        placed = position > 0 and items[position - 1].tag == "P"
        if pronoun == "it" and placed and self.sentence - self.seen.get(self.anchor, (-9, 0.0))[0] < 2:
            near[self.anchor] += 1.5  # whatever somebody's place was told by is told by again
        if acts and pronoun != "it":
            for at in self._owned:
                if at + 1 < position and items[at + 1].entity >= 0 and PRONOUN_OF[items[at].low] == pronoun:
                    name = self.names[items[at + 1].entity]
                    if name in near and name in self.subjects:
                        near[name] -= 2.5  # "when her aunt turned, she hid it"
        for other, (name, _, _) in self.bound.items():
            if other != pronoun and name in near:
                near[name] -= 1.0 if pronoun == "it" else 2.0
        if pronoun == "it" and placed:
            for name in near:
                near[name] += 0.0 if name in self.characters or name in self.carried else 0.7
        if pronoun != "it" and not acts:
            for name, (sentence, _) in itertools.islice(reversed(self.seen.items()), _MOST_TOGETHER):
                if name in near and self.cast.gender(name) == pronoun and self.sentence - sentence == 1:
                    near[name] += 1.4  # of "he reached for her hand"
        fitting = {
            name: fit + near[name] for name in near if name not in left_out and (fit := self._fit(pronoun, name, acts))
        }
        best = max(fitting, key=lambda name: fitting[name], default=None)
        self._known[position] = best
        if best is not None:
            self.bound[pronoun] = best, acts, best not in self.subjects
            away = best not in self.subjects and not acts  # "it lands on his finger"
            others = [fit for name, fit in fitting.items() if name != best and not (away and name in self.subjects)]
            sure = fitting[best] >= max(others, default=0.0) + (0.5 if away else _SURE)
            if pronoun != "it" and not self.cast.gender(best) and sure:
                self.sexes.setdefault(best, pronoun)
        return best

    def _overtaken(self, name: str) -> bool:
        """Whether another one that "it" may stand for did something after somebody was named last."""
        for other, (_, weight) in itertools.islice(reversed(self.seen.items()), _MOST_TOGETHER):
            if other == name:
                return False
            if weight >= _DOING and self._fit("it", other, False) >= 1.0:
                return True
        return False

    def _fit(self, pronoun: str, name: str, acts: bool) -> float:
        """How well somebody fits a pronoun, one that ``acts`` or not; 0 where not at all."""
        nature, sex = self.cast.nature(name), self.cast.gender(name) or self.sexes.get(name, "")
        if name not in self.characters:
            return (1.4 if acts else 2.0) if pronoun == "it" else 0.0
        if pronoun == "it":
            return (
                0.0
                if not self.cast.is_it(name) or self.cast.several(name)
                else 0.5
                if nature == "person"
                else 1.2
                if sex
                else 2.0
            )
        if (sex and sex != pronoun) or self.cast.several(name):
            return 0.0
        return {"person": 2.5, "animal": 1.0, "machine": 0.5, "": 2.0}[nature] + (
            0.9 if self.cast.gender(name) else 1.4 if sex else 0.0
        )

    def _pointed(
        self, items: list[Item], position: int, subjects: tuple[str, ...], low: str, acts: bool | None = None
    ) -> str | None:
        """The entity that "him" or "it" means: not the subject."""
        if low == "them":
            named = (self.names[item.entity] for item in reversed(items[:position]) if item.entity >= 0)
            found = itertools.chain(named, itertools.islice(reversed(self.seen), _MOST_TOGETHER))
            fitting = [name for name in found if name not in subjects]
            return next((name for name in fitting if self.cast.several(name)), fitting[0] if fitting else None)
        return self._best(low, items, position, subjects, acts)

    def _owners(self, items: list[Item], clause: Clause) -> None:
        """Note whose something is, as "its eyes" says."""
        for position in self._owned:
            if clause.own <= position < clause.end and (owner := self._best(items[position].low, items, position)):
                self._hear(owner, False)

    def _called(self, items: list[Item], head: int) -> tuple[str, ...]:
        """Whom a general noun means: "the bird" is the only one of those named that is a bird, or of all."""
        noun = noun_lemma(items[head].low)
        sex, nature = _SEXES.get(noun) or _ALONE.get(noun, ""), _KINDS_OF_SEVERAL.get(noun, "")
        if not (sex or nature or noun in _KINDS) or is_several(items[head].low):
            return ()
        begin = head - 1
        while begin > 0 and items[begin].tag == "A":
            begin -= 1
        if begin < 0 or items[begin].low not in ("the", "that", "this"):
            return ()

        def fits(name: str) -> bool:
            if sex:
                person = self.cast.nature(name) in ("person", "")
                return person and self.cast.gender(name) in (sex, "") and not self.cast.several(name)
            return self.cast.nature(name) == nature if nature else self.cast.is_kind(name, noun)

        latest = itertools.islice(reversed(self.seen), _MOST_TOGETHER)
        for known in (latest, self.names):
            found = [name for name in known if name in self.characters and fits(name)]
            if len(found) == 1:
                return tuple(found)
            if found:
                return ()
        return ()

    # Several.

    def _several(self, both: bool = False) -> tuple[str, ...]:
        """Whom "they" means."""
        if len(self.subjects) > 1:
            return self.subjects[:_MOST_TOGETHER]
        latest = list(itertools.islice(reversed(self.seen.items()), 2 * _MOST_TOGETHER))
        if self.others > self.sentence - 2 and not both:
            return ()  # "a creature with a hundred eyes. They look at her"
        seen = [name for name, _ in latest if name in self.characters][:_MOST_TOGETHER]
        doing = [name for name in seen if self.seen[name][1] >= _DOING and self.sentence - self.seen[name][0] < 3]
        seen = doing if len(doing) > 1 else seen
        plural = next((name for name in seen if self.cast.several(name) and self.sentence - self.seen[name][0] < 2), "")
        if plural and not both:
            return (plural,)
        if len(seen) > 1:
            return tuple(reversed(seen))
        return self._everybody() if len(self.characters) == 2 else ()

    def _together_called(self, items: list[Item], head: int) -> tuple[str, ...]:
        """Whom a noun for several means: "the three friends", "both animals", "two men"; nobody where that is not
        certain."""
        low = items[head].low
        noun, count = noun_lemma(low), 2 if low in ("pair", "couple", "duo") else 3 if low == "trio" else 0
        if not count and not is_several(low):
            return ()
        kind, sex = _KINDS_OF_SEVERAL.get(noun, ""), _SEXES.get(noun, "")
        named = frozenset(name for name in self.characters if self.cast.is_called(name, noun))
        if not (kind or sex or len(named) > 1 or noun in _COMPANIONS | _PEOPLE):
            return ()
        at = head - 1
        while at >= 0 and items[at].tag in "DA":
            count = count or _NUMBERS.get(items[at].low, 0)
            if items[at].low in ("some", "many", "several", "few", "other", "no"):
                return ()
            at -= 1
        fitting = [
            name
            for name in self.names
            if name in self.characters
            and not self.cast.several(name)
            and (len(named) < 2 or name in named)
            and (not kind or self.cast.nature(name) == kind)
            and (not sex or (self.cast.gender(name) in ("", sex) and self.cast.nature(name) in ("person", "")))
            and (noun not in _PEOPLE or self.cast.nature(name) in ("person", ""))
        ]
        return self._so_many(fitting, count)

    def _so_many(self, fitting: Iterable[str], count: int) -> tuple[str, ...]:
        """Those who fit and were named lately, or all who fit, where they are so many; 0 stands for two or more."""
        every = [name for name in self.names if name in set(fitting)]
        lately = [
            name
            for name in itertools.islice(reversed(self.seen), _MOST_TOGETHER)
            if name in every and self.sentence - self.seen[name][0] <= _FARTHEST
        ]
        for found in (lately, every):
            if len(found) == count or (not count and len(found) > 1):
                return tuple(sorted(found, key=lambda name: self.numbers[name]))
        return ()

    def _everybody(self) -> tuple[str, ...]:
        everybody = (name for name in self.names if name in self.characters)
        return tuple(itertools.islice(everybody, _MOST_TOGETHER))

    def _under(self, items: list[Item], position: int, begin: int) -> str:
        """The preposition that a noun belongs to, "" for none."""
        at = position - 1
        while (
            at >= begin and items[at].tag in "DANE" and not (items[at].tag == "E" and items[at + 1].low != POSSESSIVE)
        ):
            at -= 1
        return items[at].low if at >= begin and items[at].tag == "P" else ""
