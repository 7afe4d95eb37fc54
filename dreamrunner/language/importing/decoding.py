"""The text of a file of prose, whatever encoding it is in."""

from __future__ import annotations

import codecs
import re

from dreamrunner.files.text import with_line_ends

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


UNKNOWN = "its encoding is not known; name it, as in --encoding cp1251, or save it as UTF-8"
"""Why bytes are no text where nothing tells their encoding."""


class NoText(Exception):
    """Bytes that are no text in the encoding that was asked for, or in any that shows. ``str()`` says why."""


def text_of(raw: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text, its line ends ``\\n``, and the name of the encoding that it was read in.

    Without ``encoding`` a mark in front says which, then UTF-8 is tried, UTF-16 where every other byte of letters is a
    zero, and Windows-1252, which is never certain, where its letters stand as those of Western Europe do.

    Raises:
        NoText: the bytes are none.
    """
    if encoding is not None:
        try:
            text = raw.decode(encoding)
        except LookupError:
            raise NoText(f"there is no encoding {encoding!r}; there are such as utf-8, cp1252, shift_jis") from None
        except (UnicodeError, ValueError) as error:
            raise NoText(f"it is not in {encoding}: {error}") from None
        return _clean(text, encoding)
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return _decoded(raw[len(mark) :], name)
    zeros = raw[:1000].count(0)
    if zeros > len(raw[:1000]) // 4:
        return _decoded(raw, "utf-16-le" if raw[1:1000:2].count(0) * 2 > zeros else "utf-16-be")
    try:
        return _clean(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _windows(raw)


def _windows(raw: bytes) -> tuple[str, str]:
    """Text of Western Europe, whose letters beyond a to z stand alone or in pairs; those of other alphabets don't."""
    text, name = _decoded(raw, "cp1252")
    runs = re.findall(r"[^\x00-\x7f]+", text)
    if sum(len(run) > 2 for run in runs) > len(runs) // 5:
        raise NoText(UNKNOWN)
    return text, name


def _decoded(raw: bytes, name: str) -> tuple[str, str]:
    try:
        return _clean(raw.decode(name), name)
    except UnicodeDecodeError:
        raise NoText(UNKNOWN) from None


def _clean(text: str, name: str) -> tuple[str, str]:
    if "\0" in text:
        raise NoText("it holds zeros: it is no text, such as a document of a word processor; save it as plain text")
    return with_line_ends(text.removeprefix("\ufeff")), name
