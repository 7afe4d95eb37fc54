"""The music of a film as one track: played again and again, faded where it begins and ends, quieter under speech.

Scenes that follow one another with the same file are one *run*: the music goes on over their cuts. A run begins at the
file's beginning. Where one scene dissolves into the next, the one's music fades over the dissolve into the other's.
"""

from __future__ import annotations

import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dreamrunner.film.output_file import FilmError, output_file
from dreamrunner.film.rates import FILM_RATE, SAMPLE_RATE
from dreamrunner.film.sound import FRAME, decode
from dreamrunner.film.timeline import film_frames, lay_out
from dreamrunner.planning.plan import Plan

DUCKED = 0.3
"""How loud music is under speech, of its own loudness, at most."""

BELOW = 0.25
"""How loud music is under speech, of the speech's loudness, at most."""

FADE = 0.5
"""Seconds in which music begins and ends."""

FALL, RISE = 0.2, 0.6
"""Seconds in which music becomes quieter before speech begins, and louder again after it."""

_HOLD = 1.0  # seconds of silence within speech in which music stays quiet
_SEAM = SAMPLE_RATE // 100  # samples over which the end of a file fades into its beginning
_QUIET = 33 / 32768  # 60 dB below the loudest
_BLOCK = 10 * SAMPLE_RATE
_WINDOW = SAMPLE_RATE // 20


@dataclass(frozen=True, slots=True)
class Played:
    """The music of a scene: what the file is called among those given, and how loud it is: 1 is as loud as the file."""

    name: str
    volume: float


@dataclass(frozen=True, slots=True)
class Run:
    """Music that goes on over scenes: its file's name, the film's sample that it begins at and the one after its last,
    the seconds of its fades, and from which sample on it is how loud."""

    name: str
    start: int
    end: int
    fade_in: float
    fade_out: float
    volumes: tuple[tuple[int, float], ...]


def runs(plan: Plan, music: Mapping[str, Played]) -> tuple[Run, ...]:
    """The runs of a film in which ``music`` is played, by the names of scenes."""
    found: list[Run] = []
    shots = lay_out(plan)
    for number, (shot, after) in enumerate(zip(shots, [*shots[1:], None], strict=True)):
        played = music.get(shot.scene)
        if played is None:
            continue
        start, end = shot.first * FRAME, (shot.first + shot.length) * FRAME
        before = music.get(shots[number - 1].scene) if number else None
        if before is not None and before.name == played.name:
            last = found.pop()
            volumes = (*last.volumes, (start, played.volume))
            start, fade_in = last.start, last.fade_in
        else:
            volumes, fade_in = ((start, played.volume),), max(FADE, shot.dissolve / FILM_RATE)
        fade_out = max(FADE, after.dissolve / FILM_RATE) if after is not None else FADE
        found.append(Run(played.name, start, end, fade_in, fade_out, volumes))
    return tuple(found)


def write_music(
    plan: Plan, music: Mapping[str, Played], files: Mapping[str, Path], speech: np.ndarray, out: Path
) -> None:
    """Write the film's music to ``out``, a stereo WAV file of its length.

    ``music`` says what is played in which scene, ``files`` gives the files by their names there, and ``speech`` the
    film's speech, int16 (samples,), under which it is quieter.

    Raises :class:`~dreamrunner.film.FilmError` for a file that is no sound, or has nothing to be heard.
    """
    found = runs(plan, music)
    sounds = {name: _sound(files[name]) for name in dict.fromkeys(run.name for run in found)}
    total = film_frames(lay_out(plan)) * FRAME
    spoken = heard_in(speech)
    level = _level(speech, spoken)
    with output_file(out) as partial, wave.open(str(partial), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for first in range(0, total, _BLOCK):
            at = np.arange(first, min(first + _BLOCK, total))
            mixed = np.zeros((len(at), 2), np.float32)
            for run in found:
                if run.start < at[-1] + 1 and run.end > first:
                    mixed += _heard(run, sounds[run.name], at, spoken, level)
            file.writeframes(np.clip(np.rint(mixed * 32767), -32768, 32767).astype("<i2").tobytes())


def heard_in(speech: np.ndarray) -> tuple[tuple[int, int], ...]:
    """From which to which sample somebody speaks; short silences are left in."""
    count = -(-len(speech) // _WINDOW)
    padded = np.pad(np.abs(speech.astype(np.int32)), (0, count * _WINDOW - len(speech)))
    loud = padded.reshape(count, _WINDOW).max(axis=1, initial=0) > _QUIET * 32768
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
    found: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2) * _WINDOW:
        if found and start - found[-1][1] < _HOLD * SAMPLE_RATE:
            found[-1] = (found[-1][0], int(end))
        else:
            found.append((int(start), int(end)))
    return tuple(found)


def _level(samples: np.ndarray, parts: Sequence[tuple[int, int]]) -> float:
    """How loud the parts of a sound are in which there is something: the root of their mean square."""
    squares = sum(float((samples[start:end].astype(np.float64) ** 2).sum()) for start, end in parts)
    count = sum(len(samples[start:end]) for start, end in parts)
    return float(np.sqrt(squares / count)) / 32768 if count else 0.0


@dataclass(frozen=True, slots=True)
class _Sound:
    """What is played over and over, without the silence at its ends: float32 (samples, 2), and how loud it is."""

    samples: np.ndarray
    level: float


def _sound(file: Path) -> _Sound:
    samples = decode(file).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples).max(axis=1, initial=0) > _QUIET)
    if not len(loud):
        raise FilmError(f"nothing is to be heard in {file.name}; take other music, or the line `music` away")
    samples = samples[loud[0] : loud[-1] + 1]
    return _Sound(samples, float(np.sqrt((samples.astype(np.float64) ** 2).mean())))


def _heard(run: Run, sound: _Sound, at: np.ndarray, spoken: Sequence[tuple[int, int]], level: float) -> np.ndarray:
    """What is heard of a run at the film's samples ``at``: float32 (samples, 2)."""
    half = (run.end - run.start) / 2
    rise = (at - run.start + 1) / min(run.fade_in * SAMPLE_RATE, half)
    fall = (run.end - at) / min(run.fade_out * SAMPLE_RATE, half)
    # Two runs that fade into each other are together as loud as each alone.
    fade = np.sin(np.clip(np.minimum(rise, fall), 0, 1) * np.pi / 2)
    volume = _volumes(run, at)
    quiet = np.minimum(DUCKED, BELOW * level / np.maximum(sound.level * volume, 1e-9))
    gain = volume * fade * (1 + (quiet - 1) * _under(at, spoken))
    return _looped(sound.samples, at - run.start) * gain[:, None].astype(np.float32)


def _volumes(run: Run, at: np.ndarray) -> np.ndarray:
    """How loud a run is at samples, before fades: it changes over :data:`FADE` at cuts."""
    times, volumes = [float(run.start)], [run.volumes[0][1]]
    edges = [*(start for start, _ in run.volumes[1:]), run.end]
    for (start, volume), end in zip(run.volumes[1:], edges[1:], strict=True):
        half = min(FADE * SAMPLE_RATE, start - times[-1], end - start) / 2
        times += [start - half, start + half]
        volumes += [volumes[-1], volume]
    return np.interp(at, times, volumes)


def _under(at: np.ndarray, spoken: Sequence[tuple[int, int]]) -> np.ndarray:
    """How far music makes room for speech at samples: 1 while somebody speaks, 0 far from it."""
    found = np.zeros(len(at))
    fall, rise = FALL * SAMPLE_RATE, RISE * SAMPLE_RATE
    for start, end in spoken:
        if start - fall < at[-1] + 1 and end + rise > at[0]:
            found = np.maximum(found, np.interp(at, [start - fall, start, end, end + rise], [0, 1, 1, 0]))
    return found


def _looped(sound: np.ndarray, since: np.ndarray) -> np.ndarray:
    """A sound's samples so long after its beginning, its end faded into its beginning where it starts again."""
    seam = min(_SEAM, len(sound) // 4)
    period = len(sound) - seam
    turn, at = np.divmod(np.maximum(since, 0), period)
    found = sound[at]
    if seam:
        again = (turn > 0) & (at < seam)
        share = (at[again, None] + 1) / np.float32(seam + 1)
        found[again] = found[again] * share + sound[period + at[again]] * (1 - share)
    return found
