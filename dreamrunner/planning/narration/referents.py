"""Who is meant by the words of a sentence: "she", "the king's horse", "everyone but the cat"."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.words import POSSESSIVE

PRONOUN_OF = {"he": "he", "him": "he", "she": "she", "her": "she", "it": "", "himself": "he", "herself": "she"}
_SEVERAL = frozenset("they them both everyone everybody all each themselves".split())
_MOST_TOGETHER = 20
"""How many "they" and "everybody" may mean, and how far back a pronoun reaches."""


class Referents:
    """Who was named so far, sentence after sentence.

    ``subjects``: who did something last. ``single``: the last character of these. ``seen``: everybody who was named,
    the last one last.
    """

    def __init__(self, cast: Cast, speaker: str | None) -> None:
        self.cast, self.names = cast, list(cast.names)
        self.characters = cast.characters
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.subjects: tuple[str, ...] = ()
        self.single = speaker
        self.seen: dict[str, None] = {}

    def _meant(self, items: list[Item], clause: Clause) -> tuple[str, ...]:
        """The names of a clause's subjects; none where they are nobody of the story."""
        found: list[str] = []
        for head in clause.subjects:
            item = items[head]
            if item.entity >= 0:
                found.append(self.names[item.entity])
            elif item.tag == "O":
                found += self._pronoun(item.low, items, head)
        excepted = {
            self.names[items[at].entity]
            for at in range(clause.begin, clause.end)
            if items[at].entity >= 0 and self._under(items, at, clause.begin) in ("except", "without")
        }
        return tuple(dict.fromkeys(name for name in found if name not in excepted))

    def _pronoun(self, low: str, items: list[Item], position: int) -> tuple[str, ...]:
        if low in _SEVERAL:
            several = self._several()
            return several or (self._everybody() if low in ("everyone", "everybody", "all") else ())
        if low not in PRONOUN_OF:
            return ()
        wanted = PRONOUN_OF[low]
        if low == "it":
            things = (name for name in self._before(items, position) if not self.cast.gender(name))
            return tuple(itertools.islice(things, 1))
        fitting = ""
        for name in self._before(items, position):
            if name not in self.characters:
                continue
            sex = self.cast.gender(name)
            if sex == wanted:
                return (name,)
            fitting = fitting or (name if not sex or not wanted else "")
        return (fitting,) if fitting else ()

    def _before(self, items: list[Item], position: int) -> Iterator[str]:
        """Who a pronoun may mean, the likeliest first: whoever did something last, then whoever was named last."""
        yield from self.subjects[:1]
        if self.single is not None:
            yield self.single
        yield from (self.names[item.entity] for item in reversed(items[:position]) if item.entity >= 0)
        yield from itertools.islice(reversed(self.seen), _MOST_TOGETHER)

    def _several(self) -> tuple[str, ...]:
        if len(self.subjects) > 1:
            return self.subjects[:_MOST_TOGETHER]
        latest = itertools.islice(reversed(self.seen), 2 * _MOST_TOGETHER)
        seen = [name for name in latest if name in self.characters][:_MOST_TOGETHER]
        if len(seen) > 1:
            return tuple(reversed(seen))
        return self._everybody() if len(self.characters) == 2 else ()

    def _everybody(self) -> tuple[str, ...]:
        everybody = (name for name in self.names if name in self.characters)
        return tuple(itertools.islice(everybody, _MOST_TOGETHER))

    def _pointed(self, items: list[Item], position: int, subjects: tuple[str, ...], low: str) -> str | None:
        """The entity that "him" or "it" means: the one named last that isn't the subject."""
        wanted = PRONOUN_OF.get(low, "")
        named = (self.names[item.entity] for item in reversed(items[:position]) if item.entity >= 0)
        for name in itertools.chain(named, itertools.islice(reversed(self.seen), _MOST_TOGETHER)):
            if name in subjects:
                continue
            if low in ("him", "her") and (name not in self.characters or self.cast.gender(name) not in ("", wanted)):
                continue
            return name
        return None

    def _under(self, items: list[Item], position: int, begin: int) -> str:
        """The preposition that a noun belongs to, "" for none."""
        at = position - 1
        while (
            at >= begin and items[at].tag in "DANE" and not (items[at].tag == "E" and items[at + 1].low != POSSESSIVE)
        ):
            at -= 1
        return items[at].low if at >= begin and items[at].tag == "P" else ""
