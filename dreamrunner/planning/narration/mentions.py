"""Reading a narration: which place it names, who is in it, and what each does. Rules over words, no model."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.lexicon import (
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    TIMES_OF_DAY,
    VERBS,
    ing_phrase,
    is_setting,
    setting_phrase,
)
from dreamrunner.planning.english.word_forms import ing_form, noun_lemma, verb_lemma

_AIMING = frozenset({"look", "stare", "point", "gaze", "smile", "wave", "laugh"})


def tokens(text: str) -> list[str]:
    """Split a text into lower-case words and punctuation marks; a possessive keeps its ``'s``."""
    return re.findall(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?|\d+|[^\w\s]", text.lower())


def place(text: str, draws: Callable[[str], bool] = lambda phrase: True) -> str | None:
    """Describe the place that a text names, as a background: "in her moonlit garden" is "a moonlit garden".

    A place after a preposition goes before one that is only mentioned; of several of a kind, one that ``draws`` is true
    of. ``None`` when no place is named.
    """
    words = tokens(text)
    found: list[tuple[bool, str]] = []
    for position, word in enumerate(words):
        if not is_setting(word):
            continue
        begin = position
        while begin > 0 and position - begin < 4 and _may_describe(words, begin - 1, position):
            begin -= 1
        described = begin > 0 and words[begin - 1] in DETERMINERS
        before = begin - 1 if described else position
        adjectives = " ".join(words[begin:position]).replace(" ,", ",") if described else ""
        prepositional = before > 0 and words[before - 1] in PREPOSITIONS
        if before > 1 and words[before - 1] == "at" and verb_lemma(words[before - 2]) in _AIMING:
            prepositional = False  # whoever looks at a castle is elsewhere
        found.append((not prepositional, setting_phrase(word, adjectives)))
    if not found:
        return None
    phrase = min(found, key=lambda item: (item[0], not draws(item[1])))[1] if len(found) > 1 else found[0][1]
    when = next((TIMES_OF_DAY[word] for word in words if word in TIMES_OF_DAY), None)
    return f"{phrase} {when}" if when and when.split()[1] not in phrase else phrase


def named(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Give the entities of ``names`` that a text mentions, in the order of their first mention."""
    found = mentions(tokens(text), names)
    return tuple(dict.fromkeys(name for _, name in sorted(found.items())))


def doing(description: str, motions: Sequence[str]) -> str | None:
    """Tell which motion a beat's description has in its -ing form, if any: "the cat is napping" is "napping"."""
    words = tokens(description)
    found = (motion_at(position, words, motions) for position, word in enumerate(words) if word.endswith("ing"))
    return next((motion for motion in found if motion is not None), None)


def mentions(words: Sequence[str], names: Sequence[str]) -> dict[int, str]:
    """Where each name stands, by position of its first word; longer names first, so that they are not cut up.

    The last word of a name may also be its plural, or the other way round: "flower" is ``flowers``.
    """
    index = _names(tuple(names))
    told: dict[int, list[tuple[int, int]]] = defaultdict(list)  # by length: which name, and where
    for position, word in enumerate(words):
        for length in (*index.lengths.get(word, ()), *index.single):
            end = position + length
            if end <= len(words):
                ways = index.names.get((*words[position : end - 1], noun_lemma(words[end - 1])))
                if ways is not None:
                    told[length].append((ways, position))
    found: dict[int, str] = {}
    covered: set[int] = set()
    for length in sorted(told, reverse=True):
        for name, position in sorted(told[length]):
            stretch = range(position, position + length)
            if covered.isdisjoint(stretch):
                found[position] = names[name]
                covered.update(stretch)
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """Names as they stand in texts.

    ``names``: the number of the first name of each form: its words, the last one in the singular.
    ``lengths``: how many words names have, by their first, where that are two or more.
    ``single``: 1 where a name has one word alone, else nothing.
    """

    names: dict[tuple[str, ...], int]
    lengths: dict[str, tuple[int, ...]]
    single: tuple[int, ...]


@lru_cache(maxsize=32)
def _names(names: tuple[str, ...]) -> _Names:
    found: dict[tuple[str, ...], int] = {}
    lengths: dict[str, set[int]] = defaultdict(set)
    single: set[int] = set()
    for number, name in enumerate(names):
        parts = tokens(in_words(name))
        if not parts:
            continue
        found.setdefault((*parts[:-1], noun_lemma(parts[-1])), number)
        (single if len(parts) == 1 else lengths[parts[0]]).add(len(parts))
    return _Names(found, {word: tuple(each) for word, each in lengths.items()}, tuple(single))


def motion_at(position: int, words: Sequence[str], motions: Sequence[str]) -> str | None:
    """The motion whose verb stands at a position: the story's one that fits its sentence best, or a known verb."""
    root = verb_lemma(words[position])
    known = _motions(tuple(motions)).get(root, ())
    if not known:
        return ing_form(words[position]) if root in VERBS else None
    clause: set[str] = set()
    for word in words[position + 1 :] if len(known) > 1 else ():
        if word in {".", ";", "!", "?"}:
            break
        clause.add(noun_lemma(word))
    scores = [2 * len(wanted & clause) - len(wanted) for _, wanted in known]
    return known[scores.index(max(scores))][0]


@lru_cache(maxsize=32)
def _motions(motions: tuple[str, ...]) -> dict[str, list[tuple[str, set[str]]]]:
    """Motions by the base form of their verb, each with the nouns that it wants to find."""
    found: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
    for motion in motions:
        first, *rest = tokens(ing_phrase(motion)) or [""]
        wanted = {noun_lemma(word) for word in rest if word not in DETERMINERS | PREPOSITIONS}
        found[verb_lemma(first)].append((motion, wanted))
    return found


def _may_describe(words: Sequence[str], position: int, noun: int) -> bool:
    """Whether the word at a position can be an adjective of the noun that comes later, or a comma between two."""
    word = words[position]
    if word == ",":
        return 0 < position < noun - 1 and not is_setting(words[position - 1])
    return word.isalpha() and word not in DETERMINERS | PREPOSITIONS | PRONOUNS | {"and", "or", "then"}
