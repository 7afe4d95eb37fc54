"""A voice that speaks higher or lower than it does."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.film.sound import pitched

if TYPE_CHECKING:
    from dreamrunner.speech.espeak import EspeakVoice
    from dreamrunner.speech.piper import PiperVoice
    from dreamrunner.speech.server import ServerVoice


@dataclass(frozen=True)
class PitchedVoice:
    """Another voice, so many semitones higher; as fast as it is."""

    voice: PiperVoice | EspeakVoice | ServerVoice
    semitones: int

    @property
    def name(self) -> str:
        return f"{self.voice.name} {self.semitones:+d}"

    def reads(self) -> dict[str, str]:
        """What its speech depends on."""
        return {**self.voice.reads(), "semitones": str(self.semitones)}

    def __call__(self, text: str, out: Path) -> None:
        """Speak ``text`` to ``out``, a WAV file of 48 kHz. Raises VoiceError."""
        with tempfile.TemporaryDirectory() as folder:
            spoken = Path(folder) / "spoken.wav"
            self.voice(text, spoken)
            pitched(spoken, self.semitones, out)
