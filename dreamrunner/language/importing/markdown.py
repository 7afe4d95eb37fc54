"""Markdown: a scene for each heading, its paragraphs told. What is no prose is left out, and said."""

from __future__ import annotations

import re

from dreamrunner.files.text import one_line
from dreamrunner.language.importing.plain import read_plain
from dreamrunner.language.importing.script import Left, Paragraph, Part, Script

_HEADING = re.compile(r" {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*\Z")
_RULE = re.compile(r" {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LIST = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+")
_QUOTE = re.compile(r"\s{0,3}(?:>\s?)+")
# Each looks a bounded way ahead, so that a line of brackets takes no longer than another.
_IMAGE = re.compile(r"!\[([^\[\]]{0,300})\](?:\([^)]{0,2000}\)|\[[^\]]{0,300}\])")
_LINK = re.compile(r"\[([^\[\]]{1,300})\](?:\(([^)]{0,2000})\)|\[[^\]]{0,300}\])")
_FOOTNOTE = re.compile(r"\[\^[^\[\]]{1,300}\](?!:)")
_REFERENCE = re.compile(r" {0,3}\[([^\]]+)\]:\s*\S")
_HTML = re.compile(r"<!--.{0,500}?-->|</?[A-Za-z][^<>\n]{0,500}>", re.DOTALL)
_TABLE = re.compile(r"\s*\|.*\|\s*\Z")
_EMPHASIS = re.compile(
    r"(?<!\\)(?:(\*{1,3})(?=[^\s*])([^*]+?)(?<=[^\s\\])\1|(?<!\w)(_{1,3})(?=[^\s_])([^_]+?)(?<=[^\s\\])\3(?!\w)"
    r"|(~~)(?=\S)([^~]+?)(?<=\S)~~)"
)
_CODE = re.compile(r"(?<!`)`{1,3}([^`]{1,1000})`{1,3}(?!`)")
_LONGEST_LINE = 10_000  # letters of a line that is looked through for marks
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def read_markdown(text: str) -> Script:
    """Read Markdown. A first heading of the first level, with others below it, is the title."""
    script, lines = Script(), text.split("\n")
    lines = _without_blocks(script, lines)
    headings = [len(found[1]) for line in lines if (found := _HEADING.match(line))]
    titled = bool(headings) and headings[0] == 1 and headings.count(1) == 1 and len(headings) > 1
    if not headings and not any(_RULE.match(line) for line in lines):
        return _plain(script, lines)
    part = Part("", 1)
    waiting: list[tuple[int, str]] = []

    def settle(heading: str | None = None, line: int = 0) -> None:
        nonlocal part
        if waiting:
            words = one_line(" ".join(_inline(script, text, number) for number, text in waiting))
            if words:
                part.told.append(Paragraph(words, waiting[0][0]))
            waiting.clear()
        if heading is not None:
            if not part.empty:
                script.parts.append(part)
            elif part.heading:
                script.left.append(Left(part.line, "a heading with nothing under it", part.heading))
            part = Part(heading, line)

    for number, line in enumerate(lines, 1):
        found = _HEADING.match(line)
        if found is not None:
            words = one_line(_inline(script, found[2] or "", number))
            if titled and not script.title and len(found[1]) == 1:
                script.title = words
            else:
                settle(words, number)
        elif _RULE.match(line):
            settle("", number)
            script.left.append(Left(number, "a line of signs, which parts scenes", line.strip()))
        elif not line.strip():
            settle()
        else:
            if (item := _LIST.match(line)) is not None:
                settle()
                line = line[item.end() :]
            waiting.append((number, line))
    settle("", 0)
    return script


def _plain(script: Script, lines: list[str]) -> Script:
    """A page without a heading: as plain text, without its marks."""
    found = read_plain("\n".join(_inline(script, line, number) for number, line in enumerate(lines, 1)))
    found.left[:0] = script.left
    return found


def _without_blocks(script: Script, lines: list[str]) -> list[str]:
    """The lines, blank where something stands that is no prose; that is noted."""
    kept = list(lines)

    def leave(first: int, last: int, what: str) -> None:
        words = "\n".join(lines[first:last])
        script.left.append(Left(first + 1, what, words))
        kept[first:last] = [""] * (last - first)

    row = 0
    if lines and lines[0].strip() == "---":
        end = next((at for at in range(1, len(lines)) if lines[at].strip() in ("---", "...")), 0)
        if end:
            leave(0, end + 1, "settings in front of the text")
            row = end + 1
    while row < len(lines):
        fence, start = _FENCE.match(lines[row]), row
        row += 1
        if fence is not None:
            closing = re.compile(rf" {{0,3}}{re.escape(fence[1][0])}{{{len(fence[1])},}}\s*\Z")
            while row < len(lines) and not closing.match(lines[row]):
                row += 1
            row = min(row + 1, len(lines))
            leave(start, row, "a block of code")
        elif _TABLE.match(lines[start]):
            while row < len(lines) and _TABLE.match(lines[row]):
                row += 1
            leave(start, row, "a table")
        elif "<!--" in lines[start] and "-->" not in lines[start].split("<!--", 1)[1]:
            while row < len(lines) and "-->" not in lines[row]:
                row += 1
            row = min(row + 1, len(lines))
            leave(start, row, "a comment")
        elif (found := _REFERENCE.match(lines[start])) is not None:
            leave(start, row, "a footnote" if found[1].startswith("^") else "an address")
    for at in range(len(kept) - 1):
        # A line of signs under words makes these a heading.
        if re.fullmatch(r" {0,3}(?:=+|-{2,})\s*", kept[at + 1]) and kept[at].strip() and not _HEADING.match(kept[at]):
            level = 1 if "=" in kept[at + 1] else 2
            kept[at], kept[at + 1] = f"{'#' * level} {kept[at].strip()}", ""
    return kept


def _inline(script: Script, text: str, line: int) -> str:
    """A line without Markdown's marks; pictures, addresses and tags are noted."""

    def note(what: str, keep: str) -> None:
        script.left.append(Left(line, what, keep))

    if len(text) > _LONGEST_LINE:
        return text
    if (mark := _QUOTE.match(text)) is not None:
        text = text[mark.end() :]
    for found in _IMAGE.finditer(text):
        note("a picture", found[0])
    text = _IMAGE.sub("", text)
    for found in _LINK.finditer(text):
        note("an address", found[2] or "")
    text = _LINK.sub(r"\1", text)
    for pattern, what in ((_FOOTNOTE, "a footnote's sign"), (_HTML, "a tag or comment")):
        for found in pattern.finditer(text):
            note(what, found[0])
        text = pattern.sub("", text)
    text = _CODE.sub(r"\1", text)
    for _ in range(3):
        text = _EMPHASIS.sub(lambda found: found[2] or found[4] or found[6], text)
    return _ESCAPED.sub(r"\1", text)
