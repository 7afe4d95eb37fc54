"""Which voice a name means. Nothing is loaded or asked before a voice speaks."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

MODEL = "gpt-4o-mini-tts"
"""The speech model that is asked where only a voice is named."""


class VoiceError(Exception):
    """There is no such voice, or it does not speak. ``str()`` is one line: what is wrong, and what to do."""


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

        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.file, settings(self.file))]
        return {"network": digests[0], "settings": digests[1], "piper": version("piper-tts")}

    def __call__(self, text: str, out: Path) -> None:
        """Speak ``text`` to ``out``, a WAV file of 48 kHz. Raises VoiceError."""
        from dreamrunner.voices.piper import speak

        speak(text, self.file, out)


@dataclass(frozen=True)
class ServerVoice:
    """A voice of a server that speaks OpenAI's protocol."""

    model: str
    voice: str

    @property
    def name(self) -> str:
        return f"{self.model}:{self.voice}"

    def reads(self) -> dict[str, str]:
        """What its speech depends on, the server's address among it."""
        return {"server": os.environ.get("OPENAI_BASE_URL", "").strip(), "model": self.model, "voice": self.voice}

    def __call__(self, text: str, out: Path) -> None:
        """Speak ``text`` to ``out``, a WAV file of 48 kHz. Raises VoiceError."""
        from dreamrunner.voices.server import speak

        speak(text, self.model, self.voice, out)


Voice = PiperVoice | ServerVoice


def find_voice(name: str) -> Voice:
    """The voice that ``name`` means: the path of an .onnx file, or ``VOICE`` or ``MODEL:VOICE`` of a speech server.

    Raises:
        VoiceError: there is none, or what it needs is missing.
    """
    path = Path(name)
    if path.suffix.lower() == ".onnx":
        for needed in (path, settings(path)):
            if not needed.is_file():
                raise VoiceError(f"there is no {needed}; a Piper voice is NAME.onnx with NAME.onnx.json beside it")
        if find_spec("piper") is None:
            raise VoiceError("a Piper voice needs piper-tts; install it with `pip install 'dreamrunner[voice]'`")
        return PiperVoice(path)
    model, _, voice = name.rpartition(":")
    if not voice or path.exists() or (not model and ("/" in name or "\\" in name)):
        raise VoiceError(f"{name} is no voice; name the .onnx file of a Piper voice, or VOICE or MODEL:VOICE of a server")
    if not os.environ.get("OPENAI_API_KEY", "").strip() and not os.environ.get("OPENAI_BASE_URL", "").strip():
        raise VoiceError(
            f"there is no speech server to ask for {name}: set OPENAI_API_KEY, or OPENAI_BASE_URL to a compatible"
            " server, or name the .onnx file of a Piper voice"
        )
    return ServerVoice(model or MODEL, voice)


def settings(file: Path) -> Path:
    """Where a Piper voice's settings lie."""
    return file.with_name(f"{file.name}.json")
