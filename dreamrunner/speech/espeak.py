"""Speaking with espeak-ng, whose library and voices come as the package espeakng-loader (GPL-3.0)."""

from __future__ import annotations

import ctypes
import tempfile
import threading
import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dreamrunner.files.voice_files import INSTALL, espeak_data, espeak_library
from dreamrunner.film.sound import convert
from dreamrunner.speech.errors import VoiceError

_SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: speech is given to a function of ours before the call returns
_UTF_8 = 1  # espeakCHARS_UTF8
_BUFFER = 200  # milliseconds
_ONE_AT_A_TIME = threading.Lock()
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


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
    heard: list[bytes] = []

    def hear(samples: Any, count: int, _: Any) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    said = text.encode()
    # The library is one for the whole process, and has one voice at a time.
    with _ONE_AT_A_TIME:
        library, rate = _library()
        callback = _Callback(hear)
        library.espeak_SetSynthCallback(callback)
        failed = library.espeak_SetVoiceByName(voice.encode()) or library.espeak_Synth(
            said, ctypes.c_size_t(len(said) + 1), 0, 0, 0, _UTF_8, None, None
        )
        library.espeak_Synchronize()
    if failed:
        raise VoiceError(f"espeak-ng can't speak with its voice {voice} (error {failed}); take another")
    return b"".join(heard), rate


@lru_cache(maxsize=1)
def _library() -> tuple[ctypes.CDLL, int]:
    file, data = espeak_library(), espeak_data()
    if file is None or data is None:
        raise VoiceError(f"espeak-ng is not installed; {INSTALL} brings it")
    try:
        library = ctypes.CDLL(str(file))
    except OSError as error:
        raise VoiceError(f"espeak-ng can't be loaded ({error}); install it again, or take another voice") from error
    rate = library.espeak_Initialize(_SYNCHRONOUS, _BUFFER, str(data).encode(), 0)
    if rate <= 0:
        raise VoiceError("espeak-ng can't be started; install it again, or take another voice")
    return library, rate


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
