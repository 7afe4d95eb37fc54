"""Plain text: paragraphs, in groups where larger breaks or headings make such."""

from __future__ import annotations

import re

from dreamrunner.files.text import one_line
from dreamrunner.language.importing.script import Left, Paragraph, Part, Script

_BREAK = re.compile(r"\s*(?:[*#~=_+\u2022\u2042\u2014-](?:\s*[*#~=_+\u2022\u2042\u2014-])*)\s*\Z")
_CHAPTER = re.compile(
    r"\s*(?:chapter|scene|part|act|episode|prologue|epilogue|kapitel|szene|teil|chapitre|sc\u00e8ne)\b[^.!?]{0,60}[.:]?\s*\Z",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"\s*(?:[IVXLC]{1,7}|\d{1,3})[.)]?\s*\Z")
_SENTENCE_ENDS = re.compile(r"[.!?\u2026\u3002\"'\u201d\u2019\u00bb)]\s*\Z")


def read_plain(text: str) -> Script:
    """Read plain text: a scene for each group of paragraphs between headings, signs alone on a line, or several blank
    lines; without any of these, one for each paragraph."""
    script = Script()
    lines = text.split("\n")
    blocks = _blocks(lines)
    breaks = False
    part = Part("", 1)
    for number, (line, rows, blanks) in enumerate(blocks):
        words = one_line(" ".join(rows))
        if _BREAK.match(words):
            script.left.append(Left(line, "a line of signs, which parts scenes", words))
            part, breaks = _begun(script, part, "", line), True
        elif _is_heading(rows, alone=number + 1 < len(blocks)):
            if not script.title and number == 0 and not _CHAPTER.match(words) and not _ROMAN.match(words):
                script.title = words
                continue
            part, breaks = _begun(script, part, words, line), True
        else:
            if blanks > 1 and not part.empty:
                part, breaks = _begun(script, part, "", line), True
            if part.empty and not part.heading:
                part.line = line
            part.told.append(Paragraph(words, line))
    _begun(script, part, "", 0)
    if not breaks:
        script.parts = [Part("", each.line, told=[each]) for one in script.parts for each in one.told]
    return script


def _begun(script: Script, part: Part, heading: str, line: int) -> Part:
    """Keep what was read of a part, and begin the next one."""
    if not part.empty:
        script.parts.append(part)
    elif part.heading:
        script.left.append(Left(part.line, "a heading with nothing under it", part.heading))
    return Part(heading, line)


def _blocks(lines: list[str]) -> list[tuple[int, list[str], int]]:
    """Runs of lines without a blank one: the line of each, its rows, and how many blank lines are before it.

    Where hardly a line is blank and most end a sentence, each line is a paragraph.
    """
    filled = [line for line in lines if line.strip()]
    whole = len(filled) > 2 and len(lines) - len(filled) <= 1
    each = whole and sum(bool(_SENTENCE_ENDS.search(line)) for line in filled) > 0.8 * len(filled)
    blocks: list[tuple[int, list[str], int]] = []
    blanks, fresh = 0, True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            blanks, fresh = blanks + 1, True
        elif fresh or each or (_indented(line) and not _indented(blocks[-1][1][-1])) or _BREAK.match(line):
            blocks.append((number, [line], blanks if fresh else 0))
            blanks, fresh = 0, bool(_BREAK.match(line))
        else:
            blocks[-1][1].append(line)
    return blocks


def _indented(line: str) -> bool:
    return line.startswith(("  ", "\t", "\u3000"))


def _is_heading(rows: list[str], *, alone: bool) -> bool:
    """Whether a block is a title: "Chapter 3", "IV.", words in capitals, or short words without an end of a sentence
    that something follows."""
    if len(rows) > 1:
        return False
    words = rows[0].strip()
    if _CHAPTER.match(words) or _ROMAN.match(words):
        return True
    short = len(words) <= 60 and not _SENTENCE_ENDS.search(words) and not words.endswith((",", ";", ":", "-", "\u2014"))
    return alone and short and (words.isupper() or (words[:1].isupper() and len(words.split()) <= 6))
