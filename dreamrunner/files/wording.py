"""How messages count things and say why the system could not do something. No result depends on it."""

from __future__ import annotations


def counted(count: int, one: str, several: str = "") -> str:
    """So many of something: "1 file", "2 files", "1 try", "2 tries"; ``several`` where it is not ``one`` with an s."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def reason(error: OSError) -> str:
    """Why the system could not do something: "no such file or directory"."""
    return (error.strerror or str(error)).lower()
