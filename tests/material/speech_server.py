"""A server that speaks the speech protocol over a real socket, well or as badly as it is told."""

from __future__ import annotations

import io
import json
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import numpy as np

from tests.material.replying import Replying

KEY = "sk-test-5ecret-0123456789"

Behave = Callable[["Handler", dict], None]


def spoken(seconds: float, pitch: float = 440.0, rate: int = 24_000) -> bytes:
    """A tone as a WAV file."""
    tone = np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate) * 12_000
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tone.astype("<i2").tobytes())
    return held.getvalue()


class Handler(Replying):
    """One connection. What it does with a request is the script's to say."""

    usual_type = "audio/wav"
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body | {"path": self.path, "key": self.headers["Authorization"]})
        behave = self.server.script.pop(0) if self.server.script else self.server.usual
        try:
            behave(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


class Server(ThreadingHTTPServer):
    """``script`` is what happens to the next requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict] = []
        self.script: list[Behave] = []
        self.usual: Behave = says(0.5)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def says(seconds: float, pitch: float = 440.0) -> Behave:
    return lambda handler, _: handler.send(200, spoken(seconds, pitch))


def status(code: int, headers: dict[str, str] | None = None) -> Behave:
    error = json.dumps({"error": {"message": f"no, {KEY}", "type": "x", "code": None, "param": None}}).encode()
    return lambda handler, _: handler.send(code, error, {"Content-Type": "application/json", **(headers or {})})


def no_sound(handler: Handler, _: dict) -> None:
    handler.send(200, b"it works")


def cut_off(handler: Handler, _: dict) -> None:
    whole = spoken(0.5)
    handler.send(200, whole[: len(whole) // 2], length=len(whole))
    handler.close_connection = True


def slow(handler: Handler, _: dict) -> None:
    time.sleep(1.5)
    handler.send(200, spoken(0.5))
