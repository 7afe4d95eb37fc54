"""A terminal of some size, with a process that writes to it: what a user would see."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
from collections.abc import Callable

import pyte

from tests.material.real_build import Folder


class Terminal:
    """Runs a build in ``folder`` that tells of itself to a terminal of some columns, to its end.

    ``seen`` has every screen on the way that was unlike the one before; ``screen`` is the last, without its empty
    lines.
    """

    def __init__(self, columns: int, rows: int = 24) -> None:
        self.display = pyte.Screen(columns, rows)
        self.seen: list[list[str]] = []

    @property
    def screen(self) -> list[str]:
        return [line.rstrip() for line in self.display.display if line.strip()]

    def run(self, folder: Folder, *arguments: str, at: Callable[[int], None] = lambda _: None) -> tuple[int, str]:
        """``at`` is called after every screen with the process's id. Gives the exit code and what went to standard
        output, where the terminal is not."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", self.display.lines, self.display.columns, 0, 0))
        folder.environment = {**folder.environment, "TERM": "xterm-256color", "COLUMNS": "", "LINES": ""}
        process = folder.start(*arguments, stderr=theirs, stdin=theirs)
        os.close(theirs)
        stream = pyte.ByteStream(self.display)
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            stream.feed(piece)
            if not select.select([ours], [], [], 0.02)[0] and (not self.seen or self.seen[-1] != self.screen):
                self.seen.append(self.screen)
                at(process.pid)
        os.close(ours)
        out, _ = process.communicate()
        return process.returncode, out
