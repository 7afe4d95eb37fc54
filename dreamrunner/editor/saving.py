"""Saving an edit into a file that an editor has open and may save at the same moment: nobody's text is ever lost."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path

_HERE = -100  # AT_FDCWD: paths are meant as they are
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def replace_bytes(path: Path, before: bytes, after: bytes) -> bool:
    """Put ``after`` in place of ``before``; False, and nothing is changed, if the file holds something else by now.

    The new file takes the old one's place at once and keeps its permissions. The old one is looked at once more after
    they have changed places, and goes back if somebody saved in between.

    Raises:
        OSError: the file can't be read or written, or its disk is full. It then is as it was.
    """
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}-")
    other = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, other)
        if target.read_bytes() != before:
            return False
        expected, given = before, after
        while _swap(other, target):
            taken = other.read_bytes()
            if taken == expected:
                return given == after
            # Somebody saved just now: what is newest goes back, until nothing came in between.
            expected, given = given, taken
        os.replace(other, target)
        return given == after
    finally:
        other.unlink(missing_ok=True)


def _swap(one: Path, other: Path) -> bool:
    """Let two files change places in one step; False where the system or the disk has no such step."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = libc.renamex_np(os.fsencode(one), os.fsencode(other), _SWAP)
        else:
            failed = libc.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _SWAP)
    except (AttributeError, OSError, TypeError):
        return False
    return not failed
