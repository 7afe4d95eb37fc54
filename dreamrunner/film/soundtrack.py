"""The spoken narration of a film: each scene's speech fitted to its time, and all of them as one track.

A scene's speech starts with the scene, and may run on into scenes after it that have none: its *room* lasts until the
next one that is spoken, or the film's end. Speech that is longer is sped up, by :data:`FASTEST` at most, its pitch
kept; what then still does not fit is faded out, so that no two voices ever speak at once and every one starts on time.

Sounds are 16-bit mono WAV files of :data:`SAMPLE_RATE`, which a film frame divides evenly.
"""

from __future__ import annotations

import subprocess
import tempfile
import wave
from collections.abc import Mapping
from pathlib import Path

import ffmpeg
import numpy as np

from dreamrunner.film.output import FilmError, output_file
from dreamrunner.film.process import binary, local, words
from dreamrunner.film.subtitles import rooms
from dreamrunner.film.timeline import FILM_RATE, film_frames, lay_out
from dreamrunner.planning.plan import Plan

SAMPLE_RATE = 48_000
FASTEST = 1.25
"""How many times faster speech may get to fit."""

_FRAME = SAMPLE_RATE // FILM_RATE
_FADE = SAMPLE_RATE // 10


def convert(sound: Path, out: Path) -> None:
    """Make any sound file a WAV file as we use them. Raises :class:`~dreamrunner.film.FilmError` for what is none."""
    _write(_samples(sound, out), out)


def fit(speech: Path, room: int, out: Path) -> None:
    """Speed ``speech`` up where it is longer than ``room`` film frames, and pad it with silence to whole frames."""
    samples = _read(speech)
    needed = len(samples) / (room * _FRAME)
    if needed > 1:
        samples = _samples(speech, out, min(needed, FASTEST))
        if needed <= FASTEST:
            samples = samples[: room * _FRAME]
    _write(np.pad(samples, (0, -len(samples) % _FRAME)), out)


def frames_long(speech: Path) -> int:
    """How many film frames a fitted speech lasts."""
    with wave.open(str(speech), "rb") as file:
        return -(-file.getnframes() // _FRAME)


def seconds_heard(plan: Plan, speech: Mapping[str, Path]) -> dict[str, float]:
    """How many seconds of each scene's fitted speech the film has, by scene name."""
    room = rooms(plan)
    return {name: min(frames_long(file), room[name]) / FILM_RATE for name, file in speech.items()}


def write_soundtrack(plan: Plan, speech: Mapping[str, Path], out: Path) -> None:
    """Write the film's whole track to ``out``: fitted speech by scene name, each from its scene's first frame on."""
    shots, room = lay_out(plan), rooms(plan)
    track = np.zeros(film_frames(shots) * _FRAME, np.int16)
    for shot in shots:
        if shot.scene in speech:
            samples = _read(speech[shot.scene])
            most = room[shot.scene] * _FRAME
            if len(samples) > most:
                samples = samples[:most].copy()
                fade = min(_FADE, most)
                samples[-fade:] = samples[-fade:] * np.linspace(1, 0, fade)
            start = shot.first * _FRAME
            track[start : start + len(samples)] = samples
    _write(track, out)


def overruns(plan: Plan, spoken: Mapping[str, int], fitted: Mapping[str, int]) -> list[str]:
    """A line for each scene whose speech is longer than the scene: by how much, and what is done about it.

    ``spoken`` and ``fitted`` give the film frames of each scene's speech before and after :func:`fit`.
    """
    room, lines = rooms(plan), []
    shots = lay_out(plan)
    for shot, after in zip(shots, [*shots[1:], None], strict=False):
        own = (after.first if after else film_frames(shots)) - shot.first
        if spoken.get(shot.scene, 0) <= own:
            continue
        said, more = spoken[shot.scene] / FILM_RATE, (spoken[shot.scene] - own) / FILM_RATE
        done = "it runs on into the next scene, which is silent"
        if fitted[shot.scene] < spoken[shot.scene]:
            done = f"it is spoken {spoken[shot.scene] / fitted[shot.scene]:.2f} times faster"
        if (lost := fitted[shot.scene] - room[shot.scene]) > 0:
            done += f", and its last {lost / FILM_RATE:.1f} s are cut off"
        lines.append(
            f"scene {shot.scene}: its narration takes {said:.1f} s to say, {more:.1f} s more than there is; {done}"
        )
    return lines


def _samples(sound: Path, out: Path, tempo: float = 1.0) -> np.ndarray:
    audio = ffmpeg.input(local(sound))["a"]
    if tempo > 1:
        audio = audio.filter("atempo", tempo)
    graph = ffmpeg.output(audio, "pipe:", f="s16le", ac=1, ar=SAMPLE_RATE)
    graph = graph.global_args("-hide_banner", "-loglevel", "error", "-nostats")
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            graph.compile(cmd=binary()), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        if done.returncode != 0:
            why = (words(said) or ["ffmpeg failed"])[0]
            raise FilmError(f"cannot write {out}: {sound.name} cannot be read as a sound ({why})")
    return np.frombuffer(done.stdout, np.int16)


def _read(speech: Path) -> np.ndarray:
    with wave.open(str(speech), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def _write(samples: np.ndarray, out: Path) -> None:
    with output_file(out) as partial, wave.open(str(partial), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
