"""Where captioned clips come from: a folder of videos, or a table with InternVid's columns.

Rows are written by strangers. One that cannot be used becomes a :class:`Broken`, with its place and why, and the next
one is read; a source that cannot be read at all raises :class:`SourceError`.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dreamrunner.datasets.captions import Broken, Row, read_row, shown, within
from dreamrunner.files.regular import open_regular, read_regular
from dreamrunner.files.wording import reason

VIDEOS = frozenset(
    {"3gp", "asf", "avi", "flv", "gif", "m4v", "mjpeg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogg", "ogv", "ts"}
    | {"webm", "wmv"}
)
"""Endings of the files of a folder that are taken for videos."""

TABLES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
"""Endings of tables and how they are read."""

LONGEST_ROW = 16_000_000
"""Bytes beyond which a line of a table is not a row."""

ROWS_AT_A_TIME = 20_000
"""Rows of a Parquet file that are in memory at a time."""

_COLUMNS = {
    "id": ("id", "youtubeid", "videoid", "clipid"),
    "path": ("path", "file", "video", "videopath", "filename"),
    "start": ("start", "starttimestamp", "starttime"),
    "end": ("end", "endtimestamp", "endtime"),
    "caption": ("caption", "text", "description"),
    "width": ("width",),
    "height": ("height",),
    "size": ("size", "resolution"),
    "rate": ("rate", "fps", "framerate"),
}
"""What a column may be called, once case, ``_`` and ``-`` are left out."""


class SourceError(Exception):
    """A source that cannot be read. Its text is one line: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Source:
    """A source that has been looked at, but not yet read.

    ``path`` is absolute, ``videos`` the folder that its videos lie in. ``size`` is what reading goes through: bytes of
    a table, rows of a Parquet file, files of a folder; ``stamp`` says which state of a table this is, "" for a folder.
    """

    path: Path
    kind: str
    videos: Path
    size: int
    stamp: str

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
            return Source(path, "folder", path, len(_files_in(path)), "")
        if not path.exists():
            raise SourceError(f"{path}: no such folder or file")
        kind = TABLES.get(path.suffix.lower())
        if kind is None or not path.is_file():
            known = ", ".join(TABLES)
            raise SourceError(f"{path} is neither a folder of videos nor a table that can be read ({known})")
        found = path.stat()
        size = _parquet_rows(path) if kind == "parquet" else found.st_size
        videos = Path(os.path.abspath(videos or path.parent))
        if not videos.is_dir():
            raise SourceError(f"{videos}: there is no such folder of videos")
        return Source(path, kind, videos, size, f"{found.st_size} {found.st_mtime_ns}")
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


def _read_folder(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    for done, name in enumerate(_files_in(source.path), 1):
        try:
            yield _file_row(source, name)
        except ValueError as error:
            yield Broken(shown(name), str(error))
        on_progress(done)


def read_file(file: Path) -> Row:
    """One video as a folder would give it. Raises :class:`ValueError` that says what is wrong with it."""
    folder = Path(os.path.abspath(file.parent))
    return _file_row(Source(folder, "folder", folder, 1, ""), file.name)


def _file_row(source: Source, name: str) -> Row:
    told = told_beside(source.path, name) or {"caption": re.sub(r"[\W_]+", " ", Path(name).stem)}
    return read_row({"path": name, **told}, source.videos)


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
        found = _object(text)
        return {name: value for name, value in _renamed(found).items() if name not in ("id", "path")}
    return {}


def _read_jsonl(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    with _opened(source.path) as lines:
        number = 0
        while line := lines.readline(LONGEST_ROW):
            number += 1
            if len(line) == LONGEST_ROW and not line.endswith(b"\n"):
                while (rest := lines.readline(LONGEST_ROW)) and not rest.endswith(b"\n"):
                    pass
                yield Broken(f"line {number}", f"is longer than {LONGEST_ROW // 1_000_000} MB")
                continue
            if not line.strip():
                continue
            try:
                yield read_row(_renamed(_object(line.decode("utf-8-sig" if number == 1 else "utf-8"))), source.videos)
            except UnicodeDecodeError:
                yield Broken(f"line {number}", "is not UTF-8")
            except ValueError as error:
                yield Broken(f"line {number}", str(error))
            on_progress(lines.tell())


def _read_csv(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    csv.field_size_limit(LONGEST_ROW)
    with _opened(source.path) as content:
        # What is not UTF-8 becomes lone surrogates, which no row may contain.
        lines = iter(lambda: content.readline(LONGEST_ROW), b"")
        texts = (line.decode("utf-8", "surrogateescape") for line in lines)
        table = csv.reader(texts, strict=True)
        columns: list[str | None] | None = None
        while True:
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error as error:
                yield Broken(f"line {table.line_num}", f"is not CSV ({error})")
                continue
            on_progress(content.tell())
            if columns is None:
                columns = [_column(cell.removeprefix("\ufeff")) for cell in cells]
                if "caption" not in columns or not {"id", "path"} & set(columns):
                    raise SourceError(
                        f"{source.path}: its first line names no column `caption`, or none of `id`, `path`"
                    )
                continue
            if not cells:
                continue
            try:
                if len(cells) != len(columns):
                    raise ValueError(f"has {len(cells)} cells where the first line has {len(columns)}")
                yield read_row(
                    {name: cell for name, cell in zip(columns, cells, strict=True) if name and cell.strip()},
                    source.videos,
                )
            except ValueError as error:
                yield Broken(f"line {table.line_num}", str(error))


def _read_parquet(source: Source, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    import polars

    try:
        table = polars.scan_parquet(source.path)
        columns = {_column(name): name for name in table.collect_schema().names()}
        if "caption" not in columns or not {"id", "path"} & set(columns):
            raise SourceError(f"{source.path} has no column `caption`, or none of `id`, `path`")
        table = table.select([polars.col(name).alias(known) for known, name in columns.items() if known])
        for first in range(0, source.size, ROWS_AT_A_TIME):
            part = table.slice(first, ROWS_AT_A_TIME).collect()
            for number, cells in enumerate(part.iter_rows(named=True), first + 1):
                try:
                    yield read_row({name: cell for name, cell in cells.items() if cell is not None}, source.videos)
                except ValueError as error:
                    yield Broken(f"row {number}", str(error))
            on_progress(min(first + ROWS_AT_A_TIME, source.size))
    except (polars.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{source.path} cannot be read as Parquet: {_first_line(error)}") from error


def _parquet_rows(path: Path) -> int:
    import polars

    try:
        return int(polars.scan_parquet(path).select(polars.len()).collect().item())
    except (polars.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{path} cannot be read as Parquet: {_first_line(error)}") from error


_READERS = {"folder": _read_folder, "jsonl": _read_jsonl, "csv": _read_csv, "parquet": _read_parquet}


def _opened(path: Path) -> Any:
    try:
        return open_regular(path)
    except OSError as error:
        raise SourceError(f"{path}: {reason(error)}") from error


@lru_cache(maxsize=256)
def _column(name: str) -> str | None:
    plain = re.sub(r"[_\- ]", "", name).lower()
    return next((known for known, names in _COLUMNS.items() if plain in names), None)


def _renamed(found: Mapping[str, Any]) -> dict[str, Any]:
    return {known: value for name, value in found.items() if value is not None and (known := _column(name))}


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("is not JSON") from error
    if not isinstance(found, dict):
        raise ValueError("is not a JSON object")
    return found


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
