"""How messages count things and say why the system could not do something. No result depends on it."""

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
