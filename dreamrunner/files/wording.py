"""How messages count things, tell times and sizes, and say why the system could not do something. No result depends on
it."""

from __future__ import annotations

import errno

NO_SPACE = "no space is left on the disk"
NO_MEMORY = "there is not enough memory"
_FULL = (NO_SPACE, "no space left on", "disk is full", "disk quota exceeded")


def counted(count: int, one: str, several: str = "") -> str:
    """So many of something: "1 file", "2 files", "1 try", "2 tries"; ``several`` where it is not ``one`` with an s."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def reason(error: BaseException) -> str:
    """Why the system could not do something, without the file's name: "no such file or directory"."""
    if disk_is_full(error):
        return NO_SPACE
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return str(getattr(error, "strerror", None) or error).lower()


def disk_is_full(error: BaseException) -> bool:
    """Whether a full disk or a used-up quota is behind an error, be it in the words of another program."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(words in str(cause).lower() for words in _FULL):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def clock(seconds: float) -> str:
    """Seconds for people: ``0.4 s``, ``12 s``, ``1:43``, ``1:02:03``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """Bytes for people: ``12 KB``, ``3.4 GB``."""
    value, unit = float(count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "bytes" or value >= 10 else f"{value:.1f} {unit}"
