"""A build as a graph of tasks: values that say which result is made of what, and how.

A task's key is the sha256 of the canonical JSON of what it reads: its own values and the content hashes of the
results that it needs. No time, path, name or order of a dictionary enters it, so an equal key means an equal result,
on this machine and in any folder.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from dreamrunner.engine.kinds import doing
from dreamrunner.engine.measurements import Effort, Measurements, Pace
from dreamrunner.engine.store import Entry, Store
from dreamrunner.files.digest import digest_json
from dreamrunner.files.trouble import fills_temporary_folder, why
from dreamrunner.files.wording import disk_is_full


class Advance(Protocol):
    """Tells how far a task is, from 0 to 1; where it counts, at which step of how many; and in a few words what else
    there is to say of it just now. A fraction of 0 says that it has loaded what it works with."""

    def __call__(self, fraction: float, *, step: int = 0, steps: int = 0, note: str = "") -> None: ...


Make = Callable[[Mapping[str, Path], Path, Advance], None]
"""Makes a result: reads the files of the needed tasks (by task name) and the task's own files (by their name there),
writes the given path, tells how far it is. A value that can be pickled, since another process may call it."""


@runtime_checkable
class Resumable(Protocol):
    """A :data:`Make` that keeps a checkpoint while it works, and goes on from one that it finds."""

    def forget(self, needed: Mapping[str, Path]) -> None:
        """Remove the checkpoint: the result made from these files is safe."""
        ...


@runtime_checkable
class Gathering(Protocol):
    """A :data:`Make` that reads files of the author's which are known only when what it needs is made."""

    def gather(self, needed: Mapping[str, Path]) -> Mapping[str, Path]:
        """Those files, each under a name of its own, on the machine that the build was started on."""
        ...


class StepFailed(Exception):
    """A step of the build that could not be done. ``str()`` is one line for people: what failed, why, what to do."""


@dataclass(frozen=True)
class Task:
    """One step of a build.

    ``kind`` is the stage it belongs to and ``of`` what it is for (a scene, or "" for the whole film). ``reads`` is
    JSON: every value that the result depends on, apart from the results of ``needs`` (names of earlier tasks).
    ``files`` are files of the author's that ``make`` reads, each under a name of its own; what they hold stands in
    ``reads``. An ``accelerated`` task is one that a GPU makes faster; a ``local_only`` one reads more of this machine
    than its files, such as a catalog's videos or a voice. A ``paid`` one asks a server that may charge for it, so that
    it is let end where another one fails. Without an ``optional`` one the build goes on where it fails: what needs its
    result is made without. ``effort`` is for foreseeing how long it takes; it is in no key.
    """

    kind: str
    of: str
    reads: Mapping[str, Any]
    make: Make
    needs: tuple[str, ...] = ()
    suffix: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)
    accelerated: bool = False
    local_only: bool = False
    paid: bool = False
    optional: bool = False
    effort: Effort = Effort()

    @property
    def name(self) -> str:
        """What other tasks call it: ``render garden``."""
        return f"{self.kind} {self.of}".rstrip()

    @property
    def code(self) -> str:
        """The digest of the code that makes it, which it reads as ``code``; "" for none."""
        return str(self.reads.get("code", ""))

    def summary(self) -> dict[str, Any]:
        """What it reads, by name, to be compared later: plain values as they are, of others a short digest."""
        plain = (str, int, float, bool, type(None))
        return {
            name: value if isinstance(value, plain) else digest_json(value)[:16] for name, value in self.reads.items()
        }

    def key(self, digests: Mapping[str, str]) -> str:
        """The task's key, given the content hash of every result (by task name) that it needs; "" for an optional one
        that could not be made."""
        needs = [digests[name] for name in self.needs]
        return digest_json({"task": self.kind, "reads": self.reads, "needs": needs})


@dataclass(frozen=True)
class Done:
    """A task whose result is in the store, under ``key``; ``kept`` when it was there before."""

    task: Task
    key: str
    entry: Entry
    kept: bool


@dataclass(frozen=True)
class Job:
    """A task whose result is missing: its key, and the stored results (by task name) that it needs.

    ``again``: it may be there, and is made all the same.
    """

    task: Task
    key: str
    needed: Mapping[str, Entry]
    again: bool = False

    def make(self, store: Store, advance: Advance, waiting: Callable[[], None] = lambda: None) -> Entry:
        """Make the result, here and now, and keep it in ``store``.

        Where another build makes the same, ``waiting`` is called and its result is waited for.

        Raises:
            StepFailed: it could not be made or kept.
        """
        task = self.task
        needed = {name: entry.path for name, entry in self.needed.items()} | dict(task.files)
        try:
            with store.claim(self.key, waiting):
                if not self.again and (made := store.find(self.key)) is not None:
                    return made
                with store.room(task.suffix) as path:
                    began, pace = time.monotonic(), Pace(advance)
                    try:
                        task.make(needed, path, pace)
                    except Exception as error:
                        if disk_is_full(error) and not fills_temporary_folder(error, store.root):
                            raise _store_failed("written", store, error) from error
                        raise self.failed(error) from error
                    took, paced = pace.whole(time.monotonic() - began)
                    entry = store.keep(self.key, task.kind, path, task.code)
                    Measurements(store.root.parent).note(task.kind, task.effort, took, entry.size, paced, self.key)
                if isinstance(task.make, Resumable):
                    task.make.forget(needed)
                return entry
        except OSError as error:
            raise _store_failed("written", store, error) from error

    def gathered(self) -> Job:
        """The same with all files that it reads among those of its task, also what is known only now.

        Raises:
            StepFailed: they can't be found out.
        """
        if not isinstance(self.task.make, Gathering):
            return self
        try:
            files = self.task.make.gather({name: entry.path for name, entry in self.needed.items()})
        except Exception as error:
            raise self.failed(error) from error
        return replace(self, task=replace(self.task, files={**self.task.files, **files}))

    def keep(self, store: Store, content: bytes) -> Entry:
        """Keep a result that was made elsewhere.

        Raises:
            StepFailed: it could not be kept.
        """
        try:
            with store.room(self.task.suffix) as path:
                path.write_bytes(content)
                return store.keep(self.key, self.task.kind, path, self.task.code)
        except OSError as error:
            raise _store_failed("written", store, error) from error

    def failed(self, error: Exception) -> StepFailed:
        """The failure to report for an error that kept it from being made."""
        if isinstance(error, StepFailed):
            return error
        said = why_failed(error)
        gone = next((name for name, entry in self.needed.items() if not entry.path.exists()), None)
        if gone is not None:
            said = f"the result of {gone} is gone from the store; run the same command again"
        elif disk_is_full(error):
            folder = tempfile.gettempdir()
            said = f"no space is left in the temporary folder {folder}; free some, or have TMPDIR name another"
        return StepFailed(f"{doing(self.task.kind, self.task.of)} failed: {said}")


def look_up(store: Store, key: str) -> Entry | None:
    """What is kept under a key. Raises StepFailed where the store can't be read."""
    try:
        return store.find(key)
    except OSError as error:
        raise _store_failed("read", store, error) from error


def _store_failed(done: str, store: Store, error: Exception) -> StepFailed:
    said = why_failed(error, store.root)
    return StepFailed(f"the store {store.root} can't be {done}: {said} (DREAMRUNNER_CACHE names another folder)")


def why_failed(error: BaseException, where: Path | None = None) -> str:
    """Why something failed, in one line; ``where`` is a path that the line it goes into names already."""
    return str(error) if isinstance(error, StepFailed) else why(error, where)
