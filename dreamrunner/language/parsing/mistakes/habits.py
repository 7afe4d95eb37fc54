"""How authors write times, boxes, texts and lists by habit, where the language has another form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.files.text import NAME
from dreamrunner.language.edits import number, quoted
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.lines import BELOW, HEADS, starts, words
from dreamrunner.language.parsing.mistakes.mending import Faulty, Mend
from dreamrunner.language.places import PLACES

TIMES = "times are in seconds, with their unit"
TEXTS = "a text stands in double quotes"
_SPANS = "a span of time is written `0s..3s`"
_BOXES = "a box is four numbers from 0 to 1 in square brackets"

_UNIT = r"(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)(?![\w-])"
_AMOUNT = r"(?:\d+:\d\d(?::\d\d)?(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
_SPAN = re.compile(
    rf"(?:from\s+)?({_AMOUNT})\s*({_UNIT}|s)?\s*(?:\.{{1,4}}|\u2026|\u2025|-+>?|\u2013|\u2014|\u2192|~|to\b|until\b|till\b)"
    rf"\s*({_AMOUNT})\s*({_UNIT})?(?![\w-])",
    re.IGNORECASE,
)
_TIME = re.compile(rf"({_AMOUNT})\s*({_UNIT})?(?![\w%-])", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0}
_SECONDS |= {"h": 3600.0, "hour": 3600.0, "hours": 3600.0}


def _seconds(amount: str, unit: str | None) -> str:
    total = 0.0
    for part in amount.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    if ":" not in amount:
        total *= _SECONDS.get((unit or "s").lower(), 1.0)
    return f"{number(round(total, 6))}s"


def span(line: Faulty) -> Iterator[Mend]:
    """``0-3s``, ``0s to 3s``, ``0s - 3s``: a span in another form."""
    if line.rule != "beat_line" or line.token is None:
        return
    index = line.failure.index
    while index and line.tokens[index - 1].type in ("TIME", "NUMBER", "_DOTS"):
        index -= 1
    for at in (index, line.failure.index):
        found = _SPAN.match(line.text, line.tokens[at].start_pos)
        if found is not None:
            # Of `0-3s`, the unit stands for both.
            start, end = _seconds(found[1], found[2] or found[4]), _seconds(found[3], found[4] or found[2])
            yield Mend(found.start(), found.end(), f"{start}..{end}", _SPANS)


def time(line: Faulty) -> Iterator[Mend]:
    """``6``, ``6 s``, ``0:06``, ``6000ms``: a time in another form."""
    if line.token is None or "TIME" not in line.expected:
        return
    found = _TIME.match(line.text, line.at)
    if found is not None:
        yield Mend(found.start(), found.end(), _seconds(found[1], found[2]), TIMES)


def box(line: Faulty) -> Iterator[Mend]:
    """Per cent, semicolons, round brackets or none: a box in another form."""
    if line.rule != "beat_part":
        return
    opening = line.text.find("[")
    start = opening if 0 <= opening <= line.at else line.at
    rest = line.text[start:]
    numbers = re.findall(r"(-?(?:\d+(?:\.\d+)?|\.\d+))\s*(%?)", rest)
    if len(numbers) != 4 or re.search(r"[A-Za-z]", rest):
        return
    shares = any(percent for _, percent in numbers)
    values = [number(round(float(value) / (100 if shares else 1), 6)) for value, _ in numbers]
    help = "a box counts in parts of the frame, not per cent" if shares else _BOXES
    yield Mend(start, len(line.text), f"[{' '.join(values)}]", help)


def percent(line: Faulty) -> Iterator[Mend]:
    """``80%``, where a number belongs."""
    if line.token is not None and line.before is not None and line.token.startswith("%"):
        share = number(round(float(line.before) / 100, 6)) if line.before.type == "NUMBER" else ""
        if share:
            yield Mend(line.before.start_pos, line.at + 1, share, "a number is no percentage")


def size(line: Faulty) -> Iterator[Mend]:
    """``720 x 480``, ``720*480``: a size in another form."""
    if "SIZE" in line.expected:
        found = re.match(r"(\d+)\s*(?:px)?\s*(?:[xX*\u00d7,]|by)?\s*(\d+)\s*(?:px)?", line.text[line.at :])
        if found is not None:
            help = "a size is width x height in pixels, without blanks"
            yield Mend(line.at, line.at + found.end(), f"{found[1]}x{found[2]}", help)


def quotes_inside(line: Faulty) -> Iterator[Mend]:
    """``"She says "Hi" to him."``: quotes within quotes."""
    first, last = line.text.find('"'), line.text.rfind('"')
    inside = line.text[first + 1 : last]
    parts = re.split(r'"(?:\\.|[^"\\])*"', line.text[first : last + 1])
    between = "".join(parts)
    # `"a witch" voice "amy"` are two facts on one line, each with its own quotes.
    if any(part != part.strip() and part.strip() in words().values() for part in parts):
        return
    if '"' not in inside or '"""' in line.text or not re.search(r"\w", between) or first > line.at:
        return
    text = re.sub(r'(?<!\\)"', r'\\"', inside)
    help = 'quotes within a text are written `\\"`, or the text stands in `"""`'
    yield Mend(first, last + 1, f'"{text}"', help, code="quotes-inside", subject=shown(line.text[first:], 60))


def comma(line: Faulty) -> Iterator[Mend]:
    """A colon, an equals sign or a comma between a word and its value, or a full stop at the end."""
    token = line.token
    found = re.match(r"[^\w\s\"'\[\](){}#/%\\]+", line.text[line.at :]) if token is not None else None
    if found is None or line.failure.index == 0:
        return
    sign, end = found[0], line.at + found.end()
    start = line.at
    if end < len(line.text) and line.text[end] not in " \t\n":
        # What stands right behind it stays apart from what stands before.
        apart = "" if line.text[start - 1] in " \t" else " "
        yield Mend(start, end, apart, f"take the `{shown(sign)}` away", whole=True)
        return
    while start and line.text[start - 1] in " \t":
        start -= 1
    yield Mend(start, end, "", f"take the `{shown(sign)}` away", whole=True)


def comment(line: Faulty) -> Iterator[Mend]:
    """``// so``: a comment of another language."""
    found = re.match(r"//+|--+(?= )|<!--|/\*|;+|%+", line.text[line.at :])
    stands_off = line.failure.index == 0 or line.text[line.at - 1] in " \t"
    if found is not None and stands_off and line.token is not None and line.token.type == "JUNK":
        yield Mend(line.at, line.at + found.end(), "#", "a comment begins with `#`", whole=True)


def markup(line: Faulty) -> Iterator[Mend]:
    """``**character**``, ``- narration``, ``1. scene``: Markdown's signs before or round the first word."""
    found = re.match(r"(?:[-*+>\u2022]+|\d+[.)])\s*", line.text)
    if line.failure.index or found is None:
        return
    rest = line.text[found.end() :]
    yield Mend(0, found.end(), "", "take the signs before it away", whole=True)
    bold = re.match(r"(\w+)[*_:]+", rest)
    if bold is not None:
        yield Mend(0, found.end() + bold.end(), bold[1], "take the signs round it away", whole=True)


def extra_word(line: Faulty) -> Iterator[Mend]:
    """``the scene garden``: a word before the one that a block starts with."""
    if not line.failure.index and line.rule in HEADS.values() and len(line.tokens) > 2:
        following = line.tokens[1]
        if HEADS.get(following.type) == line.rule:
            help = f"take it away: the block starts with `{following}`"
            subject = shown(line.tokens[0])
            yield Mend(0, following.start_pos, "", help, code="unknown-block", subject=subject, whole=True)


def misspelt(line: Faulty) -> Iterator[Mend]:
    """A first word that is nearly one of those that can stand there."""
    token = line.token
    if token is None or line.failure.index or not token[:1].isalpha():
        return
    known = [words()[name] for name in starts(line.rule) if name in words()]
    near = closest(str(token), known)
    if near is not None:
        code = "unknown-block" if line.rule in HEADS.values() else "unknown-property"
        yield Mend(0, token.end_pos, near, did_you_mean(near, mark="`"), code=code, subject=shown(token))


def braces(line: Faulty) -> Iterator[Mend]:
    """``scene garden {`` and ``}``: braces round what stands under a line."""
    found = re.fullmatch(r"[{}]+", line.text[line.at :])
    if found is not None:
        start = len(line.text[: line.at].rstrip())
        help = f"take the `{found[0]}` away: what belongs to a line is indented under it"
        yield Mend(start, len(line.text), "", help, whole=True)


def fence(line: Faulty) -> Iterator[Mend]:
    """The lines of a chat or of Markdown round a text that is quoted as it is: three backquotes."""
    if not line.failure.index and re.fullmatch(r"(`{3,}|~{3,}) *\w*", line.text):
        yield Mend(0, len(line.text), "", "it belongs to the page that the story was copied from: take it away")


def unquoted(line: Faulty) -> Iterator[Mend]:
    """A text, or the name of a file, without its quotes."""
    rest = line.text[line.at :]
    if "STRING" not in line.expected or line.token is None or rest.startswith('"'):
        return
    rest_types = {token.type for token in line.tokens[line.failure.index :]}
    if line.token.type in words() or rest_types & {"_DOTS", "FROM"}:
        # More likely a line that was broken elsewhere.
        return
    first = line.tokens[0].type
    if first in ("LORA", "IMAGES", "CLIPS", "USE"):
        paths = re.fullmatch(r"(\S+(?:\s+\S+)*?)(\s+-?[\d.]+\s*%?)?", rest)
        if paths is not None and '"' not in rest:
            text = " ".join(quoted(path) for path in paths[1].split()) + (paths[2] or "")
            yield Mend(line.at, len(line.text), text, TEXTS)
        return
    if not any(token.type == "STRING" for token in line.tokens[line.failure.index :]) and re.match(r"[^,;:=]*\w", rest):
        yield Mend(line.at, len(line.text), quoted(rest.strip("'\u2018\u2019\u201c\u201d`")), TEXTS)


def quoted_word(line: Faulty) -> Iterator[Mend]:
    """``transition "fade"``: quotes round one of the language's words."""
    token = line.token
    if token is not None and token.type == "STRING" and "NAME" in line.expected and NAME.fullmatch(token[1:-1]):
        yield Mend(line.at, token.end_pos, token[1:-1], "a word of the language stands without quotes")


def half_quoted(line: Faulty) -> Iterator[Mend]:
    """A text that is quoted in the middle only, or a choice of several words or with a dot."""
    if line.expected == {"$END"} and line.tokens[0].type in ("MODEL", "PLANNER", "CATALOG") and len(line.tokens) > 2:
        start = line.tokens[1].start_pos
        if '"' not in line.text:
            yield Mend(start, len(line.text), quoted(line.text[start:]), TEXTS)


def key_frame(line: Faulty) -> Iterator[Mend]:
    """``at left 0s``, ``0s left``, ``at 0s top left``: a key frame in another order."""
    if line.rule != "beat_part":
        return
    text = re.sub(r"^at\b\s*", "", line.text)
    moment = _TIME.search(text.split("[")[0])
    if '"' in text or ".." in text:
        return
    where = re.search(r"\[[^\]]*\]", text)
    place = where[0] if where is not None else _place(text)
    if moment is not None and place:
        help = "a key frame is `at`, a time, and a place or a box"
        yield Mend(0, len(line.text), f"at {_seconds(moment[1], moment[2])} {place}", help)


_SIDED = re.compile(
    r"(.*?)(?:^|\s+)(enters|leaves)\s+(?:(?:from|by|to|at|on)\s+)?(?:the\s+)?(left|right|top|bottom)\b(.*)"
)


def by_side(line: Faulty) -> Iterator[Mend]:
    """``witch walking enters left``, ``enters from the left``: a side that doesn't stand on its own under the beat."""
    found = _SIDED.fullmatch(line.text) if line.rule in ("beat_line", "beat_part") else None
    if found is None or bool(found[1]) != (line.rule == "beat_line"):
        return
    told = f"{found[2]} {found[3]}"
    if line.rule == "beat_part":
        yield Mend(0, found.end(3), told, "a side follows the word")
    else:
        yield Mend(0, len(line.text), f"{found[1]}{found[4]}\n  {told}", "by which side stands under the beat")


def _place(text: str) -> str:
    said = re.sub(r"\b(?:middle|centre)\b", "center", text.lower())
    found = [word for word in ("top", "bottom", "center", "left", "right", "whole") if re.search(rf"\b{word}\b", said)]
    if len(found) > 1 and "center" in found:
        found.remove("center")
    name = "-".join(found)
    return name if name in PLACES else ""


def two_lines(line: Faulty) -> Iterator[Mend]:
    """What belongs on a line of its own: ``background "a" narration "b"``."""
    if re.search(r'\s"$', line.text[: line.at]):
        return  # the quotes that ended the text before it open another within it: ``"She says "hi" to all"``
    if line.token is not None and line.failure.index and line.token.type in starts(line.rule):
        start = len(line.text[: line.at].rstrip())
        yield Mend(start, line.at, "\n", "each stands on a line of its own", whole=True)


def line_below(line: Faulty) -> Iterator[Mend]:
    """What belongs under the line that it stands on: ``character owl "an owl" voice "amy"``."""
    below = BELOW.get(line.rule, "")
    before = line.text[: line.at].rstrip()
    apart = re.search(r'[^\s"]"\s+$', line.text[: line.at])  # else the quotes are some within the text
    if line.token is not None and below and apart and line.token.type in starts(below):
        yield Mend(len(before), line.at, "\n  ", "each stands on a line of its own", whole=True)


HABITS = (
    by_side,
    line_below,
    comment,
    fence,
    braces,
    markup,
    extra_word,
    misspelt,
    span,
    time,
    box,
    percent,
    size,
    two_lines,
    quotes_inside,
    comma,
    key_frame,
    quoted_word,
    half_quoted,
    unquoted,
)
"""What is tried for a line that can't be read, in this order."""
