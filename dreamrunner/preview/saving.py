"""Saving an edit into a file that an editor has open and may save at the same moment: nobody's text is ever lost."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HERE = -100  # AT_FDCWD: paths are meant as they are
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_REST = 0.02  # seconds, in which who has opened the file to write into it has begun
_LONGEST_WAIT = 5.0  # seconds to wait for another page's save; one takes hundredths
_STEP = 0.005


def replace_bytes(path: Path, before: bytes, after: bytes) -> bool:
    """Put ``after`` in place of ``before``; False, and nothing is changed, if the file holds something else by now.

    The new file takes the old one's place at once and keeps its permissions. The old one is looked at again after
    they have changed places, and goes back if somebody saved in between. Until that is settled, no other call in any
    process touches a file of this folder: two that put back what they found could put back each other's.

    Raises:
        OSError: the file can't be read or written, its disk is full, or another process holds the folder for seconds.
            It then is as it was.
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
        with _alone(target.parent):
            return _exchange(target, other, before, after)
    finally:
        other.unlink(missing_ok=True)


def _exchange(target: Path, other: Path, before: bytes, after: bytes) -> bool:
    """Put ``other``, which holds ``after``, in the place of ``target``, if that holds ``before`` and goes on to."""
    if target.read_bytes() != before:
        return False
    expected, given = before, after
    while _swap(other, target):
        taken = _at_rest(other, expected)
        if taken == expected:
            return given == after
        # Somebody saved just now: what is newest goes back, until nothing came in between.
        expected, given = given, taken
    os.replace(other, target)
    return given == after


def _at_rest(file: Path, expected: bytes) -> bytes:
    """What is in a file that was just taken out of its place, by whom who had it open has written, too."""
    if (taken := file.read_bytes()) != expected:
        return taken
    time.sleep(_REST)
    return file.read_bytes()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other calls off a folder's files; without a mark in it, and only where the system and the disk have that."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        end = time.monotonic() + _LONGEST_WAIT
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise TimeoutError(f"another program holds {folder.name} locked") from None
                time.sleep(_STEP)
                continue
            except OSError:
                pass
            break
        yield
    finally:
        os.close(handle)


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
