"""The tasks that a spoken narration takes: speaking each scene's, and fitting it to the scene's time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from dreamrunner.engine.graph import Done, Task
from dreamrunner.engine.progress import Progress, Said
from dreamrunner.engine.software import code_digest
from dreamrunner.pipeline.tasks.makers.fit import FitSpeech
from dreamrunner.pipeline.tasks.makers.speak import SpeakScene
from dreamrunner.planning import Plan, PlannedScene

if TYPE_CHECKING:
    from dreamrunner.film.opentimeline import Sound
    from dreamrunner.speech import Voice


def narration_tasks(scenes: Iterable[PlannedScene], plan: Plan, voice: Voice) -> list[Task]:
    """Two tasks for each narrated one of ``scenes``: its text to speech, and that fitted to the film."""
    from dreamrunner.film.subtitles import cue_text, rooms

    room = rooms(plan)
    narrated = {scene.name: cue_text(scene.narration) for scene in scenes if scene.name in room}
    ffmpeg, code = version("imageio-ffmpeg"), code_digest(SpeakScene, type(voice))
    reads = {"voice": voice.reads(), "ffmpeg": ffmpeg, "code": code}
    speak = [
        Task("speak", name, {"text": text} | reads, SpeakScene(text, voice), suffix=".wav", local_only=True, paid=True)
        for name, text in narrated.items()
    ]
    fit = [
        Task(
            "fit", name, {"room": room[name], "ffmpeg": ffmpeg, "code": code_digest(FitSpeech)}, FitSpeech(room[name]),
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
    from dreamrunner.film.sound import is_silent
    from dreamrunner.film.soundtrack import overruns
    from dreamrunner.film.subtitles import rooms

    room = rooms(plan)
    for line in overruns(plan, _lengths(results, "speak"), fitted):
        progress(Said(f"warning: {line}"))
    files = {done.task.of: done.entry.path for done in results.values() if done.task.kind == "fit"}
    return {
        name: Sound(f"scenes/{name}.wav", length, min(length, room[name]), is_silent(files[name]))
        for name, length in fitted.items()
    }


def _lengths(results: Mapping[str, Done], kind: str) -> dict[str, int]:
    found = {done.task.of: done.entry.path for done in results.values() if done.task.kind == kind}
    if not found:
        return {}
    from dreamrunner.film.sound import frames_long

    return {name: frames_long(path) for name, path in found.items()}
