"""Sound files: 16-bit mono WAV of :data:`~dreamrunner.film.rates.SAMPLE_RATE`, made from any others, and fitted."""

from __future__ import annotations

import io
import subprocess
import tempfile
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from dreamrunner.film.output_file import FilmError, output_file
from dreamrunner.film.process import binary, local, words
from dreamrunner.film.rates import FILM_RATE, SAMPLE_RATE

FASTEST = 1.25
"""How many times faster speech may get to fit."""

LONGEST = 3600
"""Seconds of a sound at most; a small file can hold days of it."""

FORMATS = "wav,w64,rf64,mp3,ogg,flac,aac,mov,mp4,m4a,matroska,webm,aiff,au,caf"
"""FFmpeg's names of the formats that are read; a playlist could name other files."""

FRAME = SAMPLE_RATE // FILM_RATE
"""Samples of a film frame."""

_MOMENT = 0.1  # seconds that tell whether a file is a sound
_AUDIBLE = 33  # of 32768: 60 dB below the loudest


def convert(sound: Path, out: Path) -> None:
    """Make any sound file a WAV file as we use them. Raises :class:`~dreamrunner.film.FilmError` for what is none."""
    write_samples(_samples(sound, out), out)


def fit(speech: Path, room: int, out: Path) -> None:
    """Speed ``speech`` up where it is longer than ``room`` film frames, and pad it with silence to whole frames."""
    samples = read_samples(speech)
    needed = len(samples) / (room * FRAME)
    if needed > 1:
        samples = _samples(speech, out, min(needed, FASTEST))
        if needed <= FASTEST:
            samples = samples[: room * FRAME]
    write_samples(np.pad(samples, (0, -len(samples) % FRAME)), out)


def pitched(speech: Path, semitones: float, out: Path) -> None:
    """Make ``speech`` so many semitones higher, as fast as it is."""
    factor = 2 ** (semitones / 12)
    write_samples(_samples(speech, out, 1 / factor, rate=factor), out)


def frames_long(speech: Path) -> int:
    """How many film frames a fitted speech lasts."""
    with wave.open(str(speech), "rb") as file:
        return -(-file.getnframes() // FRAME)


def lengths_of(speech: Mapping[str, Path]) -> dict[str, int]:
    """How many film frames each speech lasts; 0 of one in which nothing is to be heard."""
    return {of: 0 if is_silent(file) else frames_long(file) for of, file in speech.items()}


def is_silent(speech: Path) -> bool:
    """Whether nothing is to be heard in a speech, as a voice gives it for words that it has no sound for."""
    samples = read_samples(speech)
    return not len(samples) or bool(np.abs(samples.astype(np.int32)).max() < _AUDIBLE)


def decode(sound: Path) -> np.ndarray:
    """The samples of any sound file: int16 (samples, 2). Raises :class:`~dreamrunner.film.FilmError` for what is none.

    Both channels of a mono file are as loud as it is; ffmpeg's own way makes them quieter.
    """
    audio = _input(sound).filter("aformat", channel_layouts="mono|stereo")
    held = _decoded(ffmpeg.output(audio, "pipe:", f="wav", acodec="pcm_s16le", ar=SAMPLE_RATE, t=LONGEST), sound)
    with wave.open(io.BytesIO(held)) as file:
        channels = file.getnchannels()
    samples = np.frombuffer(held, np.int16, offset=held.index(b"data") + 8).reshape(-1, channels)
    _require_short(samples, sound)
    return samples if channels == 2 else samples.repeat(2, axis=1)


def require_sound(sound: Path) -> None:
    """Raise :class:`~dreamrunner.film.FilmError` for a file that holds no sound, as far as its first moment tells."""
    if not _decoded(ffmpeg.output(_input(sound), "pipe:", f="s16le", ac=1, ar=SAMPLE_RATE, t=_MOMENT), sound):
        raise FilmError(f"{sound.name} cannot be read as a sound (it is empty)")


def _samples(sound: Path, out: Path, tempo: float = 1.0, rate: float = 1.0) -> np.ndarray:
    audio = _input(sound)
    if rate != 1:
        audio = audio.filter("asetrate", round(SAMPLE_RATE * rate)).filter("aresample", SAMPLE_RATE)
    if tempo != 1:
        audio = audio.filter("atempo", tempo)
    try:
        held = _decoded(ffmpeg.output(audio, "pipe:", f="s16le", ac=1, ar=SAMPLE_RATE, t=LONGEST), sound)
        samples = np.frombuffer(held, np.int16)
        _require_short(samples, sound)
    except FilmError as error:
        raise FilmError(f"cannot write {out}: {error}") from None
    return samples


def _input(sound: Path) -> Any:
    return ffmpeg.input(local(sound), format_whitelist=FORMATS)["a"]


def _decoded(graph: Any, sound: Path) -> bytes:
    """What a graph of a sound's samples puts out."""
    graph = graph.global_args("-hide_banner", "-loglevel", "error", "-nostats")
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            graph.compile(cmd=binary()), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        if done.returncode != 0:
            why = (words(said) or ["ffmpeg failed"])[0]
            raise FilmError(f"{sound.name} cannot be read as a sound ({why})")
    return done.stdout


def _require_short(samples: np.ndarray, sound: Path) -> None:
    if len(samples) >= LONGEST * SAMPLE_RATE:
        raise FilmError(f"{sound.name} cannot be read as a sound (it is longer than an hour)")


def read_samples(speech: Path) -> np.ndarray:
    """The samples of a WAV file as we use them: int16 (samples,)."""
    with wave.open(str(speech), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def write_samples(samples: np.ndarray, out: Path) -> None:
    """Write such a file."""
    with output_file(out) as partial, wave.open(str(partial), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
