"""A server that speaks the chat protocol over a real socket, well or as badly as it is told."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from tests.material.replying import Replying

KEY = "sk-test-5ecret-0123456789"

Behave = Callable[["Handler", dict], None]


def good_scene(facts: dict) -> dict:
    """A sound answer for any request of the scene level."""
    scene, cast = facts["scene"], facts["story"]
    rows = scene["lines"] or [{"line": 0, "entity": cast["characters"][0]["name"], "motion": None}]
    frames = []
    for second in range(scene["seconds"]):
        present = [
            row
            for row in rows
            if (row.get("from_second") or 0) < second + 1 and second < (row.get("to_second") or scene["seconds"])
        ]
        frames.append({"second": second, "entities": [_entity(row, second) for row in present]})
    return {
        "reasoning": "They walk.",
        "background": "" if scene["background"] is not None else f"a place called {scene['name']}",
        "narration": "" if scene["narration"] is not None else f"It happens in the {scene['name']}.",
        "key_frames": frames,
    }


def _entity(row: dict, second: int) -> dict:
    return {
        "line": row["line"],
        "entity": row["entity"],
        "motion": row["motion"] or "strolling",
        "description": row.get("description") or f"the {row['entity']} is strolling",
        "box": [0.1 + 0.05 * second, 0.3, 0.4 + 0.05 * second, 0.9],
    }


def good_story(facts: dict) -> dict:
    """A sound answer of the story level."""
    name = facts["characters"][0]["name"]
    scenes = [
        {"scene": f"part-{number}", "motions": ["walking"], "narration": f"The {name} is walking, part {number}."}
        for number in range(1, 7)
    ]
    return {"reasoning": "A day.", "scenes": scenes}


class Handler(Replying):
    """One connection. What it does with a request is the script's to say."""

    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        facts = json.loads(body["messages"][1]["content"])
        name = facts["scene"]["name"] if "scene" in facts else "story"
        with self.server.lock:
            self.server.requests.append((name, body))
            self.server.active += 1
            self.server.most_active = max(self.server.most_active, self.server.active)
            script = self.server.scripts[name]
            behave = script.pop(0) if script else self.server.usual
        try:
            behave(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.active -= 1


class Server(ThreadingHTTPServer):
    """``scripts`` gives each scene (``story`` for the story level) what happens to its next requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.requests: list[tuple[str, dict]] = []
        self.scripts: dict[str, list[Behave]] = defaultdict(list)
        self.usual: Behave = well
        self.active = self.most_active = self.sent = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def asked(self) -> Counter:
        return Counter(name for name, _ in self.requests)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def completion(content: str | None, refusal: str | None = None) -> bytes:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return json.dumps(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        }
    ).encode()  # fmt: skip


def well(handler: Handler, body: dict) -> None:
    facts = json.loads(body["messages"][1]["content"])
    answer = good_scene(facts) if "scene" in facts else good_story(facts)
    handler.send(200, completion(json.dumps(answer)))


def says(text: str) -> Behave:
    return lambda handler, _: handler.send(200, completion(text))


def refuses(handler: Handler, _: dict) -> None:
    handler.send(200, completion(None, "I can't help with that."))


def status(code: int, headers: dict[str, str] | None = None, kind: str | None = None) -> Behave:
    error = {"error": {"message": f"no, {KEY}", "type": "x", "code": kind, "param": None}}
    return lambda handler, _: handler.send(code, json.dumps(error).encode(), headers)


def altered(change: Callable[[dict], None]) -> Behave:
    """A sound answer with one thing changed in it."""

    def behave(handler: Handler, body: dict) -> None:
        answer = good_scene(json.loads(body["messages"][1]["content"]))
        change(answer)
        handler.send(200, completion(json.dumps(answer)))

    return behave


def after(seconds: float, then: Behave = well) -> Behave:
    def behave(handler: Handler, body: dict) -> None:
        time.sleep(seconds)
        then(handler, body)

    return behave


def drips(handler: Handler, _: dict) -> None:
    """A reply that never ends, though something comes all the time."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        time.sleep(0.1)


def cut_off(handler: Handler, body: dict) -> None:
    whole = completion(json.dumps({"reasoning": "x" * 500}))
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(whole)))
    handler.end_headers()
    handler.wfile.write(whole[: len(whole) // 2])
    handler.close_connection = True


def garbage(handler: Handler, _: dict) -> None:
    handler.send(200, b"{it works")


def raw(body: bytes, kind: str = "application/json", code: int = 200, **headers: str) -> Behave:
    """Any reply at all."""
    return lambda handler, _: handler.send(code, body, {"Content-Type": kind, **headers})


def reply(change: Callable[[dict, str], object]) -> Behave:
    """A sound reply, changed as a whole: ``change`` gets it and the answer's text, and may give another one."""

    def behave(handler: Handler, body: dict) -> None:
        text = json.dumps(good_scene(json.loads(body["messages"][1]["content"])))
        whole = json.loads(completion(text))
        changed = change(whole, text)
        handler.send(200, json.dumps(whole if changed is None else changed).encode())

    return behave


def message(change: Callable[[str], dict]) -> Behave:
    """A sound reply with another message, made from the answer's text."""

    def changed(whole: dict, text: str) -> None:
        whole["choices"][0]["message"] = {"role": "assistant", **change(text)}

    return reply(changed)


def refuses_forms(*forms: str | None, with_status: int = 400, saying: str = "response_format is unavailable") -> Behave:
    """Answers well where it is not asked in one of these forms."""

    def behave(handler: Handler, body: dict) -> None:
        if body.get("response_format", {}).get("type") in forms:
            handler.send(with_status, json.dumps({"error": {"message": saying}}).encode())
        else:
            well(handler, body)

    return behave


def endless(handler: Handler, _: dict) -> None:
    """A body without an end, sent as fast as it is taken."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    chunk = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    while True:
        handler.server.sent += 2**20
        handler.wfile.write(chunk)


def packed(megabytes: int) -> bytes:
    """So much of nothing, as gzip packs it."""
    return gzip.compress(b" " * (megabytes * 2**20))
