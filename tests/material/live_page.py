"""A live page for tests: its server on a real socket, in this process or in one of its own, and a plain client."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dreamrunner.pipeline.last_film import film_files, filmed_scenes
from dreamrunner.planning.written.comparing import Comparison
from dreamrunner.preview.board import Films
from dreamrunner.preview.filming import Filmer
from dreamrunner.preview.serve import serve_preview
from tests.material import warm

LONGEST_WAIT = 20.0

STORY = """\
story "A Day"
  seed 3

character witch "a witch in a purple dress"
character cat "a cat"

scene garden
  background "a garden"
  narration "The witch walks, the cat sits."
  witch walking 0s..6s
    at 0s [0.1 0.2 0.4 0.9]   # the start
    at 6s [0.5 0.2 0.8 0.9]
  cat sitting

scene kitchen
  narration "The cat dances."
"""


class Page:
    """What a browser does, step by step. ``url`` is the address that was printed."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.host, self.base = parts.netloc, parts.path

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, timeout=LONGEST_WAIT)

    def ask(
        self, path: str = "", method: str = "GET", body: bytes | None = None, base: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """A request for ``path`` behind the token: status, headers, content. Header names come with ``_`` for ``-``."""
        connection = self.connect()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, (self.base if base is None else base) + path, body, named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def move(self, board: dict[str, Any], scene: str, beat: int, at: float, box: list[float]) -> tuple[int, Any]:
        """Move a box as the page does, having seen ``board``."""
        seen = dict(next(each for each in board["scenes"] if each["name"] == scene)["beats"][beat])
        seen.pop("by")
        move = {"scene": scene, "beat": beat, "at": at, "box": box, "seen": seen}
        status, _, content = self.post(json.dumps(move).encode())
        return status, json.loads(content)

    def take(self, scene: str, fill: int, **headers: str) -> tuple[int, Any]:
        """Take a fill as the page does."""
        body = json.dumps({"scene": scene, "fill": fill}).encode()
        status, _, content = self.post(body, "take", **headers)
        return status, json.loads(content)

    def send(self, address: str, value: Any, **headers: str) -> tuple[int, Any]:
        """Send something to an address as the page does."""
        status, _, content = self.post(json.dumps(value).encode(), address, **headers)
        return status, json.loads(content)

    def post(self, body: bytes, address: str = "move", **headers: str) -> tuple[int, dict[str, str], bytes]:
        own = {"Origin": f"http://{self.host}", "Content_Type": "application/json"}
        return self.ask(address, "POST", body, **{**own, **headers})

    @contextmanager
    def boards(self) -> Iterator[Callable[[], dict[str, Any]]]:
        """Listen for boards; what is given waits for the next one."""
        connection = self.connect()
        connection.request("GET", self.base + "events")
        answer = connection.getresponse()
        assert answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"

        def following() -> dict[str, Any]:
            while True:
                line = answer.readline()
                assert line, "the events have ended"
                if line.startswith(b"data: "):
                    return json.loads(line[6:])

        try:
            yield following
        finally:
            answer.close()
            connection.close()

    def board(self) -> dict[str, Any]:
        with self.boards() as following:
            return following()


@contextmanager
def served(
    story: Path, comparison: Comparison | None = None, filmer: Filmer | None = None, films: Films | None = None
) -> Iterator[Page]:
    """The page of a story, served by a thread of this process until the block ends."""
    folder = story.parent / "build" / story.stem
    addresses: list[str] = []
    told = threading.Event()

    def ready(url: str) -> None:
        addresses.append(url)
        told.set()

    class Ended(Exception):
        pass

    over = threading.Event()

    def found(plan: Any, told: Any) -> Any:
        if over.is_set():
            raise Ended
        return films(plan, told) if films is not None else filmed_scenes(folder, plan, told)

    def outputs(scenes: Any) -> Any:
        return [*film_files(folder, scenes), story.with_name("the-end")]

    def serve() -> None:
        with suppress(Ended):
            serve_preview(story, found, outputs, open_browser=False, ready=ready, comparison=comparison, filmer=filmer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert told.wait(LONGEST_WAIT)
        yield Page(addresses[0])
    finally:
        over.set()
        if not story.exists():
            story.write_text(STORY, encoding="utf-8")
        (story.with_name("the-end")).write_text("")
        thread.join(LONGEST_WAIT)
        assert not thread.is_alive()


@contextmanager
def process(folder: Path, *arguments: str, **more: Any) -> Iterator[tuple[subprocess.Popen[str], Page]]:
    """``dreamrunner preview`` in a process of its own, in ``folder``."""
    command = [*warm.PROGRAM, "preview", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = warm.Popen(command, cwd=folder, **pipes | {"env": warm.environment()} | more)
    try:
        yield started, Page(started.stdout.readline().strip())
    finally:
        started.kill()
        started.communicate()


def until(true: Callable[[], bool]) -> None:
    """Wait until something comes true."""
    end = time.monotonic() + LONGEST_WAIT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
