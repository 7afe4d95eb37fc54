"""Who is meant by which words: the story's names, and the nouns of what they look like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.beings import (
    Nature,
    gender,
    gender_of_name,
    is_kind,
    is_several,
    may_be_it,
    moves_by,
    nature_of,
)
from dreamrunner.planning.english.lexicon import COLOURS, DETERMINERS, size_word
from dreamrunner.planning.english.word_forms import kinds_of, noun_lemma, verb_forms
from dreamrunner.planning.english.words import POSSESSIVE, Word, folded

_FINITE = frozenset("will may can might must shall".split())
_PRONOUNS = frozenset("i you he she it we they who".split())
_BEFORE_VERBS = _PRONOUNS | frozenset("not to will would can could may might must shall should do does did".split())
_BEING = frozenset("is are was were be become becomes became as like than".split())
_GROUPS = frozenset("crowd group pair flock herd pack band team swarm troop gang couple family".split())
_JOINS = re.compile(r" (?:with|in|and|wearing|who|that|on|of|holding|from|at|carrying)\b|[,;.(]")


@dataclass(frozen=True, slots=True)
class Mention:
    """Words ``first`` to ``last`` (exclusive) of a sentence that stand for an entity."""

    entity: int
    first: int
    last: int


class Cast:
    """The entities of a story as a text may call them.

    ``names``: all of them. ``characters``: those that act by themselves. ``looks``: what they look like, by name.
    """

    def __init__(self, names: Sequence[str], characters: Sequence[str], looks: Mapping[str, str]) -> None:
        self.names = tuple(names)
        self.characters = frozenset(characters)
        self._calls: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self._own = own = {tuple(folded(in_words(name)).split()): index for index, name in enumerate(names)}
        nouns: dict[tuple[str, ...], set[int]] = {}
        for index, name in enumerate(names):
            for noun in {*in_words(name).lower().split()[-1:], *nouns_of(looks.get(name, ""))}:
                nouns.setdefault((folded(noun),), set()).add(index)
        only = {call: next(iter(meant)) for call, meant in nouns.items() if len(meant) == 1 and call not in own}
        for call, index in (own | only).items():
            self._calls.setdefault(noun_lemma(call[0]), []).append((call, index))
        for calls in self._calls.values():
            calls.sort(key=lambda found: -len(found[0]))
        words = {name: (in_words(name), " ".join(nouns_of(looks.get(name, "")))) for name in names}
        self._words = words
        self._genders = {
            name: next(filter(None, map(gender, both)), "") or (gender_of_name(both[0]) if name in characters else "")
            for name, both in words.items()
        }
        self._natures: dict[str, Nature] = {
            name: next((found for each in both if (found := nature_of(each))), "") for name, both in words.items()
        }
        self._its = {name for name in names if name not in characters or all(map(may_be_it, words[name]))}
        self._several = {name for name in names if any(map(is_several, words[name]))}

    def gender(self, name: str) -> str:
        """Which of "she" and "he" stands for somebody; empty where either may."""
        return self._genders[name]

    def nature(self, name: str) -> Nature:
        """What somebody is; empty where that is not known."""
        return self._natures[name]

    def moves_by(self, name: str) -> str:
        """The verb for how somebody goes from place to place; "walk" where nothing else is known."""
        words, looks = self._words[name]
        return moves_by(looks) or (moves_by(words) if not nature_of(looks) else "") or "walk"

    def is_kind(self, name: str, kind: str) -> bool:
        """Whether somebody is one of a kind: an eagle is a bird."""
        return any(is_kind(words, kind) for words in self._words[name])

    def is_called(self, name: str, noun: str) -> bool:
        """Whether a noun in the singular is what somebody is."""
        return any(noun in words.split() for words in self._words[name])

    def is_it(self, name: str) -> bool:
        """Whether "it" may stand for an entity."""
        return name in self._its

    def several(self, name: str) -> bool:
        """Whether an entity is more than one, so that "they" may stand for it alone."""
        return name in self._several

    def mentions(self, words: Sequence[Word]) -> list[Mention]:
        """Who is named in a sentence, in its order."""
        found: list[Mention] = []
        position = 0
        while position < len(words):
            before = found[-1] if found else Mention(-1, -1, -1)
            mention = self._at(words, position, before.last, self.names[before.entity] if found else "")
            if mention is None:
                position += 1
            else:
                found.append(mention)
                position = mention.last
        return found

    def _at(self, words: Sequence[Word], position: int, last: int, whom: str) -> Mention | None:
        """Who is named at a position. ``last`` is where the mention before ends, which is of ``whom``."""
        low = words[position].low
        keys = dict.fromkeys((noun_lemma(low), low))
        for call, entity in (pair for key in keys for pair in self._calls.get(key, ())):
            end = position + len(call)
            here = [word.low for word in words[position:end]]
            if len(here) < len(call) or here[:-1] != list(call[:-1]):
                continue
            if here[-1] != call[-1] and noun_lemma(here[-1]) != noun_lemma(call[-1]):
                continue
            if len(call) == 1 and self._does(words, position, last):
                continue
            if here[-1] != call[-1] and noun_lemma(here[-1]) == call[-1] and self._alike(call[-1]):
                continue  # "the two knights" are not the one of this name
            if call not in self._own and last >= 0 and whom in self.characters and self._any(words, position):
                continue
            return Mention(entity, position, end)
        return None

    @lru_cache(256)  # noqa: B019 - a cast is kept as long as its story
    def _alike(self, noun: str) -> bool:
        """Whether several are called by a noun."""
        return sum(self.is_called(name, noun) for name in self.characters) > 1

    def _any(self, words: Sequence[Word], position: int) -> bool:
        """Whether a noun speaks of any such one, and not of somebody of the story: "the king, a tall man"."""
        for at in range(position - 1, max(0, position - 4), -1):
            if words[at].low in ("a", "an"):
                return not words[at - 1].low.isalpha() or words[at - 1].low in _BEING
            if words[at].low in DETERMINERS or not words[at].low.isalpha():
                return False
        return False

    def _does(self, words: Sequence[Word], position: int, last: int) -> bool:
        """Whether a word that is somebody's name is a verb here: "rose" in "she rose", "swings" in "the cat swings"."""
        word, before = words[position], words[position - 1].low if position else ""
        forms = verb_forms(word.low)
        if not forms and word.low not in _FINITE:
            return False
        if before in DETERMINERS or before == POSSESSIVE:
            return False
        unlike = word.low in _FINITE or ("past" in forms and "base" not in forms)
        if unlike:
            if not word.capital:
                return "ADJ" not in kinds_of(before) or before in _BEFORE_VERBS
            after = words[position + 1].low if position + 1 < len(words) else ""
            return not position and (after in DETERMINERS or after in _PRONOUNS)
        if before in _BEFORE_VERBS and not word.capital:
            return True
        if last == position:  # the one before is named too: "the witch swings", "the dog saw"
            return bool(forms & {"s", "past"}) and not word.capital
        after = words[position + 1].low if position + 1 < len(words) else ""
        return "past" in forms and after in DETERMINERS and "NOUN" in kinds_of(before) and not word.capital


@lru_cache(1024)
def nouns_of(looks: str) -> tuple[str, ...]:
    """The nouns that say what, or who, something is: "bear" of "a big brown bear in a hat", "girl" and "witch" of "a
    girl witch with a hat"."""
    plain = re.sub(r"^.*\w['\u2019]s? ", "", _JOINS.split(looks.lower() + " ")[0])  # of "a ship's wheel" not "ship"
    words = [word for word in re.findall(r"[^\W\d_]+", plain) if word not in DETERMINERS]
    if words and words[-1] in _GROUPS and (of := re.search(rf"\b{words[-1]} of (?:\w+ )??(\w+)\b", looks.lower())):
        words.append(of[1])  # of "a crowd of tourists" both
    found = []
    for number, word in enumerate(words):
        last = number == len(words) - 1
        kinds = kinds_of(word)
        if word in COLOURS or (size_word(word) is not None and not last):
            continue
        being = last or nature_of(words[-1])  # of "a girl witch" both, of "a car jack" not "car"
        if last or (being and "NOUN" in kinds and "ADJ" not in kinds and nature_of(word)):
            found.append(word)  # of "a playground swing" not "playground"
    return tuple(found)
