"""Which server is asked, as the environment says: ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY``.

Neither ever stands in a message.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

OPENAI = "https://api.openai.com/v1"
"""The server that is asked where none is named. It is the only one that is known to want a key."""

SHORTEST_KEY = 16
"""Letters from which on a key is a secret; shorter ones are what servers of one's own are content with."""

ACCOUNT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
"""The headers that say whose account it is, and where the environment has them."""


class NoServer(Exception):
    """Asking is of no use: no address, no key, a refusal that stays. ``str()`` says in one line why and what to do.

    ``this``: whether only what was asked this time is refused, such as a text that is too long.
    """

    def __init__(self, why: str, this: bool = False) -> None:
        super().__init__(why)
        self.this = this


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address and what it is told with each request.

    ``address``: the URL that paths such as ``/chat/completions`` are added to, before the query that it may have.
    ``key``: the key, "" where there is none.
    ``named``: the value of ``OPENAI_BASE_URL``, "" where it names none.
    ``account``: headers that say whose account it is, by name.
    """

    address: str
    key: str
    named: str
    account: tuple[tuple[str, str], ...] = ()

    def safe(self, text: str) -> str:
        """A text that is shown, without the key and the server's address, should it hold them.

        What local servers take for a key (``x``, ``local``), and a host of one word, are words like any other.
        """
        host = self.named.partition("://")[2].partition("/")[0]
        login, _, machine = host.rpartition("@")
        secrets = [self.named, login, machine if set(machine) & {".", ":"} else ""]
        for secret in (*secrets, self.key if len(self.key) >= SHORTEST_KEY else ""):
            if secret:
                text = text.replace(secret, "...")
        return text


def server() -> Server:
    """The server that the environment names.

    Raises:
        NoServer: the address can't be asked, or the key can't be sent.
    """
    named, key = _set("OPENAI_BASE_URL"), _set("OPENAI_API_KEY")
    try:
        parts = urlsplit(named or OPENAI)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or a host that is none
        sound = False
    if not sound or any(char <= " " for char in named):
        raise NoServer(
            "OPENAI_BASE_URL is not an address that can be asked, such as http://localhost:11434/v1; mend or unset it"
        )
    if not _can_be_sent(key):
        raise NoServer("OPENAI_API_KEY has a letter that no key has (a blank, or one that is not ASCII); copy it again")
    account = {header: _set(name) for header, name in ACCOUNT.items()}
    sent = tuple((header, value) for header, value in account.items() if value and _can_be_sent(value))
    return Server(named or OPENAI, key, named, sent)


def _set(name: str) -> str:
    return os.environ.get(name, "").strip()


def _can_be_sent(value: str) -> bool:
    return all("!" <= char <= "~" for char in value)
