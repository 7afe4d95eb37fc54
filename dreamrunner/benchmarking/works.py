"""What is to be filmed for a benchmark: stories, the photos that they bring, and where their videos go."""

from __future__ import annotations

import fnmatch
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from dreamrunner.files.json import parse
from dreamrunner.files.regular import read_regular
from dreamrunner.files.wording import counted, reason

LARGEST = 64 * 2**20
"""Bytes of a benchmark's file at most; the largest of the three has 0.2 MB."""

DURATION = 6.0
"""Seconds of a film where nothing else is asked for, as in the paper."""

_LONGEST = 200  # bytes of a file's name, without its ending
_NO_LETTERS = re.compile(r"[^\w .+-]")


class BenchmarkError(ValueError):
    """A benchmark's files can't be used at all. ``str()`` says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of a character: the file ``source``, which goes to ``name``, a path relative to the story's folder."""

    source: Path
    name: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What of a film goes where.

    ``scene``: the scene of the story.
    ``target``: the path in the output folder, with ``/``.
    ``form``: its ``video``, or the first ``frame`` of that.
    """

    scene: str
    target: str
    form: Literal["video", "frame"] = "video"


@dataclass(frozen=True, slots=True)
class Work:
    """One story of a benchmark.

    ``name``: what it is called, as ``consistent_attr/0001``: a path in which every part is a file's name.
    ``source``: where it stands in the benchmark's files, for messages.
    ``text``: the story.
    ``photos``: the pictures that it brings.
    ``deliveries``: what of its film goes where.
    ``remarks``: what was mended or not understood on the way, a sentence each.
    """

    name: str
    source: str
    text: str
    deliveries: tuple[Delivery, ...]
    photos: tuple[Photo, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was read of a benchmark.

    ``works``: what is filmed, in the benchmark's order.
    ``faults``: what can't be read, each with its place.
    ``finish``: writes what its scorers read beside the videos, once these lie in the output folder, which it is given;
    it gives back what the user should know.
    """

    works: tuple[Work, ...]
    faults: tuple[str, ...] = ()
    finish: Callable[[Path], tuple[str, ...]] = lambda out: ()

    def chosen(self, only: Sequence[str], first: int | None) -> Benchmark:
        """The same with the works alone whose names fit one of the patterns ``only``, and of each group of them, such
        as a category, so many as ``first`` says.

        Raises:
            BenchmarkError: a pattern fits none.
        """
        for pattern in only:
            if not any(_fits(work.name, pattern) for work in self.works):
                shown = ", ".join(work.name for work in self.works[:3])
                raise BenchmarkError(f"there is nothing called {pattern}; names are such as {shown}")
        works = [work for work in self.works if not only or any(_fits(work.name, pattern) for pattern in only)]
        if first is not None:
            seen: dict[str, int] = {}
            kept = []
            for work in works:
                group = work.name.rpartition("/")[0]
                seen[group] = seen.get(group, 0) + 1
                kept += [work] if seen[group] <= first else []
            works = kept
        return replace(self, works=tuple(works))


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) or name.startswith(f"{pattern}/")


def file_name(text: str, otherwise: str = "unnamed") -> str:
    """A file's name from any text: letters, digits, blanks and ``. _ + -`` stay, without folders, and never hidden."""
    plain = _NO_LETTERS.sub("_", unicodedata.normalize("NFC", text)).strip(" .")
    cut = os.fsencode(plain.encode("utf-8", "ignore"))[:_LONGEST].decode("utf-8", "ignore").strip(" .")
    return cut or otherwise


def read_file(path: Path) -> str:
    """A benchmark's file as text.

    Raises:
        BenchmarkError: it can't be read, or is not UTF-8.
    """
    try:
        return read_regular(path, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path} is not UTF-8 (byte {error.start + 1}): save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise BenchmarkError(f"{path} can't be read: {reason(error)}") from None


def read_json(path: Path) -> Any:
    """What a benchmark's JSON file holds.

    Raises:
        BenchmarkError: it can't be read, or holds no JSON.
    """
    text = read_file(path)
    try:
        return parse(text)
    except ValueError as error:
        raise BenchmarkError(f"{path} is not JSON: {error}; fetch the benchmark's file again") from None


def require_folder(folder: Path, what: str) -> None:
    """Raise BenchmarkError where there is no folder; ``what`` says whose it is to be."""
    if not folder.is_dir():
        seen = "is a file" if folder.exists() else "is not there"
        raise BenchmarkError(f"{folder} {seen}: name the folder of {what}")


def sum_of(works: Sequence[Work]) -> str:
    """How many there are, in words, by their groups: ``4 films (dynamic_attr 2, numeracy 2)``."""
    groups: dict[str, int] = {}
    for work in works:
        group = work.name.rpartition("/")[0]
        groups[group] = groups.get(group, 0) + 1
    shown = ", ".join(f"{group} {count}" for group, count in groups.items() if group)
    return counted(len(works), "film") + (f" ({shown})" if shown else "")
