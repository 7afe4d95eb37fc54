"""Forms of English words: what a verb's and a noun's forms share, -ing forms, plurals and articles.

Two dictionaries know them: lemminflect (lemmas and inflections) and inflect (articles, plurals). Both are imported when
a word is first looked up and not before.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from dreamrunner.files.text import in_words

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
    from lemminflect import getLemma

    word = word.lower()
    return word if len(word) > _LONGEST_WORD else next(iter(getLemma(word, upos="VERB")), word)


def motion_verb(motion: str) -> str:
    """The base form of the verb that a motion's name begins with: "stirring-a-pot" is "stir"; "" for no name."""
    words = in_words(motion).split()
    return verb_lemma(words[0]) if words else ""


@lru_cache(_MOST_WORDS)
def noun_lemma(word: str) -> str:
    """The singular of a noun: "wolves" is "wolf". Other words come back as they are."""
    from lemminflect import getLemma

    word = word.lower()
    return word if len(word) > _LONGEST_WORD else next(iter(getLemma(word, upos="NOUN", lemmatize_oov=False)), word)


@lru_cache(_MOST_WORDS)
def ing_form(word: str) -> str:
    """The -ing form of a verb in any form: "ran" is "running". A word that no dictionary has as a verb stays."""
    from lemminflect import getInflection, getLemma

    word = word.lower()
    if len(word) > _LONGEST_WORD:
        return word
    if not getLemma(word, upos="VERB", lemmatize_oov=False) and verb_lemma(word) not in _VERBS_TOO:
        return word
    forms: tuple[str, ...] = getInflection(verb_lemma(word), "VBG")
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
