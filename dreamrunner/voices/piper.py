"""Speaking with Piper, as a library in this process. It downloads nothing."""

from __future__ import annotations

import logging
import tempfile
import wave
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.film.soundtrack import convert
from dreamrunner.voices.voice import VoiceError

if TYPE_CHECKING:
    from piper import PiperVoice


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
            why = next(iter(str(error).splitlines()), "") or type(error).__name__
            raise VoiceError(f"the Piper voice {file} can't speak ({why}); take another") from error
        convert(spoken, out)


@lru_cache(maxsize=1)
def _loaded(file: Path) -> PiperVoice:
    from piper import PiperVoice

    # It tells of every phoneme that a voice lacks, in the middle of a build's lines.
    logging.getLogger("piper").setLevel(logging.ERROR)
    return PiperVoice.load(file)
