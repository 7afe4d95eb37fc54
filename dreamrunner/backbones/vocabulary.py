"""What a model can draw, where that is known: its words for whom, what, where and how somebody moves.

Most models have seen more than anybody can list, and nothing is said of them. One that was made of a few words lists
them by kind, in the file :data:`~dreamrunner.backbones.folder.WORDS` of its folder; its tokenizer folds other forms and
synonyms into them. No torch, and no hub.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import WORDS, read_json
from dreamrunner.backbones.table import TABLE
from dreamrunner.files.paths import BUNDLED


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a model by kind, as it has them itself ("strolls", not "walking")."""

    characters: tuple[str, ...]
    props: tuple[str, ...]
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    places: tuple[str, ...]
    motions: tuple[str, ...]
    learnable: tuple[str, ...]
    """Motions that it lacks and that the catalog of clips that comes with it shows."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the model in ``folder`` has ``words`` for."""

    folder: Path
    words: Words

    def understood(self, text: str) -> frozenset[str]:
        """What the model makes of a text: words of its own, forms and synonyms folded."""
        return _understood(self.folder, text)

    def draws_motion(self, phrase: str) -> bool:
        """Whether it can do a motion, as "strolling home" or "lying down": its verb stands first."""
        return self._does(phrase, self.words.motions)

    def can_learn(self, phrase: str) -> bool:
        """Whether its own catalog of clips shows a motion, which it can't do unlearnt."""
        return self._does(phrase, self.words.learnable)

    def draws_place(self, text: str) -> bool:
        """Whether it can draw one of the places that a text names."""
        return not self.understood(text).isdisjoint(self.words.places)

    def _does(self, phrase: str, motions: tuple[str, ...]) -> bool:
        first = phrase.split()[:2]
        return any(not self.understood(text).isdisjoint(motions) for text in (*first[:1], " ".join(first)))


def vocabulary_of(model: str, story_folder: Path | None = None) -> Vocabulary | None:
    """What the model of a name can draw; None where that isn't known, or it is no model on this machine.

    A relative folder is looked up in ``story_folder`` (the current folder when ``None``).

    Raises:
        BackboneError: the list in its folder can't be used.
    """
    if model in TABLE:
        return vocabulary_in(BUNDLED[model]) if TABLE[model].hub_id is None else None
    return vocabulary_in((story_folder or Path.cwd()) / Path(model).expanduser()) if model else None


@lru_cache(maxsize=8)
def vocabulary_in(folder: Path) -> Vocabulary | None:
    """What the model in a folder can draw; None where its folder doesn't say.

    Raises:
        BackboneError: the list in it can't be used.
    """
    if not (folder / WORDS).exists():
        return None
    listed = read_json(folder / WORDS)
    kinds = [kind.name for kind in fields(Words)]
    for kind in kinds:
        if not _are_words(listed.get(kind)):
            raise BackboneError(f"{folder / WORDS} has no list of words as its {kind}; take it away, or mend it")
    return Vocabulary(folder, Words(*(tuple(listed[kind]) for kind in kinds)))


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value)


@lru_cache(maxsize=8)
def _folding(folder: Path) -> Callable[[str], str]:
    """How the tokenizer in a folder folds a text before it looks for words; only in lower case where there is none.

    Steps that Python has, as a model of few words is made with them, are taken here: that is quicker than the library
    is imported, and works where it is not.
    """
    file = folder / "tokenizer" / "tokenizer.json"
    if not file.is_file():
        return str.lower
    normalizer = read_json(file).get("normalizer")
    try:
        steps = [_step(each) for each in _steps_of(normalizer)]
    except (AttributeError, KeyError, TypeError, re.error):
        return _by_library(file)
    return lambda text: reduce(lambda folded, step: step(folded), steps, text)


def _steps_of(normalizer: Any) -> list[Any]:
    if normalizer is None:
        return [{"type": "Lowercase"}]
    return list(normalizer["normalizers"]) if normalizer["type"] == "Sequence" else [normalizer]


def _step(step: Any) -> Callable[[str], str]:
    """A step of a normalizer; raises KeyError for one that is not known here."""
    match step["type"]:
        case "NFC" | "NFD" | "NFKC" | "NFKD" as form:
            return lambda text: unicodedata.normalize(form, text)
        case "Lowercase":
            return str.lower
        case "Replace":
            pattern, content = re.compile(step["pattern"]["Regex"]), str(step["content"])
            return lambda text: pattern.sub(lambda _: content, text)
    raise KeyError(step["type"])


def _by_library(file: Path) -> Callable[[str], str]:
    from tokenizers import Tokenizer

    try:
        normalizer = Tokenizer.from_file(str(file)).normalizer
    except Exception as error:  # the library raises nothing narrower
        raise BackboneError(f"{file} is no tokenizer; download the model again") from error
    return str.lower if normalizer is None else normalizer.normalize_str


@lru_cache(maxsize=4096)
def _understood(folder: Path, text: str) -> frozenset[str]:
    return frozenset(_folding(folder)(text).split())
