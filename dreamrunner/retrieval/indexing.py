"""Taking a source into a catalog: what is new is added, what has gone is taken out, what is as it was is left alone.

Rows are written a batch at a time, each batch in one transaction, so that a killed process loses at most the batch in
hand and the next run goes on behind it. One process at a time writes into a catalog; another one waits.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from dreamrunner.datasets.captions import Broken, Row
from dreamrunner.datasets.tables import Source
from dreamrunner.datasets.video import VideoError
from dreamrunner.retrieval.caption_index import IN_MEMORY, DamagedCaptions, DiskCaptions
from dreamrunner.retrieval.catalog import CAPTIONS, attributes_of, connect, reading

BATCH = 5_000
"""Rows that are written at a time."""

WAIT = 2.0
"""Seconds after which a batch is written even if it is small, since reading videos takes its time."""

CAPTIONS_AT_A_TIME = 250_000
"""Captions that are written into the index at a time."""

LOCK = ".indexing.lock"


@dataclass(frozen=True)
class Indexed:
    """What came of taking in a source: clips that are ``new``, were ``kept`` as they were, or are ``gone`` from it, and
    how many rows were ``broken``."""

    new: int
    kept: int
    gone: int
    broken: int


def index_source(
    source: Source,
    folder: Path,
    *,
    on_progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
    on_broken: Callable[[Broken], None] = lambda broken: None,
    on_wait: Callable[[], None] = lambda: None,
) -> Indexed:
    """Bring the catalog in ``folder`` (made when it is not there) up to date with a source.

    ``on_progress`` hears of the stages ``rows`` and ``captions``: how much is done, of how much. ``on_broken`` hears of
    each row that is skipped; all of them are also in the catalog, see :func:`broken_rows`. ``on_wait`` is called when
    another process writes into the same catalog, which is then waited for.

    Raises:
        CatalogError: the folder cannot be written, or holds another thing.
        SourceError: the source cannot be read any further.
    """
    with reading(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_wait()
            lock.acquire()
    try:
        database = connect(folder, make=True)
        try:
            with reading(folder):
                found = _Run(database, source, folder, on_progress, on_broken).rows()
                _write_captions(database, folder, on_progress)
                return found
        finally:
            database.close()
    finally:
        lock.release()


def broken_rows(folder: Path) -> list[tuple[str, Broken]]:
    """Every row that was skipped, with the source that it is in, in the order of reading."""
    database = connect(folder)
    try:
        with reading(folder):
            rows = database.execute(
                "select path, place, why from broken join sources on sources.id = broken.source order by broken.rowid"
            ).fetchall()
    finally:
        database.close()
    return [(str(path), Broken(str(place), str(why))) for path, place, why in rows]


class _Run:
    """One reading of a source."""

    def __init__(
        self,
        database: sqlite3.Connection,
        source: Source,
        folder: Path,
        on_progress: Callable[[str, int, int], None],
        on_broken: Callable[[Broken], None],
    ) -> None:
        self.database, self.source, self.folder = database, source, folder
        self.on_progress, self.on_broken = on_progress, on_broken
        database.execute("pragma cache_size = -128000")
        path, videos = str(source.path), str(source.videos)
        database.execute("insert or ignore into sources (path, videos) values (?, ?)", (path, videos))
        self.id, before, self.stamp = database.execute(
            "select id, videos, stamp from sources where path = ?", (path,)
        ).fetchone()
        if before != videos:
            self.stamp = ""
            database.execute("update sources set videos = ?, stamp = '' where id = ?", (videos, self.id))
        last = database.execute("select value from about where name = 'run'").fetchone()
        self.run = int(last[0]) + 1 if last else 1
        database.execute("insert or replace into about values ('run', ?)", (str(self.run),))
        self.new = self.kept = self.broken = 0

    def rows(self) -> Indexed:
        """Read the source to its end."""
        if self.stamp and self.stamp == self.source.stamp:
            kept = self.database.execute("select count(*) from clips where source = ?", (self.id,)).fetchone()[0]
            return Indexed(0, kept, 0, 0)
        self.database.execute("delete from broken where source = ?", (self.id,))
        by_path = False
        for batch, before, after in self._batches():
            by_path = by_path or any(isinstance(row, Row) and not row.by_id for row in batch)
            self._take(batch, before, after)
        gone = self._take_out()
        # A table that speaks of files is read again even if it has not changed: they may have.
        stamp = "" if by_path or self.broken else self.source.stamp
        self.database.execute("update sources set stamp = ? where id = ?", (stamp, self.id))
        return Indexed(self.new, self.kept, gone, self.broken)

    def _batches(self) -> Iterator[tuple[list[Row | Broken], int, int]]:
        """Rows, a batch at a time, and from where to where in the source they go."""
        batch: list[Row | Broken] = []
        before = done = 0

        def read(so_far: int) -> None:
            nonlocal done
            done = so_far

        for row in self.source.rows(read):
            batch.append(row)
            if len(batch) >= BATCH:
                yield batch, before, done
                batch, before = [], done
        yield batch, before, self.source.size

    def _take(self, batch: list[Row | Broken], before: int, after: int) -> None:
        rows = {_hash(self.source, row): row for row in batch if isinstance(row, Row)}
        broken = [row for row in batch if isinstance(row, Broken)]
        marks = ", ".join("?" * len(rows))
        query = f"select hash from clips where hash in ({marks})"
        known = {found for (found,) in self.database.execute(query, list(rows))}
        ready: dict[bytes, Row] = {digest: row for digest, row in rows.items() if digest in known}
        self.kept += len(ready)
        written = time.monotonic()
        for number, (digest, row) in enumerate(rows.items()):
            if digest in known:
                continue
            if not row.by_id:  # its video may have to be read, which takes time
                self.on_progress("rows", before + (after - before) * number // len(rows), self.source.size)
            try:
                ready[digest] = self._looked_at(row)
                self.new += 1
            except VideoError as error:
                broken.append(Broken(row.video, str(error).removeprefix(f"{self.source.videos / row.video}: ")))
            if time.monotonic() - written > WAIT:
                self._write(ready, broken)
                ready, broken, written = {}, [], time.monotonic()
        self._write(ready, broken)
        self.on_progress("rows", after, self.source.size)

    def _looked_at(self, row: Row) -> Row:
        """The row with what its source does not say read from its video, if that lies here."""
        if row.by_id or None not in (row.width, row.height, row.rate, row.end):
            return row
        file = self.source.videos / row.video
        _, known = attributes_of(self.database, file)
        end = known.duration if row.end is None else row.end
        if row.start >= known.duration:
            raise VideoError(f"{file}: the clip starts at {row.start:g} s, but the video ends at {known.duration:g} s")
        return replace(row, width=known.width, height=known.height, rate=known.rate, end=min(end, known.duration))

    def _write(self, rows: dict[bytes, Row], broken: list[Broken]) -> None:
        database = self.database
        database.execute("begin immediate")
        try:
            database.executemany(
                "insert into clips (hash, source, run, video, by_id, start, end, caption, width, height, rate)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (hash) do update set run = excluded.run",
                ((digest, self.id, self.run, *_told(row)) for digest, row in rows.items()),
            )
            database.executemany(
                "insert into broken values (?, ?, ?)", ((self.id, each.place, each.why) for each in broken)
            )
            database.execute("commit")
        except BaseException:
            database.execute("rollback")
            raise
        self.broken += len(broken)
        for each in broken:
            self.on_broken(each)

    def _take_out(self) -> int:
        """Take out the clips that the source no longer has: from the captions first, since rows say what is to go."""
        query = "select number from clips where source = ? and run <> ?"
        gone = [number for (number,) in self.database.execute(query, (self.id, self.run))]
        if not gone:
            return 0
        if (self.folder / CAPTIONS).is_dir():
            writer = _captions(self.folder).writer()
            writer.remove(gone)
            writer.keep()
            writer.close()
        self.database.execute("delete from clips where source = ? and run <> ?", (self.id, self.run))
        return len(gone)


def _write_captions(database: sqlite3.Connection, folder: Path, on_progress: Callable[[str, int, int], None]) -> None:
    """Bring the index on disk up to date, or do without one while captions fit in memory at ease."""
    total = database.execute("select count(*) from clips").fetchone()[0]
    if total <= IN_MEMORY:
        if (folder / CAPTIONS).is_dir():
            shutil.rmtree(folder / CAPTIONS)
        return
    captions = _captions(folder)
    # Numbers only grow, so that the highest one in the index says how far it got.
    last = captions.last
    left = database.execute("select count(*) from clips where number > ?", (last,)).fetchone()[0]
    if not left:
        return
    writer = captions.writer()
    done = 0
    query = "select number, caption from clips where number > ? order by number limit ?"
    while batch := database.execute(query, (last, CAPTIONS_AT_A_TIME)).fetchall():
        writer.add(batch)
        writer.keep()
        last, done = batch[-1][0], done + len(batch)
        on_progress("captions", done, left)
    writer.close()


def _captions(folder: Path) -> DiskCaptions:
    """The index on disk; a damaged one is thrown away, to be made anew."""
    try:
        return DiskCaptions(folder / CAPTIONS)
    except DamagedCaptions:
        shutil.rmtree(folder / CAPTIONS)
        return DiskCaptions(folder / CAPTIONS)


def _hash(source: Source, row: Row) -> bytes:
    told = f"{source.path}\0{_told(row)!r}{row.stamp}"
    return hashlib.blake2b(told.encode(), digest_size=16).digest()


def _told(row: Row) -> tuple[object, ...]:
    # A million rows go through here; dataclasses.astuple takes ten times as long.
    return row.video, row.by_id, row.start, row.end, row.caption, row.width, row.height, row.rate
