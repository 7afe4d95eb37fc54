"""Where captioned clips come from: a folder of videos, or a table with InternVid's columns.

Rows are written by strangers. One that cannot be used becomes a :class:`Broken`, with its place and why, and the next
one is read; a source that cannot be read at all raises :class:`SourceError`.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

VIDEOS = frozenset(
    {"3gp", "asf", "avi", "flv", "gif", "m4v", "mjpeg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogg", "ogv", "ts"}
    | {"webm", "wmv"}
)
"""Endings of the files of a folder that are taken for videos."""

TABLES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
"""Endings of tables and how they are read."""

LONGEST_ROW = 16_000_000
"""Bytes beyond which a line of a table is not a row."""

LONGEST_CAPTION = 4_000
"""Letters of a caption that are kept; nobody describes a clip of some seconds at greater length."""

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

_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)")
_SIZE = re.compile(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


class SourceError(Exception):
    """A source that cannot be read. Its text is one line: what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A clip as its source tells it.

    ``video`` is a path below the folder of videos, with ``/``; or with ``by_id`` a file's name without its ending.
    ``start`` and ``end`` are seconds, ``end`` the video's own when ``None``. ``width`` and ``height`` (pixels) and
    ``rate`` (frames a second) are ``None`` when the source does not say. ``stamp`` is whatever else changes when the
    video does, for a file that lies here: its size and time.
    """

    video: str
    by_id: bool
    start: float
    end: float | None
    caption: str
    width: int | None = None
    height: int | None = None
    rate: float | None = None
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be used: where it stands and why, each one line."""

    place: str
    why: str


@dataclass(frozen=True)
class Source:
    """A source that has been looked at, but not yet read.

    ``path`` is absolute, ``videos`` the folder that its videos lie in. ``size`` is what reading goes through: bytes of a
    table, rows of a Parquet file, files of a folder; ``stamp`` says which state of a table this is, "" for a folder.
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
        raise SourceError(f"{path}: {error.strerror or error}") from error


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
            yield Broken(_shown(name), str(error))
        on_progress(done)


def read_file(file: Path) -> Row:
    """One video as a folder would give it. Raises :class:`ValueError` that says what is wrong with it."""
    folder = Path(os.path.abspath(file.parent))
    return _file_row(Source(folder, "folder", folder, 1, ""), file.name)


def _file_row(source: Source, name: str) -> Row:
    told = told_beside(source.path, name) or {"caption": re.sub(r"[\W_]+", " ", Path(name).stem)}
    return _row({"path": name, **told}, source)


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
        _within(folder, told.relative_to(folder).as_posix())
        if told.stat().st_size > LONGEST_ROW:
            raise ValueError(f"{_shown(told.name)} is longer than {LONGEST_ROW // 1_000_000} MB")
        try:
            text = told.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{_shown(told.name)} is not text that can be read (UTF-8)") from error
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
                yield _row(_renamed(_object(line.decode("utf-8-sig" if number == 1 else "utf-8"))), source)
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
                yield _row({name: cell for name, cell in zip(columns, cells) if name and cell.strip()}, source)
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
                    yield _row({name: cell for name, cell in cells.items() if cell is not None}, source)
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
        return open(path, "rb")
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error


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


def _row(told: Mapping[str, Any], source: Source) -> Row:
    """Check what a row tells, under our names. Raises :class:`ValueError` that says what is wrong with it."""
    caption = caption_of(told)
    start = _seconds(told.get("start"), "start")
    end = _seconds(told.get("end"), "end")
    if end is not None and end <= (start or 0.0):
        raise ValueError(f"ends at {end:g} s, before it starts")
    width, height = _whole(told.get("width"), "width"), _whole(told.get("height"), "height")
    if (size := told.get("size")) is not None and width is None:
        found = _SIZE.fullmatch(size.strip()) if isinstance(size, str) else None
        if isinstance(size, (list, tuple)) and len(size) == 2:
            width, height = _whole(size[0], "width"), _whole(size[1], "height")
        elif found and int(found[1]) and int(found[2]):
            width, height = int(found[1]), int(found[2])
    rate = _number(told.get("rate"), "rate")
    if rate is not None and not 0 < rate <= 1000:
        raise ValueError(f"has a rate of {rate:g} frames a second")
    video, by_id, stamp = _video(told, source.videos)
    return Row(video, by_id, start or 0.0, end, caption, width, height, rate, stamp)


def caption_of(told: Mapping[str, Any]) -> str:
    """The caption among what is told, on one line. Raises :class:`ValueError` where it is none that can be used."""
    caption = told.get("caption")
    if not isinstance(caption, str):
        raise ValueError("has no caption" if caption is None else "has a caption that is not text")
    caption = " ".join(_SPACE.split(caption[: 4 * LONGEST_CAPTION]))[:LONGEST_CAPTION].strip()
    if not caption:
        raise ValueError("has an empty caption")
    if not _encodable(caption):
        raise ValueError("has a caption that is not UTF-8")
    return caption


def _video(told: Mapping[str, Any], videos: Path) -> tuple[str, bool, str]:
    path = told.get("path")
    if path is None:
        name = told.get("id")
        if isinstance(name, int) and not isinstance(name, bool):
            name = str(name)
        if not isinstance(name, str):
            raise ValueError("has neither id nor path")
        if not _ID.fullmatch(name):
            raise ValueError("has an id with other characters than letters, digits, _ - .")
        return name, True, ""
    if not isinstance(path, str) or not path or "\0" in path or not _encodable(path):
        raise ValueError("has a path that is not one")
    if os.path.isabs(path):
        path = os.path.relpath(path, videos)
    path = os.path.normpath(path).replace(os.sep, "/")
    _within(videos, path)
    try:
        found = os.stat(videos / path)
    except OSError as error:
        raise ValueError(f"{_shown(path)}: there is no such video") from error
    return path, False, f"{found.st_size} {found.st_mtime_ns}"


def _within(folder: Path, path: str) -> None:
    """Raises :class:`ValueError` when a path below a folder leads out of it, by its words or by links."""
    if path.split("/", 1)[0] == ".." or os.path.isabs(path):
        raise ValueError(f"{_shown(path)} leaves the folder of videos")
    top, _, name = path.rpartition("/")
    real = _real(str(folder), top)
    if real is not None and os.path.islink(os.path.join(real, name)):
        real = os.path.realpath(os.path.join(real, name))
        real = real if real.startswith(os.path.join(os.path.realpath(folder), "")) else None
    if real is None:
        raise ValueError(f"{_shown(path)} is a link that leaves the folder of videos")


@lru_cache(maxsize=4096)
def _real(folder: str, below: str) -> str | None:
    whole, place = os.path.realpath(folder), os.path.realpath(os.path.join(folder, below))
    return place if place == whole or place.startswith(os.path.join(whole, "")) else None


def _seconds(told: Any, name: str) -> float | None:
    """A number of seconds, or a time such as 00:05:15.714."""
    if isinstance(told, str) and (clock := _CLOCK.fullmatch(told.strip())):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    seconds = _number(told, name)
    if seconds is not None and not 0 <= seconds < 1e7:
        raise ValueError(f"has {_a(name)} of {seconds:g} s")
    return seconds


def _whole(told: Any, name: str) -> int | None:
    number = _number(told, name)
    if number is not None and (number != int(number) or not 0 < number < 100_000):
        raise ValueError(f"has a {name} of {number:g}")
    return None if number is None else int(number)


def _number(told: Any, name: str) -> float | None:
    if told is None:
        return None
    try:
        number = float(told) if not isinstance(told, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"has {_a(name)} that is not a number")
    return number


def _a(name: str) -> str:
    return f"an {name}" if name == "end" else f"a {name}"


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(text: str) -> str:
    """A name from a stranger, fit for a terminal: no control characters, not too long."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= 80 else plain[:77] + "..."


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
