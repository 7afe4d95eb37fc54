"""A client for tests that speaks the protocol word by word, to a server in this process or by frames."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

from dreamrunner.editor.frames import messages
from dreamrunner.editor.protocol import StoryProtocol
from dreamrunner.editor.server import make_server

TEXT = {"uri": "file:///nowhere/x.story"}
BEGIN = {"processId": None, "rootUri": None, "capabilities": {}}


def frame(message: object, end: bytes = b"\r\n") -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d" % len(body) + 2 * end + body


def request(number: object, method: object, **more: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method, **more}


BEGUN = request("begin", "initialize", params=BEGIN)


class Answers:
    """What the server writes, as messages."""

    def __init__(self) -> None:
        self.written = io.BytesIO()

    def write(self, data: bytes) -> None:
        self.written.write(data)

    def close(self) -> None:
        pass

    def all(self) -> list[Any]:
        return list(messages(io.BytesIO(self.written.getvalue())))


def conversation(*sent: Any, pause: int = 3) -> tuple[StoryProtocol, list[Any]]:
    """The server's answers to messages, one after the other; after each it has so many rounds of its loop."""
    protocol, answers = make_server(tuple).protocol, Answers()
    assert isinstance(protocol, StoryProtocol)
    protocol.set_writer(answers)

    async def talk() -> None:
        for message in sent:
            protocol.take(message)
            for _ in range(pause):
                await asyncio.sleep(0)
        while protocol._request_futures:  # what has a thread of its own ends when it does
            await asyncio.sleep(0.001)

    asyncio.run(talk())
    return protocol, answers.all()
