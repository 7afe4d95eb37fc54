"""One request to a server, and the whole reply to it: bounded, sent nowhere else, its status not judged.

The HTTP client is the one that the ``openai`` package brings, which is imported when a server is first asked.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import getproxies

from dreamrunner.servers.address import NoServer, Server
from dreamrunner.servers.retrying import Transient

MOVED = (301, 302, 307, 308)
"""Statuses that say that what is asked for is elsewhere, and that the same may be asked there."""

_MOST_MOVES = 3
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server replied.

    ``status``: the status, 200 where all went well.
    ``headers``: its headers, their names in lower case.
    ``body``: the content, unpacked.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The content as text; what is no text in it is replaced."""
        return self.body.decode("utf-8-sig", "replace").strip()


class Connection:
    """A connection to a server; ``called`` is what messages call it, such as ``the server``.

    Raises:
        NoServer: the settings of a proxy or of certificates can't be used.
    """

    def __init__(self, server: Server, called: str, seconds: float) -> None:
        from openai import DefaultAsyncHttpxClient

        self.server, self.called = server, called
        # Reading all certificates takes a while, and without https there are none.
        certified = server.address.startswith("https:") or bool(getproxies())
        try:
            self._client = DefaultAsyncHttpxClient(
                follow_redirects=False, timeout=seconds, verify=certified, headers={"User-Agent": "dreamrunner"}
            )
        except ImportError:
            raise NoServer(
                "ALL_PROXY, HTTPS_PROXY or HTTP_PROXY names a SOCKS proxy, which needs a package more"
                " (pip install socksio); install it, name an HTTP proxy, or unset it"
            ) from None
        except OSError:
            raise NoServer(
                "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names can't be read; mend or unset it"
            ) from None
        except Exception:
            raise NoServer(
                "the proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names is not an address; mend or unset it"
            ) from None

    async def post(self, path: str, body: dict[str, Any], most: int) -> Reply:
        """Send JSON to a path and read the reply, of ``most`` bytes at most.

        Raises:
            Transient: the server can't be reached, or the connection broke off.
            NoServer: the reply is larger, would be another server's, or its certificate isn't trusted.
        """
        # A server of one's own may ask for no key, but wants to see something in its place.
        headers = {"Authorization": f"Bearer {self.server.key or 'none'}", "Accept-Encoding": "gzip"}
        headers |= {"Content-Type": "application/json", **dict(self.server.account)}
        content, url = json.dumps(body).encode("ascii"), self.server.url(path)
        with self._faults():
            for _ in range(_MOST_MOVES + 1):
                async with self._client.stream("POST", url, content=content, headers=headers) as response:
                    if not 300 <= response.status_code < 400:
                        told = {name.lower(): value for name, value in response.headers.items()}
                        raw = await self._body(response, most)
                        packing = told.get("content-encoding", "")
                        return Reply(response.status_code, told, self._unpacked(raw, packing, most))
                    elsewhere = str(response.url.join(response.headers.get("location", "")))
                    if response.status_code not in MOVED or _origin(response.url) != _origin(
                        response.url.join(elsewhere)
                    ):
                        raise NoServer(
                            f"{self.called} sends the request on to another address (status {response.status_code}),"
                            " which is not followed; if it is the right one, set OPENAI_BASE_URL to it"
                        )
                    url = elsewhere
        raise NoServer(f"{self.called} sends the request from place to place without end; check OPENAI_BASE_URL")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _body(self, response: Any, most: int) -> bytes:
        held = bytearray()
        async for chunk in response.aiter_raw():
            held += chunk
            if len(held) > most:
                raise self._too_large(most)
        return bytes(held)

    def _unpacked(self, raw: bytes, packing: str, most: int) -> bytes:
        kind = packing.strip().lower()
        if kind in ("", "identity"):
            return raw
        if kind not in ("gzip", "x-gzip", "deflate"):
            raise NoServer(f"{self.called}'s reply is packed in a way that was not asked for; check OPENAI_BASE_URL")
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            body = unpacking.decompress(raw, most + 1)
        except zlib.error:
            raise Transient(f"{self.called}'s reply can't be unpacked", paid=True) from None
        if len(body) > most:
            raise self._too_large(most)
        if not unpacking.eof:
            raise Transient(f"{self.called}'s reply is cut off", paid=True)
        return body

    def _too_large(self, most: int) -> NoServer:
        return NoServer(
            f"{self.called}'s reply has no end: it is larger than {most // 2**20} MB; check OPENAI_BASE_URL", this=True
        )

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn the HTTP client's errors into ours; by name, since which library it is depends on openai's version."""
        try:
            yield
        except (NoServer, Transient):
            raise
        except Exception as error:
            kinds = {kind.__name__ for kind in type(error).__mro__}
            said = _words(error)
            if "certificate" in said or "hostname mismatch" in said:
                raise NoServer(
                    f"{self.called}'s certificate is not trusted; SSL_CERT_FILE can name a file of those that are"
                ) from None
            if "wrong version number" in said or "record layer" in said:
                raise NoServer(f"{self.called} does not speak https; check how OPENAI_BASE_URL begins") from None
            if "ProxyError" in kinds:
                raise NoServer(
                    f"the proxy does not let {self.called} be asked; check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
                ) from None
            if kinds & {"ConnectError", "ConnectTimeout", "UnsupportedProtocol"}:
                raise Transient(f"{self.called} can't be reached", unreachable=True) from None
            if "TimeoutException" in kinds:
                raise TimeoutError from None
            if kinds & {"HTTPError", "StreamError", "InvalidURL", "OSError"}:
                raise Transient(f"the connection to {self.called} broke off", paid=True) from None
            raise


def _origin(url: Any) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)


def _words(error: BaseException) -> str:
    """What an error and its causes say, in lower case."""
    told = ""
    each: BaseException | None = error
    while each is not None:
        told += f" {each}"
        each = each.__cause__ or each.__context__
    return told.lower().replace("_", " ")
