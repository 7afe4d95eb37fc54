"""What is said in one scene, and when each of it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dreamrunner.files.text import in_words
from dreamrunner.film.rates import FILM_RATE
from dreamrunner.film.sound import FASTEST
from dreamrunner.language.reading_time import reading_seconds
from dreamrunner.language.sound.speaking import Turn, in_turn, speaking_seconds

_STEPS = 25  # of tempo, from the voice's own to the fastest

Lengths = Mapping[str, int]
"""How many film frames each speech lasts, by :attr:`Utterance.of`; 0 of one that is silent."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something that is said.

    ``of``: what tasks and files call it: a scene's name for its narration, ``kitchen/2-cat`` for its second line.
    ``scene``: the scene's name.
    ``text``: its words, on one line.
    ``speaker``: the character's name; empty for the narrator.
    ``at``: when it is due, in seconds from the start of the scene; None: in its turn.
    ``since``: when its beat begins.
    """

    of: str
    scene: str
    text: str
    speaker: str = ""
    at: float | None = None
    since: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it takes, about: a narration to read, a line to say."""
        return speaking_seconds(self.text) if self.speaker else reading_seconds(self.text)

    @property
    def called(self) -> str:
        """The speaker's name as it is read: ``old-witch`` is "Old witch"; empty for the narrator."""
        name = in_words(self.speaker)
        return name[:1].upper() + name[1:]


def begins(said: tuple[Utterance, ...], lengths: Lengths, tempo: float = 1.0) -> tuple[int, ...]:
    """When each of what is said in one scene begins, in film frames from its start, where it is spoken ``tempo`` times
    faster; what has no sound takes the time that readers need."""
    return tuple(round(begin * FILM_RATE) for begin in in_turn(_turns(said, lengths, tempo)))


def ends(said: tuple[Utterance, ...], lengths: Lengths, tempo: float = 1.0) -> int:
    """When all of what is said in a scene and has sound is over, in film frames from the scene's start."""
    over = [
        begin + round(lengths[each.of] / tempo)
        for each, begin in zip(said, begins(said, lengths, tempo), strict=True)
        if lengths.get(each.of)
    ]
    return max(over, default=0)


def _turns(said: tuple[Utterance, ...], lengths: Lengths, tempo: float) -> list[Turn]:
    return [
        Turn(lengths[each.of] / FILM_RATE / tempo if each.of in lengths else each.seconds, each.at, each.since)
        for each in said
    ]


def tempo_of(said: tuple[Utterance, ...], lengths: Lengths, room: int) -> float:
    """How many times faster what is said in a scene has to be spoken to be over within ``room`` film frames, as far as
    that may be."""
    steps = (1 + (FASTEST - 1) * step / _STEPS for step in range(_STEPS))
    return next((tempo for tempo in steps if ends(said, lengths, tempo) <= room), FASTEST)
