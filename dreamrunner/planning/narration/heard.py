"""Who was named in a text so far, and how lately."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from dreamrunner.planning.english.beings import is_several
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.lexicon import is_setting
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.things import is_thing
from dreamrunner.planning.english.verbs import BODY
from dreamrunner.planning.english.word_forms import noun_lemma
from dreamrunner.planning.english.words import POSSESSIVE

_SIDED = frozenset("left right leftwards rightwards leftward rightward".split())
EXCEPT = frozenset("except without but".split())
_OWNERS = frozenset("his her its".split())
_BEINGS = frozenset("man woman child people person animal bird soldier guest villager dancer star wolf bee".split())
DOING, DONE_TO, NAMED, _OWNING = 1.0, 0.8, 0.6, 0.4
"""How near at hand are who did something, what something was done to, who else was named, and whose something is."""
_ONE = frozenset("a an the his her their its".split())
MOST_TOGETHER = 20
"""How many "they" and "everybody" may mean, and how far back a pronoun reaches."""
_COMPANIONS = frozenset(
    "friend companion comrade pair couple duo trio partner rival enemy opponent fighter ally hero traveller traveler"
    " adventurer player winner loser twin".split()
)
KINDS_OF_SEVERAL = {"animal": "animal", "beast": "animal", "creature": "animal", "robot": "machine",
                     "machine": "machine"}  # fmt: skip
SEXES = {"man": "he", "boy": "he", "brother": "he", "woman": "she", "girl": "she", "sister": "she", "lady": "she"}
_PEOPLE = frozenset("person people child kid lover stranger dancer soldier human sibling".split())
NUMBERS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_ARTICLES = frozenset({"a", "an", "the"})
FARTHEST = 6
"""How many sentences back."""


class Heard:
    """Who was named so far, sentence after sentence.

    ``subjects``: who did something last. ``single``: the last character of these. ``seen``: everybody who was named,
    the last one last, each with the sentence and with how much he or she was spoken of. ``bound``: by pronoun, whom it
    last stood for, whether that one acted, and whether another did. ``sexes``: which of "she" and "he" stood for whom,
    where only the text says so. ``anchor``: by whom somebody's place was told last. ``carried``: things in somebody's
    hands. ``causers``: who makes somebody do what a clause says. ``others``: the last sentence that ends with several
    who are nobody of the story. ``entities_at``: where the sentence names somebody. ``words``: its words, in lower
    case. ``nouns``: where its nouns are that name nobody. ``sided``: whether it has words of left and right. ``sure``:
    those of whom a word such as "herself" says which they are. ``owned``: by pronoun, those
    who are said to be hers, his or its. ``plurals``: of whom several were named. ``handled``: the last sentence in
    which something is done to such a thing. ``doubted``: by pronoun, the last sentence in which it was
    not certain whom it means. ``departed``: who left the picture.
    ``singled``: the last sentence that tells of one of several.
    ``strange``: the last sentence with a
    thing that is nobody of the story, and ``something``: the last that ends with "something".
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
        self.sure: set[str] = set()
        self.owned: dict[str, set[str]] = {}
        self.plurals: set[str] = set()
        self.handled = -9
        self.doubted: dict[str, int] = {}
        self.departed: set[str] = set()
        self.strange = -9
        self.singled = -9
        self.something = -9
        self.carried: set[str] = set()
        self.causers: tuple[str, ...] = ()
        self.sentence = 0
        self.anchor = ""
        self.others = -9
        self._known: dict[int, str | None] = {}
        self.entities_at: list[int] = []
        self.words: set[str] = set()
        self.nouns: list[int] = []
        self.sided = False
        self._excepts = False
        self._owned: list[int] = []

    def _begin_sentence(self, items: list[Item]) -> None:
        self.sentence += 1
        self._known = {}
        self.words = words = {item.low for item in items}
        self.nouns = [at for at, item in enumerate(items) if item.tag == "N"]
        self.entities_at = [at for at, item in enumerate(items) if item.entity >= 0]
        self.sided = not words.isdisjoint(_SIDED)
        self._excepts = not words.isdisjoint(EXCEPT)
        self._owned = [at for at, item in enumerate(items) if item.low in _OWNERS and item.tag == "D"]

    def _end_sentence(self, items: list[Item]) -> None:
        """Note whom "they" may mean in the next sentence."""
        for at, item in enumerate(items):
            if item.entity >= 0 and is_several(item.low):
                self.plurals.add(self.names[item.entity])
            one = at and items[at - 1].low in _ONE and item.tag == "N" and not is_several(item.low)
            one = one and item.low not in BODY
            if item.low == "something":
                self.something = self.sentence
            elif item.entity >= 0:
                self.something = -9
            if one and not is_setting(item.low) and self._acted_upon(items, at):
                self.handled = self.sentence
            if item.low == "something" or (one and not is_setting(item.low)):
                self.strange = self.sentence
        if "one" in self.words:
            self._single_out(items)
        named = max((at for at, item in enumerate(items) if item.entity >= 0), default=-1)
        for item in items[named + 1 :]:
            if item.tag == "N" and is_several(item.low) and (item.low == "eyes" or noun_lemma(item.low) in _BEINGS):
                self.others = self.sentence

    def _single_out(self, items: list[Item]) -> None:
        """Note that one of several is told of: "one twin", "one of the twins"."""
        for at in self.entities_at:
            before = [item.low for item in items[max(0, at - 3) : at]]
            one = before[-1:] == ["one"] or before == ["one", "of", "the"]
            if one and items[at].entity >= 0 and self.cast.several(self.names[items[at].entity]):
                self.singled = self.sentence

    def _acted_upon(self, items: list[Item], at: int) -> bool:
        """Whether something is done to a noun: a verb stands right before it."""
        begin = at
        while begin > 0 and items[begin - 1].tag in "DAN":
            begin -= 1
        if begin > 1 and items[begin - 1].low in ("up", "down", "off", "out", "away", "over", "on"):
            begin -= 1  # "picks up the cup"
        return begin > 0 and items[begin - 1].tag == "V"

    def _hear(self, name: str, subject: bool, *, owns: bool = False, done_to: bool = False) -> None:
        """Note that somebody was named, as a subject, as what something is done to, or only as whose something is."""
        before = self.seen.pop(name, (-1, 0.0))
        weight = DOING if subject else _OWNING if owns else DONE_TO if done_to else NAMED
        self.seen[name] = (self.sentence, max(weight, before[1]) if before[0] == self.sentence else weight)

    # Several.

    def _several(self, both: bool = False) -> tuple[str, ...]:
        """Whom "they" means."""
        if len(self.subjects) > 1:
            return self.subjects[:MOST_TOGETHER]
        latest = list(itertools.islice(reversed(self.seen.items()), 2 * MOST_TOGETHER))
        if self.others > self.sentence - 2 and not both:
            return ()  # "a creature with a hundred eyes. They look at her"
        seen = [name for name, _ in latest if name in self.characters][:MOST_TOGETHER]
        doing = [name for name in seen if self.seen[name][1] >= DOING and self.sentence - self.seen[name][0] < 3]
        seen = doing if len(doing) > 1 else seen
        plural = next((name for name in seen if self.cast.several(name) and self.sentence - self.seen[name][0] < 3), "")
        if plural and not both:
            return (plural,)
        if len(seen) > 1:
            return tuple(reversed(seen))
        if len(self.characters) == 1 and not both and len(self.subjects) == 1:
            only = self.subjects[0]  # "a person sits; then they get up"
            return self.subjects if self.cast.nature(only) == "person" and not self.cast.gender(only) else ()
        return self._everybody() if len(self.characters) == 2 else ()

    def _other_things(self, items: list[Item], position: int) -> bool:
        """Whether "they" rather means things that the clause before ends with: "he backs into the shelves, and they
        fall"."""
        for at in range(position - 1, max(position - 7, -1), -1):
            if items[at].entity >= 0 or items[at].tag == "O":
                return False
            if items[at].tag == "N":
                return is_several(items[at].low) and is_thing(items[at].low)
        return False

    def _surer(self, pronoun: str, name: str, best: str) -> bool:
        """Whether a pronoun surely fits somebody, of whom was spoken lately, and ``best`` not in this sentence: "June
        waits. The clerk stares. She smiles"."""
        sentence, weight = self.seen.get(name, (-9, 0.0))
        lately = self.sentence - sentence <= 2 and weight >= NAMED and name not in self.departed
        return lately and self.cast.gender(name) == pronoun and self.seen[best][0] < self.sentence

    def _but_whom(self, items: list[Item], tail: int, found: list[str]) -> list[str]:
        """Those of whom "they" may mean who are not who it is done to: of "they carried the ass"."""
        done_to = tail + (tail < len(items) and items[tail].tag == "D")
        whom = items[done_to].entity if done_to < len(items) else -1
        return [name for name in found if whom < 0 or name != self.names[whom]]

    def _together_called(self, items: list[Item], head: int) -> tuple[str, ...]:
        """Whom a noun for several means: "the three friends", "both animals", "two men"; nobody where that is not
        certain."""
        low = items[head].low
        noun, count = noun_lemma(low), 2 if low in ("pair", "couple", "duo") else 3 if low == "trio" else 0
        if not count and not is_several(low):
            return ()
        kind, sex = KINDS_OF_SEVERAL.get(noun, ""), SEXES.get(noun, "")
        named = frozenset(name for name in self.characters if self.cast.is_called(name, noun))
        if not (kind or sex or len(named) > 1 or noun in _COMPANIONS | _PEOPLE):
            return ()
        at = head - 1
        while at >= 0 and items[at].tag in "DA":
            count = count or NUMBERS.get(items[at].low, 0)
            if items[at].low in ("some", "many", "several", "few", "other", "no"):
                return ()
            at -= 1
        if noun in ("person", "people") and (not head or items[head - 1].tag not in "DA") and not count:
            return ()  # "people hurry past"
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
            for name in itertools.islice(reversed(self.seen), MOST_TOGETHER)
            if name in every and self.sentence - self.seen[name][0] <= FARTHEST
        ]
        for found in (lately, every):
            if len(found) == count or (not count and len(found) > 1):
                return tuple(sorted(found, key=lambda name: self.numbers[name]))
        return ()

    def _everybody(self) -> tuple[str, ...]:
        everybody = (name for name in self.names if name in self.characters)
        return tuple(itertools.islice(everybody, MOST_TOGETHER))

    def _under(self, items: list[Item], position: int, begin: int) -> str:
        """The preposition that a noun belongs to, "" for none."""
        at = position - 1
        while (
            at >= begin and items[at].tag in "DANE" and not (items[at].tag == "E" and items[at + 1].low != POSSESSIVE)
        ):
            noun = items[at - 1] if at > begin and items[at].low in _ARTICLES else None
            if noun is not None and noun.tag == "N" and noun.low not in ("left", "right", "front", "middle"):
                return ""  # "without another word the wolf springs"
            at -= 1
        return items[at].low if at >= begin and items[at].tag == "P" else ""

    def _word(self, items: list[Item], position: int) -> str:
        return items[position].low if position < len(items) else ""
