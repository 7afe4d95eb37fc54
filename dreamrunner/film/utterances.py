"""What is said in a film: narrations and lines, who says them, and when they are heard.

A scene's narration comes first, then its lines in turn (:func:`~dreamrunner.language.sound.speaking.in_turn`). What is
said may run on into scenes after it in which nothing is: its *room* lasts until the next scene with words, or the
film's end, and what reaches beyond it is cut off, so that every scene's words begin on time.
"""

from __future__ import annotations

from dataclasses import dataclass

from dreamrunner.files.text import one_line
from dreamrunner.film.rates import FILM_RATE
from dreamrunner.film.timeline import film_frames, lay_out
from dreamrunner.film.turns import Lengths, Utterance, begins
from dreamrunner.planning.plan import Plan, PlannedScene


@dataclass(frozen=True, slots=True)
class Place:
    """When something is heard or read: from a frame of the film on, for so many."""

    first: int
    length: int

    @property
    def start(self) -> float:
        """Its first second in the film."""
        return self.first / FILM_RATE

    @property
    def end(self) -> float:
        """The second at which it is over."""
        return (self.first + self.length) / FILM_RATE


def cue_text(text: str) -> str:
    """The text on one line, without what would end a cue early (an arrow) or break a muxer (control characters)."""
    return one_line(text.replace("-->", "\N{RIGHTWARDS ARROW}"))


def said_in(scene: PlannedScene) -> tuple[Utterance, ...]:
    """What is said in a scene: its narration, if it has words, then its lines in the order of the text."""
    found = [Utterance(scene.name, scene.name, told)] if (told := cue_text(scene.narration)) else []
    lines = [(beat, saying) for beat in scene.beats for saying in beat.says if cue_text(saying.text)]
    for number, (beat, saying) in enumerate(lines, 1):
        of = f"{scene.name}/{number}-{beat.entity}"
        found.append(Utterance(of, scene.name, cue_text(saying.text), beat.entity, saying.at, beat.start))
    return tuple(found)


def utterances(plan: Plan) -> tuple[Utterance, ...]:
    """Everything that is said, scene by scene."""
    return tuple(each for scene in plan.scenes for each in said_in(scene))


def has_lines(scene: PlannedScene) -> bool:
    """Whether a character speaks in a scene."""
    return any(beat.says for beat in scene.beats)


def rooms(plan: Plan) -> dict[str, int]:
    """How many film frames what is said in each scene with words may take."""
    shots, after = lay_out(plan), 0
    found: dict[str, int] = {}
    end = film_frames(shots)
    for scene, shot in reversed(list(zip(plan.scenes, shots, strict=True))):
        if said_in(scene):
            found[scene.name] = (after or end) - shot.first
            after = shot.first
    return dict(reversed(found.items()))


def places(plan: Plan, lengths: Lengths) -> dict[str, Place]:
    """When everything is heard that has sound, and read that has none, by :attr:`Utterance.of`.

    A narration that is only read has its whole scene where nobody speaks in it, and is not among them.
    """
    found: dict[str, Place] = {}
    room = rooms(plan)
    for scene, shot in zip(plan.scenes, lay_out(plan), strict=True):
        said = said_in(scene)
        if not has_lines(scene) and scene.name not in lengths:
            continue
        for each, begin in zip(said, begins(said, lengths), strict=True):
            length = lengths[each.of] if each.of in lengths else round(each.seconds * FILM_RATE)
            found[each.of] = Place(shot.first + begin, max(0, min(length, room[scene.name] - begin)))
    return found
