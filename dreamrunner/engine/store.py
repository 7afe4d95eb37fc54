"""The store: results of finished tasks, shared by all stories on the machine.

Two folders under its root. ``results/`` maps a task's key to what it made: a small JSON record with the content's
sha256 and size. ``content/`` holds the bytes themselves, named by their sha256. Both are written to a temporary name
and renamed, the content before the record, so a record never points at something unfinished and two processes may
write the same entry. Nothing that is read back is trusted: a record that does not parse, or content whose size or
hash is off, is a miss; so is a record that was made for another key.
``making/`` holds what is not finished yet, ``leases/`` what running builds need (``lease``).

When a result was last used is its record's time of change, which never goes back even where the machine's clock does:
only the order counts, and ``clock`` has the latest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dreamrunner.engine.lease import guard
from dreamrunner.files.atomic import replacing, take_place
from dreamrunner.files.digest import digest_file
from dreamrunner.files.regular import NotAFile, read_regular, require_regular

LAYOUT = "v1"
"""Folder under the cache root; another layout of the store gets another name, so that versions never mix."""

_TICK = 2_000_000_000
"""Nanoseconds that the coarsest file system tells apart."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A result in the store: the file that holds it, its sha256 (hexadecimal) and its size in bytes."""

    path: Path
    digest: str
    size: int


Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""A sha256 as it names a file of the store: nothing else that is read from disk does."""


class Record(BaseModel):
    """What ``results/`` says of one key: the kind of ``task``, and the ``digest``, ``size`` and ``suffix`` of what it
    made. ``key`` binds it to its place; records of before that was written down have none, and no build finds them.
    ``code`` is the sha256 of the code that made it, "" where its key holds none."""

    model_config = ConfigDict(frozen=True)

    key: Digest | Literal[""] = ""
    task: Annotated[str, Field(pattern=r"^[\w-]{1,60}$")]
    digest: Digest
    size: Annotated[int, Field(ge=0)]
    suffix: Annotated[str, Field(pattern=r"^(\.[A-Za-z0-9]{1,16})?$")]
    code: str = ""

    def content(self, root: Path) -> Path:
        """Where the bytes lie in the store at ``root``."""
        return root / "content" / self.digest[:2] / f"{self.digest}{self.suffix}"


class Store:
    """A content-addressed folder. Reading never writes, so a read-only store still serves what it has.

    ``owner`` is the name of the lease under which something is made.
    """

    def __init__(self, root: Path, owner: str = "") -> None:
        self.root = root / LAYOUT
        self.owner = owner

    def owned_by(self, owner: str) -> Store:
        """The same store, for who makes something under the lease ``owner``."""
        return Store(self.root.parent, owner)

    def find(self, key: str) -> Entry | None:
        """The result kept under ``key``, its size and sha256 checked, or None.

        Raises:
            OSError: the store is there but can't be read.
        """
        try:
            record = Record.model_validate_json(read_regular(self._record(key)))
        except (FileNotFoundError, IsADirectoryError, NotAFile, ValidationError):
            return None
        if record.key != key:
            return None
        path = record.content(self.root)
        try:
            if require_regular(path).st_size != record.size or digest_file(path) != record.digest:
                return None
        except (FileNotFoundError, IsADirectoryError, NotAFile):
            return None
        return Entry(path, record.digest, record.size)

    @contextmanager
    def room(self, suffix: str) -> Iterator[Path]:
        """A fresh path inside the store to make a result at; whatever is left there afterwards is removed."""
        folder = self.root / "making"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.owner}{'-' if self.owner else ''}{uuid4().hex}{suffix}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def keep(self, key: str, task: str, made: Path, code: str = "") -> Entry:
        """Move the file ``made`` (from :meth:`room`) into the store as the result of ``task`` under ``key``, made by
        the code of the digest ``code``.

        Raises:
            OSError: the store can't be written, or its disk is full.
        """
        digest, size = digest_file(made), made.stat().st_size
        record = Record(key=key, task=task, digest=digest, size=size, suffix=made.suffix, code=code)
        path, target = record.content(self.root), self._record(key)
        with guard(self.root):
            path.parent.mkdir(parents=True, exist_ok=True)
            take_place(made, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as temporary:
                temporary.write_text(record.model_dump_json() + "\n", encoding="utf-8")
            self.mark_used([key])
        return Entry(path, record.digest, record.size)

    @contextmanager
    def claim(self, key: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Let one process at a time make the result under ``key``; ``waiting`` is called when another one does.

        Raises:
            OSError: the store can't be written.
        """
        file = self.root / "making" / f"{key}.lock"
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file)
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                waiting()
                lock.acquire()
            yield
        finally:
            if lock.is_locked:
                file.unlink(missing_ok=True)
                lock.release()

    def give_up(self, keys: Iterable[str]) -> None:
        """Take away what is left of making the results under ``keys`` where that was broken off, even in its cleaning
        up: locks that nobody holds, and what lies half made under this store's lease."""
        folder = self.root / "making"
        with suppress(OSError):
            for key in keys:
                if (file := folder / f"{key}.lock").exists():
                    lock = FileLock(file)
                    with suppress(Timeout):
                        lock.acquire(timeout=0)
                        file.unlink(missing_ok=True)
                        lock.release()
            for left in folder.glob(f"*{self.owner}-*") if self.owner else ():
                left.unlink(missing_ok=True)

    def mark_used(self, keys: Iterable[str]) -> None:
        """Remember that the results under ``keys`` were used just now, as far as the store can be written."""
        if not (records := [self._record(key) for key in keys]):
            return
        with suppress(OSError):
            latest = self.root / "clock"
            known = latest.stat().st_mtime_ns if latest.exists() else 0
            latest.touch()
            now = max(time.time_ns(), known + _TICK)
            os.utime(latest, ns=(now, now))
            for record in records:
                os.utime(record, ns=(now, now))

    def contents(self, suffix: str) -> Iterator[Path]:
        """Every file among the results that ends so, named by the sha256 that its content should have, oldest first."""
        found = []
        for path in self.root.glob(f"content/*/[!.]*{suffix}"):
            with suppress(FileNotFoundError):  # taken away meanwhile
                found.append((path.stat().st_mtime_ns, path))
        return (path for _, path in sorted(found))

    def made_by(self, code: str, suffix: str) -> Iterator[Path]:
        """As :meth:`contents`, of what the code of the digest ``code`` made."""
        made = set()
        for file in self.root.glob("results/*/*.json"):
            with suppress(OSError, ValidationError):
                written = read_regular(file)
                if code.encode() in written and (record := Record.model_validate_json(written)).code == code:
                    made.add(record.content(self.root))
        return (path for path in self.contents(suffix) if path in made)

    def _record(self, key: str) -> Path:
        return self.root / "results" / key[:2] / f"{key}.json"
