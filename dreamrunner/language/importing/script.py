"""What is read of prose, whatever form it was in, before it is written as a story."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Form = Literal["text", "markdown", "fountain"]


@dataclass(frozen=True, slots=True)
class Left:
    """Something that the story does not hold: the line of it, from 1, what it is, and its words."""

    line: int
    what: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that is told, on one line, and the line that it begins on."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Speech:
    """What somebody says, on one line, and the line of the name."""

    who: str
    text: str
    line: int


@dataclass(slots=True)
class Part:
    """What becomes a scene.

    ``heading``: its title; empty where it has none. ``line``: where it begins.
    ``place``: where it is, as a screenplay's heading says. ``time``: when, as "night".
    ``told``: what is told, ``said`` what is said, each in its order.
    ``transition``: how it passes into the next one: a word of the language, or "".
    """

    heading: str
    line: int
    place: str = ""
    time: str = ""
    told: list[Paragraph] = field(default_factory=list)
    said: list[Speech] = field(default_factory=list)
    transition: str = ""

    @property
    def empty(self) -> bool:
        return not self.told and not self.said


@dataclass(slots=True)
class Script:
    """All that was read. ``title`` is empty where there is none; ``left`` is what the story does not hold,
    ``notes`` what else is to be told of how it was read."""

    title: str = ""
    parts: list[Part] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notes: list[Left] = field(default_factory=list)
