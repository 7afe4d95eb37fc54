"""Speaking with Piper, as a library in this process. It downloads nothing."""

from __future__ import annotations

import logging
import tempfile
import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.files.digest import digest_file
from dreamrunner.files.trouble import cause
from dreamrunner.files.voice_files import settings_of
from dreamrunner.film.sound import convert
from dreamrunner.speech.errors import VoiceError

if TYPE_CHECKING:
    from piper import PiperVoice as Network


def speak(text: str, file: Path, out: Path) -> None:
    """Speak ``text`` with the voice in ``file`` to ``out``. Raises :class:`VoiceError`."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        try:
            voice = _loaded(file)
            with wave.open(str(spoken), "wb") as sound:
                # A text without a word gives no sound, and the file must be sound all the same.
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(voice.config.sample_rate)
                voice.synthesize_wav(text, sound, set_wav_format=False)
        except Exception as error:  # whatever the network's runtime or the settings' reader may raise
            why = cause(error)
            raise VoiceError(f"the Piper voice {file} can't speak ({why}); take another") from error
        convert(spoken, out)


@lru_cache(maxsize=1)
def _loaded(file: Path) -> Network:
    from piper import PiperVoice as Network

    # It tells of every phoneme that a voice lacks, in the middle of a build's lines.
    logging.getLogger("piper").setLevel(logging.ERROR)
    return Network.load(file)


@dataclass(frozen=True)
class PiperVoice:
    """A voice of Piper: the network's file (.onnx), with its settings in a file of that name and .json beside it."""

    file: Path

    @property
    def name(self) -> str:
        return self.file.stem

    def reads(self) -> dict[str, str]:
        """What its speech depends on."""
        from importlib.metadata import version

        digests = [digest_file(path) for path in (self.file, settings_of(self.file))]
        return {"network": digests[0], "settings": digests[1], "piper": version("piper-tts")}

    def __call__(self, text: str, out: Path) -> None:
        """Speak ``text`` to ``out``, a WAV file of 48 kHz. Raises VoiceError."""
        from dreamrunner.speech.piper import speak

        speak(text, self.file, out)
