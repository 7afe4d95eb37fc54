"""When each scene is on screen in the joined film: pure values, counted in frames of the film.

How times add up:

* The film runs at :data:`~dreamrunner.film.rates.FILM_RATE` frames a second. A scene takes its duration, rounded to
  whole frames.
* A ``cut`` takes no time.
* A ``fade`` goes through black and adds no time: the last half of its seconds darkens the end of one scene's own time,
  the other half lightens the beginning of the next. A fade after the last scene ends the film in black.
* A ``dissolve`` shows both scenes at once: the next scene begins that much earlier, so the film gets shorter by it.
* No transition reaches beyond the middle of a scene, so that one that is longer than its scenes is cut short, and the
  transitions before and after a scene never meet.
"""

from __future__ import annotations

from dataclasses import dataclass

from dreamrunner.film.rates import FILM_RATE
from dreamrunner.planning.plan import Plan, PlannedScene


@dataclass(frozen=True, slots=True)
class Shot:
    """One scene's place in the film.

    ``first`` and ``length`` are film frames; ``fade_in``, ``fade_out`` and ``dissolve`` (over the end of the shot
    before) are lengths in film frames, 0 where there is none.
    """

    scene: str
    first: int
    length: int
    fade_in: int = 0
    fade_out: int = 0
    dissolve: int = 0

    @property
    def start(self) -> float:
        """Seconds from the start of the film to the first frame of the scene."""
        return self.first / FILM_RATE

    @property
    def end(self) -> float:
        """Seconds from the start of the film to the end of the scene's last frame."""
        return (self.first + self.length) / FILM_RATE


def lay_out(plan: Plan) -> tuple[Shot, ...]:
    """Lay the scenes of ``plan`` out in the film, in order."""
    shots: list[Shot] = []
    before: PlannedScene | None = None
    for scene in plan.scenes:
        length = max(1, round(scene.duration * FILM_RATE))
        fade_in = dissolve = 0
        if before is not None and before.transition.kind == "fade":
            fade_in = _half_at_most(before.transition.seconds / 2, length)
        if before is not None and before.transition.kind == "dissolve":
            dissolve = _half_at_most(before.transition.seconds, min(length, shots[-1].length))
        fade_out = _half_at_most(scene.transition.seconds / 2, length) if scene.transition.kind == "fade" else 0
        first = shots[-1].first + shots[-1].length - dissolve if shots else 0
        shots.append(Shot(scene.name, first, length, fade_in, fade_out, dissolve))
        before = scene
    return tuple(shots)


@dataclass(frozen=True, slots=True)
class Part:
    """What a scene contributes to the film: the first ``length`` frames of its ``shot``, the end of the shot ``before``
    mixed in where that dissolves into it. The parts of all scenes end to end are the film."""

    shot: Shot
    length: int
    before: Shot | None

    @property
    def end(self) -> float:
        """Seconds from the start of the film to the end of the part."""
        return (self.shot.first + self.length) / FILM_RATE


def part_of(plan: Plan, scene: str) -> Part:
    """What ``scene`` contributes. Raises ``ValueError`` where the plan has no such scene."""
    shots = lay_out(plan)
    at = [shot.scene for shot in shots].index(scene)
    shot, following = shots[at], shots[at + 1 : at + 2]
    length = shot.length - sum(after.dissolve for after in following)
    return Part(shot, length, shots[at - 1] if shot.dissolve else None)


def film_frames(shots: tuple[Shot, ...]) -> int:
    """Count the frames of the film that ``shots`` make up."""
    return shots[-1].first + shots[-1].length if shots else 0


def _half_at_most(seconds: float, length: int) -> int:
    return min(round(seconds * FILM_RATE), length // 2)
