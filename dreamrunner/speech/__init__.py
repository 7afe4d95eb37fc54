"""Voices: what is said is spoken, by Piper, by espeak-ng or by a speech server.

* :func:`find_voice`: the voice that a story or a command line names
* :class:`PiperVoice`, :class:`EspeakVoice`, :class:`ServerVoice`: voices; called with a text and a path, they speak
* :class:`PitchedVoice`: another voice, higher or lower
* :func:`classes_of`: whose code speaks with one
* :class:`VoiceError`: no such voice, or one that does not speak
"""

from __future__ import annotations

from dreamrunner.speech.errors import VoiceError
from dreamrunner.speech.espeak import EspeakVoice
from dreamrunner.speech.piper import PiperVoice
from dreamrunner.speech.pitched import PitchedVoice
from dreamrunner.speech.server import ServerVoice
from dreamrunner.speech.voice import Voice, classes_of, find_voice

__all__ = [
    "EspeakVoice",
    "PiperVoice",
    "PitchedVoice",
    "ServerVoice",
    "Voice",
    "VoiceError",
    "classes_of",
    "find_voice",
]
