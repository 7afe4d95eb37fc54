"""Boxes whose numbers are none of a box: per cent, pixels, commas for points."""

from __future__ import annotations

from typing import Any

from dreamrunner.language.diagnostics import Change
from dreamrunner.language.edits import number
from dreamrunner.language.syntax import BoxNumbers


def meant_box(box: BoxNumbers) -> dict[str, Any]:
    """The help and the fix of a diagnostic of a box, as its arguments; none where the numbers have no other reading."""
    raw = [item.raw for item in box.numbers]
    whole = all(item.isdigit() for item in raw)
    if len(raw) == 8 and whole:
        # Every decimal comma made two numbers of one.
        parts = [f"{left}.{right}" for left, right in zip(raw[::2], raw[1::2], strict=True)]
        return _meant("decimals have a point:", parts, box)
    if len(raw) == 4 and whole and 5 <= max(item.value for item in box.numbers) <= 100:
        parts = [number(item.value / 100) for item in box.numbers]
        advice = "a box counts in parts of the frame, 0 to 1: pixels are divided by its width and height, per cent are"
        return _meant(advice, parts, box)
    return {}


def _meant(advice: str, parts: list[str], box: BoxNumbers) -> dict[str, Any]:
    text = f"[{' '.join(parts)}]"
    return {"help": f"{advice} `{text}`", "fix": [Change(box.location, text)]}
