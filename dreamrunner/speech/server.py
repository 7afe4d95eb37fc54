"""Speaking through a server of OpenAI's protocol: one request for each text.

``OPENAI_API_KEY`` holds the key; ``OPENAI_BASE_URL`` the address of a compatible server, which may need no key. Neither
ever stands in a message.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.film.output_file import FilmError
from dreamrunner.film.sound import convert, frames_long
from dreamrunner.servers.address import NoServer, Server, server
from dreamrunner.servers.refusals import Asked, complaint, refusal
from dreamrunner.servers.request import Connection, Reply
from dreamrunner.servers.retrying import GaveUp, RetryPolicy, Transient, ask
from dreamrunner.speech.errors import VoiceError
from dreamrunner.speech.recordings import recording

POLICY = RetryPolicy()

LONGEST_REPLY = 128 * 2**20
"""Bytes of a reply at most: as a WAV file more than half an hour, far more than a narration takes."""


def speak(text: str, model: str, voice: str, out: Path) -> None:
    """Have ``text`` spoken to ``out``, asking again while a fault may pass. Raises :class:`VoiceError`."""
    asked = Asked(
        server="the speech server",
        thing=f"`{voice}` of `{model}`",
        knob="--voice",
        kept="what is spoken is kept",
        long="shorten the narration",
    )
    try:
        where = server()
        asyncio.run(_spoken({"model": model, "voice": voice, "input": text}, asked, where, out))
    except GaveUp as given_up:
        network = "; check the network and OPENAI_BASE_URL" if given_up.fault.unreachable else ""
        raise VoiceError(f"{given_up}{network}") from None
    except NoServer as error:
        raise VoiceError(str(error)) from None


async def _spoken(body: dict[str, str], asked: Asked, where: Server, out: Path) -> None:
    connection = Connection(where, asked.server, POLICY.request, LONGEST_REPLY)

    async def heard() -> None:
        reply = await connection.speech({**body, "response_format": "wav"})
        told = complaint(reply)
        if told is not None:
            error = refusal(reply, told, asked, where)
            raise error if isinstance(error, NoServer | Transient) else NoServer(f"{error}; can it give WAV files?")
        _write(reply, out)

    try:
        await ask(heard, POLICY, late="no speech")
    finally:
        await connection.close()


def _write(reply: Reply, out: Path) -> None:
    """Make a reply the sound file ``out``. Raises NoServer, Transient where it is no sound."""
    if reply.text[:1] == "<":
        raise NoServer("the speech server answers with a web page; check OPENAI_BASE_URL, which usually ends in /v1")
    sound = recording(reply)
    if not sound:
        raise Transient("the speech server's reply is empty", paid=True)
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken"
        spoken.write_bytes(sound)
        try:
            convert(spoken, out)
        except FilmError:
            raise Transient("the speech server's reply is no sound", paid=True) from None
    if not frames_long(out):
        out.unlink()
        raise Transient("the speech server's reply is empty", paid=True)


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
        from dreamrunner.speech.server import speak

        speak(text, self.model, self.voice, out)
