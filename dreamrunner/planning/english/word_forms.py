"""Forms of English words: what a verb's and a noun's forms share, -ing forms, plurals and articles.

Two dictionaries know them: lemminflect's tables (lemmas and inflections) and inflect (articles, plurals). Each is read
when a word is first looked up in it and not before.
"""

from __future__ import annotations

import re
import sys
import threading
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.dictionary import guessed_ing_form, guessed_verb, inflections, lemmas

if TYPE_CHECKING:
    from inflect import engine

_MOST_WORDS = 10_000
_LONGEST_WORD = 60
"""Letters of a word that a dictionary may know; a longer one has no forms."""
_IMPORTING = threading.Lock()


@lru_cache(_MOST_WORDS)
def verb_lemma(word: str) -> str:
    """The base form of a verb in any form: "ran", "runs" and "running" are "run". Other words come back as they are,
    but for those that look like a form of a verb: no dictionary has "moonwalks", nor "skateboarding" as a verb."""
    word = word.lower()
    known = lemmas(word)
    if "VERB" in known:
        return known["VERB"][0]
    like_a_verb = word.endswith("ing") or (not known and word.endswith(("s", "ed")))
    return guessed_verb(word) if like_a_verb and len(word) <= _LONGEST_WORD else word


def motion_verb(motion: str) -> str:
    """The base form of the verb that a motion's name begins with: "stirring-a-pot" is "stir"; "" for no name."""
    words = in_words(motion).split()
    return verb_lemma(words[0]) if words else ""


@lru_cache(_MOST_WORDS)
def noun_lemma(word: str) -> str:
    """The singular of a noun: "wolves" is "wolf". Other words come back as they are."""
    word = word.lower()
    known = lemmas(word)
    if not known and word.endswith("s") and "NOUN" in lemmas(word[:-1]):
        return word[:-1]  # of "seagulls" the dictionary has only one
    return known.get("NOUN", (word,))[0]


@lru_cache(_MOST_WORDS)
def kinds_of(word: str) -> frozenset[str]:
    """Which of NOUN, VERB, ADJ, ADV and AUX a word may be, in any of its forms; none where no dictionary has it."""
    return frozenset(lemmas(word.lower()))


_UNCHANGED = frozenset(
    "put cut set hit let hurt shut cost cast burst quit spread shed split thrust bet bid rid read beat".split()
)
"""Verbs whose past is their base form."""
_TAGS = {"VBP": "base", "VBZ": "s", "VBD": "past", "VBN": "part", "VBG": "ing"}


@lru_cache(_MOST_WORDS)
def verb_forms(word: str) -> frozenset[str]:
    """Which forms of a verb a word may be: ``base``, ``s``, ``past``, ``part`` (as in "has gone") and ``ing``."""
    word = word.lower()
    found = set()
    for lemma in lemmas(word).get("VERB", ()):
        if word == lemma:
            found |= {"base", "past", "part"} if word in _UNCHANGED else {"base"}
        elif word.endswith("ing"):
            found.add("ing")
        elif word.endswith("ed"):
            found |= {"past", "part"}
        elif word.endswith("s"):
            found.add("s")
        else:
            found |= _irregular(word, lemma)
    return frozenset(found)


def guessed_forms(word: str) -> frozenset[str]:
    """Which forms of a verb a word would be that no dictionary has, by its ending."""
    ends = (("ing", {"ing"}), ("ed", {"past", "part"}), ("s", {"s"}))
    return frozenset(next((forms for end, forms in ends if word.endswith(end) and not word.endswith("ss")), ()))


def _irregular(word: str, lemma: str) -> set[str]:
    """Which forms of a verb a word is that has none of its endings. They stand in a table that takes time to read."""
    return {_TAGS[tag] for tag, forms in inflections(lemma).items() if word in forms and tag in _TAGS}


@lru_cache(_MOST_WORDS)
def ing_form(word: str) -> str:
    """The -ing form of a verb in any form: "ran" is "running". A word that no dictionary has as a verb stays."""
    word = word.lower()
    verbs = lemmas(word).get("VERB")
    if not verbs:
        return word
    forms = inflections(verbs[0]).get("VBG") or (guessed_ing_form(verbs[0]),)
    # Of "traveling" and "travelling" the British one, as the miniature's and the stories' words are spelt.
    if verb_lemma(word).endswith("ound"):
        return f"{verb_lemma(word)}ing"  # of "bound" not "binding"
    return next((form for form in forms if form.endswith("lling")), forms[0])


_PLURAL_ONLY = frozenset("people townspeople brethren data".split())
"""Nouns without a last s that are plurals, though the dictionary has no singular of them."""


@lru_cache(_MOST_WORDS)
def is_plural(noun: str) -> bool:
    """Whether a noun stands in the plural, as "wolves", "people" and "scissors" do, and "bus" and "sheep" don't."""
    noun = noun.lower()
    if noun_lemma(noun) != noun:
        return True
    if "NOUN" in kinds_of(noun) and not (noun.endswith("s") and not noun.endswith(("ss", "us"))):
        return noun in _PLURAL_ONLY
    singular = len(noun) <= _LONGEST_WORD and _inflect().singular_noun(noun)
    if singular == noun:
        return noun.endswith("s")  # scissors, not sheep
    # inflect takes every last s for a plural's; the dictionary knows better.
    return bool(singular) and noun != f"{singular}s"


@lru_cache(_MOST_WORDS)
def with_article(noun: str) -> str:
    """Put "a" or "an" before a noun phrase, by its sound: "a unicorn", "an hour". A plural gets none."""
    if is_plural(noun.split()[-1]):
        return noun
    if found := _PLAIN_SOUND.match(noun):
        return f"{'an' if found[0] in 'ai' else 'a'} {noun}"
    return _inflect().a(noun)


def name_with_article(name: str) -> str:
    """What a name of a story says that somebody looks like: ``snow-queen`` is "a snow queen", ``elf`` "an elf"."""
    return with_article(in_words(name))


_PLAIN_SOUND = re.compile("[ai](?=[a-z])|(?!nth)[bcdfgjklmnpqrstvwz](?=[a-z])")
"""How a word begins before which the article can only be one; that of "hour", "one" or "unicorn" goes by the word."""


@cache
def _inflect() -> engine:
    """The engine of inflect. It is imported without the library that checks its arguments' types, which takes long."""
    with _IMPORTING:
        unchecked: Any = ModuleType("typeguard")
        unchecked.typechecked = lambda function: function
        before = sys.modules.get("typeguard")
        sys.modules["typeguard"] = unchecked
        try:
            import inflect
        finally:
            del sys.modules["typeguard"]
            if before is not None:
                sys.modules["typeguard"] = before
    return inflect.engine()
