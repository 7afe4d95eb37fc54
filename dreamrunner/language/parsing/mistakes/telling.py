"""Diagnostics of lines that were meant otherwise, of lookalikes, and of lines whose header is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path

from dreamrunner.files.letters import UNSEEN
from dreamrunner.files.wording import counted
from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.parsing import line_parser
from dreamrunner.language.parsing.lines import BODIES, HEADS, Layout, Line, Token, starts, words
from dreamrunner.language.parsing.lookalikes import Kind, Lookalike, Plain, named, plain
from dreamrunner.language.parsing.mistakes.mending import Meant
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Syntax

_MOST_RELATED = 3
_MOST_MENDED = 1000  # control characters that one fix takes away
_COMMENTED = re.compile(rf"#+\s*((?:{'|'.join(name.lower() for name in HEADS)})\s+\S.*)")

_SCENES = 'each scene is `scene NAME`, with what happens in it as `narration "..."` under it'
_FORMS = (
    (re.compile(r"(?:INT|EXT|INT\./EXT|I/E|EST)[. ]|FADE (?:IN|OUT)|CUT TO|[A-Z][\w ]*:(?! *[\[{])"),
     f"a screenplay is no story file: {_SCENES}"),
    (re.compile(r"(?:[-*+>\u2022]|\d+[.)])\s"),
     "take the signs before the lines away: what belongs to a scene is indented under `scene NAME`"),
    (re.compile(r"[\[{<]|---"), f"this is the form of another language: a story says one thing a line; {_SCENES}"),
    (re.compile(r"\S+(?: [^\s\"]+){2}[^\"]*$"), f"prose stands in quotes: {_SCENES}"),
)  # fmt: skip
"""How texts of other kinds begin, and what to do with them."""


def stretch(file: Path, read: Plain, start: int, end: int) -> Location:
    """Where the positions ``start`` to before ``end`` of the text as it is read stand in the file."""
    return Location(file, *read.place(start), *read.place(end, end=True))


def meant_so(meant: Meant, told: Diagnostic, first: Token, layout: Layout) -> Diagnostic:
    """The diagnostic of a line, which begins with the token ``first``, that was meant otherwise than ``told``."""
    file, mend, base = told.location.file, meant.mend, first.start_pos
    margin = "\n" + " " * (first.column - 1)
    place = stretch(file, layout.read, meant.change.start, meant.change.end)
    fix = [Change(place, meant.change.text.replace("\n", margin))]
    if not mend.code:
        return replace(told, help=meant.help, fix=tuple(fix))
    where = stretch(file, layout.read, base + mend.start, base + mend.end)
    where = replace(where, end_line=where.line, end_column=max(where.column + 1, where.end_column))
    return diagnostic(mend.code, where, name=mend.subject, help=meant.help, fix=fix)


def also_at(told: Diagnostic, tokens: Sequence[Token], name: str) -> Diagnostic:
    """``told`` of a name that is used once more, by the line of ``tokens``, where it is mended too."""
    place = line_parser.locate(told.location.file, tokens[0])
    related = told.related if len(told.related) >= _MOST_RELATED else (*told.related, ("and here", place))
    return replace(told, related=related, fix=(*told.fix, Change(place, name)))


def lookalikes(file: Path, read: Plain) -> list[Diagnostic]:
    """One diagnostic for each kind of letter that looks like others, at the first of them."""
    kinds: dict[Kind, list[Lookalike]] = {}
    for item in read.found:
        kinds.setdefault(item.kind, []).append(item)
    return [_lookalike(file, read, items) for items in kinds.values()]


def unseen(text: str, file: Path) -> list[Diagnostic]:
    """One diagnostic for all control characters of a text that no lookalike is: those in its strings and comments."""
    found = [match.span() for match in UNSEEN.finditer(text)]
    if found:
        told = {at for item in plain(text).found for each in item.readings for at in range(each.start, each.end)}
        found = [(start, end) for start, end in found if start not in told]
    if not found:
        return []
    fix = [Change(place, "") for place in _places(file, text, found[:_MOST_MENDED])]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return [diagnostic("control-character", fix[0].location, what=named(text[found[0][0]]), more=more, fix=fix)]


def glued(syntax: Syntax) -> list[Diagnostic]:
    """A diagnostic for each comment that begins right behind a word, of which it may have been meant as a part."""
    found, lines = [], syntax.text.split("\n")
    for comment in syntax.comments:
        place = comment.location
        word = re.search(r"[\w-]+\Z", lines[place.line - 1][: place.column - 1])
        if word is not None:
            text = line_parser.shown(comment.text)
            found.append(diagnostic("glued-comment", place, comment=text, word=line_parser.shown(word[0])))
    return found


def _places(file: Path, text: str, found: Sequence[tuple[int, int]]) -> list[Location]:
    """Where stretches of a text, in its order and each on one line, stand."""
    places, line, counted_to = [], 1, 0
    for start, end in found:
        line, counted_to = line + text.count("\n", counted_to, start), start
        margin = text.rfind("\n", 0, start)
        places.append(Location(file, line, start - margin, line, end - margin))
    return places


def _lookalike(file: Path, read: Plain, items: list[Lookalike]) -> Diagnostic:
    first = items[0]
    lines, at = read.written.count("\n", 0, first.start) + 1, first.start - read.written.rfind("\n", 0, first.start)
    place = Location(file, lines, at, lines, at + max(1, len(read.written[first.start : first.end].split("\n")[0])))
    char = read.written[first.start]
    what = {
        "blank": f"{named(char)} where a blank belongs",
        "unseen": f"{named(char)}, which nobody sees",
        "quotes": f"`{read.written[first.readings[0].start]}` is no quote of the language",
        "wide": f"{named(char)} where `{first.readings[0].text}` belongs",
    }[first.kind]
    advice = {
        "blank": "write a blank",
        "unseen": "delete it",
        "quotes": 'write `"`',
        "wide": f"write `{first.readings[0].text}`",
    }[first.kind]
    fix = [
        Change(_written(file, read.written, reading.start, reading.end), reading.text)
        for item in items
        for reading in item.readings
    ]
    more = f" (and {len(items) - 1} more)" if len(items) > 1 else ""
    return diagnostic("lookalike", place, what=what, more=more, help=f"{advice}; `dreamrunner fmt` does it", fix=fix)


def _written(file: Path, text: str, start: int, end: int) -> Location:
    def place(at: int) -> tuple[int, int]:
        return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)

    return Location(file, *place(start), *place(end))


def home_of(lines: Sequence[Line], stands_in: str = "") -> tuple[str, int]:
    """The kind of block that lines belong to whose header is missing, and how many of them; "" and 0 for none.

    ``stands_in`` is the block that they stand in, if any. One of them at least must begin with a word of that kind.
    Where they may belong to several kinds, it is the one that most of them do: a declaration rather than the header,
    and that rather than a scene, in which any name begins a line.
    """
    found = ("", 0)
    for kind in (*(kind for kind in BODIES if kind not in ("STORY", "SCENE")), "STORY", "SCENE"):
        if kind == stands_in or not lines or not _in(lines[0], kind):
            continue
        run = list(takewhile(partial(_in, kind=kind), lines))
        if len(run) > found[1] and any(line.tokens[0].type in starts(BODIES[kind]) for line in run):
            found = kind, len(run)
    return found


def _in(line: Line, kind: str) -> bool:
    head = line.tokens[0].type
    if head in HEADS and line_parser.fits(line.tokens, HEADS[head]):
        return False
    if line_parser.fits(line.tokens, BODIES[kind]):
        return True
    return kind == "SCENE" and line_parser.fits(line.tokens, "beat_line")


def lost_header(file: Path, kind: str, lines: Sequence[Line], comments: Sequence[Token]) -> Diagnostic:
    """The diagnostic of lines that belong to a block whose header is missing."""
    first, word = lines[0].tokens[0], words()[kind]
    place = line_parser.locate(file, first)
    many = f"these {counted(len(lines), 'line')} belong" if len(lines) > 1 else "this line belongs"
    above = next((item for item in comments if item.line == first.line - 1), None)
    header = _COMMENTED.fullmatch(above.rstrip()) if above is not None else None
    if above is not None and header is not None:
        help = f"take the `#` away from the line above: `{line_parser.shown(header[1])}`"
        fix = [Change(line_parser.locate(file, above), header[1])]
    else:
        said = f'{word} "TITLE"' if kind == "STORY" else f"{word} NAME"
        help = f"write `{said}` above, in the first column"
        margin = "  " if first.column == 1 else ""
        parts = [part.tokens[0].line for line in lines for part in (line, *line.below())]
        fix = [Change(Location(file, row, 1, row, 1), margin) for row in parts[1:] if margin]
        fix.append(Change(Location(file, parts[0], 1, parts[0], 1), f"{said}\n{margin}"))
    return diagnostic("lost-header", place, many=many, kind=word, help=help, fix=fix)


def no_block(file: Path, line: Line, text: str) -> Diagnostic:
    """The diagnostic of a line in the first column, with its text, that starts no block."""
    first = line.tokens[0]
    help = next((help for form, help in _FORMS if form.match(text)), None)
    return diagnostic("unknown-block", line_parser.locate(file, first), name=line_parser.shown(first), help=help)


def too_deep(file: Path, line: Line) -> Diagnostic:
    """The diagnostic of a line under one that takes none."""
    problem = "this line is indented, but the line above it takes no lines under it"
    return diagnostic("indentation", line_parser.locate(file, line.tokens[0]), problem=problem)


def stands_in(file: Path, line: Line) -> Diagnostic:
    """The diagnostic of a block that is indented."""
    word = line.tokens[0]
    help = f"a {word} block starts in the first column"
    return diagnostic("indentation", line_parser.locate(file, word), problem=f"`{word}` is indented", help=help)


def tabs(file: Path, found: Sequence[Token]) -> Diagnostic:
    """The diagnostic of tabs in the indentation, of which the first tokens behind are given."""
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return diagnostic("tab-indent", Location(file, first.line, 1, first.line, first.column), more=more)
