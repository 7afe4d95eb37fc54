"""The name of the checkpoint that a task keeps while it works."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dreamrunner.files.digest import digest_file, digest_json


def checkpoint_key(reads: str, needed: Mapping[str, Path]) -> str:
    """Names all that a task's result depends on, for the checkpoint of its making: ``reads`` is the digest of the
    values that it reads, ``needed`` are its files."""
    return digest_json([reads, {name: digest_file(file) for name, file in needed.items()}])
