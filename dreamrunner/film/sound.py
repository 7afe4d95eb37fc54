"""Sound files: 16-bit mono WAV of :data:`~dreamrunner.film.rates.SAMPLE_RATE`, made from any others, and fitted."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from pathlib import Path

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


def is_silent(speech: Path) -> bool:
    """Whether nothing is to be heard in a speech, as a voice gives it for words that it has no sound for."""
    samples = read_samples(speech)
    return not len(samples) or bool(np.abs(samples.astype(np.int32)).max() < _AUDIBLE)


def decode(sound: Path, channels: int) -> np.ndarray:
    """The samples of any sound file: int16 (samples, channels). Raises :class:`~dreamrunner.film.FilmError` for what is
    none."""
    return _samples(sound, sound, channels=channels).reshape(-1, channels)


def _samples(sound: Path, out: Path, tempo: float = 1.0, channels: int = 1, rate: float = 1.0) -> np.ndarray:
    audio = ffmpeg.input(local(sound), format_whitelist=FORMATS)["a"]
    if rate != 1:
        audio = audio.filter("asetrate", round(SAMPLE_RATE * rate)).filter("aresample", SAMPLE_RATE)
    if tempo != 1:
        audio = audio.filter("atempo", tempo)
    graph = ffmpeg.output(audio, "pipe:", f="s16le", ac=channels, ar=SAMPLE_RATE, t=LONGEST)
    graph = graph.global_args("-hide_banner", "-loglevel", "error", "-nostats")
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            graph.compile(cmd=binary()), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        if done.returncode != 0:
            why = (words(said) or ["ffmpeg failed"])[0]
            raise FilmError(f"{_subject(sound, out)}{sound.name} cannot be read as a sound ({why})")
    samples = np.frombuffer(done.stdout, np.int16)
    if len(samples) >= LONGEST * SAMPLE_RATE * channels:
        raise FilmError(f"{_subject(sound, out)}{sound.name} cannot be read as a sound (it is longer than an hour)")
    return samples


def _subject(sound: Path, out: Path) -> str:
    return f"cannot write {out}: " if out != sound else ""


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
