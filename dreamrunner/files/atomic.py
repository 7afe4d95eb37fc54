"""Writing a file whole: whoever opens it, after a crash or a power cut too, finds the old content or the new.

There is one way: what is new is written beside the old under a name of its own, brought to the disk, and takes the old
one's place; then the folder is brought to the disk. Texts that people edit are changed as
:mod:`dreamrunner.files.in_place` does.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FRESH = re.compile(r"\.(?:[^/]+\.)?[0-9a-f]{32}(?:\.\w+)?")
"""The name of a file that is being written, as a whole: what a killed process leaves has such a name."""


_OWNER = 80  # bytes of the target's name in that of what is to take its place


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a fresh path beside ``target``, with its suffix, that takes its place when the block ends well.

    A file that was there keeps its permissions. Where the block fails, or leaves no file, nothing changes.

    Raises:
        OSError: the folder is not there or can't be written, or its disk is full.
    """
    # It begins as the target's name does, so that what a killed process leaves can be told by its owner.
    owner = os.fsencode(target.stem)[:_OWNER].decode(errors="ignore")
    fresh = target.with_name(f".{owner}.{os.urandom(16).hex()}{target.suffix}")
    try:
        yield fresh
        if not fresh.exists():
            return
        with suppress(FileNotFoundError):
            shutil.copymode(target, fresh)
        take_place(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)


def take_place(fresh: Path, target: Path) -> None:
    """Bring the file ``fresh`` to the disk and put it at ``target``, in the same file system, over what is there.

    Raises:
        OSError: the folder of ``target`` can't be written.
    """
    _sync(fresh)
    fresh.replace(target)
    with suppress(OSError):  # some file systems can't bring a folder to the disk by itself
        _sync(target.parent)


def write_whole(target: Path, content: bytes) -> None:
    """Put ``content`` at ``target`` as :func:`replacing` does; its folder is made where there is none.

    Raises:
        OSError: as :func:`replacing`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as fresh:
        fresh.write_bytes(content)


def _sync(path: Path) -> None:
    """Bring a file's or folder's content to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
