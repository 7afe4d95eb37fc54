"""Plans as the paper's authors published theirs for T2V-CompBench: JSON lines of ``[video name, plan text]``.

The text is ``Background: ...`` and a line ``Frame_1: [["entity", "motion", "description"], [x0, y0, x1, y1]], ...`` for
each key frame, inside one more pair of quotes, with real or escaped line breaks.
"""

from __future__ import annotations

import ast
import json
import math
import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from dreamrunner.files.json import parse

_FRAME = re.compile(r"^[ \t]*Frame[_ ]?(\d+)[ \t]*:[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)
_BACKGROUND = re.compile(
    r"^[\s\ufeff\"'`*#]*Background[ \t*]*[:\uff1a][ \t*]*(.*?)(?=^[ \t]*Frame[_ ]?\d+[ \t]*:|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_ON_THE_SAME_LINE = re.compile(
    r"[ \t]*(?=\bFrame[_ ]?\d+[ \t]*:[ \t]*(?:\[|none\b|$|Frame))", re.IGNORECASE | re.MULTILINE
)
_LONGEST = 600
"""Key frames of a plan at most: a number above is a slip, not a ten-minute scene."""


class PublishedError(ValueError):
    """A row that is no plan. Its text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entity in one key frame, as it stands in the text; ``box`` may be anything that four numbers can be."""

    entity: str
    motion: str
    description: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """One plan: ``frames`` are its key frames by their numbers, from 1; an empty one, or one left out, is ``()``."""

    video: str
    background: str
    frames: tuple[tuple[Item, ...], ...]


def read_row(line: str) -> PublishedPlan:
    """Read one line of a file of plans.

    Raises:
        PublishedError: it is no such row.
    """
    try:
        row = parse(line)
    except ValueError as error:
        raise PublishedError(f"not JSON ({error})") from error
    if not (isinstance(row, list) and len(row) == 2 and all(isinstance(part, str) for part in row)):
        raise PublishedError("not a pair of a video's name and a plan's text")
    video, text = row
    text = _unquoted(text)
    background = _BACKGROUND.search(text)
    if background is None:
        raise PublishedError("the plan has no `Background:`")
    found: dict[int, tuple[Item, ...]] = {}
    for match in _FRAME.finditer(text):
        number = int(match[1])
        if not 1 <= number <= _LONGEST:
            raise PublishedError(f"there is no key frame {number}")
        if number in found:
            raise PublishedError(f"key frame {number} stands there twice")
        found[number] = tuple(_item(number, part) for part in _parts(number, match[2]))
    if not found:
        raise PublishedError("the plan has no key frame")
    if not any(found.values()):
        raise PublishedError("there is nothing in any key frame")
    frames = tuple(found.get(number, ()) for number in range(1, max(found) + 1))
    return PublishedPlan(video, " ".join(background[1].split()), frames)


def write_row(plan: PublishedPlan) -> str:
    """Write one line, without its end, in the form of the published files."""
    lines = [f"Background:{plan.background}"]
    for number, items in enumerate(plan.frames, 1):
        shown = [
            json.dumps([[item.entity, item.motion, item.description], list(item.box)], ensure_ascii=False)
            for item in items
        ]
        lines.append(f"Frame_{number}: {', '.join(shown)}".rstrip())
    body = "\n".join(lines)
    return json.dumps([plan.video, f'"{body}"'])


def _unquoted(text: str) -> str:
    text = text.strip().lstrip("\ufeff")
    if text[:1] in ('"', "'"):
        # Where the text broke off, or a sentence follows it, there is no closing quote.
        text = text[1:].removesuffix(text[0])
    if "\n" not in text and "\\n" in text:
        # Escaped once more than the others.
        text = text.replace("\\r", "").replace("\\n", "\n").replace('\\"', '"')
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ON_THE_SAME_LINE.sub("\n", text)


def _parts(number: int, text: str) -> list[Any]:
    text = text.strip().rstrip(",;")
    if text.lower() in ("", "none", "[]", "[[]]"):
        return []
    for read in (parse, ast.literal_eval):
        try:
            parts = read(f"[{text}]")
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        # Some wrap the whole frame in one more list.
        if len(parts) == 1 and isinstance(parts[0], list) and parts[0] and _is_item(parts[0][0]):
            parts = parts[0]
        return [part for part in parts if part != []]
    raise PublishedError(f"key frame {number} can't be read: {_short(text)}")


def _is_item(part: object) -> TypeGuard[list[list[Any]]]:
    return isinstance(part, list) and len(part) == 2 and isinstance(part[0], list) and isinstance(part[1], list)


def _item(number: int, part: object) -> Item:
    if not _is_item(part) or len(part[0]) != 3 or len(part[1]) != 4:
        raise PublishedError(f"key frame {number} holds {_short(str(part))}, not three texts and a box")
    entity, motion, description = ("" if text is None else str(text).strip() for text in part[0])
    try:
        x0, y0, x1, y1 = (float(edge) for edge in part[1])
    except (TypeError, ValueError) as error:
        raise PublishedError(f"key frame {number}: {_short(str(part[1]))} is no box") from error
    box = x0, y0, x1, y1
    if not all(map(math.isfinite, box)):
        raise PublishedError(f"key frame {number}: {_short(str(part[1]))} is no box")
    return Item(entity, motion, description, box)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
