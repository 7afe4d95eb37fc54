"""Writing results: whole or not at all, with one clear error when the disk says no."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dreamrunner.files.atomic import replacing
from dreamrunner.files.wording import NO_SPACE, disk_is_full, reason


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
        raise FilmError(explain(out, error.errno, reason(error))) from error


def explain(out: Path, code: int | None, said: str) -> str:
    """Say what kept ``out`` from being written, given the system's error number (or ``None``) and its words."""
    return f"cannot write {out}: {refusal(out, code, said) or said}"


def refusal(out: Path, code: int | None, said: str) -> str:
    """Why the disk refuses ``out``, and what to do; "" where an error is of another kind."""
    if disk_is_full(OSError(code, said)):
        return f"{NO_SPACE}; free some or choose another output folder"
    if code in (errno.EACCES, errno.EPERM, errno.EROFS) or any(
        words in said.lower() for words in ("permission denied", "read-only")
    ):
        return "the folder may not be written to; choose another output folder"
    if code in (errno.ENOTDIR, errno.EEXIST):
        return f"{out.parent} is not a folder; choose another output folder"
    return ""
