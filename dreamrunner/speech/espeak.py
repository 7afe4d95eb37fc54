"""Speaking with espeak-ng, whose library and voices come as the package espeakng-loader (GPL-3.0)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.files.voice_files import INSTALL, espeak_data, espeak_library
from dreamrunner.film.sound import convert
from dreamrunner.speech import espeak_alone
from dreamrunner.speech.errors import VoiceError

_LONGEST = 600
"""Seconds that a text may take to be spoken; an hour of speech takes a fraction of that."""


def speak(text: str, voice: str, out: Path) -> None:
    """Speak ``text`` with a voice of espeak-ng, as its files are called, to ``out``. Raises :class:`VoiceError`."""
    samples, rate = _samples(text, voice)
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        with wave.open(str(spoken), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(rate)
            sound.writeframes(samples)
        convert(spoken, out)


def _samples(text: str, voice: str) -> tuple[bytes, int]:
    """Speech as samples of 16 bits, and how many there are to a second."""
    library, data = espeak_library(), espeak_data()
    if library is None or data is None:
        raise VoiceError(f"espeak-ng is not installed; {INSTALL} brings it")
    command = [sys.executable, "-I", espeak_alone.__file__, str(library), str(data), voice]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_LONGEST)
        why = done.stderr.decode(errors="replace").strip().split("\n")[-1] or f"it ended with {done.returncode}"
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VoiceError(f"espeak-ng can't be run ({error}); take another voice") from error
    rate, _, samples = done.stdout.partition(b"\n")
    if done.returncode or not rate.isdigit():
        raise VoiceError(f"espeak-ng can't speak ({why}); install it again, or take another voice")
    return samples, int(rate)


@dataclass(frozen=True)
class EspeakVoice:
    """A voice of espeak-ng, as its files are called, with its variant: ``gmw/en-US+f3``."""

    voice: str

    @property
    def name(self) -> str:
        return f"espeak-ng {self.voice}"

    def reads(self) -> dict[str, str]:
        """What its speech depends on."""
        from importlib.metadata import version

        return {"espeak": version("espeakng-loader"), "voice": self.voice}

    def __call__(self, text: str, out: Path) -> None:
        """Speak ``text`` to ``out``, a WAV file of 48 kHz. Raises VoiceError."""
        from dreamrunner.speech.espeak import speak

        speak(text, self.voice, out)
