"""A catalog on disk: captioned clips, what is known of their videos, and how to search them.

A folder with ``catalog.sqlite`` (rows, attributes of videos by content, what detectors and similarity models made of
them) and, for more than :data:`~dreamrunner.retrieval.caption_index.IN_MEMORY` clips, ``captions``, an index of
tantivy's. Rows are true; everything else can be made anew from them.
"""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dreamrunner.datasets.captions import VIDEOS, within
from dreamrunner.datasets.video import Attributes, VideoError, digest_of, read_attributes
from dreamrunner.files.atomic import replacing
from dreamrunner.files.digest import digest_text
from dreamrunner.files.trouble import first_line
from dreamrunner.files.wording import reason
from dreamrunner.retrieval.caption_index import CaptionIndex, DiskCaptions, MemoryCaptions

DATABASE = "catalog.sqlite"
CAPTIONS = "captions"

EDITION = "1"
"""Changes with the tables below."""

BUSY_TIMEOUT = 60.0
"""Seconds to wait for another process that writes."""

_ANEW = "; take it away and index its sources anew"

_PASSING = ("locked", "busy", "full", "readonly", "unable to open", "interrupted")
"""Words of SQLite for what is no fault of the file."""

_MARKS = 5_000
"""Rows that are asked for by number at a time; SQLite takes no more than some ten thousand values."""

_ENDINGS = ("mp4", "webm", "mkv", *sorted(VIDEOS - {"mp4", "webm", "mkv"}))
"""What the file of a video that is known by id may be called, usual ones first."""

_TABLES = """
begin immediate;
create table if not exists about (name text primary key, value text) without rowid;
create table if not exists sources (
    id integer primary key, path text unique, videos text, stamp text not null default '');
create table if not exists clips (
    number integer primary key autoincrement, hash blob not null unique, source integer not null, run integer not null,
    video text not null, by_id integer not null, start real not null, end real, caption text not null,
    width integer, height integer, rate real);
create table if not exists broken (source integer not null, place text not null, why text not null);
create table if not exists files (path text primary key, stamp text, digest text) without rowid;
create table if not exists videos (digest text primary key, attributes text, why text) without rowid;
create table if not exists looks (key blob primary key, value blob) without rowid;
insert or ignore into about values ('edition', '{edition}');
commit;
"""


class CatalogError(Exception):
    """A catalog that cannot be used. Its text is one line: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Clip:
    """A captioned stretch of a video, as the catalog has it.

    ``name`` is the video's path below ``videos``; with ``by_id``, without its ending. ``start`` and ``end`` are
    seconds,
    ``end`` the video's own when ``None``; ``width``, ``height`` and ``rate`` are what the source said, ``None`` when it
    did not. ``score`` is BM25's, 0 or more.
    """

    number: int
    videos: Path
    name: str
    by_id: bool
    start: float
    end: float | None
    caption: str
    width: int | None
    height: int | None
    rate: float | None
    score: float = 0.0

    @property
    def file(self) -> Path | None:
        """Where the video lies; ``None`` when it is not on this machine, or its path leads out of ``videos``."""
        names = [f"{self.name}.{ending}" for ending in _ENDINGS] if self.by_id else [self.name]
        return next((self.videos / name for name in names if self._is_there(name)), None)

    def _is_there(self, name: str) -> bool:
        if not (self.videos / name).is_file():
            return False
        try:
            within(self.videos, name)
        except ValueError:
            return False
        return True


class Catalog:
    """An open catalog, for reading; several processes may have it open while another one adds to it.

    Raises :class:`CatalogError` when ``folder`` holds none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        if not (self.folder / DATABASE).is_file():
            raise CatalogError(
                f"{folder} is not a catalog: make one with `dreamrunner catalog index SOURCE -o {folder}`"
            )
        self._database = connect(self.folder)

    def __len__(self) -> int:
        with reading(self.folder):
            return int(self._database.execute("select count(*) from clips").fetchone()[0])

    def search(self, query: str, count: int) -> tuple[Clip, ...]:
        """The ``count`` clips whose captions fit ``query`` best by BM25, best first; only those that share a word.

        Raises :class:`CatalogError` when the catalog is damaged, or was never finished.
        """
        with reading(self.folder):
            found = dict(self._captions.search(query, min(max(count, 0), len(self))))
        clips = {clip.number: clip for clip in self._clips(list(found), found)}
        # A clip that went away since the captions were written is passed over.
        return tuple(clips[number] for number in found if number in clips)

    def attributes(self, file: Path) -> tuple[str, Attributes]:
        """The hash of a video's content and its attributes, read once for each content.

        Raises :class:`~dreamrunner.datasets.video.VideoError` when the video cannot be used, each time without reading
        it anew.
        """
        with reading(self.folder):
            return attributes_of(self._database, file)

    def recall(self, key: str) -> bytes | None:
        """What was remembered under ``key``, if anything."""
        with reading(self.folder):
            found = self._database.execute("select value from looks where key = ?", (_short(key),)).fetchone()
        return found[0] if found else None

    def remember(self, key: str, value: bytes) -> None:
        """Keep a value that can be made anew. A disk that takes nothing costs only time."""
        _try(self._database, "insert or replace into looks values (?, ?)", (_short(key), value))

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()

    @cached_property
    def _captions(self) -> CaptionIndex:
        with reading(self.folder):
            if not (self.folder / CAPTIONS).is_dir():
                return MemoryCaptions(self._database.execute("select number, caption from clips order by number"))
            return DiskCaptions(self.folder / CAPTIONS)

    def _clips(self, numbers: Sequence[int], scores: Mapping[int, float]) -> Iterator[Clip]:
        for begin in range(0, len(numbers), _MARKS):
            some = numbers[begin : begin + _MARKS]
            marks = ", ".join("?" * len(some))
            with reading(self.folder):
                rows = self._database.execute(
                    "select number, sources.videos, video, by_id, start, end, caption, width, height, rate from clips"
                    f" join sources on sources.id = clips.source where number in ({marks})",
                    some,
                ).fetchall()
                clips = [_clip(row, scores[row[0]]) for row in rows]
            yield from clips


def _clip(row: tuple[Any, ...], score: float) -> Clip:
    """A clip as a row of the database has it. Raises ValueError, TypeError where somebody else has written the row."""
    number, videos, video, by_id, start, end, caption, width, height, rate = row
    within(Path(videos), video)
    numbers = [each for each in (start, end, width, height, rate) if each is not None]
    sound = all(isinstance(each, int | float) and math.isfinite(each) for each in numbers)
    if not isinstance(caption, str) or not sound or start < 0:
        raise ValueError(f"clip {number} has another form than clips have")
    return Clip(number, Path(videos), video, bool(by_id), start, end, caption, width, height, rate, score)


def connect(folder: Path, *, make: bool = False) -> sqlite3.Connection:
    """Open a catalog's database; with ``make``, one without anything in it gets its tables.

    Raises :class:`CatalogError` when it is none of ours.
    """
    file = folder / DATABASE
    with reading(folder):
        if file.is_file() and not os.access(folder, os.W_OK):
            # Another's catalog: SQLite could not make the files beside it with which readers and writers agree.
            database = sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)
        else:
            if make and not (file.exists() and file.stat().st_size):
                # who reads meanwhile finds nothing or all of its tables
                with replacing(file) as fresh, closing(sqlite3.connect(fresh, isolation_level=None)) as begun:
                    begun.executescript(_TABLES.format(edition=EDITION))
            database = sqlite3.connect(file, timeout=BUSY_TIMEOUT, isolation_level=None)
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = normal")
            if make and not database.execute("select 1 from sqlite_master").fetchone():
                database.executescript(_TABLES.format(edition=EDITION))
        # A view, or what a trigger does, may have no end.
        odd = database.execute("select name from sqlite_master where type not in ('table', 'index')").fetchone()
        if odd:
            raise CatalogError(
                f"the catalog {folder} cannot be used: it has more in it than DreamRunner's tables{_ANEW}"
            )
        tables = {name for (name,) in database.execute("select name from sqlite_master")}
        if "about" not in tables:
            why = f"the file {DATABASE} in it is another program's" if tables else f"the file {DATABASE} in it is empty"
            raise CatalogError(f"the catalog {folder} cannot be used: {why}{_ANEW}")
        edition = database.execute("select value from about where name = 'edition'").fetchone()
    if edition != (EDITION,):
        raise CatalogError(f"{folder} was made by another version: index its sources anew, into another folder")
    return database


def attributes_of(database: sqlite3.Connection, file: Path) -> tuple[str, Attributes]:
    """See :meth:`Catalog.attributes`."""
    try:
        found = file.stat()
    except OSError as error:
        raise VideoError(f"{file}: {reason(error)}") from error
    stamp = f"{found.st_size} {found.st_mtime_ns}"
    kept = database.execute(
        "select videos.digest, attributes, why from files join videos using (digest) where path = ? and stamp = ?",
        (str(file), stamp),
    ).fetchone()
    if (known := _attributes(file, kept)) is None:
        digest = digest_of(file)
        kept = database.execute("select digest, attributes, why from videos where digest = ?", (digest,)).fetchone()
        if (known := _attributes(file, kept)) is None:
            try:
                known = read_attributes(file)
                kept = digest, known.model_dump_json(), None
            except VideoError as error:
                known = error
                kept = digest, None, str(error).removeprefix(f"{file}: ")
            _try(database, "insert or replace into videos values (?, ?, ?)", kept)
        _try(database, "insert or replace into files values (?, ?, ?)", (str(file), stamp, digest))
    if isinstance(known, VideoError):
        raise known
    return str(kept[0]), known


def _attributes(file: Path, kept: tuple[Any, ...] | None) -> Attributes | VideoError | None:
    """What is kept of a video: its attributes, or why it has none; None where nothing is, or something else."""
    if kept is None or kept[2] is not None:
        return None if kept is None else VideoError(f"{file}: {kept[2]}")
    try:
        return Attributes.model_validate_json(kept[1])
    except (ValidationError, TypeError):
        return None


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn what can go wrong with a catalog's files into a :class:`CatalogError`."""
    try:
        yield
    except OSError as error:
        raise CatalogError(f"the catalog {folder} cannot be used: {reason(error)}") from error
    except sqlite3.Error as error:
        passing = any(word in str(error) for word in _PASSING)
        raise CatalogError(f"the catalog {folder} cannot be used: {error}{'' if passing else _ANEW}") from error
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
        why = f"something else than DreamRunner has changed it ({first_line(error)})"
        raise CatalogError(f"the catalog {folder} cannot be used: {why}{_ANEW}") from error


def _short(key: str) -> bytes:
    return bytes.fromhex(digest_text(key))


def _try(database: sqlite3.Connection, statement: str, values: Sequence[object]) -> None:
    with suppress(sqlite3.OperationalError):  # read-only, full, or busy for too long
        database.execute(statement, values)
