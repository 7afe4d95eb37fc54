"""English words, as far as the offline planner needs them: verb stems, gerunds, articles, and the lists it knows."""

from __future__ import annotations

import re

VERBS = tuple(
    "walking running strolling sitting standing lying sleeping napping dreaming jumping hopping leaping waving dancing"
    " singing flying swimming diving climbing crawling riding sailing driving eating drinking cooking stirring baking"
    " reading writing painting drawing playing throwing catching kicking digging planting watering picking sweeping"
    " cleaning watching looking staring smiling laughing crying shouting talking whispering bowing clapping pointing"
    " hugging kissing fighting hiding sneaking marching skating skiing spinning turning falling resting waiting"
    " kneeling stretching yawning wandering roaming travelling hurrying chasing fishing knitting juggling nodding"
    " cheering floating rolling carrying pushing pulling lifting building".split()
)
"""What characters do, as gerunds: the motions that a narration can name without the story declaring them."""

_IRREGULAR = {
    "ran": "run", "sat": "sit", "stood": "stand", "lay": "lie", "lies": "lie", "slept": "sleep", "dreamt": "dream",
    "leapt": "leap", "sang": "sing", "flew": "fly", "flown": "fly", "swam": "swim", "dove": "dive", "rode": "ride",
    "drove": "drive", "ate": "eat", "drank": "drink", "wrote": "write", "drew": "draw", "threw": "throw",
    "caught": "catch", "dug": "dig", "swept": "sweep", "fought": "fight", "hid": "hide", "spun": "spin",
    "fell": "fall", "knelt": "kneel", "built": "build",
}  # fmt: skip

SETTINGS = (
    "garden kitchen forest wood woods jungle meadow field park beach shore seaside island sea ocean lake river pond"
    " stream waterfall bridge desert mountain mountains hill hills valley cave cliff castle palace tower dungeon throne"
    " room bedroom bathroom library classroom school hospital office laboratory workshop studio theatre theater stage"
    " museum church temple house cottage cabin hut barn farm stable attic cellar tent camp village town city street"
    " alley road path market shop cafe restaurant bakery tavern inn station train harbour harbor port ship boat dock"
    " airport spaceship planet moonscape sky clouds orchard vineyard graveyard playground stadium rooftop balcony"
    " terrace courtyard hall corridor staircase ballroom ruins swamp glade clearing underwater reef snow"
).split()
"""Nouns for places."""

_SETTING_PHRASES = {
    "bed": "a bedroom",
    "wood": "a forest",
    "throne": "a throne room",
    "underwater": "an underwater scene",
    "snow": "a snowy field",
    "sky": "the sky",
    "sea": "the sea",
    "ocean": "the ocean",
    "seaside": "the seaside",
}

TIMES_OF_DAY = {
    "night": "at night", "midnight": "at night", "moonlight": "at night", "dusk": "at dusk", "sunset": "at sunset",
    "dawn": "at dawn", "sunrise": "at sunrise",
}  # fmt: skip

DETERMINERS = frozenset("a an the this that his her its their my our your some".split())
PREPOSITIONS = frozenset(
    "in at on into onto through across under over near by inside outside within along around behind beside between"
    " beyond to toward towards from among amid up down past of with".split()
)
PRONOUNS = frozenset("he she they".split())

_VOWEL = re.compile("[aeiouy]")


def stem(word: str) -> str:
    """Cut a verb down to what all of its forms share: walk, walks, walked and walking give the same."""
    word = word.lower()
    word = _IRREGULAR.get(word, word)
    for ending in ("ing", "ed", "es", "s"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 2 and _VOWEL.search(rest) and not word.endswith("ss"):
            word = rest
            break
    word = word.removesuffix("e") if len(word) > 2 else word
    if len(word) > 2 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word


_GERUNDS = {stem(verb): verb for verb in VERBS}


def gerund(word: str) -> str | None:
    """Give the gerund of a verb in any form, or ``None`` when it is none of :data:`VERBS`."""
    return _GERUNDS.get(stem(word))


def gerund_phrase(motion: str) -> str:
    """Say a motion's name in words that follow "is": ``stirring-a-pot`` and ``stir-a-pot`` are "stirring a pot"."""
    first, *rest = in_words(motion).split()
    if not first.endswith("ing"):
        first = gerund(first) or first
    return " ".join([first, *rest])


def in_words(name: str) -> str:
    """Write a name of the story as words: ``snow-queen`` is "snow queen"."""
    return " ".join(re.split("[-_]+", name.strip("-_")))


def with_article(noun: str) -> str:
    """Put "a" or "an" before a noun; a plural gets none."""
    last = noun.split()[-1].lower()
    if last.endswith("s") and not last.endswith(("ss", "us", "is")) and last != "walrus":
        return noun
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def setting_phrase(noun: str, adjectives: str = "") -> str:
    """Say a place as a background: "a moonlit garden", "the sea", "woods"."""
    if not adjectives and noun in _SETTING_PHRASES:
        return _SETTING_PHRASES[noun]
    return with_article(f"{adjectives} {noun}".strip())


def in_place(phrase: str) -> str:
    """Put the preposition before a place: "on a beach", "in a garden"."""
    return f"{'on' if _ON.intersection(phrase.split()) else 'in'} {phrase}"


_ON = frozenset(
    "beach shore island bridge mountain hill hills cliff street road path ship boat dock roof rooftop balcony terrace"
    " stage farm playground planet staircase".split()
)


def is_setting(word: str) -> bool:
    """Tell whether a word names a place."""
    return word in _SETTING_SET


_SETTING_SET = frozenset(SETTINGS) | frozenset(_SETTING_PHRASES)


def sentence(text: str) -> str:
    """Write a description as a sentence: a capital first, a full stop last."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "\u2026")) else text + "."
