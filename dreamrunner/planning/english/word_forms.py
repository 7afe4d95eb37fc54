"""Forms of English words: what a verb's and a noun's forms share, -ing forms, plurals and articles.

Two dictionaries know them: lemminflect (lemmas and inflections) and inflect (articles, plurals). Both are imported when
a word is first looked up and not before.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.dictionary import dictionary

if TYPE_CHECKING:
    from inflect import engine

_MOST_WORDS = 10_000
_LONGEST_WORD = 60
"""Letters of a word that a dictionary may know; a longer one has no forms."""
_VERBS_TOO = {"meow"}
"""Verbs that the dictionary lacks."""
_IMPORTING = threading.Lock()


@lru_cache(_MOST_WORDS)
def verb_lemma(word: str) -> str:
    """The base form of a verb in any form: "ran", "runs" and "running" are "run". Other words come back as they are,
    or as the base form of a verb that looks so."""
    word = word.lower()
    return word if len(word) > _LONGEST_WORD else next(iter(dictionary().getLemma(word, upos="VERB")), word)


def motion_verb(motion: str) -> str:
    """The base form of the verb that a motion's name begins with: "stirring-a-pot" is "stir"; "" for no name."""
    words = in_words(motion).split()
    return verb_lemma(words[0]) if words else ""


@lru_cache(_MOST_WORDS)
def noun_lemma(word: str) -> str:
    """The singular of a noun: "wolves" is "wolf". Other words come back as they are."""
    word = word.lower()
    return (
        word
        if len(word) > _LONGEST_WORD
        else next(iter(dictionary().getLemma(word, upos="NOUN", lemmatize_oov=False)), word)
    )


@lru_cache(_MOST_WORDS)
def kinds_of(word: str) -> frozenset[str]:
    """Which of NOUN, VERB, ADJ, ADV and AUX a word may be, in any of its forms; none where no dictionary has it."""
    found = frozenset(dictionary().getAllLemmas(word.lower()))
    return found | {"VERB"} if verb_lemma(word) in _VERBS_TOO else found


_UNCHANGED = frozenset(
    "put cut set hit let hurt shut cost cast burst quit spread shed split thrust bet bid rid read beat".split()
)
"""Verbs whose past is their base form."""
_TAGS = {"VB": "base", "VBP": "base", "VBZ": "s", "VBD": "past", "VBN": "part", "VBG": "ing"}


@lru_cache(_MOST_WORDS)
def verb_forms(word: str) -> frozenset[str]:
    """Which forms of a verb a word may be: ``base``, ``s``, ``past``, ``part`` (as in "has gone") and ``ing``."""
    word = word.lower()
    lemmas = dictionary().getAllLemmas(word, upos="VERB").get("VERB", ())
    if not lemmas and verb_lemma(word) in _VERBS_TOO:
        lemmas = (verb_lemma(word),)
    found = set()
    for lemma in lemmas:
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


def _irregular(word: str, lemma: str) -> set[str]:
    """Which forms of a verb a word is that has none of its endings. They stand in a table that takes time to read."""
    inflections = dictionary().getAllInflections(lemma, upos="VERB") or {}
    return {_TAGS[tag] for tag, forms in inflections.items() if word in forms and tag in _TAGS}


@lru_cache(_MOST_WORDS)
def ing_form(word: str) -> str:
    """The -ing form of a verb in any form: "ran" is "running". A word that no dictionary has as a verb stays."""
    word = word.lower()
    if len(word) > _LONGEST_WORD:
        return word
    if not dictionary().getLemma(word, upos="VERB", lemmatize_oov=False) and verb_lemma(word) not in _VERBS_TOO:
        return word
    forms: tuple[str, ...] = dictionary().getInflection(verb_lemma(word), "VBG")
    # Of "traveling" and "travelling" the British one, as the miniature's and the stories' words are spelt.
    return next((form for form in forms if form.endswith("lling")), forms[0])


@lru_cache(_MOST_WORDS)
def is_plural(noun: str) -> bool:
    """Whether a noun stands in the plural, as "wolves", "people" and "scissors" do, and "bus" and "sheep" don't."""
    noun = noun.lower()
    singular = len(noun) <= _LONGEST_WORD and _inflect().singular_noun(noun)
    if not singular:
        return False
    if singular == noun:
        return noun.endswith("s")  # scissors, not sheep
    # inflect takes every last s for a plural's, also that of a walrus; the dictionary knows better.
    return noun != f"{singular}s" or noun_lemma(noun) != noun


@lru_cache(_MOST_WORDS)
def with_article(noun: str) -> str:
    """Put "a" or "an" before a noun phrase, by its sound: "a unicorn", "an hour". A plural gets none."""
    return noun if is_plural(noun.split()[-1]) else _inflect().a(noun)


@cache
def _inflect() -> engine:
    """The engine of inflect. It is imported without the checks of its arguments' types, whose making takes seconds."""
    import typeguard

    module: Any = typeguard  # whose decorator is another one meanwhile
    with _IMPORTING:
        checked, module.typechecked = module.typechecked, lambda function: function
        try:
            import inflect
        finally:
            module.typechecked = checked
    return inflect.engine()
