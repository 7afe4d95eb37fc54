"""A row of a source: what somebody wrote of a clip, checked word by word."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from dreamrunner.files.text import one_line, printable_line, shortened

VIDEOS = frozenset(
    {"3gp", "asf", "avi", "flv", "gif", "m4v", "mjpeg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogg", "ogv", "ts"}
    | {"webm", "wmv", "3g2", "divx", "dv", "f4v", "m2ts", "m2v", "mxf", "vob"}
)
"""Endings of the files of a folder that are taken for videos."""

LONGEST_CAPTION = 4_000
"""Letters of a caption that are kept; nobody describes a clip of some seconds at greater length."""

_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")
_WITH_COMMA = re.compile(r"\d+,\d{1,2}")
"""A number with a decimal comma; before three digits it could be one of thousands."""
_PAGE = re.compile(r"https?://(?:www\.|m\.)?(?:youtube\.com/watch\?v=([\w-]{11})|youtu\.be/([\w-]{11}))(?:[&?#].*)?")
_SIZE = re.compile(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})")


class SourceError(Exception):
    """A source that cannot be read. Its text is one line: what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A clip as its source tells it.

    ``video`` is a path below the folder of videos, with ``/``; or with ``by_id`` a file's name without its ending.
    ``start`` and ``end`` are seconds, ``end`` the video's own when ``None``. ``width`` and ``height`` (pixels) and
    ``rate`` (frames a second) are ``None`` when the source does not say. ``stamp`` is whatever else changes when the
    video does, for a file that lies here: its size and time.
    """

    video: str
    by_id: bool
    start: float
    end: float | None
    caption: str
    width: int | None = None
    height: int | None = None
    rate: float | None = None
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be used: where it stands and why, each one line."""

    place: str
    why: str


def read_row(told: Mapping[str, Any], videos: Path) -> Row:
    """Check what a row tells, under our names. Raises :class:`ValueError` that says what is wrong with it."""
    caption = caption_of(told)
    rate = _number(told.get("rate"), "rate")
    if rate is not None and not 0 < rate <= 1000:
        raise ValueError(f"has a rate of {rate:g} frames a second")
    start, end = (_moment(told, name, rate) for name in ("start", "end"))
    if end is not None and end <= (start or 0.0):
        raise ValueError(f"ends at {end:g} s, before it starts")
    width, height = _whole(told.get("width"), "width"), _whole(told.get("height"), "height")
    if (size := told.get("size")) is not None and width is None:
        found = _SIZE.fullmatch(size.strip()) if isinstance(size, str) else None
        if isinstance(size, Mapping):
            width, height = _whole(size.get("width"), "width"), _whole(size.get("height"), "height")
        elif isinstance(size, (list, tuple)) and len(size) == 2:
            width, height = _whole(size[0], "width"), _whole(size[1], "height")
        elif found and int(found[1]) and int(found[2]):
            width, height = int(found[1]), int(found[2])
    video, by_id, stamp = _video(told, videos)
    return Row(video, by_id, start or 0.0, end, caption, width, height, rate, stamp)


def caption_of(told: Mapping[str, Any]) -> str:
    """The caption among a row's values, on one line. Raises :class:`ValueError` where it is none that can be used."""
    caption = told.get("caption")
    if not isinstance(caption, str):
        raise ValueError("has no caption" if caption is None else "has a caption that is not text")
    caption = caption[: 4 * LONGEST_CAPTION]
    if not _encodable(caption):
        raise ValueError("has a caption that is not UTF-8")
    caption = one_line(caption)[:LONGEST_CAPTION].strip()
    if not caption:
        raise ValueError("has an empty caption")
    return caption


def _video(told: Mapping[str, Any], videos: Path) -> tuple[str, bool, str]:
    path = told.get("path")
    if path is None:
        name = told.get("id")
        if isinstance(name, (int, float)) and not isinstance(name, bool):
            name = f"{name:.0f}" if name == name // 1 else str(name)
        if not isinstance(name, str):
            raise ValueError("has neither id nor path")
        name = _plain_id(name)
        if not _ID.fullmatch(name):
            raise ValueError("has an id with other characters than letters, digits, _ - .")
        return name, True, ""
    if not isinstance(path, str) or not path or "\0" in path or not _encodable(path):
        raise ValueError("has a path that is not one")
    if os.path.isabs(path):
        path = os.path.relpath(path, videos)
    path = os.path.normpath(path).replace(os.sep, "/")
    within(videos, path)
    try:
        found = os.stat(videos / path)
    except OSError as error:
        raise ValueError(f"{shown(path)}: there is no such video") from error
    return path, False, f"{found.st_size} {found.st_mtime_ns}"


def _plain_id(name: str) -> str:
    """An id without what else may stand with it: the ending of a file, the ``.0`` of a number, a page's address."""
    if page := _PAGE.fullmatch(name):
        return page[1] or page[2]
    stem, dot, ending = name.rpartition(".")
    return stem if dot and (ending.lower() in VIDEOS or (ending == "0" and stem.isdigit())) else name


def within(folder: Path, path: str) -> None:
    """Raises :class:`ValueError` when a path below a folder leads out of it, by its words or by links."""
    if path.split("/", 1)[0] == ".." or os.path.isabs(path):
        raise ValueError(f"{shown(path)} leaves the folder of videos")
    top, _, name = path.rpartition("/")
    real = _real(str(folder), top)
    if real is not None and os.path.islink(os.path.join(real, name)):
        real = os.path.realpath(os.path.join(real, name))
        real = real if real.startswith(os.path.join(os.path.realpath(folder), "")) else None
    if real is None:
        raise ValueError(f"{shown(path)} is a link that leaves the folder of videos")


@lru_cache(maxsize=4096)
def _real(folder: str, below: str) -> str | None:
    whole, place = os.path.realpath(folder), os.path.realpath(os.path.join(folder, below))
    return place if place == whole or place.startswith(os.path.join(whole, "")) else None


def _moment(told: Mapping[str, Any], name: str, rate: float | None) -> float | None:
    """A start or an end in seconds, in whatever unit it is written."""
    if (ms := told.get(f"{name}_ms")) is not None:
        number = _number(ms, name)
        return None if number is None else _seconds(number / 1000, name)
    if (frame := told.get(f"{name}_frame")) is not None:
        number = _number(frame, name)
        if rate is None:
            raise ValueError(f"has {_a(name)} as a frame, but no rate: a column `fps` is needed")
        return None if number is None else _seconds(number / rate, name)
    return _seconds(told.get(name), name)


def _seconds(told: Any, name: str) -> float | None:
    """A number of seconds, or a time such as 00:05:15.714."""
    if isinstance(told, timedelta):
        told = told.total_seconds()
    if isinstance(told, time):
        told = told.isoformat()
    if isinstance(told, str) and (clock := _CLOCK.fullmatch(told.strip())):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3].replace(",", "."))
    seconds = _number(told, name)
    if seconds is not None and not 0 <= seconds < 1e7:
        raise ValueError(f"has {_a(name)} of {seconds:g} s")
    return seconds


def _whole(told: Any, name: str) -> int | None:
    number = _number(told, name)
    if number is not None and (number != int(number) or not 0 < number < 100_000):
        raise ValueError(f"has a {name} of {number:g}")
    return None if number is None else int(number)


def _number(told: Any, name: str) -> float | None:
    if told is None:
        return None
    if isinstance(told, str) and _WITH_COMMA.fullmatch(told.strip()):
        told = told.replace(",", ".")
    try:
        number = float(told) if not isinstance(told, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"has {_a(name)} that is not a number")
    return number


def _a(name: str) -> str:
    return f"an {name}" if name == "end" else f"a {name}"


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(text: str) -> str:
    """A name from a stranger, fit for a terminal: no control characters, not too long."""
    return shortened(printable_line(text), 80)
