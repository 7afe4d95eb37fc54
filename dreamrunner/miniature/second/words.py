"""The words of the small world: a tokenizer that keeps the few words it knows and lets all others fall away.

English comes in ("A girl witch is walking to the left among the flowers"), the words that the small world can draw go
on ("witch walks leftwards flowers"). Spellings and synonyms are folded by the tokenizer's own normalizer, so that stock
pipelines need no help.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from dreamrunner.miniature.second.backgrounds import BACKGROUNDS
from dreamrunner.miniature.second.characters import COLOURS, KINDS
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, MOTIONS
from dreamrunner.miniature.second.props import PROPS
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS, HELD_OUT_LOOKS

MAX_TOKENS = 32
PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
PLACEHOLDERS = tuple(f"[v{i}]" for i in range(1, 9))
"""Tokens without a meaning of their own, for subjects that are learnt later."""

_TOWARDS = r"(?:to(?:wards?)?|off to|over to) (?:the |her |his |its )?"
FOLDS: tuple[tuple[str, str], ...] = (
    (r"from (?:the )?left|" + _TOWARDS + r"right(?: side)?|rightwards?", "rightwards"),
    (r"from (?:the )?right|" + _TOWARDS + r"left(?: side)?|leftwards?", "leftwards"),
    (r"under (?:the )?(?:sea|water)|undersea|sea ?bed|ocean floor|deep sea", "underwater"),
    (r"jump(?:s|ed|ing)?(?: up and down)?|leap(?:s|t|ing)?", "jumps"),
    (r"pick(?:s|ed|ing)?(?: \w+){0,4}? up|pick(?:s|ed|ing)? up|lift(?:s|ed|ing)?(?: up)?", "lifts"),
    (r"(?:put|set)(?:s|ting)? down|drop(?:s|ped|ping)?", "drops"),
    (r"stand(?:s|ing)?(?: up)?|stood|wait(?:s|ed|ing)?|idl(?:e|es|ing)", "stands"),
    (r"(?:sit(?:s|ting)?|sat|seated|crouch(?:es|ing)?|kneel(?:s|ing)?)(?: down)?", "sits"),
    (r"look(?:s|ed|ing)? (?:around|about|out)|search(?:es|ed|ing)?|watch(?:es|ed|ing)?", "looks"),
    (r"turn(?:s|ed|ing)?(?: round| around| back)?", "turns"),
    (r"(?:get|becom)(?:s|es|ting|ing|e)? (?:bigger|larger|taller)|grow(?:s|n|ing)?|grew", "grows"),
    (r"(?:get|becom)(?:s|es|ting|ing|e)? smaller|shr(?:ink|inks|inking|ank|unk)", "shrinks"),
    (r"(?:walk|stroll|wander|strid|march|pac|sneak|step|go)(?:e|s|es|ed|ing|ning|ping)?", "walks"),
    (r"run(?:s|ning)?|ran|rush(?:es|ed|ing)?|hurr(?:y|ies|ied|ying)|dash(?:es|ed|ing)?|rac(?:e|es|ed|ing)", "runs"),
    (r"hop(?:s|ped|ping)?|skip(?:s|ped|ping)?|bounc(?:e|es|ed|ing)", "hops"),
    (r"fl(?:y|ies|ew|ying)|hover(?:s|ed|ing)?|float(?:s|ed|ing)?|soar(?:s|ed|ing)?|glid(?:e|es|ed|ing)", "flies"),
    (r"sw(?:im|ims|imming|am)|div(?:e|es|ed|ing)", "swims"),
    (r"carr(?:y|ies|ied|ying)|hold(?:s|ing)?|bring(?:s|ing)?", "carries"),
    (r"wav(?:e|es|ed|ing)|greet(?:s|ed|ing)?", "waves"),
    (
        r"sleep(?:s|ing)?|slept|asleep|nap(?:s|ped|ping)?|doz(?:e|es|ed|ing)|lie(?:s)? down|lying|rest(?:s|ed|ing)?",
        "sleeps",
    ),
    (r"stir(?:s|red|ring)?(?: (?:a |the )?pot)?|brew(?:s|ed|ing)?|cook(?:s|ed|ing)?", "stirs"),
    (r"danc(?:e|es|ed|ing)|sway(?:s|ed|ing)?", "dances"),
    (r"read(?:s|ing)?|stud(?:y|ies|ied|ying)", "reads"),
    (r"eat(?:s|en|ing)?|ate|munch(?:es|ed|ing)?|bit(?:e|es|ing)", "eats"),
    (r"clap(?:s|ped|ping)?|applaud(?:s|ed|ing)?|cheer(?:s|ed|ing)?", "claps"),
    (r"sing(?:s|ing)?|sang|sung", "sings"),
    (r"climb(?:s|ed|ing)?", "climbs"),
    (r"fall(?:s|en|ing)?|fell|tumbl(?:e|es|ed|ing)", "falls"),
    (r"enter(?:s|ed|ing)?|com(?:e|es|ing) in|arriv(?:e|es|ed|ing)", "enters"),
    (r"leav(?:e|es|ing)|left the (?:scene|room|picture)|exit(?:s|ed|ing)?|depart(?:s|ed|ing)?", "leaves"),
    (r"spin(?:s|ning)?|spun|twirl(?:s|ed|ing)?|whirl(?:s|ed|ing)?", "spins"),
    (r"bow(?:s|ed|ing)", "bows"),
    (r"roll(?:s|ed|ing)?", "rolls"),
    (r"stretch(?:es|ed|ing)?", "stretches"),
    (r"upwards?", "up"),
    (r"downwards?", "down"),
    (r"violet|lilac|mauve", "purple"),
    (r"crimson|scarlet", "red"),
    (r"golden|gold", "yellow"),
    (r"rosy|rose", "pink"),
    (r"tiny|little", "small"),
    (r"big|huge|giant|tall", "large"),
    (r"middle|centre", "center"),
    (r"kitten|kitty|cats", "cat"),
    (r"puppy|dogs|hound", "dog"),
    (r"bunny|hare|rabbits", "rabbit"),
    (r"toad|frogs", "frog"),
    (r"duckling|ducks", "duck"),
    (r"lions", "lion"),
    (r"elephants", "elephant"),
    (r"queen|lady", "princess"),
    (r"flower|blossoms?|roses|tulips?|bouquet", "flowers"),
    (r"cauldron|kettle", "pot"),
    (r"pumpkins", "pumpkin"),
    (r"mushrooms|toadstools?", "mushroom"),
    (r"lamp|lanterns", "lantern"),
    (r"treasure|box|trunk", "chest"),
    (r"balloons", "balloon"),
    (r"meadow|park|lawn|field|gardens", "garden"),
    (r"woods?|jungle|trees", "forest"),
    (r"sea|seaside|shore|ocean|coast", "beach"),
    (r"snowy|winter|ice|icy", "snow"),
    (r"dunes?|sandy", "desert"),
    (r"mountain|hills?|peaks?|cliffs?", "mountains"),
    (r"town|street|city|houses", "village"),
    (r"palace|tower|throne", "castle"),
    (r"room|cottage|house|home", "kitchen"),
    (r"school|bookshop|books", "library"),
    (r"cavern|caves|grotto|dungeon", "cave"),
    (r"moon|moonlit|moonlight|midnight|stars|starry|evening|nighttime", "night"),
    (r"daytime|daylight|morning|sunny", "day"),
    (r"stripes|stripy", "striped"),
    (r"spots|dotted", "spotted"),
    (r"spectacles", "glasses"),
    (r"while|whilst|as", "and"),
    (r"(?:and )?(?:then|afterwards|next|finally)", "then"),
)


def vocabulary() -> list[str]:
    """Every word of the small world, special tokens first; the order is part of the weights."""
    words = ["and", "then", *KINDS, *PROPS, *COLOURS, "small", "large", "left", "center", "right"]
    words += ["leftwards", "rightwards", "up", "down", *MOTIONS, "enters", "leaves", *BACKGROUNDS, "night", "day"]
    words += [*HELD_OUT_KINDS, *HELD_OUT_MOTIONS, *HELD_OUT_LOOKS, *PLACEHOLDERS]
    return list(dict.fromkeys([PAD, END, UNKNOWN, *words]))


def words_by_kind() -> dict[str, list[str]]:
    """What it can draw, by the kinds of :class:`~dreamrunner.backbones.vocabulary.Words`."""
    return {
        "characters": [*KINDS],
        "props": [*PROPS],
        "colours": [*COLOURS],
        "sizes": ["small", "large"],
        "places": [*BACKGROUNDS],
        "motions": [*MOTIONS, "enters", "leaves"],
        "learnable": [],
    }


def build_tokenizer() -> Tokenizer:
    """The tokenizer: folds synonyms, drops unknown words, ends with ``</s>``."""
    words = vocabulary()
    known = "|".join(
        sorted((word.replace("[", r"\[").replace("]", r"\]") for word in words[3:]), key=len, reverse=True)
    )
    adjectives = "|".join([*COLOURS, "small", "large", *HELD_OUT_LOOKS])
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
            # "and" is kept before a noun only, where it starts another figure
            normalizers.Replace(Regex(rf"\band\b(?!\s+(?:(?:{adjectives})\s+)*(?:{nouns})(?!\w))|^\s*and\b"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, words.index(END))]
    )
    return tokenizer
