"""The protocol below the features: frames that are none, requests at the wrong time or without sense, and the end."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import pytest

from dreamrunner.editor.frames import LARGEST_MESSAGE, Malformed, messages
from tests.material.editor_session import LONGEST_WAIT
from tests.material.protocol_talk import BEGIN, BEGUN, TEXT, conversation, frame, request

PLACE = {"textDocument": TEXT, "position": {"line": 0, "character": 0}}
GOOD = request(1, "x")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        (frame(GOOD), 0),
        (frame(GOOD, b"\n"), 0),
        (b"content-LENGTH :".replace(b" ", b"") + frame(GOOD)[15:], 0),
        (b"Content-Type: x\r\n" + frame(GOOD), 0),
        (b"\r\n\n" + frame(GOOD), 0),
        (b"Foo: 1\r\n\r\n" + frame(GOOD), 1),
        (b"Content-Length: -5\r\n\r\n" + frame(GOOD), 1),
        (b'Content-Length: -5\r\n\r\n{"a": 1}' + frame(GOOD), 2),
        (b"Content-Length: many\n\n" + frame(GOOD), 1),
        (b"Content-Length: 99999999999\r\n\r\n" + frame(GOOD), 1),
        (b'{"jsonrpc": "2.0"}' + frame(GOOD), 1),
        (b"x" * 100_000 + frame(GOOD), 1),
        (frame(b"{ no") + frame(GOOD), 1),
        (frame(b"\xff\xfe") + frame(GOOD), 1),
        (frame(b"[" * 100_000) + frame(GOOD), 1),
        (frame(GOOD) + b"Content-Length: 10\r\n\r\n{", 0),
    ],
)
def test_what_is_no_frame_is_told_and_the_next_one_read(sent: bytes, wrong: int) -> None:
    found = list(messages(io.BytesIO(sent)))
    assert [item for item in found if not isinstance(item, Malformed)] == [GOOD]
    assert len(found) == 1 + wrong


def test_a_message_longer_than_one_may_be_is_not_read() -> None:
    (found,) = messages(io.BytesIO(b"Content-Length: %d\r\n\r\n" % (LARGEST_MESSAGE + 1)))
    assert found == Malformed(f"a message is longer than {LARGEST_MESSAGE:,} bytes")


def codes(*sent: Any) -> dict[Any, int | None]:
    _, answers = conversation(*sent)
    return {item["id"]: item.get("error", {}).get("code") for item in answers if "id" in item}


def test_what_comes_before_and_after_its_time_is_refused() -> None:
    hover = "textDocument/hover"
    found = codes(
        request(1, hover, params=PLACE), request(2, "shutdown"), {"jsonrpc": "2.0", "method": "initialized"}, BEGUN,
        request(3, "initialize", params=BEGIN), request(4, "shutdown"), request(5, hover, params=PLACE),
        request(6, "shutdown"), {"jsonrpc": "2.0", "method": "textDocument/didSave", "params": {}},
    )  # fmt: skip
    assert found == {1: -32002, 2: -32002, "begin": None, 3: -32600, 4: None, 5: -32600, 6: -32600}


def at(position: object) -> dict[str, object]:
    return {"textDocument": TEXT, "position": position}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        *((request(7, "textDocument/hover", params=at(position)), -32602)
          for position in ({"line": -1, "character": 0}, {"line": 10**18, "character": 0},
                           {"line": 1e18, "character": 1},
                           {"line": [0], "character": 0}, {"line": None, "character": 0}, {}, [], None, "x", 5)),
        (request(7, "textDocument/hover"), -32602),
        (request(7, "textDocument/hover", params=[1]), -32602),
        (request(7, "textDocument/hover", params="x"), -32602),
        (request(7, "textDocument/inlayHint", params={"textDocument": TEXT, "range": {}}), -32602),
        (request(7, "textDocument/rename", params=PLACE), -32602),
        (request(7, "textDocument/formatting", params={"textDocument": TEXT}), -32602),
        (request(7, "workspace/executeCommand", params={"command": "dreamrunner.sceneAt", "arguments": [1]}), -32602),
        (request(7, "workspace/executeCommand", params={"command": "none"}), -32602),
        (request(7, "textDocument/nonsense", params={}), -32601),
        (request(7, "$/nonsense"), -32601),
        (request(7, "exit"), -32600),
        (request(7, 5), -32600),
        (request(7, "textDocument/hover", params=at({"line": 2**31 - 1, "character": 2**31 - 1})), None),
        (request(7, "textDocument/foldingRange", params={"textDocument": {"uri": "file://[bad"}}), -32602),
        ({**request(7, "shutdown"), "jsonrpc": "1.0"}, -32600),
        ({"jsonrpc": "2.0", "id": 7}, -32600),
    ],
)  # fmt: skip
def test_a_request_without_sense_is_answered_as_an_error(message: object, code: int | None) -> None:
    _, answers = conversation(BEGUN, message, request(8, "textDocument/foldingRange", params={"textDocument": TEXT}))
    found = {item["id"]: item for item in answers if "id" in item}
    assert found[7].get("error", {}).get("code") == code
    assert "result" in found[8]
    assert "Error" not in json.dumps(found[7])


@pytest.mark.parametrize("message", [5, None, [], [request(7, "shutdown")], "x", {}, request([7], "shutdown"),
                                     request(True, "shutdown"), request(1.5, "shutdown"),
                                     {"jsonrpc": "2.0"}])  # fmt: skip
def test_what_can_not_be_answered_by_its_id_is_answered_without(message: object) -> None:
    _, answers = conversation(BEGUN, message)
    assert answers[-1]["id"] is None and answers[-1]["error"]["code"] == -32600


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "nonsense"},
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": [1]},
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {}}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 99}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {}},
        {"jsonrpc": "2.0", "id": 99, "result": None},
        {"jsonrpc": "2.0", "id": [], "result": None},
        {"jsonrpc": "2.0", "id": 99, "error": 5},
    ],
)
def test_what_nobody_waits_for_is_passed_over(message: object) -> None:
    _, answers = conversation(BEGUN, message, request(8, "shutdown"))
    assert [item["id"] for item in answers] == ["begin", 8]


@pytest.mark.parametrize("pause", [0, 1, 2])
@pytest.mark.parametrize("unfinished", ["initialized", "textDocument/didOpen", "textDocument/hover"])
def test_a_shutdown_right_behind_something_is_answered(unfinished: str, pause: int) -> None:
    opened = {"uri": TEXT["uri"], "languageId": "dreamrunner", "version": 1, "text": "character cat\n"}
    begun: dict[str, Any] = {
        "initialized": {"params": {}},
        "textDocument/didOpen": {"params": {"textDocument": opened}},
        "textDocument/hover": {"id": 7, "params": PLACE},
    }
    message = {"jsonrpc": "2.0", "method": unfinished, **begun[unfinished]}
    _, answers = conversation(BEGUN, message, message, request(8, "shutdown"), pause=pause)
    (goodbye,) = [item for item in answers if item.get("id") == 8]
    assert goodbye["result"] is None and "error" not in goodbye


def test_edits_leave_nothing_behind() -> None:
    opened = {"uri": TEXT["uri"], "languageId": "dreamrunner", "version": 1, "text": "character cat\n"}
    edits = [
        {"jsonrpc": "2.0", "method": "textDocument/didChange",
         "params": {"textDocument": {**TEXT, "version": n}, "contentChanges": [{"text": f"character cat{n}\n"}]}}
        for n in range(2, 60)
    ]  # fmt: skip
    protocol, _ = conversation(
        BEGUN, {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": opened}}, *edits
    )
    assert protocol._request_futures == {} and protocol._result_types == {}


BUSY: dict[str, str] = {
    "a thread": "from dreamrunner.editor import inlay_hints; inlay_hints.inlay_hints = lambda *given: time.sleep(300)",
    "the loop": "from dreamrunner.editor.publishing import Publisher; Publisher.now = lambda *given: time.sleep(300)",
}


@pytest.mark.parametrize("busy", BUSY)
@pytest.mark.parametrize("goodbye", [["shutdown", "exit"], ["exit"], []], ids=["politely", "rudely", "silently"])
def test_the_server_ends_though_something_computes(busy: str, goodbye: list[str]) -> None:
    run = f"import sys, time; {BUSY[busy]}; from dreamrunner.cli import main; sys.exit(main(['lsp']))"
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    opened = {**TEXT, "languageId": "dreamrunner", "version": 1, "text": "character cat\n"}
    sent = [
        BEGUN,
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": opened}},
        request(2, "textDocument/inlayHint", params={"textDocument": TEXT, "range": span}),
        *(request(3, each) if each == "shutdown" else {"jsonrpc": "2.0", "method": each} for each in goodbye),
    ]
    done = subprocess.run(
        [sys.executable, "-c", run], input=b"".join(map(frame, sent)), capture_output=True, timeout=2 * LONGEST_WAIT
    )  # a guard against hanging
    assert done.returncode == (goodbye == ["exit"])
