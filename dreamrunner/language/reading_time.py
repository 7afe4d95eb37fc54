"""How long a narration takes to read as subtitles."""

from __future__ import annotations

import math

from dreamrunner.files.letters import columns
from dreamrunner.files.text import one_line

READING_SPEED = 17
"""Letters a second that a viewer reads beside a picture (the usual figure of television). Letters of East Asia, of
which each says more, count as two."""

_SHORTEST = 1.0
_STEPS = 10  # to a second


def reading_seconds(narration: str) -> float:
    """Seconds that a narration takes to read, up to the next tenth and one at least; 0 where it has no words."""
    letters = columns(one_line(narration))
    return max(_SHORTEST, math.ceil(letters * _STEPS / READING_SPEED) / _STEPS) if letters else 0.0
