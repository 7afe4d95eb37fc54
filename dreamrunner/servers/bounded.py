"""The HTTP client that openai's client asks with: each reply to it is whole and bounded, and none is another server's.

Importing this module imports the ``openai`` package.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from openai import DefaultAsyncHttpxClient

from dreamrunner.servers.address import NoServer
from dreamrunner.servers.retrying import Transient

if TYPE_CHECKING:
    from httpx2 import URL, Request, Response

MOVED = (301, 302, 307, 308)
"""Statuses that say that what is asked for is elsewhere, and that the same may be asked there."""

_MOST_MOVES = 3
_DEFAULT_PORTS = {"http": 80, "https": 443}

_OF_THE_PACKAGE = b"x-stainless-"
"""How the headers begin in which the package tells of itself and of the machine. They are not sent."""

_OF_THE_BODY = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that are not true of a body any more when it is unpacked."""


class BoundedClient(DefaultAsyncHttpxClient):
    """An HTTP client that reads every reply, a refusal too, before it hands it on.

    ``called``: what messages call the server, such as ``the server``.
    ``most``: bytes of a reply at most, unpacked.
    ``options``: what the client of openai takes.
    """

    def __init__(self, called: str, most: int, **options: Any) -> None:
        super().__init__(follow_redirects=False, **options)
        self._called, self._most = called, most

    async def send(self, request: Request, **_: Any) -> Response:
        """The whole reply to a request, which is followed within its server.

        Raises:
            NoServer: the reply is larger, packed in another way than asked for, or would be another server's.
            Transient: the reply is cut off.
        """
        kept = [pair for pair in request.headers.raw if not pair[0].lower().startswith(_OF_THE_PACKAGE)]
        url = request.url
        for _move in range(_MOST_MOVES + 1):
            asked = self.build_request(request.method, url, headers=kept, content=request.content)
            response = await super().send(asked, stream=True)
            try:
                if not 300 <= response.status_code < 400:
                    body = await self._body(response)
                    headers = [pair for pair in response.headers.multi_items() if pair[0].lower() not in _OF_THE_BODY]
                    return type(response)(response.status_code, headers=headers, content=body, request=request)
                url = self._elsewhere(response)
            finally:
                await response.aclose()
        raise NoServer(f"{self._called} sends the request from place to place without end; check OPENAI_BASE_URL")

    def _elsewhere(self, response: Response) -> URL:
        """Where a reply sends the request on to, within its server."""
        status, where = f"(status {response.status_code})", response.headers.get("location", "")
        if response.status_code not in MOVED:
            raise NoServer(f"{self._called} gives no answer to the request {status}; check OPENAI_BASE_URL")
        try:
            url = response.url.join(where)
        except Exception:  # of a class that depends on the package's version
            where = ""
        if not where.strip():
            raise NoServer(
                f"{self._called} says that it is to be asked at another address {status}, but names none;"
                " check OPENAI_BASE_URL"
            )
        if _origin(response.url) != _origin(url):
            raise NoServer(
                f"{self._called} sends the request on to another address {status},"
                " which is not followed; if it is the right one, set OPENAI_BASE_URL to it"
            )
        return url

    async def _body(self, response: Response) -> bytes:
        held = bytearray()
        async for chunk in response.aiter_raw():
            held += chunk
            if len(held) > self._most:
                raise self._too_large()
        return self._unpacked(bytes(held), response.headers.get("content-encoding", ""))

    def _unpacked(self, raw: bytes, packing: str) -> bytes:
        kind = packing.strip().lower()
        if kind in ("", "identity"):
            return raw
        if kind not in ("gzip", "x-gzip", "deflate"):
            raise NoServer(f"{self._called}'s reply is packed in a way that was not asked for; check OPENAI_BASE_URL")
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            body = unpacking.decompress(raw, self._most + 1)
        except zlib.error:
            raise Transient(f"{self._called}'s reply can't be unpacked", paid=True) from None
        if len(body) > self._most:
            raise self._too_large()
        if not unpacking.eof:
            raise Transient(f"{self._called}'s reply is cut off", paid=True)
        return body

    def _too_large(self) -> NoServer:
        most = f"{self._most // 2**20} MB"
        return NoServer(
            f"{self._called}'s reply has no end: it is larger than {most}; check OPENAI_BASE_URL", this=True
        )


def _origin(url: URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)
