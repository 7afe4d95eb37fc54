"""Tables that are text: CSV with whatever separates its cells, lines of JSON, JSON, and lists of lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dreamrunner.datasets.captions import Broken, Row, SourceError, read_row
from dreamrunner.datasets.columns import Columns, columns, renamed, unfolded
from dreamrunner.files.json import parse
from dreamrunner.files.regular import open_regular, read_regular
from dreamrunner.files.wording import reason

LONGEST_ROW = 16_000_000
"""Letters beyond which a line of a table is not a row."""

LARGEST_JSON = 512_000_000
"""Bytes of a JSON file, which is read as a whole; longer ones are written as lines."""

_NOTHING = "NaN"
"""What pandas writes where it has nothing, and Python's own writer of JSON for a number that is none."""

_SEPARATORS = {".tsv": "\t,;|"}
"""What may separate cells, what is tried first standing first."""


def rows_of(cells: Mapping[str, Any], videos: Path, place: str) -> Iterator[Row | Broken]:
    """The clips of a row whose columns have our names."""
    try:
        for clip in unfolded(cells):
            try:
                yield read_row(clip, videos)
            except ValueError as error:
                yield Broken(place, str(error))
    except ValueError as error:
        yield Broken(place, str(error))


def read_csv(path: Path, videos: Path, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    """Rows of a table whose first line names the columns."""
    csv.field_size_limit(LONGEST_ROW)
    with _Text(path) as text:
        own, known, separator = _header(path, text)
        table, before = csv.reader(text.lines(), strict=True, delimiter=separator), text.number
        while True:
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error as error:
                yield Broken(f"line {before + table.line_num}", f"is not CSV ({error})")
                continue
            on_progress(text.done)
            if not cells:
                continue
            place = f"line {before + table.line_num}"
            if len(cells) != len(own):
                yield Broken(place, f"has {len(cells)} cells where the first line has {len(own)}")
                continue
            told = known.told([None if cell.strip().lower() in ("", _NOTHING.lower()) else cell for cell in cells])
            yield from rows_of(told, videos, place)


def read_jsonl(path: Path, videos: Path, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    """Rows that are an object of JSON a line."""
    with _Text(path) as text:
        for line in text.lines():
            place = f"line {text.number}"
            if len(line) == LONGEST_ROW and not line.endswith(("\n", "\r")):
                text.skip_line()
                yield Broken(place, f"is longer than {LONGEST_ROW // 1_000_000} MB")
                continue
            if not line.strip():
                continue
            try:
                line.encode()
                told = renamed(json_object(line))
            except UnicodeEncodeError:
                yield Broken(place, "is not UTF-8")
            except ValueError as error:
                yield Broken(place, str(error))
            else:
                yield from rows_of(told, videos, place)
            on_progress(text.done)


def read_json(path: Path, videos: Path, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    """Rows that are the objects of one list, which may be the only list of an object."""
    found = _list_of(path)
    for number, entry in enumerate(found, 1):
        place = f"entry {number}"
        if not isinstance(entry, dict):
            yield Broken(place, "is not a JSON object")
            continue
        try:
            yield from rows_of(renamed(entry), videos, place)
        except ValueError as error:
            yield Broken(place, str(error))
    on_progress(path.stat().st_size)


def read_lists(prompts: Path, names: Path, videos: Path, on_progress: Callable[[int], None]) -> Iterator[Row | Broken]:
    """Clips whose captions and paths stand in two files, line by line.

    Raises:
        SourceError: one has more lines than the other.
    """
    captions, paths = (_lines_of(file) for file in (prompts, names))
    if len(captions) != len(paths):
        raise SourceError(
            f"{prompts} has {len(captions)} lines and {names} has {len(paths)}: one for each video is needed"
        )
    for number, (caption, path) in enumerate(zip(captions, paths, strict=True), 1):
        yield from rows_of({"caption": caption, "path": path}, videos, f"line {number}")
        on_progress(number)


def unread_in(path: Path, kind: str) -> tuple[str, ...]:
    """The columns of a table that are not read, by their own names; of JSON those of its first row.

    Raises:
        SourceError: it can't be read, or lacks what is needed.
    """
    if kind == "csv":
        with _Text(path) as text:
            own, known, _ = _header(path, text)
            return known.unread(own)
    try:
        if kind == "json":
            first = next(iter(_list_of(path)), None)
            found = first if isinstance(first, dict) else {}
        else:
            with _Text(path) as text:
                found = json_object(next((line for line in text.lines() if line.strip()), "{}"))
        return columns(tuple(found)).unread(tuple(found))
    except ValueError:
        return ()


def json_object(text: str) -> dict[str, Any]:
    """An object of JSON. Raises :class:`ValueError` where it is none."""
    try:
        found = parse(text, blank=_NOTHING)
    except ValueError as error:
        raise ValueError("is not JSON") from error
    if not isinstance(found, dict):
        raise ValueError("is not a JSON object")
    return found


class _Text:
    """A file read by lines, whichever way they end: UTF-16 where its first bytes say so, else UTF-8, in which what is
    none becomes lone surrogates, which no row may contain. ``number`` counts lines, ``done`` bytes."""

    def __init__(self, path: Path) -> None:
        try:
            self.bytes = open_regular(path)
            start = self.bytes.peek(4)
        except (OSError, ValueError) as error:
            raise SourceError(f"{path}: {reason(error) if isinstance(error, OSError) else error}") from error
        encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        self.text = io.TextIOWrapper(
            self.bytes, encoding, errors="surrogateescape" if "8" in encoding else "replace", newline=""
        )
        self.number = 0

    def __enter__(self) -> _Text:
        return self

    def __exit__(self, *_: object) -> None:
        self.text.close()

    @property
    def done(self) -> int:
        return self.bytes.tell()

    def lines(self) -> Iterator[str]:
        while line := self.text.readline(LONGEST_ROW):
            self.number += 1
            yield line

    def skip_line(self) -> None:
        while (rest := self.text.readline(LONGEST_ROW)) and not rest.endswith(("\n", "\r")):
            pass


def _header(path: Path, text: _Text) -> tuple[list[str], Columns, str]:
    """The columns' own names, what they say, and what separates them. The line that Excel takes the separator from is
    passed over."""
    lines = text.lines()
    line = next(lines, "")
    told = line.strip().strip('"')
    separators = _SEPARATORS.get(path.suffix.lower(), ",;\t|")
    if told.lower().startswith("sep=") and len(told) == 5:
        separators, line = told[4], next(lines, "")
    found: list[list[str]] = []
    for separator in separators:
        try:
            own = next(csv.reader([line], strict=True, delimiter=separator), [])
            known = columns(tuple(own))
        except csv.Error:
            continue
        except ValueError as error:
            raise SourceError(f"{path} {error}") from None
        if known.usable:
            return own, known, separator
        found.append(own)
    own = max(found, key=len, default=[])
    told = ", ".join(own)[:200] or "nothing"
    raise SourceError(f"{path}: its first line names no column `caption`, or none of `id`, `path`; it has {told}")


def _list_of(path: Path) -> list[Any]:
    try:
        found = parse(read_regular(path, LARGEST_JSON).decode("utf-8-sig"), blank=_NOTHING)
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "is not UTF-8"
        raise SourceError(f"{path} cannot be read as JSON: {why}") from error
    except ValueError as error:
        raise SourceError(f"{path} is not JSON; a row to a line is .jsonl") from error
    lists = [value for value in found.values() if isinstance(value, list)] if isinstance(found, dict) else [found]
    if len(lists) != 1 or not isinstance(lists[0], list):
        raise SourceError(f"{path} is not a list of rows")
    return lists[0]


def _lines_of(path: Path) -> list[str]:
    """The lines of a text, without blank ones at its end."""
    with _Text(path) as text:
        lines = [line.strip() for line in text.lines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines
