"""The folder that a film is delivered into."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from dreamrunner.engine.graph import StepFailed, why_failed
from dreamrunner.engine.store import Entry
from dreamrunner.files.atomic import FRESH, replacing, write_whole
from dreamrunner.files.digest import digest_bytes, digest_file
from dreamrunner.pipeline.manifest import MANIFEST, Manifest, read_manifest

FORGOTTEN = 3600.0
"""Seconds after which a half written file counts as left behind by a build that was killed."""


class Outputs:
    """Delivers whole files into ``folder``: each is replaced at once, and only where its content differs.

    Raises:
        StepFailed: by every method, when the folder or a file in it can't be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
        target = self.folder / name
        self.delivered[name] = entry.digest
        try:
            if _holds(target, entry.size, entry.digest):
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as temporary:
                shutil.copyfile(entry.path, temporary)
        except OSError as error:
            raise self._refused(target, error) from error

    def write(self, name: str, content: bytes) -> None:
        """Put ``content`` at ``name``, a path relative to the folder."""
        target = self.folder / name
        digest = digest_bytes(content)
        self.delivered[name] = digest
        try:
            if _holds(target, len(content), digest):
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)
        except OSError as error:
            raise self._refused(target, error) from error

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, the last of a build, and take away what only the manifest before it lists.

        A scene that was renamed or dropped would else lie on beside its film. A file whose content is not the one
        that the former manifest names has been changed by someone, and stays.
        """
        former = self._former()
        self.write(MANIFEST, manifest.text().encode())
        for name, digest in former.items():
            stale = self.folder / name
            inside = stale.resolve().is_relative_to(self.folder.resolve())
            if name not in manifest.outputs and inside and stale.is_file() and digest_file(stale) == digest:
                stale.unlink()

    def _former(self) -> dict[str, str]:
        former = read_manifest(self.folder)
        return former.outputs if former is not None else {}

    def _refused(self, path: Path, error: OSError) -> StepFailed:
        return StepFailed(f"can't write {path}: {why_failed(error, path)}")


def _holds(path: Path, size: int, digest: str) -> bool:
    return path.is_file() and path.stat().st_size == size and digest_file(path) == digest
