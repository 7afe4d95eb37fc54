"""The tasks that a film's sound takes: speaking what is said, fitting it to its time, and laying music under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dreamrunner.engine.graph import Done, Task
from dreamrunner.engine.progress import Progress, Said
from dreamrunner.engine.software import code_digest
from dreamrunner.files.digest import digest_file
from dreamrunner.language import Story
from dreamrunner.pipeline.tasks.makers.fit import FitSpeech
from dreamrunner.pipeline.tasks.makers.play import PlayMusic
from dreamrunner.pipeline.tasks.makers.speak import SpeakScene
from dreamrunner.planning import Plan, PlannedScene
from dreamrunner.speech import Voice, classes_of

if TYPE_CHECKING:
    from dreamrunner.film.opentimeline import Sound, Stretch
    from dreamrunner.film.turns import Utterance

MUSIC = "music.wav"
"""The film's track of music, in its folder."""


def speech_tasks(scenes: Iterable[PlannedScene], plan: Plan, voices: Mapping[str, Voice]) -> list[Task]:
    """Two tasks for all that is said in ``scenes`` by somebody: its text to speech, and that fitted to the film.

    ``voices`` are those of the characters, by their names, and "" the narrator's.
    """
    from dreamrunner.film.utterances import rooms, said_in

    room, ffmpeg = rooms(plan), version("imageio-ffmpeg")
    speak: list[Task] = []
    fit: list[Task] = []
    for scene in scenes:
        said = tuple(said_in(scene))
        spoken = [each for each in said if each.speaker in voices]
        needs = tuple(f"speak {each.of}" for each in spoken)
        for each in spoken:
            voice = voices[each.speaker]
            code = code_digest(SpeakScene, *classes_of(voice))
            reads: dict[str, Any] = {"text": each.text, "voice": voice.reads(), "ffmpeg": ffmpeg, "code": code}
            make = SpeakScene(each.text, voice)
            speak.append(Task("speak", each.of, reads, make, suffix=".wav", local_only=True, paid=True))
            room_of = room[scene.name]
            reads = {"room": room_of, "ffmpeg": ffmpeg, "code": code_digest(FitSpeech)}
            if len(said) > 1 or each.speaker:
                # How fast it is spoken hangs on all that is said.
                reads["said"] = [[other.of == each.of, *_due(other, other in spoken)] for other in said]
            fit.append(Task("fit", each.of, reads, FitSpeech(each.of, said, room_of), needs, ".wav"))
    return [*speak, *fit]


def _due(said: Utterance, spoken: bool) -> list[Any]:
    """What the time at which something is said hangs on, besides its speech where it is ``spoken``."""
    return [None if spoken else said.text, said.at, said.since]


def music_task(plan: Plan, story: Story, spoken: Sequence[str]) -> Task | None:
    """Music under the film, quieter where something is ``spoken``; None where none is played.

    Raises :class:`~dreamrunner.film.FilmError` for a file that is no sound, before anything is filmed.
    """
    from dreamrunner.film.music import Played
    from dreamrunner.film.sound import require_sound
    from dreamrunner.film.utterances import utterances

    own = {scene.name: scene.music for scene in story.scenes}
    played = {scene.name: own.get(scene.name) or story.music for scene in plan.scenes}
    found = {name: music for name, music in played.items() if music is not None and music.volume}
    if not found:
        return None
    names = {path: f"music {number}" for number, path in enumerate(dict.fromkeys(each.path for each in found.values()))}
    for path in names:
        require_sound(path)
    facts = {"name", "duration", "transition"}
    reads = {
        "scenes": [scene.model_dump(mode="json", include=facts) for scene in plan.scenes],
        "music": {name: [names[music.path], music.volume] for name, music in found.items()},
        "files": {name: digest_file(path) for path, name in names.items()},
        "said": [[each.of, *_due(each, each.of in spoken)] for each in utterances(plan)],
        "ffmpeg": version("imageio-ffmpeg"),
        "code": code_digest(PlayMusic),
    }
    make = PlayMusic(plan, {name: Played(names[music.path], music.volume) for name, music in found.items()})
    files = {name: path for path, name in names.items()}
    return Task("play", "", reads, make, tuple(f"fit {of}" for of in spoken), ".wav", files=files)


def sound_file(of: str, scenes: Mapping[str, str]) -> str:
    """Where a speech lies in a film's folder, whose ``scenes`` are files there by their names: beside its scene's film,
    that of a line in a folder of the scene."""
    scene, _, line = of.partition("/")
    beside = PurePosixPath(scenes[scene])
    return str(beside.with_suffix("") / f"{line}.wav" if line else beside.with_suffix(".wav"))


def sounds_heard(
    plan: Plan, results: Mapping[str, Done], scenes: Mapping[str, str], progress: Progress
) -> dict[str, Sound]:
    """The speech that a build delivers, by what it is called; tells ``progress`` where it does not fit,
    or is silent."""
    fitted = _lengths(results, "fit")
    if not fitted:
        return {}
    from dreamrunner.film.opentimeline import Sound
    from dreamrunner.film.sound import is_silent
    from dreamrunner.film.soundtrack import overruns, unheard

    silent = {done.task.of for done in results.values() if done.task.kind == "fit" and is_silent(done.entry.path)}
    for line in [*overruns(plan, _lengths(results, "speak"), fitted), *unheard(plan, silent)]:
        progress(Said(f"warning: {line}"))
    return {of: Sound(sound_file(of, scenes), length, of in silent) for of, length in fitted.items()}


def music_heard(results: Mapping[str, Done]) -> tuple[Stretch, ...]:
    """The stretches of a film's music; none where none is played."""
    done = results.get("play")
    if done is None or not isinstance(done.task.make, PlayMusic):
        return ()
    from dreamrunner.film.music import runs
    from dreamrunner.film.opentimeline import Stretch
    from dreamrunner.film.sound import FRAME
    from dreamrunner.film.timeline import film_frames, lay_out

    plan = done.task.make.plan
    total = film_frames(lay_out(plan))
    return tuple(
        Stretch(f"Music {number}", MUSIC, total, first, run.end // FRAME - first, first)
        for number, run in enumerate(runs(plan, done.task.make.music), 1)
        for first in [run.start // FRAME]
    )


def _lengths(results: Mapping[str, Done], kind: str) -> dict[str, int]:
    found = {done.task.of: done.entry.path for done in results.values() if done.task.kind == kind}
    if not found:
        return {}
    from dreamrunner.film.sound import frames_long

    return {name: frames_long(path) for name, path in found.items()}
