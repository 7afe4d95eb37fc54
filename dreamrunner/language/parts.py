"""What a story and its plan have in common: boxes at times, and how scenes pass into one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, top-left (x0, y0), bottom-right (x1, y1): the frame is 0..1, and beyond that nothing is filmed."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A box at a time, in seconds from the start of the scene."""

    at: float
    box: Box


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody says, and when, in seconds from the start of the scene; None: in its turn."""

    text: str
    at: float | None = None


TransitionKind = Literal["cut", "fade", "dissolve"]
TRANSITIONS: tuple[TransitionKind, ...] = get_args(TransitionKind)


@dataclass(frozen=True, slots=True)
class Transition:
    """How a scene passes into the next one. A cut takes 0 seconds."""

    kind: TransitionKind = "cut"
    seconds: float = 0.0


CUT = Transition()
"""How a scene passes into the next one unless the story says."""
