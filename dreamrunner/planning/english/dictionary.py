"""What lemminflect's tables say of English words: their kinds, their base forms, and the forms of a base form.

The tables are read here, and only the rows that are asked for: whole they take the library half a second, and importing
it takes numpy, which is longer than all else that `check` does.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from functools import cache

from dreamrunner.files.regular import read_regular
from dreamrunner.planning.english.guessing import verb_base, verb_doubles
from dreamrunner.planning.english.resources import resource

Forms = Mapping[str, tuple[str, ...]]
"""Spellings by what they are: by kind of word (``NOUN``) for base forms, by tag of the Penn Treebank (``VBD``) else."""

_MORE_LEMMAS: dict[str, Forms] = {form: {"VERB": ("meow",)} for form in "meow meows meowed meowing".split()}
_MORE_INFLECTIONS: dict[str, Forms] = {
    "meow": {"VBD": ("meowed",), "VBN": ("meowed",), "VBG": ("meowing",), "VBZ": ("meows",)},
    "be": {"VBD": ("was", "were"), "VBN": ("been",), "VBG": ("being",), "VBP": ("am", "are"), "VBZ": ("is",)},
    "can": {"VBD": ("could",)},
    "may": {"VBD": ("might",)},
    "will": {"VBD": ("would",)},
    "shall": {"VBD": ("should",)},
}
"""What stories use and the tables lack."""
_TAGS = {"noun": ("NNS",), "adj": ("JJR", "JJS"), "adv": ("RBR", "RBS"), "verb": ("VBD", "VBN", "VBG", "VBZ")}
"""What the forms of a row of inflections are, by the row's kind of word."""


def lemmas(word: str) -> Forms:
    """The base forms of a word in lower case, by the kinds of word that it may be: NOUN, VERB, ADJ, ADV and AUX. Empty
    for a word that no table has."""
    rows, corrections = _lemma_table()
    found: dict[str, tuple[str, ...]] = dict(_MORE_LEMMAS.get(word, ()))
    for kind, forms in rows.of(word):
        found["AUX" if kind == "modal" else kind.upper()] = tuple(forms.lower().split("/"))
    return found | corrections.get(word, {})


def inflections(lemma: str) -> Forms:
    """The forms of a base form in lower case, but for itself, by their tags; empty for a word that no table has."""
    if lemma in _MORE_INFLECTIONS:
        return _MORE_INFLECTIONS[lemma]
    rows, corrections = _inflection_table()
    found: dict[str, tuple[str, ...]] = {}
    for kind, *forms in rows.of(lemma):
        found |= {tag: tuple(form.lower().split("/")) for tag, form in zip(_TAGS[kind], forms, strict=False) if form}
    return found | corrections.get(lemma, {})


_ING = (
    ("ie", 2, "ying"),
    ("ee", 0, "ing"),
    ("oe", 0, "ing"),
    ("ye", 0, "ing"),
    ("e", 1, "ing"),
)
"""By a base form's ending: how many letters -ing takes away, and what it is then; the first that fits."""


def guessed_verb(word: str) -> str:
    """What would be the base form of a word if it were a form of a verb, by its letters."""
    return verb_base(word)


def guessed_ing_form(lemma: str) -> str:
    """What would be the -ing form of a verb that is in no table, by its letters."""
    if verb_doubles(lemma):
        return f"{lemma}{lemma[-1:]}ing"
    _, taken, more = next((rule for rule in _ING if len(lemma) > 1 and lemma.endswith(rule[0])), ("", 0, "ing"))
    return lemma[: len(lemma) - taken] + more


class _Rows:
    """A table of lines ``word,kind,forms``, sorted by word, which is searched by halves.

    ``file``: its name among the library's resources.
    """

    def __init__(self, file: str) -> None:
        self._text = gzip.decompress(read_regular(resource(file)))

    def of(self, word: str) -> Iterator[list[str]]:
        """The kind and the forms of every row of a word."""
        text, sought = self._text, word.encode(errors="replace")
        at, end = 0, len(text)
        while at < end:
            line = max(at, text.rfind(b"\n", at, (at + end) // 2) + 1)
            if text[line : text.find(b",", line)] < sought:
                at = text.find(b"\n", line) + 1 or end
            else:
                end = line
        while text.startswith(sought + b",", at):
            end = text.find(b"\n", at)
            yield text[at : end if end >= 0 else None].decode().strip().split(",")[1:]
            at = end + 1 or len(text)


def _corrections(name: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """What goes before the rows of a table: lines ``word,kind,form``."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in read_regular(resource(name)).decode("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            word, kind, form = line.strip().split(",")
            found.setdefault(word, {})[kind] = (form.lower(),)
    return found


@cache
def _lemma_table() -> tuple[_Rows, dict[str, dict[str, tuple[str, ...]]]]:
    return _Rows("lemma_lu.csv.gz"), _corrections("lemma_overrides.csv")


@cache
def _inflection_table() -> tuple[_Rows, dict[str, dict[str, tuple[str, ...]]]]:
    return _Rows("infl_lu.csv.gz"), _corrections("infl_overrides.csv")
