"""Writing results: whole or not at all, with one clear error when the disk says no."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FilmError(Exception):
    """A film, subtitle file or storyboard could not be made. The message says what, where and what to do."""


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a temporary path in the folder of ``out`` that becomes ``out`` when the block ends well.

    The folder is made if need be. When the block fails, or is interrupted, the temporary file is removed and an older
    ``out`` stays as it was. Raises :class:`FilmError` for a folder that cannot be written and for a full disk.
    """
    out = Path(out)
    if out.is_dir():
        raise FilmError(f"cannot write {out}: a folder of that name is in the way; move it or choose another output")
    # The name keeps its ending, from which Pillow and ffmpeg tell the format.
    partial = out.with_name(f".{out.stem}.{os.getpid()}.partial{out.suffix}")
    try:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            yield partial
            os.replace(partial, out)
        finally:
            partial.unlink(missing_ok=True)
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
