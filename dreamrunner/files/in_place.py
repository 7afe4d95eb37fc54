"""Changing a text file in place, while an editor has it open and may save it at the same moment.

Whatever writes into a file that people edit goes this way: nobody's text is lost, and the file stays what it was in
all but its text. What could not stay so is refused: a file that is write-protected, that has other names (hard links),
or that belongs to somebody whose it would not be afterwards.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
import time
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from dreamrunner.files.regular import read_regular

_HERE = -100  # AT_FDCWD: paths are meant as they are
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_REST = 0.02  # seconds, in which who has opened the file to write into it has begun
_LONGEST_WAIT = 5.0  # seconds to wait for another page's save; one takes hundredths
_STEP = 0.005

ROUNDS = 3
"""How often an edit is made anew on a text that somebody saved meanwhile, before it is given up."""


def replace_text(path: Path, before: str | None, after: str) -> bool:
    """As :func:`replace_bytes`, of UTF-8 texts; a byte order mark in front of ``before`` counts for nothing, and stays.

    A file that says ``after`` already is left alone.

    Raises:
        OSError: as :func:`replace_bytes`.
    """
    target = Path(os.path.realpath(path))
    try:
        raw: bytes | None = read_regular(target)
    except FileNotFoundError:
        raw = None
    if (None if raw is None else raw.decode("utf-8-sig", "replace")) != before:
        return False
    if raw is not None and raw.startswith(BOM_UTF8):
        after = "\ufeff" + after.removeprefix("\ufeff")
    return after.removeprefix("\ufeff") == before or replace_bytes(target, raw, after.encode("utf-8"))


def replace_bytes(path: Path, before: bytes | None, after: bytes) -> bool:
    """Put ``after`` in place of ``before``; False, and nothing is changed, if the file holds something else by now.

    ``before`` is None where there is no file yet. A link stays, and the file that it leads to changes.

    The new file takes the old one's place at once and keeps its owner and permissions. The old one is looked at again
    after they have changed places, and goes back if somebody saved in between. Until that is settled, no other call in
    any process touches a file of this folder: two that put back what they found could put back each other's.

    Raises:
        OSError: the file can't be read or written, can't stay what it is (see above), its disk is full, or another
            process holds the folder for seconds. It then is as it was.
    """
    target = Path(os.path.realpath(path))
    if before is None:
        return _begin(target, after)
    facts = target.stat()
    _refuse(target, facts)
    with _beside(target, after) as other:
        _make_like(other, target, facts)
        with _alone(target.parent):
            return _exchange(target, other, before, after)


@contextmanager
def _beside(target: Path, content: bytes, mode: int = 0o600) -> Iterator[Path]:
    """A file in the same folder that holds ``content``, on the disk, and is gone afterwards."""
    other = target.with_name(f".{target.name[:40]}-{uuid4().hex[:12]}")
    handle = os.open(other, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield other
    finally:
        other.unlink(missing_ok=True)


def _begin(target: Path, content: bytes) -> bool:
    """Make a new file; False where there is one by now."""
    with _alone(target.parent), _beside(target, content, 0o666) as other:
        if os.path.lexists(target):
            return False
        try:
            os.link(other, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            os.replace(other, target)
        return True


def _refuse(target: Path, facts: os.stat_result) -> None:
    """Raise OSError for a file that can't be given a new text and stay what it is."""
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")
    # Who may do anything, as root, still keeps to what a file says of itself.
    if not facts.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "it is write-protected")
    if facts.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has other names (hard links), which would keep the old text; copy it first")


def _make_like(other: Path, target: Path, facts: os.stat_result) -> None:
    """Give a new file the owner, the permissions and the attributes of the one whose place it takes."""
    now = other.stat()
    if (now.st_uid, now.st_gid) != (facts.st_uid, facts.st_gid):
        try:
            os.chown(other, facts.st_uid, facts.st_gid)
        except OSError:
            raise PermissionError(errno.EPERM, "it belongs to somebody else, and would no longer") from None
    with suppress(OSError, AttributeError):  # systems and disks without such attributes
        for name in os.listxattr(target):
            os.setxattr(other, name, os.getxattr(target, name))
    other.chmod(stat.S_IMODE(facts.st_mode))


def _exchange(target: Path, other: Path, before: bytes, after: bytes) -> bool:
    """Put ``other``, which holds ``after``, in the place of ``target``, if that holds ``before`` and goes on to."""
    if read_regular(target) != before:
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
    if (taken := read_regular(file)) != expected:
        return taken
    time.sleep(_REST)
    return read_regular(file)


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
