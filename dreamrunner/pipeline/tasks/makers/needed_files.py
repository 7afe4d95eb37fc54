"""Telling apart the files that a task needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def files_of(kind: str, needed: Mapping[str, Path]) -> dict[str, Path]:
    """The files of one kind of task, by what they are for."""
    return {name.removeprefix(f"{kind} "): file for name, file in needed.items() if name.startswith(f"{kind} ")}
