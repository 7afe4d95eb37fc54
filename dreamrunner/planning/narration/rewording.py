"""Phrases of place put into the words that they are read by: what says the same of where somebody is is said alike."""

from __future__ import annotations

import re

from dreamrunner.planning.english.verb_groups import AIMING, DOWNWARDS, MOVING, UPWARDS

_OVER_NOTHING = frozenset("fight argue quarrel squabble laugh cry weep haggle bicker squint fuss".split())
"""Verbs after which "over" says what about."""
_AGAINST = frozenset("type lean write draw paint scribble sketch knock tap bang pound rap".split())
"""Verbs that are done beside what they are done on."""
_TOPS = (
    "back|head|shoulders?|roof|surface|lap|lid|rim|edge|seat|hood|bonnet|deck|prow|bow|stern|handle|branch|branches"
    "|arm|rung|steps?|horns?|nose|snout|wing|saddle|hump|shell|end|tip|corner|side|top|ledge|railing|rail"
)
_ENDS = "end|edge|foot|side|top|bottom|middle|front|back|head|rim"
_INSIDES = "back|hold|cab|trunk|boot|bed|belly|bottom|heart|cockpit|mouth|inside|corner|middle|centre|center|seat"
_IN_THE_AIR = re.compile(
    r"\b(?:arms?|hands?|fists?|legs?|feet|head|nose|paws?|wings?|thumbs?|tail|fingers?) (?:\w+ )?"
    r"(?:in|into|to|at|above|over) (?:air|sky|ceiling)\b"
)
"""Where only a part of somebody is."""
_OUT_FROM = re.compile(r"\b(?:out |up )?from (behind|under|underneath|beneath|inside|above|below|on) (?=@)")
_AT_END = {"front": "in front of", "back": "behind", "rear": "behind", "above": "above", "behind": "behind"}
_RESTING = frozenset("be stand sit lie wait hang sleep kneel crouch rest".split())
_HANGING = frozenset("hang dangle swing suspend".split())


def fronted(lead: str, verb: str) -> str:
    """The words before a verb, of which a bare "up" or "down" is a way: "down came the bear"."""
    if lead == "in" and verb == "go":
        return ""  # "in he went", as into the river
    return f"{lead}wards" if lead.endswith(("up", "down")) and lead.split()[-1] in ("up", "down") else lead


def reworded(text: str, verb: str) -> str:
    """A phrase, as :mod:`.phrases` has them, behind a verb with this base form, in the words that it is read by."""
    moving = verb in MOVING
    text = text.replace("face to face with @", "to @")
    if "from" in text:
        text = re.sub(r"\bfrom (\w+) to \1\b", "", text)  # "from hand to hand"
    comes, part = "from" in text, " of @" in text
    if " air" in text or " sky" in text or " ceiling" in text:
        text = _IN_THE_AIR.sub("", text)
    if verb in _OVER_NOTHING:
        text = re.sub(r"\bover @\d+", "", text)
    if verb in ("climb", "clamber", "jump", "dive", "leap", "crawl", "get", "hop"):
        text = re.sub(r"\b(in|out|down|up|inside) after @\d+", r"\1", text)
    if verb in _AGAINST and not text.startswith("back"):
        text = re.sub(r"\b(?:on|upon) (?=@)", "against ", text)
    if verb in ("bite", "chew", "suck", "munch", "nibble"):
        text = re.sub(r"\b(?:on|at|into) (?=@)", "", text)
    if verb in ("advance", "descend", "close"):
        text = re.sub(r"\b(?:up)?on (?=@)", "to ", text)
    if verb in ("trip", "stumble"):
        text = re.sub(r"\b(?:over|on) (?=@)", "against ", text)
    if verb in AIMING:
        text = re.sub(r"\b(?:at|to|towards?|after) @\d+", "", text)  # whoever waves at somebody may be anywhere
    if moving and comes:
        rises = verb in UPWARDS - {"climb", "clamber"} or verb in DOWNWARDS
        text = _OUT_FROM.sub(r"\1 " if rises else "out of ", text)
    if not moving:
        if verb in _RESTING:
            text = re.sub(r"^(left|right)\b(?! of)|\bto (left|right)\b(?! of| side of)", r"on \1\2", text)
        if comes:
            text = re.sub(r"\bfrom (?=(?:far )?(?:left|right)\b(?! to))", "on ", text)  # "watches from the left"
            text = re.sub(r"\bfrom (?=(?:behind|under|underneath|beneath|inside|above|below|between) @)", "", text)
    text = re.sub(r"\b((?:left|right) of|above|below|behind|beside) and \w+(?: \w+)?(?= @)", r"\1", text)
    if part:
        text = re.sub(
            r"\bto (?:very )?(front|back|rear|above|behind) of (?=@)", lambda end: f"{_AT_END[end[1]]} ", text
        )
        text = re.sub(r"\bin (?:cool )?(?:shade|shadow|shelter) of (?=@)", "under ", text)
        if moving and verb not in UPWARDS | DOWNWARDS:
            text = re.sub(r"\bto (?:very )?top of (?=@)", "onto ", text)
            text = re.sub(r"\bto (?:very )?bottom of (?=@)", "under ", text)
        if verb in ("be", "rest", "place", "put", "sit", "lie"):
            text = re.sub(r"^on (?:very )?bottom of (?=@)", "under ", text)
        text = re.sub(rf"\b(to|towards?) (?:{_ENDS}) of (?=@)", r"\1 ", text)
        text = re.sub(rf"\b(on|onto|from|off) (?:{_TOPS}) of (?=@)", r"\1 ", text)
        text = re.sub(rf"\b(in|into|from|out of) (?:{_INSIDES}) of (?=@)", r"\1 ", text)
    if verb in _HANGING:
        text = re.sub(r"\bfrom (?=@)", "under ", text)
    return text
