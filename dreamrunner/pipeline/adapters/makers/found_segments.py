"""Reading what a search wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dreamrunner.files.json import parse
from dreamrunner.files.regular import read_regular


def found_segments(result: Path) -> list[dict[str, Any]]:
    """What a search's task wrote down: the facts of each segment but for where its video lies."""
    found: list[dict[str, Any]] = parse(read_regular(result))["segments"]
    return found
