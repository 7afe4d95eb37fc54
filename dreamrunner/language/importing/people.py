"""Whom prose is about: names and creatures that it tells of, to be proposed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dreamrunner.language.importing.script import Paragraph

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[.!?\u2026:\"\u201c\u201d\u00ab\u00bb]")
_NO_NAMES = frozenset(
    "i i'm i'll i'd i've monday tuesday wednesday thursday friday saturday sunday january february march april may june"
    " july august september october november december christmas easter english french german god mr mrs ms miss dr sir"
    " lady lord st the a an and but or so then when if he she it they we you his her its their my our your this that"
    " there here what who where why how yes no oh ah".split()
)
_ARTICLES = frozenset("the a an this that one his her their my our".split())
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom prose names: as what, how often, and the line where first."""

    name: str
    count: int
    line: int


def people_in(paragraphs: Iterable[Paragraph], creatures: Iterable[str]) -> list[Found]:
    """Names, told by their capital within a sentence and named more than once, and the ``creatures`` behind an article,
    those named most often first."""
    known = frozenset(creatures)
    counts: dict[str, list[int]] = {}
    inner: set[str] = set()
    for paragraph in paragraphs:
        begins, before = True, ""
        for match in _WORD.finditer(paragraph.text):
            word = re.sub(r"['\u2019]s\Z", "", match[0])
            if not word[0].isalpha():
                begins, before = True, ""
                continue
            if word.lower() in known and before.lower() in _ARTICLES:
                counts.setdefault(word.lower(), []).append(paragraph.line)
                inner.add(word.lower())
            elif word[0].isupper() and word.lower() not in _NO_NAMES and (len(word) > 1 and not word.isupper()):
                counts.setdefault(word, []).append(paragraph.line)
                if not begins:
                    inner.add(word)
            begins, before = False, word
    found = [Found(name, len(lines), lines[0]) for name, lines in counts.items() if name in inner]
    found = [each for each in found if each.count >= _LEAST or each.name in known]
    return sorted(found, key=lambda each: (-each.count, each.line, each.name))
