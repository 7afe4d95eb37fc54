"""Places in words: the one table that gives each its box."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dreamrunner.language.parts import Box

# A third of the frame wide, with a margin. Without another word a place holds a standing figure whose feet are on
# the ground near the lower edge; `top-` lifts it into the air, `bottom-` brings it down in front.
_ACROSS = {"left": (0.05, 0.35), "center": (0.35, 0.65), "right": (0.65, 0.95)}
_DOWN = {"": (0.35, 0.92), "top-": (0.05, 0.55), "bottom-": (0.5, 1.0)}

PLACES: Mapping[str, Box] = MappingProxyType(
    {
        **{
            down + across: Box(x0, y0, x1, y1)
            for down, (y0, y1) in _DOWN.items()
            for across, (x0, x1) in _ACROSS.items()
        },
        "top": Box(0.0, 0.0, 1.0, 0.5),
        "bottom": Box(0.0, 0.5, 1.0, 1.0),
        "whole": Box(0.0, 0.0, 1.0, 1.0),
    }
)
"""The box of every place in words, normalized to 0..1."""
