"""Phrases of place and direction: what follows a verb, as a relation, a path or a place in the picture.

Phrases come as strings in which ``@3`` stands for the fourth entity of a text, ``@@`` for "each other", and articles
are left out: "walks under the old bridge" gives "under @3".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from dreamrunner.planning.english.lexicon import MORE_COLOURS
from dreamrunner.planning.english.verb_groups import (
    AIRBORNE,
    DOWNWARDS,
    FOLLOWING,
    LEADING,
    LEAPING,
    LEAVING,
    MEETING,
    MOVING,
    ON_FOOT,
    PULLING,
    PUSHING,
    UPRIGHT,
    UPWARDS,
)
from dreamrunner.planning.english.word_forms import motion_verb
from dreamrunner.planning.narration.events import Change, Path, RelationKind, SpatialRelation, Way
from dreamrunner.planning.narration.rewording import reworded

BECOMING = frozenset("turn become change fade shift transition go get grow transform morph evolve".split())
_ATTRIBUTES = MORE_COLOURS | frozenset("gold dark bright pale dry wet old rusty".split())

_ONE = r"@(\d+)"
_NEAR = "next to|beside|besides|near|close to|alongside|along with|together with|by|opposite|facing|against|at"
_AT_ITS = r"(?:at|by|on|near) (?:\w+ )?(?:foot|side|edge|end|base|bottom|bank|corner|rim) of"
_RELATIONS: tuple[tuple[re.Pattern[str], RelationKind], ...] = (
    (re.compile(rf"\bbetween {_ONE} and {_ONE}"), "between"),
    (re.compile(rf"\b(?:(?:to|on|at) )?(?:far )?left (?:hand )?(?:side )?of {_ONE}"), "left"),
    (re.compile(rf"\b(?:(?:to|on|at) )?(?:far )?right (?:hand )?(?:side )?of {_ONE}"), "right"),
    (re.compile(rf"\bheld by {_ONE}"), "held"),
    (re.compile(rf"\b(?:in front of|before) {_ONE}"), "before"),
    (re.compile(rf"\bbehind {_ONE}"), "behind"),
    (re.compile(rf"\bon (?:far|other|opposite) side of {_ONE}|\b(?:at|in) (?:back|rear) of {_ONE}"), "behind"),
    (re.compile(rf"\b(?:on top of|at top of|atop|upon|on|down to) {_ONE}"), "on"),
    (re.compile(rf"\b(?:under|underneath|beneath|below) {_ONE}"), "under"),
    (re.compile(rf"\b(?:high )?(?:above|over) {_ONE}"), "above"),
    (re.compile(rf"\b(?:inside(?: of)?|within|in|among|amongst|amid|amidst|in mid(?:dle|st) of) {_ONE}"), "inside"),
    (re.compile(rf"\b(?:{_NEAR}|{_AT_ITS}) {_ONE}"), "beside"),
)  # fmt: skip
_WAYS: tuple[tuple[re.Pattern[str], Way], ...] = (
    (re.compile(rf"\b(?:on to|onto) {_ONE}"), "onto"),
    (re.compile(rf"\binto {_ONE}"), "into"),
    (re.compile(rf"\b(?:away|off|down|out) from {_ONE}|\baway of {_ONE}|\bout of {_ONE}|\bfrom {_ONE}"), "from"),
    (re.compile(rf"\b(?:off|out) {_ONE}"), "from"),
    (re.compile(rf"\b(?:past|by) {_ONE}"), "past"),
    (re.compile(rf"\bthrough {_ONE}"), "past"),
    (re.compile(rf"\b(?:around|round) {_ONE}"), "around"),
    (re.compile(rf"\bafter {_ONE}"), "follow"),
    (re.compile(rf"\b(?:over|across) {_ONE}"), "over"),
    (re.compile(rf"(?<!next )(?<!close )\b(?:towards?|up to|over to|back to|to|at) {_ONE}"), "to"),
)
_WAYS_TO_ONE: dict[str, Way] = {
    "pass": "past",
    "cross": "past",
    "circle": "around",
    "approach": "to",
    "leav": "from",
    "exit": "from",
    "meet": "to",
    "enter": "into",
    "flee": "from",
}
"""The ways of verbs with an object: "passes the tree"."""
_PASSED_AT = frozenset({"before", "behind", "beside"})
"""Whoever goes one way and is there passes."""
_BUMPING = frozenset("crash bump smash slam collide".split())
"""Verbs whose "into" ends at what is run into."""
_BEYOND = (
    (re.compile(rf"\bto (?:far )?left (?:side )?of {_ONE}"), -1),
    (re.compile(rf"\bto (?:far )?right (?:side )?of {_ONE}"), 1),
)
STEEP = (
    "hill|hills|hillside|mountain|mountainside|stairs|staircase|stairway|steps|ladder|tree|trunk|cliff|slope|chimney|wall"
    "|rope|pole|tower|well|shaft|bank|ramp|side|drain|drainpipe|face|dune|dunes|slide|bannister|banister|mast|branch"
    "|stalk|vine|blade|stem|fence|net|rock|rocks|valley|ravine|hole|waterfall|escalator"
)
"""What is gone up and down, of what else than the story's things is."""
LEVEL = (
    "street|road|lane|path|track|hall|hallway|corridor|aisle|river|stream|beach|runway|alley|avenue|sidewalk|pavement"
    "|highway|trail|canal|line|tracks|pitch|court|field|coast|catwalk|drive|driveway|passage|tunnel|gangway"
)
_ALONG_A_WAY = rf"\b(?:up|down) (?:\w+ )?(?:{LEVEL})\b"
"""Phrases in which "down" is no way down through the picture."""
_ON_HIGH = (
    r"^(?:\w+ly |high )*(?:above|overhead|over|around|round|through|past|across|along|alongside|in|beside|between)\b"
)
"""Where somebody soars who doesn't go up."""
_DOWN_HERE = re.compile(r"(?:\w+ly |straight |back )*down(?:$| (?:and|,|;|with)\b)")
_SINKING = frozenset("drop fall sink lower rain pour".split())
_INTO_A_THING = frozenset(
    "climb clamber squeeze fall tumble topple jump dive plunge get hop leap slip sink pile pop crawl wriggle roll"
    " step peek".split()
)
"""Verbs after which "in" is into something, and not into the picture."""
_INTO_OR_OUT = re.compile(
    r"(?:\w+ly )?(?:in|into|out|off|aboard|through|inside|back in|back out)\b(?! (?:\w+ )*(?:sky|air|clouds|heavens))"
)
_STRIKING = frozenset("shoot aim fire lean point look".split())
"""Verbs whose direction is that of something else."""
_AT_ITS_AIM = frozenset("arrive charge lunge rush fly dash run race leap jump pounce swoop dive".split())
"""Verbs that go to what they are at."""
_FRAME = r"(?: (?:side|hand side|edge|half|part|corner|end))?"


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase says; ``together`` is 1 for towards each other, -1 for apart, and ``company`` goes along."""

    path: Path | None = None
    relation: SpatialRelation | None = None
    side: int | None = None
    height: str = ""
    together: int = 0
    company: str = ""

    def or_else(self, other: Phrase) -> Phrase:
        """This phrase, and where it says nothing, the other."""
        return Phrase(
            self.path or other.path,
            self.relation or other.relation,
            other.side if self.side is None else self.side,
            self.height or other.height,
            self.together or other.together,
            self.company or other.company,
        )


def read_phrase(text: str, verb: str, names: list[str]) -> Phrase:
    """Read what stands around a verb. ``verb`` is its base form; ``@0``, ``@1`` ... stand for ``names``."""
    moving = verb in MOVING
    text = reworded(text, verb)
    heading = _heading(text, moving)
    together = 0
    if (
        (re.search(r"\b(?:to|towards?|at|facing) @@", text) and moving)
        or (verb in ("come", "draw", "move", "get", "go") and re.match(r"(?:closer )?together\b", text))
        or (verb in MEETING and "@@" in text)
        or (verb == "meet" and not re.search(r"@\d", text))
    ):
        together = 1
    elif moving and re.search(r"\bfrom @@|\bapart\b|\bopposite directions\b|\bdifferent directions\b", text):
        together = -1
    path = _path(text, verb, names, heading)
    named = "@" in text
    if path is not None and named and (goal := _vertical_goal(path, text, verb)):
        path, text = goal
    with_one = re.search(rf"^(?:\w+ )*?(?:together )?with {_ONE}", text) if named else None
    relation = None
    if named and (path is None or path.way in ("go", "to-and-fro", "up", "down", "enter", "leave", "cross")):
        relation = _relation(text, names)
        if relation and relation.kind == "between" and relation.other == relation.and_other:
            relation = None
        if relation and path and path.heading and path.way in ("go", "cross") and relation.kind in _PASSED_AT:
            path, relation = Path("past", relation.other, path.heading), None
    on_it = relation is not None and relation.kind in ("above", "on", "under", "inside")
    return Phrase(
        path=path,
        relation=relation,
        side=_side(text) if path is None or not path.heading else None,
        height="" if on_it else _height(text) or ("top" if verb == "soar" and path is None else ""),
        together=together,
        company=names[int(with_one[1])] if with_one else "",
    )


def _path(text: str, verb: str, names: list[str], heading: int) -> Path | None:
    moving = verb in MOVING
    if verb == "reach" and (other := re.match(_ONE, text)):
        return Path("to", names[int(other[1])], heading)
    if not moving and verb not in PUSHING | PULLING | LEADING | {"carry", "lift"}:
        return Path("go", "", heading) if heading and verb not in _STRIKING else None
    if "in circles around" in text or "in circle around" in text:
        text = text.replace("in circles around", "around").replace("in circle around", "around")
    if re.search(r"\bback and forth\b|\bto and fro\b|\bup and down\b|\bleft and right\b|\bin circles?\b", text):
        return None if "up and down" in text and verb not in ON_FOOT else Path("to-and-fro")
    if verb in FOLLOWING and (other := re.search(_ONE, text)):
        return Path("follow", names[int(other[1])], heading)
    for pattern, side in _BEYOND if verb not in LEAPING | AIRBORNE else ():
        if other := pattern.search(text):
            return Path("beyond", names[int(other[1])], side)
    if re.search(r"\b(?:towards?|to|closer to|up to) (?:camera|viewer|us|audience)\b|\bcloser$", text):
        return Path("near")
    if re.search(r"\b(?:into|in|to) (?:\w+ )?distance\b|\baway from (?:camera|viewer|us)\b", text):
        return Path("far")
    if "from" in text and (
        slanting := re.search(
            r"\bfrom (top|upper|bottom|lower) (?:left|right)\b.*\bto (top|upper|bottom|lower) (left|right)\b", text
        )
    ):
        rises = slanting[1] in ("bottom", "lower")
        if rises != (slanting[2] in ("bottom", "lower")):
            return Path("up" if rises else "down", "", -1 if slanting[3] == "left" else 1)
    bare = re.match(rf"(?:\w+ly )?{_ONE}", text)  # a verb with an object: "passes the tree"
    vertical = _vertical(re.sub(_ALONG_A_WAY, "", text), verb)
    if bare:
        thing = names[int(bare[1])]
        if verb in _WAYS_TO_ONE:
            return Path(_WAYS_TO_ONE[verb], thing, heading)
        if verb in UPWARDS:
            return Path("up", thing)
        if verb in DOWNWARDS:
            return Path("down", thing)
    along = re.search(rf"\b(?:(?:up|down)(?:wards?)? along|up|down|into|from|off) {_ONE}", text) if vertical else None
    if (
        vertical
        and along
        and "away from" not in text
        and ("into" not in along[0] or (vertical == "down" and verb in _SINKING))
    ):
        return Path(vertical, names[int(along[1])])
    if vertical and re.match(r"(?:up|down)(?:wards?)? (?:around|round|past|in|among|through|over|towards?)\b", text):
        return Path(vertical, "", heading)
    if " to @" in text and "from @" in text:
        text = re.sub(r"\bfrom @\d+ ", "", text)  # of "from the table to the chair" the end
    for pattern, way in _WAYS:
        if other := pattern.search(text):
            name = names[int(next(group for group in other.groups() if group))]
            if way == "into" and verb in _BUMPING:
                way = "to"
            if way == "over" and verb in AIRBORNE and "across" not in other[0] and "jump" not in verb:
                return Path("over", name, heading)
            if way == "past" and other[0].startswith("by") and not moving:
                continue
            if way == "to" and other[0].startswith("at ") and verb not in _AT_ITS_AIM:
                continue
            return Path(way, name, heading)
    if verb in LEAPING and (other := re.search(rf"\b(?:on|on top of|upon) {_ONE}", text)):
        return Path("onto", names[int(other[1])])
    if verb in LEAPING and (other := re.search(rf"\b(?:in|inside) {_ONE}", text)):
        return Path("into", names[int(other[1])])
    if vertical:
        return Path(vertical, "", heading)
    comes_in = r"\bin(?:to)? (?:from|picture|frame|view|scene)\b|^(?:\w+ly )?in\b(?! [\w@])"
    if verb == "enter" or (verb not in _INTO_A_THING and re.search(comes_in, text)):
        return Path("enter", "", heading)
    comes_out = verb in _INTO_A_THING and re.match(r"(?:\w+ly )?(?:out|off)\b", text)
    if comes_out and not re.search(r"\bout of (?:picture|frame|view)\b", text):
        return None
    if verb in LEAVING or re.search(
        r"^(?:\w+ly )?(?:away|off) (?:in)?to (?!@|far\b|left\b|right\b|one side|side\b)"
        r"|^(?:\w+ly )?(?:away|off|out)\b(?! from @|(?<=out) from| of| in front| in| into| onto| behind| on @"
        r"|(?<=out) to(?! (?:far )?(?:left|right)))"
        r"|\bout of (?:picture|frame|view)\b",
        text,
    ):
        return Path("leave", "", heading)
    if (
        re.search(r"\bfrom (?:far )?(?:left|right)\b.*\bto (?:far )?(?:left|right)\b|\bacross\b", text)
        or verb == "cross"
    ):
        return Path("cross", "", heading or 1)
    return Path("go", "", heading) if heading else None


def _vertical_goal(path: Path, text: str, verb: str) -> tuple[Path, str] | None:
    """The way down to something, or up from it, and the text in which that is said as a place: "falls to the table"
    ends on the table, "rises from the bed" begins on it. None for another way."""
    up = path.way == "up" and re.search(rf"\b(from|off|out of) {_ONE}", text)
    if up:
        start = "in" if up[1] == "out of" else "on"
        return Path("up", "", path.heading), f"{text[: up.start()]}{start} {text[up.end(1) + 1 :]}"
    down = re.search(rf"(?<!next )(?<!close )(?<!up )\b(onto|on to|on|upon|towards?|to|into|at) {_ONE}", text)
    falls = verb in DOWNWARDS - {"collapse", "topple"} or re.search(r"\bdown(?:wards?)?\b", text)
    goes = path.way in ("down", "to", "onto", "into") and falls and verb not in ON_FOOT | UPWARDS
    if not down or not goes or _vertical(text.replace(down[0], " "), verb) != "down":
        return None
    at = {
        "into": "in",
        "at": "near" if verb == "land" else "above",
        "to": "down to",
        "toward": "down to",
        "towards": "down to",
    }.get(down[1], "on")
    return Path("down"), f"{text[: down.start()]}{at} {text[down.end(1) + 1 :]}"


def described(motion: str, description: str) -> Phrase:
    """Read what a motion's name and a written description say of way and place, without naming anybody else."""
    words = " ".join(re.findall(r"[a-z]+", f"{motion} . {description}".lower()))
    words = re.sub(r"\b(?:the|a|an|its|his|her|their) ", "", words)
    verb = motion_verb(motion)
    if heading := _heading(words, False) or _heading(words.removeprefix(words.split(" ")[0] + " "), True):
        crossing = re.search(r"\bfrom (?:far )?(?:left|right)\b.*\bto (?:far )?(?:left|right)\b", words)
        return Phrase(Path("cross" if crossing else "go", "", heading), height=_height(words))
    return Phrase(side=_side(words), height=_height(words)) if verb else Phrase()


def _vertical(text: str, verb: str) -> Literal["up", "down", ""]:
    if verb in UPRIGHT or (verb in ("come", "go") and _DOWN_HERE.match(text)):
        return "" if verb in UPRIGHT else "down"
    if verb in ON_FOOT:
        text = re.sub(
            r"\b(?:up|down)(?=$| (?:and|,|;|behind|beside|to|next|in front|before|under|beneath|with|close)\b)",
            "",
            text,
        )
        text = re.sub(rf"\b(?:up|down) (?!(?:\w+ )*?(?:{STEEP})\b)(?:[a-z]+ )*?[a-z]+", "", text)
        text = re.sub(r"\bto (?:ground|earth|floor|bottom)\b", "", text)
    if re.search(
        r"\b(?:up|upwards?|skywards?|higher)\b(?! (?:to|and|than) )|\bup and away\b|\binto (?:air|sky|clouds)\b"
        r"|\bup to (?:ceiling|sky|roof|clouds|sun|moon|stars|surface)\b",
        text,
    ) or (verb in AIRBORNE and re.match(r"(?:\w+ly )?off (?:into|from)\b", text)):
        return "up"
    if re.search(
        r"\b(?:down|downwards?)\b(?! (?:to|into|by|at|along|in) )|\bto (?:ground|earth|floor|bottom)\b"
        r"|\bfrom (?:sky|air|above|heaven)\b",
        text,
    ):
        return "down"
    if verb == "soar" and re.search(_ON_HIGH, text):
        return ""
    if verb in UPWARDS:
        climbs = verb in ("climb", "clamber")
        return "down" if climbs and text[:4] == "down" else "" if climbs and _INTO_OR_OUT.match(text) else "up"
    return "down" if verb in DOWNWARDS else ""


def _heading(text: str, moving: bool) -> int:
    """-1 leftwards, 1 rightwards, 0 when the phrase doesn't say."""
    if found := re.search(r"\bfrom (?:far )?(left|right)\b" + _FRAME + r"(?! of\b)", text):
        return 1 if found[1] == "left" else -1
    if found := re.search(r"\b(left|right)wards?\b", text):
        return -1 if found[1] == "left" else 1
    if found := re.search(r"\b(?:to|towards?) (?:far )?(left|right)\b" + _FRAME + r"(?! of\b| hand)", text):
        return -1 if found[1] == "left" else 1
    if moving and (found := re.search(r"^(?:\w+ly )?(left|right)\b(?! of\b| side)", text)):
        return -1 if found[1] == "left" else 1
    return 0


def relation_in(text: str, names: list[str]) -> SpatialRelation | None:
    """Where something is put: "into @2" is in it."""
    return _relation(text.replace("into ", "in ").replace("onto ", "on "), names)


def _relation(text: str, names: list[str]) -> SpatialRelation | None:
    """The first relation of a phrase: "in the pot on the table" is in the pot."""
    found = [(match.start(), match, kind) for pattern, kind in _RELATIONS if (match := pattern.search(text))]
    if not found:
        return None
    _, match, kind = min(found, key=lambda item: item[0])
    return SpatialRelation(kind, *(names[int(group)] for group in match.groups() if group))


_PICTURE = (
    r"(?:\w+ )?(?:picture|frame|screen|scene|stage|image|shot|room|view|us|camera|road|street|path|river|stream|lake"
    r"|pond|garden|field|meadow|beach|shore|court|pitch|yard|hall|corridor|track|kitchen|bedroom|square|park|lawn|platform"
    r"|clearing|ring|arena)\b"
)
"""What fills the picture, so that its left is the picture's."""


def _side(text: str) -> int | None:
    if found := re.search(
        rf"\b(?:on|at|in)(?: far| top| upper| bottom| lower)* (left|right)\b(?! (?:\w+ )?of (?!{_PICTURE}))", text
    ):
        return -1 if found[1] == "left" else 1
    return 0 if re.search(r"\bin (?:very )?(?:middle|center|centre)\b(?! of @)", text) else None


def _height(text: str) -> str:
    if re.search(
        r"\b(?:at|in|near) (?:very )?(?:top|upper)\b|\bhigh (?:up|in|above)\b|\boverhead\b|\babove$|\bin (?:air|sky)\b",
        text,
    ):
        return "top"
    return "bottom" if re.search(r"\b(?:at|in|near) (?:very )?(?:bottom|lower)\b", text) else ""


_ENDS_CHANGE = "as|in|at|over|by|on|under|beside|behind|near|next|while|above|below|against|with"


def change_in(tail: str, verb: str) -> Change | None:
    """What the phrase after a verb of becoming turns into what."""
    if verb not in BECOMING:
        return None
    if (
        found := re.search(rf"\bfrom ([\w ]+?) (?:in)?to ([\w ]+?)(?: (?:{_ENDS_CHANGE})\b.*)?$", tail.split(" ,")[0])
    ) and not ({"left", "right", "side", "hand", "place", "door", "time", "head"} & set(found[0].split())):
        return Change(found[1], found[2])
    if verb not in ("get", "go") and (found := re.match(r"(?:\w+ly )?into ([\w ]+)$", tail)):
        return Change("", found[1])
    first = [word for word in tail.split() if not word.endswith("ly")][:3]
    while first and first[0] in ("bright", "dark", "pale") and len(first) > 1 and first[1] in _ATTRIBUTES:
        return Change("", " ".join(first[:2]))
    return Change("", first[0]) if (first and first[0] in _ATTRIBUTES) or (verb == "become" and first) else None
