"""What is said in a scene: how long it takes, and when each line of it is due."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dreamrunner.files.letters import columns
from dreamrunner.files.text import one_line

SPEAKING_SPEED = 17
"""Letters a second that voices say, as they are counted for readers: between those of Piper and espeak-ng (18 to 21 as
measured) and those of slower ones."""

BREATH = 0.3
"""Seconds that every line takes besides: voices begin and end with some silence."""

PAUSE = 0.25
"""Seconds of silence between two lines."""

_STEPS = 10  # to a second


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that is said: how many ``seconds`` it takes, when it is due (None: in its turn), and since when its
    beat lasts."""

    seconds: float
    at: float | None = None
    since: float = 0.0


def speaking_seconds(text: str) -> float:
    """Seconds that a text takes to say, about, up to the next tenth; 0 without a word."""
    letters = columns(one_line(text))
    return math.ceil((letters / SPEAKING_SPEED + BREATH) * _STEPS) / _STEPS if letters else 0.0


def in_turn(turns: Sequence[Turn]) -> tuple[float, ...]:
    """When each of ``turns``, in the order of the text, begins, in seconds from the start of their scene.

    One that is due at a time begins then. Each of the others begins as soon as its beat has begun, the one before it is
    over, and no line that is due at a time is said meanwhile.
    """
    due = sorted((turn.at, turn.at + turn.seconds) for turn in turns if turn.at is not None and turn.seconds)
    begins: list[float] = []
    free = 0.0
    for turn in turns:
        begin = turn.at
        if begin is None:
            begin = max(free, turn.since)
            for start, end in due:
                if begin < end + PAUSE and start < begin + turn.seconds + PAUSE:
                    begin = end + PAUSE
        begins.append(begin)
        if turn.seconds:
            free = max(free, begin + turn.seconds + PAUSE)
    return tuple(begins)
