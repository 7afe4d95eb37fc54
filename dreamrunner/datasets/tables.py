"""Where captioned clips come from: a folder of videos, two lists, or a table with InternVid's columns.

Rows are written by strangers. One that cannot be used becomes a :class:`Broken`, with its place and why, and the next
one is read; a source that cannot be read at all raises :class:`SourceError`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamrunner.datasets.captions import VIDEOS, Broken, Row, SourceError, read_row, shown, within
from dreamrunner.datasets.columns import Columns, columns, renamed, unfolded
from dreamrunner.datasets.text_tables import (
    LONGEST_ROW,
    json_object,
    read_csv,
    read_json,
    read_jsonl,
    read_lists,
    rows_of,
    unread_in,
)
from dreamrunner.files.regular import read_regular
from dreamrunner.files.trouble import first_line
from dreamrunner.files.wording import reason

TABLES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
"""Endings of tables and how they are read."""

PROMPTS = ("prompts.txt", "prompt.txt", "captions.txt")
"""The captions of a folder in which :data:`NAMES` has the paths of its videos, line by line."""

NAMES = "videos.txt"

_READING = 2
"""Counts up when tables are read otherwise than before, so that catalogs read them again."""

ROWS_AT_A_TIME = 20_000
"""Rows of a Parquet file that are in memory at a time."""


@dataclass(frozen=True)
class Source:
    """A source that has been looked at, but not yet read.

    ``path`` is absolute, ``videos`` the folder that its videos lie in. ``size`` is what reading goes through: bytes of
    a table, rows of a Parquet file, files of a folder; ``stamp`` says which state of a table this is, "" for a folder.
    ``unread`` names what it holds and nobody reads: columns of a table, tables in a folder.
    """

    path: Path
    kind: str
    videos: Path
    size: int
    stamp: str
    unread: tuple[str, ...] = ()

    def rows(self, on_progress: Callable[[int], None] = lambda done: None) -> Iterator[Row | Broken]:
        """Every row, in the source's order. ``on_progress`` hears how much of ``size`` has been read."""
        return _READERS[self.kind](self, on_progress)


def open_source(path: Path, videos: Path | None = None) -> Source:
    """Look at a folder or table. ``videos`` is where a table's videos lie; beside it unless told.

    Raises :class:`SourceError` when there is no such thing, or it is no folder and no table.
    """
    path = Path(os.path.abspath(path))
    try:
        if path.is_dir():
            if videos is not None:
                raise SourceError(f"{path} is a folder of videos itself: --videos goes with a table")
            if (prompts := _prompts_in(path)) is not None:
                return Source(prompts, "lists", path, prompts.stat().st_size, "")
            tables = tuple(
                sorted(file.name for file in path.iterdir() if file.suffix.lower() in TABLES.keys() - {".json"})
            )
            return Source(path, "folder", path, len(_files_in(path)), "", tables[:20])
        if not path.exists():
            raise SourceError(f"{path}: no such folder or file")
        kind = TABLES.get(path.suffix.lower())
        if kind is None or not path.is_file():
            known = ", ".join(TABLES)
            raise SourceError(f"{path} is neither a folder of videos nor a table that can be read ({known})")
        found = path.stat()
        unread: tuple[str, ...]
        if kind == "parquet":
            size, unread = _parquet_rows(path), _parquet_unread(path)
        else:
            size, unread = found.st_size, unread_in(path, kind)
        videos = Path(os.path.abspath(videos or path.parent))
        if not videos.is_dir():
            raise SourceError(f"{videos}: there is no such folder of videos")
        return Source(path, kind, videos, size, f"{found.st_size} {found.st_mtime_ns} {_READING}", unread)
    except OSError as error:
        raise SourceError(f"{path}: {reason(error)}") from error


def _files_in(folder: Path) -> list[str]:
    """Videos of a folder and those under it, as paths below it in order; nothing hidden, no links out of it."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        below = os.path.relpath(place, folder)
        for name in files:
            if not name.startswith(".") and name.rpartition(".")[2].lower() in VIDEOS:
                found.append(name if below == "." else f"{below}/{name}".replace(os.sep, "/"))
    return sorted(found)


def _prompts_in(folder: Path) -> Path | None:
    """The list of captions of a folder that has one, and one of its videos."""
    if not (folder / NAMES).is_file():
        return None
    return next((folder / name for name in PROMPTS if (folder / name).is_file()), None)


def _read_folder(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    for done, name in enumerate(_files_in(source.path), 1):
        try:
            yield from rows_of(_told_of(source.path, name), source.videos, shown(name))
        except ValueError as error:
            yield Broken(shown(name), str(error))
        on_progress(done)


def read_file(file: Path) -> Row:
    """One video as a folder would give it. Raises :class:`ValueError` that says what is wrong with it."""
    folder = Path(os.path.abspath(file.parent))
    clips = list(unfolded(_told_of(folder, file.name)))
    if len(clips) > 1:
        raise ValueError("has several captions or times beside it, and one is needed")
    return read_row(clips[0], folder)


def _told_of(folder: Path, name: str) -> dict[str, Any]:
    told = told_beside(folder, name) or {"caption": re.sub(r"[\W_]+", " ", Path(name).stem)}
    return {"path": name, **told}


def told_beside(folder: Path, name: str) -> dict[str, Any]:
    """What the text or JSON file beside a video or photo says of it, under our names; nothing where there is none.

    Raises :class:`ValueError` that says why it cannot be read.
    """
    file = folder / name
    # Both `clip.txt` and `clip.mp4.txt` are in use.
    for ending, base in ((ending, base) for ending in ("json", "txt") for base in (file.with_suffix(""), file)):
        told = Path(f"{base}.{ending}")
        if not told.is_file():
            continue
        within(folder, told.relative_to(folder).as_posix())
        if told.stat().st_size > LONGEST_ROW:
            raise ValueError(f"{shown(told.name)} is longer than {LONGEST_ROW // 1_000_000} MB")
        try:
            text = read_regular(told).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{shown(told.name)} is not text that can be read (UTF-8)") from error
        if ending == "txt":
            return {"caption": text}
        return {name: value for name, value in renamed(json_object(text)).items() if name not in ("id", "path")}
    return {}


def _read_jsonl(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    return read_jsonl(source.path, source.videos, on_progress)


def _read_json(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    return read_json(source.path, source.videos, on_progress)


def _read_csv(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    return read_csv(source.path, source.videos, on_progress)


def _read_lists(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    return read_lists(source.path, source.path.parent / NAMES, source.videos, on_progress)


def _read_parquet(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    import polars

    try:
        table = polars.scan_parquet(source.path)
        own, known = _parquet_columns(source.path)
        table = table.select([name for name, ours in zip(own, known.names, strict=True) if ours])
        for first in range(0, source.size, ROWS_AT_A_TIME):
            part = table.slice(first, ROWS_AT_A_TIME).collect()
            ours = [name for name in known.names if name]
            for number, cells in enumerate(part.iter_rows(), first + 1):
                # NaN is a number that nobody wrote.
                told = {name: cell for name, cell in zip(ours, cells, strict=True) if cell is not None and cell == cell}
                yield from rows_of(told, source.videos, f"row {number}")
            on_progress(min(first + ROWS_AT_A_TIME, source.size))
    except (polars.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{source.path} cannot be read as Parquet: {first_line(error)}") from error


def _parquet_columns(path: Path) -> tuple[tuple[str, ...], Columns]:
    """The columns' own names, and what they say."""
    import polars

    own = tuple(polars.scan_parquet(path).collect_schema().names())
    try:
        known = columns(own)
    except ValueError as error:
        raise SourceError(f"{path} {error}") from None
    if not known.usable:
        has = ", ".join(own)[:200]
        raise SourceError(f"{path} has no column `caption`, or none of `id`, `path`; it has {has}")
    return own, known


def _parquet_unread(path: Path) -> tuple[str, ...]:
    own, known = _parquet_columns(path)
    return known.unread(own)


def _parquet_rows(path: Path) -> int:
    import polars

    try:
        return int(polars.scan_parquet(path).select(polars.len()).collect().item())
    except (polars.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{path} cannot be read as Parquet: {first_line(error)}") from error


_READERS = {
    "folder": _read_folder,
    "lists": _read_lists,
    "jsonl": _read_jsonl,
    "json": _read_json,
    "csv": _read_csv,
    "parquet": _read_parquet,
}
