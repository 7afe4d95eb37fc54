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
from typing import TYPE_CHECKING

from dreamrunner.files.retrying import GaveUp, RetryPolicy, Transient, ask, retry_after
from dreamrunner.film.output_file import FilmError
from dreamrunner.film.sound import convert
from dreamrunner.speech.errors import VoiceError

if TYPE_CHECKING:
    import openai

POLICY = RetryPolicy()


def speak(text: str, model: str, voice: str, out: Path) -> None:
    """Have ``text`` spoken to ``out``, asking again while a fault may pass. Raises :class:`VoiceError`."""

    async def heard() -> None:
        _write(await _reply(text, model, voice), out)

    try:
        asyncio.run(ask(heard, POLICY, late="no speech"))
    except GaveUp as given_up:
        raise VoiceError(str(given_up)) from None


def _write(reply: bytes, out: Path) -> None:
    """Make a reply the sound file ``out``."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken"
        spoken.write_bytes(reply)
        try:
            convert(spoken, out)
        except FilmError:
            raise Transient("the speech server's reply is no sound") from None


async def _reply(text: str, model: str, voice: str) -> bytes:
    import openai

    # A server of one's own may ask for no key, but the client wants to send something.
    key = os.environ.get("OPENAI_API_KEY", "").strip() or "none"
    address = os.environ.get("OPENAI_BASE_URL", "").strip() or None
    try:
        client = openai.AsyncOpenAI(api_key=key, base_url=address, timeout=POLICY.request, max_retries=0)
    except Exception:
        raise VoiceError("OPENAI_BASE_URL is not an address that can be asked; mend or unset it") from None
    # Imported here, so that no request waits for it while its time runs.
    ask = client.audio.speech.create
    try:
        async with client:
            reply = await ask(model=model, voice=voice, input=text, response_format="wav")
            return await reply.aread()
    except openai.APIStatusError as error:
        raise _refused(error, model, voice) from None
    except openai.APIConnectionError as error:
        if type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout", "UnsupportedProtocol"):
            raise Transient("the speech server can't be reached (check the network and OPENAI_BASE_URL)") from None
        raise Transient("the connection to the speech server broke off") from None
    except Exception as error:  # a body that breaks off is the HTTP library's own error
        if type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2", "openai"):
            raise Transient("the connection to the speech server broke off") from None
        raise


def _refused(error: openai.APIStatusError, model: str, voice: str) -> Exception:
    """What a status other than success means. What the server says with it is not shown: it may quote the key."""
    status = error.status_code
    if status in (401, 403):
        return VoiceError(f"the speech server refuses the key (status {status}); check OPENAI_API_KEY")
    if status == 429 and getattr(error, "code", None) == "insufficient_quota":
        return VoiceError("the account's quota is used up (status 429); what is spoken is kept")
    if status in (408, 409, 429) or status >= 500:
        what = "has too many requests" if status == 429 else "has a fault"
        return Transient(
            f"the speech server {what} (status {status})", retry_after(error.response.headers.get("retry-after"))
        )
    return VoiceError(f"the speech server does not speak as `{voice}` of `{model}` (status {status}); check --voice")


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
