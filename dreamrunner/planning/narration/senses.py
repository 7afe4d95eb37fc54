"""What a verb means with the words behind it: "takes off" is flying, "gives chase" running, "falls silent" no fall."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.lexicon import VERBS, WALKS, is_setting
from dreamrunner.planning.english.parts import Item
from dreamrunner.planning.english.verb_groups import LEADING, MEETING, MOVING
from dreamrunner.planning.english.verbs import LIGHT, SAYING, SPEAKING
from dreamrunner.planning.english.word_forms import ing_form, kinds_of, noun_lemma
from dreamrunner.planning.narration.events import Way
from dreamrunner.planning.narration.phrases import BECOMING, LEVEL, STEEP

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
_WITH_ANY = MOVING | SPEAKING
_BY_WORD = {
    "up": frozenset(
        "stand sit look get wake jump glance gaze stare peer peek leap pick scoop lift hold raise grow curl straighten"
        " light rise climb throw toss hop spring puff sweep tidy clean dress wrap warm bounce fold pile stack swell"
        " bubble blow squint smile grin point reach shoot heave haul pull blink nod float".split()
    )
    - {"pull"},
    "down": frozenset(
        "sit lie look kneel bend crouch lay put settle slump glance gaze stare curl squat fall drop stoop hunker duck"
        " flop plop sink pour rain peer peek lean point reach smile grin nod float shine beam melt burn trickle drip"
        " slip swing press push plunk set splash".split()
    ),
    "off": frozenset("take lift blast set nod doze drop show".split()),
    "out": frozenset(
        "look reach stretch hold cry call shout peek peer stick lean laugh sing breathe spread hatch burst lie sprawl"
        " shriek yell scream howl bark pour gaze stare blow pull set flicker spill poke swing".split()
    ),
    "on": frozenset("look watch gaze stare sleep dance sing read play snore dream fight work hang".split()),
    "over": frozenset("bend lean look roll turn fall peer tip flip stoop topple glance hunch boil spill".split()),
    "in": frozenset("lean breathe look reach peer peek burst pour pile huddle creep".split()),
    "back": frozenset(
        "look lean glance wave smile shout sit stare lie grin hold pull push nod kiss whisper gaze throw kick hit bark"
        " roar growl recline flinch fight sink settle wink bow reach laugh rest spring swing call snarl hiss".split()
    ),
}
"""Words that change what a verb means, each with the verbs that it leaves as they are."""
_NEEDING = frozenset("cut plough plow fold wrap build slice carve pluck fill empty raise lower steal strap".split())
"""Verbs that mean this act only where something follows that they are done to."""
_SWEEPING = frozenset("in into past out".split())
_WINDING = frozenset("wind roll slide swing spin back".split())
_HELD_BACK = frozenset("breath tongue temper ground still office".split())
_EYES = frozenset("eyes eye gaze".split())
_NO_GIFTS = frozenset(
    "thumbs thumb hand chance reason name lift start hope time fright shock turn break lesson advice order orders sign"
    " signal way rest piece idea feeling answer speech talking-to permission".split()
)
_STATES_FALLEN_INTO = frozenset("quiet silent still ill sick short flat apart victim prey foul".split())
_KNEES = frozenset({"knees", "knee"})
SEATS = frozenset("chair armchair seat sofa couch bench stool throne cushion bed pillow hammock swing saddle".split())
"""What is sat down on and got up from."""
_FALLING = frozenset("drop sink flop collapse fall slump plop settle".split())
"""Verbs of sitting down, where a seat is named."""
_UPSETTING = frozenset("knock tip kick push bowl blow bump".split())
_PICTURES = frozenset("picture pictures photo photos photograph photographs selfie selfies snapshot".split())
_DASHING = frozenset("shoot explode rocket tear".split())
_WAYS_OFF = frozenset(
    "out off past forward forwards across through into along ahead away from under towards toward by around back up"
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
    if (
        verb == "fall"
        and (verb, first) not in _WITH_A_WORD
        and (tail.startswith("in love") or tag == "A" or first in _STATES_FALLEN_INTO)
    ):
        return None
    if verb == "leave" and clause.form == "ing" and len(clause.verbs) == 1 and _left_so(items, clause, tail):
        return None  # "leaving it tangled on the floor", "leaving a trail behind"
    if verb == "follow" and _EYES.intersection(item.low for item in items[clause.tail : clause.end]):
        return Sense("watch", "watching", "")
    if verb == "leave" and first[:1] == "@" and re.match(r"@\d+ (?:with|behind|alone|to|in|on|for|a)\b", tail):
        return None
    wound = verb in _WINDING and first in ("up", "down", "over", "open") and _with_object(items, clause, first)
    if wound and not re.match(rf"(?:up|down|over) (?:@|(?:[a-z]+ )*?(?:{STEEP})\b|(?:[a-z]+ )?(?:{LEVEL})\b)", tail):
        return None  # "winds down the window"
    if verb == "hold" and _HELD_BACK.intersection(item.low for item in items[clause.tail : clause.tail + 3]):
        return None
    if verb == "bring" and re.match(r"(?:down @|@\d+ down\b)", tail):
        return None  # "brings his hammer down on the anvil"
    if verb in ("go", "get", "come") and (first in ("higher", "lower") or re.match(r"(?:in|out|down) after @", tail)):
        return None
    laid = items[clause.tail : clause.end]
    plain_tag = next((item.tag for item in laid if item.tag != "R" and item.low not in ("down", "out")), "")
    if verb == "lay" and not things and not clause.passive and plain_tag not in ("D", "A", "N", "E", "O"):
        return replace(plain, verb="lie", motion="lying")  # "starts laying on the porch"
    if verb == "come" and re.fullmatch(r"up(?: again)?", tail):
        return None  # as out of the water
    if verb == "clap" and first[:1] == "@":
        return None
    if verb == "draw" and _WEAPONS.intersection(item.low for item in items[clause.tail : clause.tail + 4]):
        return replace(plain, verb="take", motion="") if first[:1] == "@" else None
    if verb == "look" and (tail.startswith("like ") or plain_tag == "A"):
        return None
    if verb == "leave" and tag in ("D", "A", "N") and first[:1] != "@" and not _place_left(items, clause):
        return None
    second = tail.split(" ")[1:2]
    if (
        _is_particle(items, clause, first)
        and verb not in _WITH_ANY | _DASHING | _BY_WORD.get(first, frozenset())
        and (verb, first) not in _WITH_A_WORD
    ):
        return None  # "pulls up"
    if verb in _NEEDING and not clause.passive and tag in ("", "M", "C", "P", "R") and not things:
        bare_end = clause.tail >= clause.end or tag in ("P", "M", "R", "C")
        bare_end = bare_end and not re.match(r"(?:straight )?into\b", tail)  # "ploughs straight into a pine"
        if bare_end and not tail.startswith("@") and not _acts_on_later(items, clause):
            return None  # "cuts to the right"
    last = re.search(r"[a-z] (on|off|up|down)(?: again)?$", tail)
    if verb in _TURNING and last and tag in ("D", "A", "N") and first[:1] != "@" and clause.tail + 1 < clause.end:
        return None  # "turns the music on"
    turns = verb in _TURNING and first in _SWITCHES and second and tag in ("P", "R")
    if turns and not _ON_THE_SPOT.intersection(item.low for item in items[clause.tail : clause.tail + 4]):
        worn = verb == "put" and second[0][:1] == "@"
        return None if not worn else _seen(items, clause, plain, things=things)
    if (
        (verb, first) in _NOT_SEEN
        and not (second and second[0][:1] == "@")
        and not (first in ("in", "on") and verb in ("turn", "go", "carry") and tag == "P" and _with_noun(items, clause))
        and not (first == "out" and second == ["of"])
    ):
        return None
    if verb == "go" and things and first == "out":
        return None  # a light, which is out
    found = _seen(items, clause, _by_idiom(items, clause, plain, things=things), things=things)
    return None if found.verb == "give" and not found.motion and not things else found


def _with_object(items: list[Item], clause: Clause, first: str) -> bool:
    """Whether what a verb is done to follows the word behind it: "tears off a strip"."""
    return first in ("off", "out", "back", "up", "down", "over", "open") and "".join(
        item.tag for item in items[clause.tail + 1 : clause.tail + 2]
    ) in ("D", "A", "N", "E", "O")


def _with_noun(items: list[Item], clause: Clause) -> bool:
    """Whether a noun follows the word behind a verb, which then is a preposition: "turns in the breeze"."""
    return clause.tail + 1 < clause.end and items[clause.tail + 1].tag in "DAN"


def _is_particle(items: list[Item], clause: Clause, first: str) -> bool:
    """Whether the word behind a verb changes what it means: "up" of "pulls up", not of "up the stairs"."""
    if first not in _BY_WORD or clause.tail >= clause.end or items[clause.tail].low != first or clause.passive:
        return False
    if [item.low for item in items[clause.tail + 1 : clause.tail + 3]] == ["to", first]:
        return False  # "back to back"
    after = items[clause.tail + 1] if clause.tail + 1 < clause.end else None
    return after is None or after.tag in "RPMCSTQ" or after.low in ("to", "from")


def _acts_on_later(items: list[Item], clause: Clause) -> bool:
    """Whether a noun that no preposition rules follows behind an adverb: "cuts slowly the bread"."""
    at = clause.tail
    while at < clause.end and items[at].tag == "R":
        at += 1
    return clause.tail < at < clause.end and items[at].tag in "DANEO"


def _place_left(items: list[Item], clause: Clause) -> bool:
    return any(is_setting(item.low) or item.low in _LEFT for item in items[clause.tail : clause.tail + 5])


def _left_so(items: list[Item], clause: Clause, tail: str) -> bool:
    """Whether something is said to be left where or as it is, by who need not go."""
    ends = clause.tail
    while ends < len(items) and items[ends].tag in "DANEO":
        ends += 1
    if ends == clause.tail or is_setting(items[ends - 1].low) or items[ends - 1].low in _LEFT:
        return False
    return ends < clause.end or tail[:1] != "@"


def _by_idiom(items: list[Item], clause: Clause, plain: Sense, *, things: bool) -> Sense:
    verb, motion, tail = plain.verb, plain.motion, plain.tail
    first, _, rest = tail.partition(" ")
    after = items[clause.tail + 1].tag if clause.tail + 1 < clause.end else ""
    idle = verb in ("give", "fall", "make") or first in ("cover", "flight", "chase", "asleep")
    takes = after in "DANEO" and after and not idle  # "takes off her hat"
    if (other := _WITH_A_WORD.get((verb, first))) is not None and not takes:
        if other == "fly":
            return Sense(other, "flying", f"up {tail}")
        shown = "walking" if other in WALKS else ing_form(other)
        return Sense(other, shown, f"to {rest}" if first == "for" else tail if other in WALKS else rest)
    thing = first[:1] == "@"
    behind = [item.low for item in items[clause.tail : clause.end]]
    if verb in ("throw", "hurl", "fling", "launch", "drop", "sink") and _KNEES.intersection(behind[:5]):
        return Sense("kneel", "kneeling", "")
    if (
        verb in _DASHING
        and first in _WAYS_OFF
        and not _with_object(items, clause, first)
        and not (things and first == "up")
    ):
        by = first == "past"  # "it shoots past"
        return Sense("cross" if by else "dash", "" if things else "dashing", rest if by else tail)
    if verb == "sweep" and first in _SWEEPING and not _with_object(items, clause, first):
        return Sense("go", "" if things else "walking", tail)
    if verb in ("lower", "raise", "lift") and _SELVES.intersection(behind[:1]):
        down = verb == "lower"
        return Sense("descend" if down else "rise", "descending" if down else "rising", tail.removeprefix("itself "))
    if verb in ("throw", "hurl", "fling", "launch") and _SELVES.intersection(behind[:1]):
        if {"flat", "down", "ground", "floor"}.intersection(behind):
            return Sense("fall", "falling", "down")
        return Sense("jump", "jumping", tail)
    if verb in ("pick", "pull", "push", "drag", "haul", "heave") and _SELVES.intersection(behind[:1]):
        return Sense("stand", "standing", "") if "up" in behind[1:2] else Sense(verb, "", "")
    if verb == "pass" and re.match(r"@\d+ (?:to|over|back|on|along|around|out|forward|up|down|@)", tail):
        return Sense("hand", "passing", tail)
    sits = verb in _FALLING and not things and re.match(r"(?:down |back )?(?:in|into|on|onto)\b", tail)
    if sits and SEATS.intersection(word for low in behind[:6] for word in low.split()):
        return Sense("sit", "sitting", re.sub(r"\b(?:in|into|onto) @", "on @", tail, count=1))
    if verb in MOVING - {"get"} and first in ("by", "past") and after not in ("D", "A", "N", "E", "O"):
        return replace(
            plain,
            verb="cross",
            motion=motion or ("" if things else ing_form("walk" if verb in WALKS else verb)),
            tail=rest,
        )  # "a car is passing by"
    if verb in _UPSETTING and (upset := re.match(r"(?:over (@\d+)|(@\d+) over)\b(?! @| to\b| towards?\b)", tail)):
        return Sense("upset", motion, upset[1] or upset[2])
    if verb == "blow" and re.match(r"(?:out @|@\d+ out\b)", tail):
        return Sense(verb, motion, "")  # "blows out the candle"
    if verb == "hide" and thing and not re.match(r"@\d+ (?:in|inside|under|behind|beneath|on) @", tail):
        return Sense(verb, "", "")
    if verb == "take" and _PICTURES.intersection(behind[:3]):
        return Sense("photograph", "photographing", "")
    if verb in ("whip", "wheel") and first in ("round", "around"):
        return Sense("turn", "turning", "")
    if verb == "draw" and re.match(r"@\d+ (?:up|out|back|in|near|towards?|closer)\b", tail):
        return Sense("pull", "pulling", tail)
    if verb in ("bring", "carry") and (brought := re.match(r"in (@\d+)$", tail)):
        return Sense("carry", "carrying", brought[1])  # "brings in the tray"
    if verb == "move" and re.match(r"@\d+ (?:from|to|onto|into|over|towards?|closer|nearer|away)\b", tail):
        return Sense("push", "pushing", tail)
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
    if verb == "turn" and (behind[:1] == ["a"] or noun_lemma(first) != first) and (light := _light(items, clause)):
        return light  # "turns a somersault"
    if verb in ("break", "burst") and {"tears", "sobs"}.intersection(behind[:3]):
        return Sense("cry", "crying", "")
    if verb in ("break", "burst", "launch") and first == "into":
        return replace(_light(items, replace(clause, tail=clause.tail + 1)) or Sense(verb, "", tail), tail=tail)
    return plain


def _seen(items: list[Item], clause: Clause, sense: Sense, *, things: bool) -> Sense:
    """The same, with the motion that shows a verb which is none itself."""
    verb, motion, tail = sense.verb, sense.motion, sense.tail
    tag = items[min(clause.tail, len(items) - 1)].tag
    if not motion and verb == "flee":
        motion = "running"
    if not motion and verb in WALKS | MEETING:
        motion = "walking"
    if not motion and verb in MOVING and not things:
        motion = ing_form(items[clause.verbs[-1]].low if clause.verbs and verb == clause.lemma else verb)
    if not motion and verb in SAYING:
        motion = "talking"
    if not motion and verb == "be":
        motion = next((_POSTURES[word] for word in tail.split() if word in _POSTURES), "")
    if verb == "give" and re.match(r"@\d+ [a-z]", tail) and not re.match(r"@\d+ (?:back|away|to)\b", tail):
        light = None if _given_idly(tail) else _light(items, replace(clause, tail=_behind_whom(items, clause)))
        return Sense(light.verb, light.motion, "") if light else Sense(verb, "" if _given_idly(tail) else motion, tail)
    if verb in LIGHT and "@" not in tail:
        light = _light(items, clause)
        verb, motion = (light.verb, light.motion) if light else (verb, motion if verb == "go" else "")
    if verb == "move" and tag in "DN" and not tail.startswith("@"):
        verb, motion = "shake", ""
    if (verb == "fly" and re.search(r"\bopen\b", tail)) or (verb == "head" and tail.startswith("@")):
        motion = ""
    return Sense(verb, motion, tail)


def _behind_whom(items: list[Item], clause: Clause) -> int:
    """Where what is given begins, behind the one to whom it is."""
    at = clause.tail
    while at < clause.end and items[at].entity < 0 and items[at].tag in "DA":
        at += 1
    return min(at + 1, clause.end)


def _given_idly(tail: str) -> bool:
    """Whether what is given is no thing: "gives him a chance"."""
    return bool(_NO_GIFTS.intersection(tail.split()[1:4]))


def _light(items: list[Item], clause: Clause) -> Sense | None:
    """ "takes a walk" is walking."""
    for at in range(clause.tail, min(clause.tail + 4, clause.end)):
        item = items[at]
        if item.tag == "N":
            base = noun_lemma(item.low)
            known = base in VERBS and "VERB" in kinds_of(base) and items[at - 1].tag in "DAP"
            known = known and not (clause.lemma == "give" and items[clause.tail].low == "the")  # "gives the rope a tug"
            return Sense(base, ing_form(base), "") if known else None
        if item.tag not in "DA":
            return None
    return None
