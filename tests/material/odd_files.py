"""What is no regular file, to stand where one is expected; and a watch over what may wait for it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def bind(path: Path) -> None:
    """A socket at ``path``, however long that is."""
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(f"/proc/self/fd/{handle}/{path.name}")
    finally:
        os.close(handle)


ODD: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "socket": bind,
    "folder": Path.mkdir,
}
"""How each is made."""


@contextmanager
def ending_within(seconds: int) -> Iterator[None]:
    """Fail, rather than wait for ever, where something is still going on after so long."""

    def late(*_: object) -> None:
        raise AssertionError(f"still going on after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
