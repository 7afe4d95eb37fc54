"""Standard input, output and error as a command finds them: closed, full, or in an encoding that lacks letters.

A report never ends the work: standard error that can't be written is written to no more. What was asked for on
standard output and can't be written is said. Letters that an encoding lacks are escaped.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from dreamrunner.cli.exits import READER_GONE
from dreamrunner.files.wording import reason

_NAMES = ("stdin", "stdout", "stderr")


class UnwritableOutput(Exception):
    """Standard output can't be written."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output can't be written: {reason(error)}")


class _Giving(io.TextIOWrapper):
    """Standard output. Raises UnwritableOutput, or BrokenPipeError where nobody reads any more."""

    def write(self, text: str) -> int:
        if not text:  # else Python writes no bytes, which a full disk refuses
            return 0
        with giving():
            return super().write(text)

    def flush(self) -> None:
        with giving():
            super().flush()


class _Telling(io.TextIOWrapper):
    """Standard error. What can't be written is lost, unless nobody reads any more: that ends the command."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            raise
        except OSError:
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            raise
        except OSError:
            pass


def prepare() -> None:
    """Make the three streams of this process such that they can be used without care."""
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(number))
    for name, kind in (("stdout", _Giving), ("stderr", _Telling)):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper):
            continue
        stream.reconfigure(errors="backslashreplace")
        if stream is getattr(sys, f"__{name}__"):
            more = {"encoding": stream.encoding, "errors": stream.errors, "line_buffering": stream.line_buffering}
            setattr(sys, name, kind(stream.buffer, **more))


def flush() -> None:
    """Write out what is still in hand. Raises UnwritableOutput, or BrokenPipeError where nobody reads any more."""
    sys.stdout.flush()
    sys.stderr.flush()


def give_up() -> None:
    """Standard output can't be written: write to it no more."""
    _silence(sys.stdout)


@contextmanager
def giving() -> Iterator[None]:
    """What is written meanwhile goes to standard output. Raises UnwritableOutput for an OSError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnwritableOutput(error) from error


def reader_gone() -> int:
    """The reader of our output has gone; returns the exit code."""
    _silence(sys.stdout)
    _silence(sys.stderr)
    return READER_GONE


def _silence(stream: TextIO) -> None:
    # Python would complain once more when it flushes at exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _nowhere(number: int) -> Any:
    """Stands for a stream that is closed, under its number, so that no file of ours gets that and is written to."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        os.fstat(number)
    except OSError:
        os.dup2(nowhere, number)
        os.close(nowhere)
        nowhere = number
    return open(nowhere, "r" if number == 0 else "w", encoding="utf-8", closefd=False)
