"""The typeface of subtitles and storyboards, which is the same on every machine."""

from __future__ import annotations

from pathlib import Path

FONT = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
"""DejaVu Sans: Latin with its accents, Greek, Cyrillic, Arabic, Hebrew. Its licence lies beside it."""
