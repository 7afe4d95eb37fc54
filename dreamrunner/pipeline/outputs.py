"""The folder that a film is delivered into."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from dreamrunner.engine.graph import StepFailed, why_failed
from dreamrunner.engine.store import Entry
from dreamrunner.files.atomic import FRESH
from dreamrunner.files.digest import digest_bytes, digest_file, digest_now
from dreamrunner.files.made import known, putting, remember
from dreamrunner.pipeline.manifest import MANIFEST, Manifest, read_manifest, take_manifest

FORGOTTEN = 3600.0
"""Seconds after which a half written file counts as left behind by a build that was killed."""


class InTheWay(Exception):
    """A film would take the place of a file that its story is made from. ``str()`` names it, and says what to do."""


def spare(folder: Path, names: Iterable[str], inputs: Iterable[Path]) -> None:
    """Let no file of a film, by its name in its ``folder``, be one that its story is made from: its ``inputs``.

    Raises:
        InTheWay: one is.
    """
    places = {os.path.realpath(folder / name): name for name in names}
    for file in inputs:
        if (name := places.get(os.path.realpath(file))) is not None:
            raise InTheWay(
                f"the film's {name} would take the place of {file}, which the story is made from;"
                " film into another folder (-o DIR)"
            )


class Outputs:
    """Delivers whole files into ``folder``: each is replaced at once, and only where its content differs.

    Somebody's own file of a name is kept beside what takes its place, and ``say`` is told. ``inputs`` are what the
    story is made from.

    Raises:
        StepFailed: by every method, when the folder or a file in it can't be written.
    """

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _: None, inputs: Iterable[Path] = ()) -> None:
        self.folder, self.say = folder, say
        self._spared = {os.path.realpath(file) for file in inputs}
        self.delivered: dict[str, str] = {}

    def prepare(self) -> None:
        """Make the folder and try writing into it, before any work is spent on what it is to hold."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            trial = self.folder / f".{uuid4().hex}"
            trial.touch()
            self._sweep(trial.stat().st_mtime)
            trial.unlink()
        except OSError as error:
            raise self._refused(self.folder, error) from error

    def look(self) -> None:
        """Raise as :meth:`prepare` would where the folder can't be made or written, without writing anything."""
        there = next(path for path in (self.folder, *self.folder.absolute().parents) if os.path.lexists(path))
        if not there.is_dir():
            code = errno.EEXIST if there == self.folder else errno.ENOTDIR
        elif not os.access(there, os.W_OK | os.X_OK):
            code = errno.EACCES
        else:
            return
        raise self._refused(self.folder, OSError(code, os.strerror(code)))

    def _sweep(self, now: float) -> None:
        """Take away what builds that were killed have left half written, known by its name and its age."""
        for path in (*self.folder.glob(".*"), *self.folder.glob("scenes/.*")):
            with suppress(FileNotFoundError):
                if FRESH.fullmatch(path.name) and now - path.stat().st_mtime > FORGOTTEN:
                    path.unlink()

    def deliver(self, name: str, entry: Entry) -> None:
        """Put a copy of a stored result at ``name``, a path relative to the folder."""

        def copy(fresh: Path) -> None:
            shutil.copyfile(entry.path, fresh)

        self._put(name, entry.size, entry.digest, copy)

    def write(self, name: str, content: bytes, *, ours: bool = False) -> None:
        """Put ``content`` at ``name``, a path relative to the folder, where what is there may be known as ``ours``."""

        def write(fresh: Path) -> None:
            fresh.write_bytes(content)

        self._put(name, len(content), digest_bytes(content), write, ours=ours)

    def _put(self, name: str, size: int, digest: str, make: Callable[[Path], object], *, ours: bool = False) -> None:
        target = self.folder / name
        self.delivered[name] = digest
        try:
            if _holds(target, size, digest):
                remember(target, target)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            with putting(target, self.say, ours=ours) as fresh:
                make(fresh)
        except OSError as error:
            raise self._refused(target, error) from error

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, the last of a build, and take away what only the manifest before it lists, and the
        manifests of scenes that were filmed alone before there was a whole film.

        A scene that was renamed or dropped would else lie on beside its film. A file that no build has made as it is
        stays, whatever a manifest says.
        """
        former = read_manifest(self.folder)
        self.write(MANIFEST, manifest.text().encode(), ours=former is not None)
        for name, digest in (former.outputs if former is not None else {}).items():
            stale = self.folder / name
            inside = stale.resolve().is_relative_to(self.folder.resolve())
            if name in manifest.outputs or not inside or not stale.is_file():
                continue
            if os.path.realpath(stale) in self._spared:
                continue
            if digest_now(stale) == digest and known(stale):
                stale.unlink()
                with suppress(OSError):  # a folder in which something else lies stays
                    stale.parent.rmdir()
            else:
                self.say(f"{stale} stays: it is of a film before this, but no build has made it as it is")

        for name in manifest.outputs:
            alone = take_manifest(self.folder / name)
            if Path(name).parent.name and Path(name).suffix == ".mp4" and known(alone):
                alone.unlink(missing_ok=True)

    def _refused(self, path: Path, error: OSError) -> StepFailed:
        return StepFailed(f"can't write {path}: {why_failed(error, path)}")


def _holds(path: Path, size: int, digest: str) -> bool:
    return path.is_file() and path.stat().st_size == size and digest_file(path) == digest
