"""Opening files that somebody named: regular ones alone, through links too.

A pipe keeps its reader waiting, a device may have no end, a socket can't be read. None of them is opened.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from io import BufferedReader

_WHAT = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class NotAFile(OSError):
    """What is neither a regular file nor a folder: a pipe, a device, a socket or a link that leads back to itself, as
    its reason (``strerror``) says."""


def require_regular(path: str | os.PathLike[str]) -> os.stat_result:
    """What the system knows of a regular file: to be asked before a library opens a path by itself.

    Raises:
        FileNotFoundError: nothing is there.
        IsADirectoryError: a folder is there.
        NotAFile: a pipe, device or socket is there, or a link that leads back to itself.
        OSError: nobody may look.
        ValueError: a path with a zero byte.
    """
    try:
        found = os.stat(path)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise NotAFile(errno.ELOOP, "it is a link that leads back to itself", os.fspath(path)) from None
    _check(found.st_mode, path)
    return found


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """A regular file opened for reading its bytes.

    Raises:
        FileNotFoundError, IsADirectoryError, NotAFile, OSError, ValueError: as :func:`require_regular`.
    """
    require_regular(path)
    # What stands there may be another thing by now: not to wait for a pipe's writer, and to look again, is for that.
    handle = os.open(path, os.O_RDONLY | _WITHOUT_WAITING)
    try:
        _check(os.fstat(handle).st_mode, path)
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def read_regular(path: str | os.PathLike[str], most: int | None = None) -> bytes:
    """The bytes of a regular file.

    Raises:
        FileNotFoundError, IsADirectoryError, NotAFile, OSError, ValueError: as :func:`require_regular`; OSError with
            EFBIG where it has more than ``most`` bytes, of which no more than that are read.
    """
    with open_regular(path) as file:
        if most is None:
            return file.read()
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is longer than {most:,} bytes", os.fspath(path))
    return content


def append_regular(path: str | os.PathLike[str], content: bytes) -> None:
    """Add bytes to the end of a regular file, which is made where there is none.

    Raises:
        IsADirectoryError, NotAFile, OSError, ValueError: as :func:`require_regular`, or its disk is full.
    """
    with suppress(FileNotFoundError):
        require_regular(path)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _WITHOUT_WAITING, 0o666)
    with os.fdopen(handle, "ab") as file:
        _check(os.fstat(handle).st_mode, path)
        file.write(content)


def _check(mode: int, path: str | os.PathLike[str]) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(mode):
        what = _WHAT.get(stat.S_IFMT(mode), "something else")
        raise NotAFile(errno.EINVAL, f"it is {what}, not a file", os.fspath(path))
