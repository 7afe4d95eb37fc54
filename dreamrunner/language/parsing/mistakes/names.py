"""Names that the language can't have, and lines of a scene that say who acts in another form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from dreamrunner.files.text import NAME
from dreamrunner.language.edits import quoted
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.lines import BODIES, HEADS, words
from dreamrunner.language.parsing.lookalikes import named
from dreamrunner.language.parsing.mistakes.habits import by_side
from dreamrunner.language.parsing.mistakes.mending import Faulty, Mend

_ARTICLES = ("a", "an", "the")
_KINDS = {
    "character_head": "character",
    "prop_head": "prop",
    "location_head": "location",
    "motion_head": "motion",
    "scene_head": "scene",
}
_REPLACED = str.maketrans({"\u00df": "ss", "\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0142": "l", "\u0131": "i"})
_REPLACED |= str.maketrans(
    {"\u00c6": "Ae", "\u0152": "Oe", "\u00d8": "O", "\u0141": "L", "\u00f0": "d", "\u00fe": "th"}
)
_ALIKE = str.maketrans(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455"
    "\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425",
    "aceopxyijsABCEHKMOPTX",
)
"""Cyrillic letters that look like ours, as pages and keyboards mix them into words."""
_LONGEST = 40

SPEAKING = ("says", "say", "said", "saying", "asks", "asking", "tells", "shouts", "whispers", "replies", "answers")
"""Verbs before what somebody says."""

UNDER = "what is said stands under the beat of who says it"

ONE_WORD = "a name is one word"
LETTERS = "names are written in the letters a to z, digits, `-` and `_`, since models, files and commands read them too"


def as_name(text: str, kind: str = "") -> str:
    """The name nearest to a text: ``Mary Jane`` is ``Mary-Jane``; empty when none of its letters has one.

    One that begins with a digit gets ``kind`` before it.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_REPLACED))
    if re.search("[A-Za-z]", plain):
        plain = re.sub(r"[^\x00-\x7f\W]", "", plain.translate(_ALIKE))
    plain = re.sub("['\u2019\u02bc`\u2018]", "", "".join(char for char in plain if not unicodedata.combining(char)))
    if re.search(r"[^\x00-\x7f]", re.sub(r"[^\w]", "", plain)):
        return ""
    name = re.sub("[^A-Za-z0-9_]+", "-", plain).strip("-_")[:_LONGEST].strip("-_")
    if kind and name[:1].isdigit():
        name = f"{kind}-{name}"
    return name if NAME.fullmatch(name) else ""


def head_name(line: Faulty, count: int) -> Iterator[Mend]:
    """The name of a declared thing or a scene that is no name: with blanks, in quotes, in other letters, a number.

    One that has no letter of ours is called by its kind and ``count``.
    """
    kind = _KINDS.get(line.rule)
    if kind is None or not line.failure.index or len(line.tokens) < 2:
        return
    own = {name for name in words() if name in ("LOOKS", "IMAGES", "LORA", "QUERY", "CLIPS", "FROM", "VOICE")}
    rest = next(
        (
            index
            for index, token in enumerate(line.tokens)
            if index > 1 and (token.type in ("STRING", "LONG_STRING", "UNCLOSED_STRING") or token.type in own)
        ),
        len(line.tokens),
    )
    if line.tokens[1].type == "FROM" and len(line.tokens) > 2:
        return  # the name before it is missing
    if line.tokens[1].type == "STRING" and rest == 2 and len(line.tokens) == 3 and line.tokens[2].type == "NAME":
        return
    start, end = line.tokens[1].start_pos, line.tokens[rest - 1].end_pos
    written = line.text[start:end]
    said = written.strip("\"' ")
    if '"' in said or any(token.type in HEADS for token in line.tokens[1:rest]):
        return
    if kind in ("character", "prop") and rest == len(line.tokens) and _is_description(said):
        return
    name = as_name(said, kind) or ("" if re.search("[A-Za-z]", said) else f"{kind}-{count}")
    if not name or (name == _bare(said) and not written.startswith('"')):
        return
    yield Mend(start, end, name, why_no_name(said), code="bad-name", subject=shown(said))


def _is_description(text: str) -> bool:
    """Whether words after ``character`` are a name and looks without quotes rather than a name of several words."""
    said = text.split()
    return len(said) > 3 or any(word.lower() in _ARTICLES for word in said[1:])


def _bare(said: str) -> str:
    """A name without the signs behind it, which are a mistake of their own."""
    return re.sub(r"\W+$", "", unicodedata.normalize("NFC", said))


def why_no_name(said: str) -> str:
    """Why a text is no name of the language."""
    others = (char for char in said if char.isalpha() and not unicodedata.name(char, "").startswith("LATIN"))
    other = next(others, "")
    if other and re.search("[A-Za-z]", said):
        return f"`{other}` is {named(other)}, and names are written in the letters a to z"
    if re.search(r"[^\x00-\x7f]", said):
        return LETTERS
    if re.search(r"\s", said):
        return ONE_WORD
    return "a name starts with a letter and holds letters, digits, `-` and `_`"


def name_instead(said: str) -> str:
    """Why a text is no name of the language, and the nearest one to it, where there is one."""
    near = as_name(said, "name")
    return f"{why_no_name(said)}{f', as `{near}`' if near else ''}"


def swapped_head(line: Faulty) -> Iterator[Mend]:
    """``character "a witch" witch``: the name behind its looks."""
    if (
        line.failure.index
        and line.rule in ("character_head", "prop_head")
        and [token.type for token in line.tokens[1:]] == ["STRING", "NAME"]
    ):
        _, looks, name = line.tokens
        help = "the name comes first, then its looks"
        yield Mend(looks.start_pos, name.end_pos, f"{name} {looks}", help, whole=True)


def several(line: Faulty) -> Iterator[Mend]:
    """``witch and cat walking``, ``witch, cat hugging``: two who act in one line."""
    if line.rule != "beat_line":
        return
    name = r"(?:(?:the|a|an)\s+)?([A-Za-z][\w-]*)"
    apart = r",\s*and\b|[,&+/]|\band\b|\bwith\b"
    found = re.match(rf"{name}((?:\s*(?:{apart})\s*{name})+)", line.text)
    if found is None:
        return
    names = [found[1], *re.findall(rf"(?:{apart})\s*{name}", found[2])]
    rest = re.sub(r"^\s*,?\s*(?:is|are)\b|^\s*,", "", line.text[found.end() :])
    if names[-1].endswith("ing") and not re.match(r"\s*[A-Za-z]", rest):
        rest = f" {names.pop()}{rest}"
    if len(names) < 2:
        return
    lines = "\n".join(each + rest for each in names)
    shared = " and ".join(f"`{shown(each)}`" for each in names)
    help = "each has a line of its own"
    yield Mend(0, len(line.text), lines, help, code="two-at-once", subject=shared)


def article(line: Faulty) -> Iterator[Mend]:
    """``the witch walking``: an article before the name."""
    if line.rule == "beat_line" and len(line.tokens) > 2 and line.tokens[0].lower() in _ARTICLES:
        help = "a line in a scene begins with a name"
        name, *rest = line.tokens[1:]
        if len(rest) > 1 and rest[0].lower() in ("is", "are"):
            del rest[0]
        yield Mend(0, rest[0].start_pos, f"{name} ", help, whole=True)


def is_sentence(text: str) -> bool:
    """Whether a line of a scene is prose: a few words with a full stop, or many words."""
    count = len(text.split())
    return '"' not in text and (count > 8 or (count > 2 and text.endswith((".", "!", "?", "\u2026", "\u3002"))))


def said(line: Faulty, narrated: bool) -> Iterator[Mend]:
    """What somebody says, which stands under the beat, and what belongs in the narration, which the scene has or has
    not: prose outside of quotes.

    ``The witch walks in her garden.``, ``witch: "Hello"``, ``witch says Hello``, ``witch waving says "Hi"``
    """
    if line.rule != "beat_line":
        return
    if lines := _speech(line.text):
        yield Mend(0, len(line.text), lines, UNDER)
        return
    text, help = "", "a sentence is a text"
    if is_sentence(line.text):
        text = " ".join(line.text.split())
    if text and narrated:
        yield Mend(0, len(line.text), f"# {text}", "the scene has its narration; a note begins with `#`")
    elif text:
        yield Mend(0, len(line.text), f"narration {quoted(text)}", help, "scene_line")


def _speech(text: str) -> str:
    """A line that lets somebody say something as two, a beat and what is said under it; empty for another line."""
    verb = rf"(\s+[\w-]+)??\s+(?:{'|'.join(SPEAKING)})\b\s*[,:]?"
    found = re.fullmatch(rf'([A-Za-z][\w-]*)(?:{verb}|\s*:(?=\s*"))\s*(\S.*)', text, re.DOTALL)
    if found is None:
        return ""
    words = " ".join(found[3].split()).strip('"')
    return f"{found[1]}{found[2] or ''}\n  says {quoted(words)}"


def order(line: Faulty) -> Iterator[Mend]:
    """``witch 0s..3s walking``: the parts of a beat in another order."""
    if (
        line.rule != "beat_line"
        or line.tokens[0].type == "STRING"
        or not all(token.type in ("NAME", "STRING", "TIME", "_DOTS") or token.type in words() for token in line.tokens)
    ):
        return
    said = line.text
    span = re.search(r"[\d.]+s\s*\.\.\s*[\d.]+s", said)
    text = re.search(r'"(?:\\.|[^"\\])*"', said)
    parts = [found[0] for found in (span, text) if found is not None]
    for part in parts:
        said = said.replace(part, " ")
    names = re.sub(r"^\s*(\S+)\s+(?:is|are)\b", r"\1", said).split()
    if parts and 1 <= len(names) <= 4:
        motion = ["-".join(names[1:])] if len(names) > 1 else []
        help = "who comes first, then the motion, the span and the description"
        yield Mend(0, len(line.text), " ".join([names[0], *motion, *parts]), help)


def motion(line: Faulty) -> Iterator[Mend]:
    """``witch is stirring a pot``: a motion of several words."""
    if line.rule != "beat_line" or len(line.tokens) < 3 or line.tokens[0].type not in ("NAME", *words()):
        return
    if line.tokens[0].lower() in _ARTICLES:
        return
    found = re.match(
        r"(?:(?:is|are)\s+)?((?:[A-Za-z][\w-]*\s+){0,3}[A-Za-z][\w-]*)(?=\s|$)", line.text[line.tokens[1].start_pos :]
    )
    if found is not None:
        name = as_name(found[1])
        start = line.tokens[1].start_pos
        yield Mend(start, start + found.end(), name, "a motion is one word" if found[1].isascii() else LETTERS)


def _quotes_a_name(line: Faulty, text: str) -> bool:
    """Whether a text in quotes is a name rather than what the line is about."""
    return len(line.tokens) > 1 and bool(NAME.fullmatch(text.strip('"')) or re.fullmatch(r'"[A-Z]\S* [A-Z]\S*"', text))


def beat_name(line: Faulty) -> Iterator[Mend]:
    """A word in a scene that is no name: ``O'Brien walking``, ``Zo\u00eb walking``."""
    token = line.token
    if (
        line.rule not in ("beat_line", *BODIES.values())
        or token is None
        or token.type not in ("JUNK", "STRING", "NUMBER")
    ):
        return
    start = line.at
    if line.before is not None and line.before.end_pos == start:
        start = line.before.start_pos
    found = re.match(r'"[^"]*"|\S+', line.text[start:])
    if found is None or line.text[start] in "[(" or (token.type == "STRING" and not _quotes_a_name(line, found[0])):
        return
    said = re.sub("['\u2019]s$", "", found[0].strip('"'))
    name = as_name(said)
    if name and (name != _bare(said) or said != found[0]):
        yield Mend(start, start + found.end(), name, why_no_name(said), code="bad-name", subject=shown(said))


BEATS = (by_side, several, article, motion, order, beat_name)
"""What is tried for a line of a scene that is no beat, in this order."""
