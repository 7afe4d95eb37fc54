"""Requests to servers: asked with openai's client, telling nothing of this machine, and bounded whatever the status."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openai
import pytest

from dreamrunner.servers.address import NoServer, server
from dreamrunner.servers.request import Connection, Reply
from dreamrunner.servers.retrying import Transient

MOST = 2**20
SPEECH = {"model": "m", "voice": "v", "input": "Hi.", "response_format": "wav"}
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "half \ud83d a letter"}]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heads.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(self.server.status)
        for name, value in self.server.more.items():
            self.send_header(name, value)
        self.send_header(*(("Transfer-Encoding", "chunked") if self.server.endless else ("Content-Length", "2")))
        self.end_headers()
        try:
            self.wfile.write(b"{}" if not self.server.endless else b"")
            while self.server.endless:
                self.wfile.write(b"10000\r\n" + b" " * 2**16 + b"\r\n")
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    status, endless = 200, False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heads: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.more: dict[str, str] = {}

    def handle_error(self, *_: object) -> None:
        """A client that trusts no certificate leaves in the middle of a greeting."""


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{running.server_port}/v1")
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def replied(request: dict[str, Any] = REQUEST, speech: bool = False) -> Reply:
    async def asked() -> Reply:
        connection = Connection(server(), "the server", 20.0, MOST)
        try:
            return await (connection.speech(request) if speech else connection.chat(request))
        finally:
            await connection.close()

    return asyncio.run(asked())


@pytest.mark.parametrize("speech", [False, True], ids=["chat", "speech"])
def test_a_request_is_asked_by_openai_and_tells_nothing_of_the_machine(
    running: Server, speech: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    by: list[str] = []
    of = openai.resources.audio.AsyncSpeech if speech else openai.resources.chat.AsyncCompletions
    create = of.create

    async def watched(self: Any, **request: Any) -> Any:
        by.append(request["model"])
        return await create(self, **request)

    monkeypatch.setattr(of, "create", watched)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "schlüssel")
    request = SPEECH if speech else REQUEST
    assert replied(request, speech).body == b"{}" and by == ["m"]
    ((path, head),) = running.heads
    assert path == ("/v1/audio/speech" if speech else "/v1/chat/completions")
    assert set(head) == {
        "host", "accept", "accept-encoding", "connection", "user-agent", "authorization", "content-type",
        "content-length", "openai-organization",
    }  # fmt: skip
    assert (head["user-agent"], head["authorization"]) == ("dreamrunner", "Bearer none")
    assert b"half  a letter" in running.bodies[0] or speech


def test_the_query_of_an_address_stays_behind_the_path(running: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{running.server_port}/a/?api-version=1&x=#part")
    replied()
    assert running.heads[0][0] == "/a/chat/completions?api-version=1&x="


@pytest.mark.parametrize("status", [200, 404, 429, 500])
def test_no_body_is_read_without_end_whatever_the_status(running: Server, status: int) -> None:
    running.status, running.endless = status, True
    with pytest.raises(NoServer, match="larger than 1 MB"):
        replied()
    assert len(running.heads) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 429, 500, 503])
def test_a_refusal_is_a_reply_and_nothing_is_asked_twice(running: Server, status: int) -> None:
    running.status = status
    assert (replied().status, len(running.heads)) == (status, 1)


ELSEWHERE = "check OPENAI_BASE_URL"


@pytest.mark.parametrize(
    ("status", "more", "said"),
    [
        *((code, {}, f"is to be asked at another address (status {code}), but names none; {ELSEWHERE}")
          for code in (301, 302, 307, 308)),
        (307, {"Location": " "}, "but names none"),
        (307, {"Location": "http://127.0.0.1:port/"}, "but names none"),
        (307, {"Location": "http://127.0.0.1:9/v1"}, "sends the request on to another address (status 307), which is"),
        (307, {"Location": "mailto:x"}, "sends the request on to another address (status 307), which is not followed"),
        (307, {"Location": "/v1/chat/completions"}, "sends the request from place to place without end"),
        *((code, {"Location": "/v1"}, f"gives no answer to the request (status {code}); {ELSEWHERE}")
          for code in (300, 303, 304, 305)),
    ],
)  # fmt: skip
def test_a_reply_that_sends_elsewhere_is_told_for_what_it_is(
    running: Server, status: int, more: dict[str, str], said: str
) -> None:
    running.status, running.more = status, more
    with pytest.raises(NoServer) as raised:
        replied()
    assert said in str(raised.value)
    assert len(running.heads) == (4 if "without end" in said else 1)


@pytest.mark.parametrize("host", ["127.0.0.1:9", "no-such-host.invalid", "ex..ample"])
def test_where_no_server_is_it_is_said(running: Server, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{host}/v1")
    with pytest.raises((NoServer, Transient), match=r"can't be reached|is not an address"):
        replied()


def test_a_header_of_the_environment_that_cannot_be_sent_is_told(
    running: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: schlüssel")
    with pytest.raises(NoServer, match="OPENAI_CUSTOM_HEADERS"):
        replied()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl makes a certificate")
def test_a_certificate_that_is_not_trusted_is_told_for_what_it_is(
    running: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"https://127.0.0.1:{running.server_port}/v1")
    with pytest.raises(NoServer, match="does not speak https; check how OPENAI_BASE_URL begins"):
        replied()
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x -addext"
    names = ["subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "own.pem")]
    subprocess.run([*made.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "key.pem")
    running.socket = context.wrap_socket(running.socket, server_side=True)
    for speech in (False, True):
        with pytest.raises(NoServer, match="certificate is not trusted; SSL_CERT_FILE can name") as raised:
            replied(SPEECH if speech else REQUEST, speech)
        assert "127.0.0.1" not in str(raised.value) and running.heads == []
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    assert replied().status == replied(SPEECH, speech=True).status == 200


@pytest.mark.parametrize("alert", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_BAD_CERTIFICATE"])
def test_a_server_that_wants_a_certificate_is_not_called_untrusted(alert: str) -> None:
    told = ssl.SSLError(1, f"[SSL: {alert}] {alert.lower().replace('_', ' ')} (_ssl.c:2580)")
    fault = Connection._fault(SimpleNamespace(called="the server"), told)
    assert isinstance(fault, NoServer) and "it may want a certificate of who asks" in str(fault)
