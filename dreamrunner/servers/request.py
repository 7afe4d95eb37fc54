"""One request to a server, asked with the client of the ``openai`` package, and the whole reply, its status not judged.

The package is imported when a server is first asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import getproxies

from dreamrunner.files.json import encodable
from dreamrunner.servers.address import ACCOUNT, NoServer, Server
from dreamrunner.servers.retrying import Transient

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx2 import Response


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
    """A connection to a server.

    ``called``: what messages call the server, such as ``the server``.
    ``seconds``: how long the connection may be silent.
    ``most``: bytes of a reply at most.

    Raises:
        NoServer: the address, or the settings of a proxy or of certificates, can't be used.
    """

    def __init__(self, server: Server, called: str, seconds: float, most: int) -> None:
        from openai import AsyncOpenAI, omit

        from dreamrunner.servers.bounded import BoundedClient

        self.called = called
        # Reading all certificates takes a while, and without https there are none.
        certified = server.address.startswith("https:") or bool(getproxies())
        try:
            client = BoundedClient(called, most, timeout=seconds, verify=certified)
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
        parts = urlsplit(server.address)
        # A server of one's own may ask for no key, but wants to see something in its place.
        key, account = server.key or "none", dict(server.account)
        try:
            asking = AsyncOpenAI(
                api_key=key,
                base_url=parts._replace(query="", fragment="").geturl(),
                default_query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                http_client=client,
                max_retries=0,
                timeout=seconds,
            )
        except Exception:
            raise NoServer("OPENAI_BASE_URL is not an address that can be asked; mend or unset it") from None
        self._close = client.aclose
        # What the environment may hold beside it is not sent.
        self._headers = {
            "Authorization": f"Bearer {key}",
            "User-Agent": "dreamrunner",
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            **{name: account.get(name, omit) for name in ACCOUNT},
        }
        # Each of the two imports what it needs here, so that no request waits for it while its time runs.
        self._completions = asking.chat.completions.with_streaming_response.create
        self._speech = asking.audio.speech.with_streaming_response.create

    async def chat(self, request: dict[str, Any]) -> Reply:
        """The reply to a request for an answer of a chat model: ``model``, ``messages``, ``response_format``.

        Raises:
            Transient: the server can't be reached, or the connection broke off.
            NoServer: the reply is too large, would be another server's, or its certificate isn't trusted.
        """
        return await self._asked(self._completions, request)

    async def speech(self, request: dict[str, Any]) -> Reply:
        """The reply to a request for speech: ``model``, ``voice``, ``input``, ``response_format``. Raises as
        :meth:`chat`."""
        return await self._asked(self._speech, request)

    async def close(self) -> None:
        """Close the connections."""
        await self._close()

    async def _asked(self, ask: Callable[..., Any], request: dict[str, Any]) -> Reply:
        from openai import APIConnectionError, APIStatusError

        try:
            async with ask(**encodable(request), extra_headers=self._headers) as answered:
                return _reply(answered.http_response)
        except APIStatusError as refused:
            return _reply(refused.response)
        except UnicodeEncodeError:  # of texts and of what is set here, nothing is left that can't be sent
            raise NoServer("OPENAI_CUSTOM_HEADERS has a letter that no header can have; mend or unset it") from None
        except APIConnectionError as error:
            raise self._fault(error.__cause__ or error) from None
        except Exception as error:
            raise self._fault(error) from None

    def _fault(self, error: BaseException) -> BaseException:
        """An error of the HTTP client as ours; by name, since which library it is depends on openai's version."""
        if isinstance(error, NoServer | Transient):
            return error
        kinds = {kind.__name__ for kind in type(error).__mro__}
        said = _words(error)
        if "alert" in said and ("certificate" in said or "unknown ca" in said or "handshake failure" in said):
            return NoServer(f"{self.called} breaks off the greeting of https; it may want a certificate of who asks")
        if "certificate" in said or "hostname mismatch" in said:
            return NoServer(
                f"{self.called}'s certificate is not trusted; SSL_CERT_FILE can name a file of those that are"
            )
        if "wrong version number" in said or "record layer" in said:
            return NoServer(f"{self.called} does not speak https; check how OPENAI_BASE_URL begins")
        if "ProxyError" in kinds:
            return NoServer(
                f"the proxy does not let {self.called} be asked; check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
            )
        if kinds & {"ConnectError", "ConnectTimeout", "UnsupportedProtocol"}:
            return Transient(f"{self.called} can't be reached", unreachable=True)
        if kinds & {"TimeoutException", "APITimeoutError"}:
            return TimeoutError()
        if kinds & {"HTTPError", "StreamError", "InvalidURL", "OSError", "EndOfStream", "APIConnectionError"}:
            return Transient(f"the connection to {self.called} broke off", paid=True)
        return error


def _reply(response: Response) -> Reply:
    return Reply(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content
    )


def _words(error: BaseException) -> str:
    """What an error and its causes say, in lower case."""
    told = ""
    each: BaseException | None = error
    while each is not None:
        told += f" {each}"
        each = each.__cause__ or each.__context__
    return told.lower().replace("_", " ")
