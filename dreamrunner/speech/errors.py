"""Why a voice does not speak."""

from __future__ import annotations

from pathlib import Path


class VoiceError(Exception):
    """There is no such voice, or it does not speak. ``str()`` is one line: what is wrong, and what to do."""


def settings(file: Path) -> Path:
    """Where a Piper voice's settings lie."""
    return file.with_name(f"{file.name}.json")
