"""Reading what a search wrote down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dreamrunner.files.regular import read_regular


def found_segments(result: Path) -> list[dict[str, Any]]:
    """What a search's task wrote down: the facts of each segment but for where its video lies."""
    found: list[dict[str, Any]] = json.loads(read_regular(result))["segments"]
    return found
