"""The frames of the protocol's base layer: headers, an empty line, and so many bytes of JSON.

What is no frame is told and passed over; reading goes on at the next header that says a length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from dreamrunner.files.json import parse

LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes of one message; a longer one is refused."""

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,12})[ \t]*\r?\n?$", re.IGNORECASE)
_HEADER = re.compile(rb"[A-Za-z][A-Za-z-]*[ \t]*:[^\n]*\r?\n?$")
_LONGEST_LINE = 8192


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is no message, and why not."""

    why: str


def messages(stream: BinaryIO) -> Iterator[Any]:
    """What a client sends until it goes: values of JSON, and a :class:`Malformed` for what is none."""
    length: int | None = None
    why, lines, before = "", 0, b""
    while line := stream.readline(_LONGEST_LINE):
        # Of a line that is longer than a header, its end may be one.
        line, before = before + line, b""
        if not line.endswith(b"\n"):
            before, why, lines = line[-128:], "a header is longer than it may be", lines + 1
            continue
        if line.strip():
            lines += 1
            if found := _LENGTH.search(line):
                length = int(found[1])
                why = why or ("" if _LENGTH.match(line) else "something stands before a header")
            elif b"content-length" in line.lower():
                why = "a header's Content-Length is no number of bytes"
            elif not _HEADER.match(line):
                why = why or "a line is no header"
            continue
        if length is not None and length > LARGEST_MESSAGE:
            why, length = f"a message is longer than {LARGEST_MESSAGE:,} bytes", None
        elif length is None and lines:
            why = why or "a header says no Content-Length"
        if why:
            yield Malformed(why)
        if length is not None:
            body = stream.read(length)
            if len(body) < length:
                return
            yield _value(body)
        length, why, lines = None, "", 0


def _value(body: bytes) -> Any:
    try:
        return parse(body)
    except ValueError:
        return Malformed("a message is no JSON")
