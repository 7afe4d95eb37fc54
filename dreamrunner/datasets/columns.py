"""Which column of a table says what, and cells that hold several clips: a stranger's row as rows under our names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dreamrunner.files.json import parse

_COLUMNS = {
    "id": ("id", "youtubeid", "videoid", "clipid"),
    "path": ("path", "file", "video", "videopath", "filename"),
    "start": ("start", "starttimestamp", "starttime"),
    "end": ("end", "endtimestamp", "endtime"),
    "caption": ("caption", "captions", "cap", "text", "prompt", "description", "title", "name"),
    "width": ("width",),
    "height": ("height",),
    "size": ("size", "resolution"),
    "rate": ("rate", "fps", "framerate"),
    "span": ("timestamp", "timestamps", "span", "segment", "segments"),
}
"""What a column may be called, once case, ``_``, ``-`` and blanks are left out; of several the first is read. ``span``
is a start and an end in one cell."""

_UNITS = {
    "": ("s", "sec", "secs", "second", "seconds"),
    "_ms": ("ms", "msec", "millisecond", "milliseconds"),
    "_frame": ("frame", "frames", "frameidx", "frameindex", "frameid", "framenumber"),
}
"""What the names of columns with a start or an end may add, and what our names add for it."""

_LONGEST_LIST = 1_000_000
"""Letters of a cell beyond which it is not looked at for a list."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table say. ``names`` has ours for each of its own, None for one that is not read."""

    names: tuple[str | None, ...]

    @property
    def usable(self) -> bool:
        """Whether there is a caption, and something that names the video."""
        return "caption" in self.names and not {"id", "path"}.isdisjoint(self.names)

    def unread(self, own: Sequence[str]) -> tuple[str, ...]:
        """The table's ``own`` names of the columns that are not read."""
        return tuple(name for name, known in zip(own, self.names, strict=True) if known is None and name.strip())

    def told(self, cells: Sequence[Any]) -> dict[str, Any]:
        """A row under our names, without cells that are None."""
        return {
            name: cell for name, cell in zip(self.names, cells, strict=True) if name is not None and cell is not None
        }


@lru_cache(maxsize=256)
def columns(own: tuple[str, ...]) -> Columns:
    """What columns with these names say. Where several say the same, the first in the list of names is read, and a span
    only where there are no starts and ends.

    Raises:
        ValueError: two columns have the same name.
    """
    found: dict[str, tuple[int, int]] = {}
    known = [_known(name) for name in own]
    for place, one in enumerate(known):
        if one is None:
            continue
        before = found.get(one[0])
        if before is not None and before[0] == one[2]:
            raise ValueError(f"has two columns for the same, {own[before[1]]!r} and {own[place]!r}: take one out")
        if before is None or one[2] < before[0]:
            found[one[0]] = one[2], place
    if {"start", "end"} & found.keys():
        found.pop("span", None)
    read = {place: field for field, (_, place) in found.items()}
    return Columns(
        tuple(None if place not in read or one is None else one[0] + one[1] for place, one in enumerate(known))
    )


def renamed(found: Mapping[str, Any]) -> dict[str, Any]:
    """A row of JSON under our names. Raises :class:`ValueError` where two columns have the same name."""
    return columns(tuple(found)).told(tuple(found.values()))


def unfolded(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The clips of a row: as many as its cells with captions and times are lists of, lists as text included.

    Raises:
        ValueError: these lists are of different lengths.
    """
    row = dict(told)
    captions = _texts(row.get("caption"))
    if captions is not None:
        row["caption"] = captions
    spans = _spans(row.pop("span", None))
    if spans is not None:
        row["start"], row["end"] = ([span[side] for span in spans] for side in (0, 1))
        if len(spans) == 1:
            row["start"], row["end"] = row["start"][0], row["end"][0]
    for name in row:
        if name.startswith(("start", "end")) and (listed := _list(row[name])) is not None:
            row[name] = listed
    several = {name: row[name] for name in row if name == "caption" or name.startswith(("start", "end"))}
    lengths = {name: len(cell) for name, cell in several.items() if isinstance(cell, list)}
    count = max((length for length in lengths.values()), default=1)
    if any(length not in (count, 1) for length in lengths.values()) or 0 in lengths.values():
        raise ValueError("has " + " and ".join(f"{length} in {name}" for name, length in lengths.items()) + " as lists")
    for number in range(count):
        yield row | {name: row[name][number if lengths[name] > 1 else 0] for name in lengths}


@lru_cache(maxsize=4096)
def _known(name: str) -> tuple[str, str, int] | None:
    """Our name of a column, what its unit adds to it, and its place among all that mean the same."""
    plain = re.sub(r"[_\- ]", "", name).lower()
    for known, names in _COLUMNS.items():
        if plain in names:
            return known, "", names.index(plain)
    for side, words in (("start", ("start", "begin", "starttime")), ("end", ("end", "stop", "endtime"))):
        rank = len(_COLUMNS[side])
        for unit, endings in _UNITS.items():
            for spelt in (word + ending for word in words for ending in ("", *endings)):
                if plain == spelt:
                    return side, unit if plain not in words else "", rank
                rank += 1
    return None


def _list(cell: Any) -> list[Any] | None:
    """A list, or one that is written out as JSON or Python; None for everything else."""
    if isinstance(cell, (list, tuple)):
        return list(cell)
    if not isinstance(cell, str) or len(cell) > _LONGEST_LIST:
        return None
    text = cell.strip()
    if not (text.startswith(("[", "(")) and text.endswith(("]", ")"))):
        return None
    for read in (parse, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, (list, tuple)):
            return list(value)
    return None


def _texts(cell: Any) -> list[Any] | None:
    """A list of captions; None for a caption, even one in brackets."""
    listed = _list(cell)
    return listed if listed and all(isinstance(each, str) for each in listed) else None


def _spans(cell: Any) -> list[Sequence[Any]] | None:
    """Pairs of start and end; one pair may stand alone.

    Raises:
        ValueError: it is something else.
    """
    if cell is None:
        return None
    listed = _list(cell)
    if listed is None and isinstance(cell, str):
        listed = re.split(r"\s+(?:-|–|to)\s+|(?<=\d)\s*[-–]\s*(?=\d)", cell.strip())
    if listed is not None and len(listed) == 2 and not any(isinstance(each, (list, tuple)) for each in listed):
        return [listed]
    if not listed or any(not isinstance(each, (list, tuple)) or len(each) != 2 for each in listed):
        raise ValueError("has a timestamp that is not a start and an end")
    return listed
