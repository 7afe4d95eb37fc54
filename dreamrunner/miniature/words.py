"""The miniature's words: a tokenizer that keeps the few words it knows and lets all others fall away.

English comes in ("A girl witch is walking to the left among the flowers"), the words that the small world can draw go
on ("witch strolls leftwards flowers"). Spellings and synonyms are folded by the tokenizer's own normalizer, so that the
stock pipeline needs no help.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from dreamrunner.miniature.sprites import COLOURS, HELD_OUT_KINDS, HELD_OUT_LOOKS, KINDS, PROPS
from dreamrunner.miniature.world import BACKGROUNDS, HELD_OUT_MOTIONS, MOTIONS, POSITIONS

MAX_TOKENS = 24
PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
PLACEHOLDERS = tuple(f"[v{i}]" for i in range(1, 9))
"""Tokens without a meaning of their own, for subjects that are learnt later."""

_WALK = r"(?:stroll|walk|wander|stride|march|run|pac)(?:e|s|es|ed|ing|ning)?"
FOLDS: tuple[tuple[str, str], ...] = (
    (
        _WALK + r" (?:off |over |away |slowly |quickly )*(?:to(?:wards)? (?:the |her |his |its )?)?left(?:wards?)?",
        "strolls leftwards",
    ),
    (
        _WALK + r" (?:off |over |away |slowly |quickly )*(?:to(?:wards)? (?:the |her |his |its )?)?right(?:wards?)?",
        "strolls rightwards",
    ),
    (_WALK, "strolls"),
    (r"leftwards?", "leftwards"),
    (r"rightwards?", "rightwards"),
    (r"stand(?:s|ing)?|stood|wait(?:s|ing)?", "stands"),
    (r"jump(?:s|ed|ing)?|leap(?:s|t|ing)?|hop(?:s|ped|ping)?", "jumps"),
    (r"wav(?:e|es|ed|ing)", "waves"),
    (r"sit(?:s|ting)?|sat|seated|crouch(?:es|ing)?", "sits"),
    (r"fl(?:y|ies|ew|ying)|hover(?:s|ing)?|float(?:s|ing)?|soar(?:s|ing)?", "flies"),
    (r"sleep(?:s|ing)?|slept|asleep|nap(?:s|ping)?|doz(?:es|ing)|lie(?:s)? down|lying", "sleeps"),
    (r"stir(?:s|red|ring)?|brew(?:s|ing)?|cook(?:s|ing)?", "stirs"),
    (r"danc(?:e|es|ed|ing)|sway(?:s|ing)?|twirl(?:s|ing)?", "dances"),
    (r"read(?:s|ing)?|stud(?:ies|ying)", "reads"),
    (r"spin(?:s|ning)?|turn(?:s|ing) round", "spins"),
    (r"bow(?:s|ed|ing)", "bows"),
    (r"roll(?:s|ed|ing)?", "rolls"),
    (r"grow(?:s|ing)?", "grows"),
    (r"violet|lilac|mauve", "purple"),
    (r"crimson|scarlet", "red"),
    (r"golden|gold", "yellow"),
    (r"dark", "black"),
    (r"tiny|little", "small"),
    (r"big|huge|giant|tall", "large"),
    (r"middle|centre", "center"),
    (r"kitten|kitty|cats", "cat"),
    (r"puppy|dogs|hound", "dog"),
    (r"bunny|hare|rabbits", "rabbit"),
    (r"toad|frogs", "frog"),
    (r"flower|blossoms?|roses?|tulips?", "flowers"),
    (r"cauldron|kettle", "pot"),
    (r"pumpkins", "pumpkin"),
    (r"mushrooms|toadstools?", "mushroom"),
    (r"meadow|park|lawn|field|gardens", "garden"),
    (r"moon|moonlit|moonlight|midnight|stars|starry|evening", "night"),
    (r"sea|seaside|shore|ocean|coast", "beach"),
    (r"room|house|home|cottage|hut|indoors|parlour", "kitchen"),
    (r"woods?|woodland|trees|grove", "forest"),
    (r"snowy|winter|ice|icy", "snow"),
    (r"dunes?|sandy", "desert"),
    (r"palace|hall|throne", "castle"),
    (r"stripes|stripy", "striped"),
    (r"spots|dotted", "spotted"),
    (r"spectacles", "glasses"),
)


def vocabulary() -> list[str]:
    """Every word of the small world, special tokens first; the order is part of the weights."""
    words = ["and", *KINDS, *PROPS, *COLOURS, "small", "large", *POSITIONS]
    words += [word for motion in MOTIONS for word in motion.split()]
    words += [*BACKGROUNDS, *HELD_OUT_KINDS, *HELD_OUT_MOTIONS, *HELD_OUT_LOOKS, *PLACEHOLDERS]
    return list(dict.fromkeys([PAD, END, UNKNOWN, *words]))


def words_by_kind() -> dict[str, list[str]]:
    """What it can draw, by the kinds of :class:`~dreamrunner.backbones.vocabulary.Words`."""
    return {
        "characters": [*KINDS],
        "props": [*PROPS],
        "colours": [*COLOURS],
        "sizes": ["small", "large"],
        "places": [*BACKGROUNDS],
        "motions": [*dict.fromkeys(motion.split()[0] for motion in MOTIONS)],
        "learnable": [*HELD_OUT_MOTIONS],
    }


def build_tokenizer() -> Tokenizer:
    """The tokenizer: folds synonyms, drops unknown words, ends with ``</s>``, pads to :data:`MAX_TOKENS`."""
    words = vocabulary()
    known = "|".join(
        sorted((word.replace("[", r"\[").replace("]", r"\]") for word in words[3:]), key=len, reverse=True)
    )
    adjectives = "|".join([*COLOURS, "small", "large"])
    nouns = "|".join([*KINDS, *PROPS, *HELD_OUT_KINDS, r"\[v\d\]"])
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"['’]s\b"), ""),
            normalizers.Replace(Regex(r"[^\w\[\]]+"), " "),
            *[normalizers.Replace(Regex(rf"\b(?:{pattern})\b"), word) for pattern, word in FOLDS],
            normalizers.Replace(Regex(rf"(?<![^\s])(?!(?:{known})(?![^\s]))[^\s]+"), ""),
            normalizers.Replace(Regex(rf"\band\b(?!\s+(?:(?:{adjectives})\s+)*(?:{nouns})(?!\w))|^\s*and\b"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, words.index(END))]
    )
    return tokenizer
