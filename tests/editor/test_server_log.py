"""The server's log on standard error, which editors show to people: a plain line for each fault, and nothing else."""

from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from dreamrunner.editor import log
from dreamrunner.editor.publishing import Publisher
from dreamrunner.editor.server import make_server
from tests.material.protocol_talk import BEGUN, TEXT, conversation, frame, request

PARAMETERS: list[Any] = [
    None, 5, "x", [], [1], {}, {"textDocument": 5}, {"textDocument": {}}, {"textDocument": {"uri": 5}},
    {"textDocument": {"uri": "file://[bad"}, "position": {"line": 0, "character": 0}},
    {"textDocument": {"uri": "file:///a%00b"}, "position": {"line": 0, "character": 0}},
    {"textDocument": TEXT, "position": {"line": -1, "character": 0}},
    {"textDocument": {**TEXT, "version": 2}, "contentChanges": [{"text": "x"}]},
    {"notebookDocument": {"uri": "a", "version": 1}, "change": {}},
    {"event": {"added": [], "removed": [{"uri": "file:///never", "name": "n"}]}},
    {"command": "none"}, {"command": "dreamrunner.sceneAt", "arguments": [1]}, {"id": []}, {"value": "loud"},
]  # fmt: skip
_KNOWN = make_server(tuple).protocol.fm
METHODS = [*({*_KNOWN.features, *_KNOWN.builtin_features} - {"exit", "shutdown"}), "$/cancelRequest", "$/progress",
           "codeLens/resolve", "workspace/applyEdit", "nonsense", "$/nonsense", "x\x1b[31m\n\ud800"]  # fmt: skip
ODD = [5, None, [], "x", {}, {"jsonrpc": "1.0"}, {"jsonrpc": "2.0"}, request([7], "shutdown"),
       {"jsonrpc": "2.0", "id": [], "result": None}, {"jsonrpc": "2.0", "id": 99, "error": 5}]  # fmt: skip
CLASS = re.compile(r"Traceback|\b[A-Z]\w*(?:Error|Exception|Params)\b|cattrs|pygls|<class|File \"")


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What the log of the server says, from here on."""
    handlers, level, said = list(logging.root.handlers), logging.root.level, io.StringIO()
    log.log_to(said)
    yield said
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_whatever_is_sent_the_log_holds_plain_lines(told: io.StringIO) -> None:
    asked = [request(n, method, params=each) for method in METHODS for n, each in enumerate(PARAMETERS)]
    said = [{name: each[name] for name in each if name != "id"} for each in asked]
    conversation(BEGUN, *asked, *said, *ODD, pause=1)
    lines = told.getvalue().splitlines()
    assert len(lines) > 500
    for line in set(lines):
        assert line.startswith("dreamrunner lsp: ") and line.isprintable() and not CLASS.search(line), line
        assert "unforeseen" not in line


@pytest.mark.parametrize(
    ("method", "params", "line"),
    [
        ("textDocument/didOpen", [1], "textDocument/didOpen: its parameters are not those of the protocol"),
        ("textDocument/didChange", PARAMETERS[12], "textDocument/didChange: file:///nowhere/x.story is not open"),
        ("textDocument/didClose", {"textDocument": TEXT}, "textDocument/didClose: file:///nowhere/x.story is not open"),
        ("textDocument/didSave", PARAMETERS[9], "textDocument/didSave: file://[bad is no address of a document"),
        ("workspace/didChangeConfiguration", 5, ""),
        ("notebookDocument/didChange", PARAMETERS[13], ""),
    ],
)
def test_a_notification_that_is_wrong_is_a_line(method: str, params: object, line: str, told: io.StringIO) -> None:
    conversation(BEGUN, {"jsonrpc": "2.0", "method": method, "params": params})
    assert told.getvalue() == (f"dreamrunner lsp: {line}\n" if line else "")


def test_a_request_that_is_wrong_is_a_line_too(told: io.StringIO) -> None:
    command = {"command": "dreamrunner.sceneAt", "arguments": ["file:///x", "y"]}
    conversation(BEGUN, request(7, "textDocument/rename", params=5), request(8, "nonsense"),
                 request(9, "workspace/executeCommand", params=command))  # fmt: skip
    assert told.getvalue().splitlines() == [
        "dreamrunner lsp: textDocument/rename: its parameters are not those of the protocol",
        "dreamrunner lsp: there is no method nonsense",
        "dreamrunner lsp: workspace/executeCommand: its parameters are not those of the protocol",
    ]


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_fault_of_the_server_is_a_line_and_a_traceback_only_for_who_wants_it(
    debug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("odd")

    monkeypatch.setenv("DREAMRUNNER_DEBUG", debug)
    monkeypatch.setattr(Publisher, "now", broken)
    handlers, level, said = list(logging.root.handlers), logging.root.level, io.StringIO()
    log.log_to(said)
    opened = {**TEXT, "languageId": "dreamrunner", "version": 1, "text": "character cat\n"}
    conversation(BEGUN, {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": opened}})
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    assert "textDocument/didOpen: something unforeseen went wrong ('odd')" in said.getvalue()
    assert ("Traceback" in said.getvalue()) == (debug == "1")
    assert debug == "1" or said.getvalue().count("\n") == 1


def test_the_process_writes_that_log() -> None:
    sent = [BEGUN, {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": PARAMETERS[12]}, b"{ no",
            request(8, "shutdown"), {"jsonrpc": "2.0", "method": "exit"}]  # fmt: skip
    command = [sys.executable, "-m", "dreamrunner", "lsp"]
    done = subprocess.run(command, input=b"".join(map(frame, sent)), capture_output=True)
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [
        "dreamrunner lsp: textDocument/didChange: file:///nowhere/x.story is not open",
        "dreamrunner lsp: a message is no JSON",
    ]
