"""Leases: which results in the store running builds need, so that cleaning it takes nothing away from them.

A lease is two files in the store's ``leases/``: one that its process keeps locked, and one that lists the results that
it needs; an empty list stands for all there are. The lock dies with the process, however that ends. Where
locks don't reach another machine that shares the folder, a lease of that machine counts as long as its list is touched
every minute. Ages are measured by the clock of the file system alone, against a file that is new.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

from dreamrunner.files.atomic import write_whole
from dreamrunner.files.digest import digest_text
from dreamrunner.files.regular import NotAFile, read_regular

BEAT = 60.0
"""Seconds between two touches of a lease's list."""

LIFETIME = 900.0
"""Seconds without a touch after which a lease of another machine, whose lock can't be seen here, has ended."""

ABANDONED = 3600.0
"""Seconds after which what another machine began to write, and holds no lease for, is given up."""

_OWNED = re.compile(r"\.?(?P<owner>[0-9a-f]{12}-\d+-[0-9a-f]{8})\b")


def guard(root: Path) -> FileLock:
    """The lock of the store at ``root``: held for moments, while results are kept, needed or taken away."""
    return FileLock(root / "lock")


class Lease:
    """What one running build needs of the store at ``root``. Where nothing can be written it holds nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = f"{_machine()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._list = root / "leases" / self.name
        self._lock = FileLock(f"{self._list}.lock")
        self._pinned: set[str] = set()
        self._over = threading.Event()

    def pin(self, names: Iterable[str]) -> None:
        """Need these results from now on, those that are there and those that will be: keys, or digests of contents."""
        before = len(self._pinned)
        self._pinned.update(names)
        if not self._lock.is_locked or len(self._pinned) == before:
            return
        with suppress(OSError), guard(self.root):
            try:
                write_whole(self._list, "".join(f"{name}\n" for name in sorted(self._pinned)).encode("ascii"))
            except OSError:
                os.truncate(self._list, 0)  # no room for the list: all that there is

    def begin(self) -> None:
        """Take the lease, and clear away what killed processes have left."""
        with suppress(OSError):
            self._list.parent.mkdir(parents=True, exist_ok=True)
            with guard(self.root):
                self._lock.acquire(timeout=0)
                self._list.touch()
                sweep(self.root)
            threading.Thread(target=self._beat, name="lease", daemon=True).start()

    def end(self) -> None:
        """Give it back."""
        self._over.set()
        with suppress(OSError):
            for file in (self._list, Path(self._lock.lock_file)):
                file.unlink(missing_ok=True)
        self._lock.release()

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            with suppress(OSError):
                os.utime(self._list)


@contextmanager
def leased(root: Path) -> Iterator[Lease]:
    """Hold a lease on the store at ``root`` for a while."""
    lease = Lease(root)
    lease.begin()
    try:
        yield lease
    finally:
        lease.end()


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that is held: its name and the results that it needs, by key or content; None for all."""

    name: str
    pinned: frozenset[str] | None


def held(root: Path) -> tuple[Held, ...]:
    """The leases that running builds hold on the store at ``root``."""
    found, now = [], clock(root)
    for file in sorted((root / "leases").glob("*")):
        if _OWNED.fullmatch(file.name) and _is_held(file, now):
            with suppress(FileNotFoundError):
                found.append(Held(file.name, _pinned(file)))
    return tuple(found)


def _pinned(file: Path) -> frozenset[str] | None:
    """What a lease's list says; None, which is all, for one that can't be read."""
    try:
        return frozenset(read_regular(file).decode("ascii").split()) or None
    except (IsADirectoryError, NotAFile, UnicodeDecodeError):
        return None


def take_away(path: Path) -> None:
    """Remove a file, a link itself, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sweep(root: Path, *, dry: bool = False) -> int:
    """Take away ended leases and what nobody is making any more; returns how many bytes. Its guard must be held.

    When ``dry`` nothing is taken away.
    """
    freed, names, now = 0, {lease.name for lease in held(root)}, clock(root)
    for file in (root / "leases").glob("*"):
        if not dry and file.name.partition(".")[0] not in names:
            take_away(file)
    for file in (root / "making").glob("*"):
        with suppress(FileNotFoundError):
            size = file.lstat().st_size
            if not _is_made(file, names, now):
                if not dry:
                    take_away(file)
                freed += size
    return freed


def clock(folder: Path) -> float:
    """What time it is for the file system that holds ``folder``, in seconds; 0 where nothing can be written."""
    probe = folder / f".{uuid.uuid4().hex}"
    try:
        probe.touch()
        now = probe.stat().st_mtime
        probe.unlink()
    except OSError:
        return 0.0
    return now


def is_locked(file: Path) -> bool:
    """Whether a process holds the lock ``file``."""
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def _is_held(file: Path, now: float) -> bool:
    try:
        if is_locked(file.with_name(f"{file.name}.lock")):
            return True
        # Its machine saw the lock end with the process. Elsewhere a time in the future, too, is taken for a touch.
        return not file.name.startswith(_machine()) and now - file.stat().st_mtime < LIFETIME
    except FileNotFoundError:
        return False


def _is_made(file: Path, names: set[str], now: float) -> bool:
    if file.suffix == ".lock":
        return is_locked(file)
    named = _OWNED.match(file.name)
    if named and named["owner"] in names:
        return True
    return not (named and named["owner"].startswith(_machine())) and now - file.stat().st_mtime < ABANDONED


@cache
def _machine() -> str:
    """A name of this machine since it was started: processes that share it see each other's locks."""
    try:
        known = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        known = f"{platform.node()} {uuid.getnode()}"
    return digest_text(known)[:12]
