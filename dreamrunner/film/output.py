"""Writing results: whole or not at all, with one clear error when the disk says no."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dreamrunner.files.atomic import replacing


class FilmError(Exception):
    """A film, subtitle file or storyboard could not be made. The message says what, where and what to do."""


@contextmanager
def output_file(out: Path) -> Iterator[Path]:
    """Give a path to make ``out`` at, which takes its place as :func:`~dreamrunner.files.atomic.replacing` says.

    The folder is made if need be. Raises :class:`FilmError` for a folder that cannot be written and for a full disk.
    """
    out = Path(out)
    if out.is_dir():
        raise FilmError(f"cannot write {out}: a folder of that name is in the way; move it or choose another output")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as fresh:
            yield fresh
    except OSError as error:
        raise FilmError(explain(out, error.errno, error.strerror or str(error))) from error


def explain(out: Path, code: int | None, said: str) -> str:
    """Say what kept ``out`` from being written, given the system's error number (or ``None``) and its words."""
    if code in (errno.ENOSPC, errno.EDQUOT) or "No space left" in said or "quota exceeded" in said:
        return f"cannot write {out}: no space left on the disk; free some or choose another output folder"
    if code in (errno.EACCES, errno.EPERM, errno.EROFS) or "Permission denied" in said or "Read-only" in said:
        return f"cannot write {out}: the folder may not be written to; choose another output folder"
    if code in (errno.ENOTDIR, errno.EEXIST):
        return f"cannot write {out}: {out.parent} is not a folder; choose another output folder"
    return f"cannot write {out}: {said}"
