"""Which voice a name means. Nothing is loaded or asked before a voice speaks."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from dreamrunner.speech.errors import VoiceError, settings
from dreamrunner.speech.piper import PiperVoice
from dreamrunner.speech.server import ServerVoice

MODEL = "gpt-4o-mini-tts"
"""The speech model that is asked where only a voice is named."""


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
        raise VoiceError(
            f"{name} is no voice; name the .onnx file of a Piper voice, or VOICE or MODEL:VOICE of a server"
        )
    if not os.environ.get("OPENAI_API_KEY", "").strip() and not os.environ.get("OPENAI_BASE_URL", "").strip():
        raise VoiceError(
            f"there is no speech server to ask for {name}: set OPENAI_API_KEY, or OPENAI_BASE_URL to a compatible"
            " server, or name the .onnx file of a Piper voice"
        )
    return ServerVoice(model or MODEL, voice)
