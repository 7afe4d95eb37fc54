"""What mends a diagnostic: each fix with its changes, and whether nobody need look at it.

A fix is safe where the text can have been meant in no other way; its code's file says so. A name that was likely
meant, a declaration that is made up or taken away, and a scene that lasts longer are for an author to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dreamrunner.files.spelling import MEANT
from dreamrunner.files.text import shortened
from dreamrunner.language.diagnostics import Change, Diagnostic, entry
from dreamrunner.language.fixing.declaring import declaration, taken, without
from dreamrunner.language.parsing.lines import lay_out
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Syntax

_WORD = re.compile(r"[A-Za-z][\w-]*")  # what is more than a word, such as a path, stands in quotes there


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends a mistake, or one of several things that would.

    ``title``: what it does, in words.
    ``changes``: all of one file, none over another; their texts end lines with ``\\n``.
    ``safe``: whether nobody need look at it.
    ``sure``: whether it is the one that was most likely meant.
    """

    title: str
    changes: tuple[Change, ...]
    safe: bool = False
    sure: bool = False


def fixes(item: Diagnostic, syntax: Syntax) -> Iterator[Fix]:
    """What mends a diagnostic of the file that ``syntax`` is of, in the order in which it is to be offered."""
    if item.location.file != syntax.file:
        return
    meant = MEANT.search(item.help)
    safe = entry(item.code).fix == "safe" and meant is None
    if meant is not None and not item.fix and _WORD.fullmatch(meant[1]):
        yield Fix(f"Change to `{meant[1]}`", (Change(item.location, meant[1]),), sure=True)
    if item.code == "tab-indent":
        yield Fix("Indent with blanks", _blanks(syntax), safe=safe, sure=True)
    if item.code == "unknown-entity":
        name = _text(syntax, item.location)
        for kind in ("character", "prop") if _moves(syntax, name) else ("prop", "character"):
            yield from _declared(item, syntax, kind, name)
    if item.code == "unknown-location":
        yield from _declared(item, syntax, "location", _text(syntax, item.location))
    if item.code == "unknown-motion":
        yield from _declared(item, syntax, "motion", _text(syntax, item.location))
    if item.code == "unused" and (changes := without(syntax, item.location)):
        yield Fix("Take this declaration away", changes)
    if item.fix and all(change.location.file == syntax.file for change in item.fix):
        yield Fix(_title(item), item.fix, safe=safe, sure=True)
    if item.code == "indentation" and "indent it by two blanks" in item.help:
        line = item.location.line
        yield Fix("Indent by two blanks", (Change(Location(syntax.file, line, 1, line, 1), "  "),))


def likely(item: Diagnostic) -> str:
    """Whether a diagnostic can be mended, as far as it shows without its file: ``safe``, ``unsafe``, or empty."""
    if not entry(item.code).fix:
        return ""
    meant = MEANT.search(item.help) is not None
    if entry(item.code).fix == "safe" and not meant and (item.fix or item.code == "tab-indent"):
        return "safe"
    declares = item.code in ("unknown-entity", "unknown-location", "unknown-motion")
    own = (declares and not item.help.startswith("it is a ")) or item.code == "unused"
    indents = item.code == "indentation" and "indent it by two blanks" in item.help
    return "unsafe" if item.fix or meant or own or indents else ""


def chosen(item: Diagnostic, syntax: Syntax, *, unsafe: bool = False) -> Fix | None:
    """The likeliest fix of a diagnostic; one that is not safe only where ``unsafe``."""
    offered = list(fixes(item, syntax))
    first = next((fix for fix in offered if fix.sure), next(iter(offered), None))
    return first if first is not None and (first.safe or unsafe) else None


def _declared(item: Diagnostic, syntax: Syntax, kind: str, name: str) -> Iterator[Fix]:
    """The declaration of a name, where it is not that of something else, here or in a used file."""
    if not item.help.startswith("it is a ") and not taken(syntax, kind, name):
        yield Fix(f"Declare {kind} `{name}`", (declaration(syntax, kind, name),))


def _title(item: Diagnostic) -> str:
    """What the fix that a diagnostic brings does, in words."""
    texts = {change.text for change in item.fix}
    first = item.fix[0].text
    if len(texts) == 1 and first.strip() and "\n" not in first:
        return f"Change to `{shortened(first, 40)}`"
    rule = item.help.split(": `")[0]
    return rule[:1].upper() + rule[1:]


def _blanks(syntax: Syntax) -> tuple[Change, ...]:
    """Blanks for the tabs in the indentation, in every line that has some."""
    layout, lines = lay_out(syntax.text, []), syntax.text.split("\n")
    changes = []
    for token in layout.tabs:
        margin = lines[token.line - 1][: token.column - 1]
        place = Location(syntax.file, token.line, 1, token.line, token.column)
        changes.append(Change(place, margin.replace("\t", " " * layout.unit)))
    return tuple(changes)


def _moves(syntax: Syntax, name: str) -> bool:
    """Whether a beat gives a name a motion, as a prop has none."""
    return any(
        isinstance(line, BeatLine) and line.entity.text == name and line.motion is not None
        for block in syntax.blocks
        for line in block.body
    )


def _text(syntax: Syntax, where: Location) -> str:
    return syntax.text.split("\n")[where.line - 1][where.column - 1 : where.end_column - 1]
