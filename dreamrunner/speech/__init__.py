"""Voices: a narration spoken, by a local Piper voice or by a speech server.

* :func:`find_voice`: the voice that a command line names
* :class:`PiperVoice`, :class:`ServerVoice`: voices; called with a text and a path, they speak
* :class:`VoiceError`: no such voice, or one that does not speak
"""

from __future__ import annotations

from dreamrunner.speech.errors import VoiceError
from dreamrunner.speech.piper import PiperVoice
from dreamrunner.speech.server import ServerVoice
from dreamrunner.speech.voice import Voice, find_voice

__all__ = ["PiperVoice", "ServerVoice", "Voice", "VoiceError", "find_voice"]
