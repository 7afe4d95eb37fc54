"""The live page's server: to the loopback alone, and only what belongs to its one story.

Every address begins with a token that only the printed address holds, so that no other site and no other user of the
machine finds the page. Nothing in an address is ever a path of a file: it is looked up among what the page has. The
``Host`` must be the loopback's, against names that are made to point here, and who writes must be the page itself.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

import dreamrunner.film
from dreamrunner.files.regular import open_regular
from dreamrunner.files.wording import reason
from dreamrunner.preview.choices import Take
from dreamrunner.preview.directing import Asked
from dreamrunner.preview.filming import Film
from dreamrunner.preview.moves import Move, Refused, Written

HOST = "127.0.0.1"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none';"
    " frame-ancestors vscode-webview: vscode-file:"
)
"""What the page may do: run its own scripts and ask this server. Nobody may show it in a frame but an editor, in a view
of its own."""

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOOTAGE = {"film": "video/mp4", "sound": "audio/wav"}
_LARGEST_BODY = 64 * 1024
_HEARTBEAT = 10.0  # seconds, after which a browser that has gone is noticed
_PIECE = 256 * 1024
_RANGE = re.compile("bytes=([0-9]{0,15})-([0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class News:
    """What a page has been told: the board of a ``version``, None where that is an old one, and what is filmed."""

    version: int = 0
    films: dict[str, Any] | None = None
    board: dict[str, Any] | None = None


class Live(Protocol):
    """What is served: boards, as they come, the films that they show, and what is done with the story."""

    def wait(self, news: News, seconds: float) -> News | None: ...

    def film(self, scene: str, digest: str) -> Path | None: ...

    def sound(self, scene: str, digest: str) -> Path | None: ...

    def move(self, asked: Move) -> Written | Refused: ...

    def take(self, asked: Take) -> Written | Refused: ...

    def change(self, asked: Asked) -> Written | Refused: ...

    def go(self, step: int) -> Written | Refused: ...

    def start(self, film: Film) -> Written | Refused: ...

    def stop(self) -> Written | Refused: ...


class PreviewServer(ThreadingHTTPServer):
    """Serves ``live`` at :attr:`url`. Raises OSError when the port can't be had."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"

    def __init__(self, live: Live, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.live = live
        self.token = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        return f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle is nothing to tell of."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that a browser may take to send or to take something
    server: PreviewServer

    def do_GET(self) -> None:
        asked = self._asked()
        if asked is None:
            return
        if asked == "events":
            self._events()
        elif (found := self._footage(asked)) is not None:
            self._film(*found)
        elif asked in (files := _page_files()):
            content, kind = files[asked]
            self._answer(HTTPStatus.OK, content, kind)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing here")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        asked = self._asked()
        if asked is None:
            return
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,6}", length) or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too much was sent, or it is not said how much")
            return
        body = self.rfile.read(int(length))
        own = {f"http://{host}" for host in self.server.hosts}
        if self.headers.get("Origin") not in own or self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.FORBIDDEN, "only the page itself may write")
        elif (done := _deeds(self.server.live).get(asked)) is not None:
            self._write(lambda: done(body))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing here")

    def _asked(self) -> str | None:
        """What is asked for, behind the token; None where it was refused."""
        if self.headers.get("Host") not in self.server.hosts:
            self.close_connection = True
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
            return None
        token, _, rest = urlsplit(self.path).path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()):
            self.close_connection = True
            self._refuse(HTTPStatus.FORBIDDEN, "open the address that dreamrunner preview printed")
            return None
        return unquote(rest)

    def _footage(self, asked: str) -> tuple[Path, str] | None:
        """The film of a scene, or what is said in it, that is asked for by name and digest, with its type."""
        kind, _, rest = asked.partition("/")
        scene, _, digest = rest.partition("/")
        live = self.server.live
        found = live.film(scene, digest) if kind == "film" else live.sound(scene, digest) if kind == "sound" else None
        return (found, _FOOTAGE[kind]) if found is not None else None

    # Answers

    def _events(self) -> None:
        """Every board, and how far what is filmed is, as soon as that changes, as server-sent events, until the browser
        goes."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self._headers("text/event-stream")
        self.end_headers()
        had = News()
        while self.command != "HEAD":
            news = self.server.live.wait(had, _HEARTBEAT)
            if news is None:
                self.wfile.write(b": here\n\n")
                continue
            if news.board is not None:
                self.wfile.write(f"data: {json.dumps(news.board)}\n\n".encode())
            if news.films != had.films:
                self.wfile.write(f"event: filming\ndata: {json.dumps(news.films)}\n\n".encode())
            had = News(news.version, news.films)

    def _write(self, write: Callable[[], Written | Refused]) -> None:
        """Do what writes into a text, and answer where that stands or why it was not done."""
        try:
            done = write()
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            self._refuse(HTTPStatus.BAD_REQUEST, f"{where}: {first['msg'].lower()}")
            return
        except OSError as error:
            said = reason(error)
            self._refuse(HTTPStatus.INSUFFICIENT_STORAGE, f"the text can't be written, and is as it was: {said}")
            return
        if isinstance(done, Refused):
            self._refuse(HTTPStatus.CONFLICT if done.changed else HTTPStatus.UNPROCESSABLE_ENTITY, done.reason)
        else:
            self._json(HTTPStatus.OK, {"file": done.file.name, "line": done.line, "seen": done.seen})

    def _film(self, film: Path, kind: str) -> None:
        """A film or a sound, or the part of it that is asked for."""
        try:
            file = open_regular(film)
        except OSError:
            self._refuse(HTTPStatus.NOT_FOUND, "the film is gone")
            return
        with file:
            size = os.fstat(file.fileno()).st_size
            part = _part(self.headers.get("Range"), size)
            if part is None:
                self._refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "there is no such part")
                return
            start, end = part
            whole = (start, end) == (0, size)
            self.send_response(HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT)
            self._headers(kind)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(end - start))
            if not whole:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.end_headers()
            file.seek(start)
            left = end - start if self.command != "HEAD" else 0
            while left and (piece := file.read(min(left, _PIECE))):
                self.wfile.write(piece)
                left -= len(piece)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._json(status, {"error": why})

    def _json(self, status: HTTPStatus, value: Any) -> None:
        self._answer(status, json.dumps(value).encode(), "application/json")

    def _answer(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self._headers(kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _headers(self, kind: str) -> None:
        self.send_header("Content-Type", kind if kind in _FOOTAGE.values() else f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", PAGE_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What can't be read as a request is refused as everything else is."""
        self.close_connection = True
        self._refuse(HTTPStatus(code), message or HTTPStatus(code).phrase)

    def version_string(self) -> str:
        return "dreamrunner"

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: the terminal is the user's."""


def _deeds(live: Live) -> dict[str, Callable[[bytes], Written | Refused]]:
    """What the page can do, by address, given the body of its request."""
    return {
        "move": lambda body: live.move(Move.model_validate_json(body)),
        "take": lambda body: live.take(Take.model_validate_json(body)),
        "change": lambda body: live.change(Asked.model_validate_json(body)),
        "undo": lambda _: live.go(-1),
        "redo": lambda _: live.go(1),
        "film": lambda body: live.start(Film.model_validate_json(body)),
        "stop": lambda _: live.stop(),
    }


@lru_cache(maxsize=1)
def _page_files() -> dict[str, tuple[bytes, str]]:
    """The page's own files by address, each with its type."""
    own, still = Path(__file__).parent / "page", Path(dreamrunner.film.__file__).parent / "page"
    names = {"": own / "preview.html"}
    for folder, found in ((still, ("storyboard.css", "drawing.js", "player.js")), (own, os.listdir(own))):
        names.update({f"page/{name}": folder / name for name in found if Path(name).suffix in _TYPES})
    return {address: (file.read_bytes(), _TYPES[file.suffix]) for address, file in names.items()}


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """The stretch of ``size`` bytes that a Range header asks for, its end exclusive; None when there is no such one."""
    found = _RANGE.fullmatch(asked or "")
    if found is None or not any(found.groups()):
        return 0, size
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    return (start, end) if start < end else None
