"""Why a voice does not speak."""

from __future__ import annotations


class VoiceError(Exception):
    """There is no such voice, or it does not speak. ``str()`` is one line: what is wrong, and what to do."""
