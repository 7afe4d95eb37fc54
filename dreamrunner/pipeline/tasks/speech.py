"""The tasks that a spoken narration takes: speaking each scene's, and fitting it to the scene's time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.engine.graph import Advance, Done, Task
from dreamrunner.engine.progress import Progress, Said
from dreamrunner.engine.software import code_digest
from dreamrunner.planning import Plan, PlannedScene

if TYPE_CHECKING:
    from dreamrunner.film.opentimeline import Sound
    from dreamrunner.speech import Voice


@dataclass(frozen=True)
class SpeakScene:
    """Makes a scene's speech from its narration."""

    text: str
    voice: Voice

    def __call__(self, _: Mapping[str, Path], path: Path, advance: Advance) -> None:
        self.voice(self.text, path)


@dataclass(frozen=True)
class FitSpeech:
    """Makes a scene's speech no longer than ``room`` film frames, as far as it may get faster."""

    room: int

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film.soundtrack import fit

        (speech,) = needed.values()
        fit(speech, self.room, path)


def narration_tasks(scenes: Iterable[PlannedScene], plan: Plan, voice: Voice) -> list[Task]:
    """Two tasks for each narrated one of ``scenes``: its text to speech, and that fitted to the film."""
    from dreamrunner.film.subtitles import printable, rooms

    room = rooms(plan)
    narrated = {scene.name: printable(scene.narration) for scene in scenes if scene.name in room}
    ffmpeg, code = version("imageio-ffmpeg"), code_digest("speech")
    reads = {"voice": voice.reads(), "ffmpeg": ffmpeg, "code": code}
    speak = [
        Task("speak", name, {"text": text} | reads, SpeakScene(text, voice), suffix=".wav", at_home=True)
        for name, text in narrated.items()
    ]
    fit = [
        Task(
            "fit", name, {"room": room[name], "ffmpeg": ffmpeg, "code": code_digest("film")}, FitSpeech(room[name]),
            (f"speak {name}",), ".wav",
        )
        for name in narrated
    ]  # fmt: skip
    return [*speak, *fit]


def sounds_heard(plan: Plan, results: Mapping[str, Done], progress: Progress) -> dict[str, Sound]:
    """The speech that a build delivers, by scene; tells ``progress`` where it does not fit."""
    fitted = _lengths(results, "fit")
    if not fitted:
        return {}
    from dreamrunner.film.opentimeline import Sound
    from dreamrunner.film.soundtrack import overruns
    from dreamrunner.film.subtitles import rooms

    room = rooms(plan)
    for line in overruns(plan, _lengths(results, "speak"), fitted):
        progress(Said(f"warning: {line}"))
    return {name: Sound(f"scenes/{name}.wav", length, min(length, room[name])) for name, length in fitted.items()}


def _lengths(results: Mapping[str, Done], kind: str) -> dict[str, int]:
    found = {done.task.of: done.entry.path for done in results.values() if done.task.kind == kind}
    if not found:
        return {}
    from dreamrunner.film.soundtrack import frames_long

    return {name: frames_long(path) for name, path in found.items()}
