"""What a verb means with the words behind it: "takes off" is flying, "gives chase" running, "falls silent" no fall."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.lexicon import VERBS, WALKS, is_setting
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.verbs import LIGHT, SAYING
from dreamrunner.planning.english.word_forms import ing_form, kinds_of, noun_lemma
from dreamrunner.planning.narration.events import Way
from dreamrunner.planning.narration.phrases import BECOMING
from dreamrunner.planning.narration.verb_groups import LEADING, MEETING, MOVING

_COMPARED = dict.fromkeys("bigger larger taller higher greater longer wider".split(), 1) | dict.fromkeys(
    "smaller shorter tinier littler narrower thinner".split(), -1
)
COMPARED = {**_COMPARED, "big": 1, "large": 1, "tall": 1, "small": -1, "tiny": -1, "short": -1}
"""Words that compare sizes with "than", or behind "more" and "less"."""
_GROWING = {word: "grow" if sign > 0 else "shrink" for word, sign in _COMPARED.items()}
SIZING: dict[str, Way] = {
    **dict.fromkeys("grow inflate swell expand enlarge".split(), "grow"),
    **dict.fromkeys("shrink deflate shrivel dwindle contract".split(), "shrink"),
}
_WITH_A_WORD = {
    ("take", "off"): "fly", ("lift", "off"): "fly", ("blast", "off"): "fly", ("fall", "asleep"): "sleep",
    ("get", "up"): "stand", ("stand", "up"): "stand", ("nod", "off"): "sleep", ("doze", "off"): "sleep",
    ("drop", "off"): "sleep", ("give", "chase"): "run", ("take", "flight"): "fly", ("take", "cover"): "hide",
    ("pull", "in"): "come", ("pull", "away"): "go", ("pull", "out"): "go", ("set", "off"): "go", ("set", "out"): "go",
    ("shoot", "up"): "rise", ("shoot", "ahead"): "run", ("make", "for"): "go",
}  # fmt: skip
"""Verbs that mean another one with a word behind them."""
_NOT_SEEN = {
    ("close", "in"), ("blow", "out"), ("blow", "up"), ("break", "down"), ("give", "up"), ("look", "after"),
    ("show", "up"), ("turn", "out"), ("turn", "up"), ("turn", "in"), ("pass", "out"), ("put", "out"), ("end", "up"),
    ("burst", "open"), ("swing", "open"), ("fly", "open"), ("go", "on"), ("carry", "on"), ("keep", "on"),
    ("point", "out"), ("hold", "on"), ("hold", "back"), ("keep", "up"), ("run", "out"), ("take", "over"),
    ("make", "out"), ("find", "out"), ("cut", "off"), ("switch", "off"), ("switch", "on"), ("catch", "up"),
    ("wind", "up"), ("pay", "off"), ("take", "place"), ("make", "sense"), ("take", "care"), ("go", "wrong"),
}  # fmt: skip
"""Verbs that mean nothing that is seen with a word behind them."""
_LEFT = frozenset("picture frame scene stage view screen shot stand place".split())
"""What else than a place of the story is left by going."""
_TURNING, _SWITCHES = frozenset("turn switch click flick put".split()), frozenset({"on", "off"})
_ON_THE_SPOT = frozenset("spot heel heels side back toes tiptoe axis".split())
_KNEES = frozenset({"knees", "knee"})
_DASHING = frozenset("shoot explode rocket tear".split())
_WAYS_OFF = frozenset(
    "out off past forward forwards across through into along ahead away from under towards toward by around"
    " over".split()
)
"""Words behind a verb such as "shoot" or "explode" that make it one of going fast."""
_WEAPONS = frozenset(
    "gun guns pistol pistols revolver revolvers rifle sword swords knife blade dagger weapon weapons bow arrow".split()
)
_HALTING = frozenset("stop halt pause freeze".split())
_POSTURES = {"asleep": "sleeping", "awake": "standing"}
_SELVES = frozenset("himself herself itself themselves".split())


@dataclass(frozen=True, slots=True)
class Sense:
    """What is done: the base form of a ``verb``, the ``motion`` that shows it ("" for none), and the phrase ``tail``
    behind it."""

    verb: str
    motion: str
    tail: str


def sense_of(items: list[Item], clause: Clause, plain: Sense, *, things: bool) -> Sense | None:
    """What a verb means in its clause; None where it is nothing that is seen.

    ``plain`` is what it would mean by itself. ``things`` says that only props do it.
    """
    verb, tail = plain.verb, plain.tail
    first = tail.split(" ")[0]
    tag = items[clause.tail].tag if clause.tail < len(items) else ""
    if verb == "fall" and (verb, first) not in _WITH_A_WORD and (tail.startswith("in love") or tag == "A"):
        return None
    if verb == "draw" and _WEAPONS.intersection(item.low for item in items[clause.tail : clause.tail + 4]):
        return replace(plain, verb="take", motion="") if first[:1] == "@" else None
    if verb == "look" and (tail.startswith("like ") or tag == "A"):
        return None
    if verb == "leave" and tag in ("D", "A", "N") and first[:1] != "@" and not _place_left(items, clause):
        return None
    second = tail.split(" ")[1:2]
    turns = verb in _TURNING and first in _SWITCHES and second and tag in ("P", "R")
    if turns and not _ON_THE_SPOT.intersection(item.low for item in items[clause.tail : clause.tail + 4]):
        worn = verb == "put" and second[0][:1] == "@"
        return None if not worn else _seen(items, clause, plain, things=things)
    if (
        (verb, first) in _NOT_SEEN
        and not (second and second[0][:1] == "@")
        and not (first == "out" and second == ["of"])
    ):
        return None
    if verb == "go" and things and first == "out":
        return None  # a light, which is out
    return _seen(items, clause, _by_idiom(items, clause, plain, things=things), things=things)


def _place_left(items: list[Item], clause: Clause) -> bool:
    return any(is_setting(item.low) or item.low in _LEFT for item in items[clause.tail : clause.tail + 5])


def _by_idiom(items: list[Item], clause: Clause, plain: Sense, *, things: bool) -> Sense:
    verb, motion, tail = plain.verb, plain.motion, plain.tail
    first, _, rest = tail.partition(" ")
    after = items[clause.tail + 1].tag if clause.tail + 1 < clause.end else ""
    takes = (verb, first) == ("take", "off") and after in "DNEO" and after  # "takes off her hat"
    if (other := _WITH_A_WORD.get((verb, first))) is not None and not takes:
        if other == "fly":
            return Sense(other, "flying", f"up {tail}")
        shown = "walking" if other in WALKS else ing_form(other)
        return Sense(other, shown, f"to {rest}" if first == "for" else tail if other in WALKS else rest)
    behind = [item.low for item in items[clause.tail : clause.end]]
    if verb in ("throw", "hurl", "fling", "launch", "drop", "sink") and _KNEES.intersection(behind[:5]):
        return Sense("kneel", "kneeling", "")
    if verb in _DASHING and first in _WAYS_OFF and not (things and first == "down"):
        return Sense("dash", "dashing", tail)
    if verb in ("throw", "hurl", "fling", "launch") and _SELVES.intersection(behind[:1]):
        if {"flat", "down", "ground", "floor"}.intersection(behind):
            return Sense("fall", "falling", "down")
        return Sense("jump", "jumping", tail)
    thing = first[:1] == "@"
    if verb in ("bring", "deliver") and thing:
        return Sense("carry", "carrying", tail)
    if verb == "reach" and thing:
        return Sense(verb, "walking", tail)
    if verb in LEADING and thing and not motion:
        return Sense(verb, "walking", tail)
    if verb in _HALTING and not (things or clause.passive or first[:1] == "@"):
        return Sense("stand", "standing", tail)
    if verb in BECOMING and first in _GROWING:
        return Sense(_GROWING[first], motion, "")
    if verb in ("break", "burst", "launch") and first == "into":
        return replace(_light(items, replace(clause, tail=clause.tail + 1)) or Sense(verb, "", tail), tail=tail)
    return plain


def _seen(items: list[Item], clause: Clause, sense: Sense, *, things: bool) -> Sense:
    """The same, with the motion that shows a verb which is none itself."""
    verb, motion, tail = sense.verb, sense.motion, sense.tail
    tag = items[min(clause.tail, len(items) - 1)].tag
    if not motion and verb in WALKS | MEETING:
        motion = "walking"
    if not motion and verb in MOVING and not things:
        motion = ing_form(items[clause.verbs[-1]].low if clause.verbs and verb == clause.lemma else verb)
    if not motion and verb in SAYING:
        motion = "talking"
    if not motion and verb == "be":
        motion = next((_POSTURES[word] for word in tail.split() if word in _POSTURES), "")
    if verb in LIGHT and "@" not in tail:
        light = _light(items, clause)
        verb, motion = (light.verb, light.motion) if light else (verb, motion if verb == "go" else "")
    if verb == "move" and tag in "DN" and not tail.startswith("@"):
        verb, motion = "shake", ""
    if (verb == "fly" and re.search(r"\bopen\b", tail)) or (verb == "head" and tail.startswith("@")):
        motion = ""
    return Sense(verb, motion, tail)


def _light(items: list[Item], clause: Clause) -> Sense | None:
    """ "takes a walk" is walking."""
    for at in range(clause.tail, min(clause.tail + 4, clause.end)):
        item = items[at]
        if item.tag == "N":
            base = noun_lemma(item.low)
            known = base in VERBS and "VERB" in kinds_of(base) and items[at - 1].tag in "DAP"
            return Sense(base, ing_form(base), "") if known else None
        if item.tag not in "DA":
            return None
    return None
