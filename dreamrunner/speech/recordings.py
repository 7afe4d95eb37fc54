"""The sound in a speech server's reply, wherever servers put it."""

from __future__ import annotations

import base64
import binascii
import io
import re
import wave
from typing import Any

from dreamrunner.files.json import parse
from dreamrunner.servers.request import Reply

_PCM_RATE = 24_000
"""Samples a second of bare samples that don't say it, as OpenAI's speech has them."""


def recording(reply: Reply) -> bytes:
    """The sound file that a reply is, or holds in base64 as ``{"audio": ...}``; bare samples become a WAV file."""
    kind = reply.headers.get("content-type", "").lower()
    if reply.body.lstrip()[:1] == b"{":
        return _decoded(reply.body) or reply.body
    if re.match(r"audio/(pcm|l16|x-raw)\b", kind) and not reply.body.startswith(b"RIFF"):
        said = re.search(r"rate=(\d{4,6})\b", kind)
        return _wav(reply.body, int(said[1]) if said else _PCM_RATE)
    return reply.body


def _decoded(body: bytes) -> bytes:
    try:
        held = _encoded(parse(body))
        return base64.b64decode(held.partition("base64,")[2] or held, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _encoded(value: Any) -> str:
    """The longest text under one of the names that servers give a sound."""
    if not isinstance(value, dict):
        return ""
    found = [value[name] for name in ("audio", "audio_content", "audioContent", "data") if name in value]
    texts = [each if isinstance(each, str) else _encoded(each) for each in found]
    return max(texts, key=len, default="")


def _wav(samples: bytes, rate: int) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples[: len(samples) // 2 * 2])
    return held.getvalue()
