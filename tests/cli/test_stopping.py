"""Ctrl-C from the first moment on: no traceback, the exit code of a stop, and with ``--log json`` only JSON."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from dreamrunner.cli import stopping
from dreamrunner.cli.exits import INTERRUPTED, TERMINATED
from dreamrunner.log_option import asks_for_json
from tests.material.two_scenes import STORY

INTERRUPTED_AT = """
import os, signal, sys
at = sys.argv.pop(1)
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == at:
            os.kill(os.getpid(), {signal})
sys.meta_path.insert(0, Interrupts())
sys.argv[0] = "dreamrunner"
from dreamrunner.__main__ import main
sys.exit(main())
"""
"""Stops itself when it is about to import a module of a name."""


def stopped(folder: Path, module: str, number: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", INTERRUPTED_AT.format(signal=number), module, *arguments]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DREAMRUNNER_CACHE": str(folder / "cache"),
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("given", "json"),
    [
        (["build", "a.story", "--log", "json"], True),
        (["build", "--log=json", "--nonsense"], True),
        (["build", "--log", "text", "json"], False),
        (["json", "--log"], False),
        (["--log=jsonl"], False),
        ([], False),
    ],
)
def test_json_is_asked_for(given: list[str], json: bool) -> None:
    assert asks_for_json(given) is json


def test_a_stop_has_the_exit_code_of_its_signal() -> None:
    assert {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED} == {2: 128 + 2, 15: 128 + 15}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "two.story").write_text(STORY)
    return tmp_path


@pytest.mark.parametrize(
    "module",
    [
        "dreamrunner.cli",
        "dreamrunner.cli.exits",
        "dreamrunner.cli.console.log",
        "argparse",
        "dreamrunner.cli.parsing",
        "dreamrunner.cli.commands.build",
        "dreamrunner.pipeline",
        "pydantic",
        "lark",
        "numpy",
        "dreamrunner.pipeline.forecast",
    ],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_while_python_imports_is_told_as_any_other(folder: Path, module: str, number: int) -> None:
    code = 130 if number == signal.SIGINT else 143
    done = stopped(folder, module, number, "build", "two.story", "--dry-run", "--log", "json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == code and done.stdout == ""
    assert [event["event"] for event in events][-2:] == ["stopped", "ended"]
    assert events[-2]["message"].startswith("Stopped. ") and events[-1]["exit_code"] == code
    assert all(event["time"].endswith("Z") for event in events)


def test_people_are_told_in_a_line(folder: Path) -> None:
    done = stopped(folder, "dreamrunner.cli.exits", signal.SIGINT, "check", "two.story")
    assert (done.returncode, done.stderr) == (130, "\nStopped. Nothing was begun.\n")
    done = stopped(folder, "dreamrunner.language", signal.SIGINT, "check", "two.story")
    told = "\nStopped. What is finished is kept: run the same command again to go on.\n"
    assert (done.returncode, done.stderr) == (130, told)


@pytest.mark.parametrize(("command", "begun"), [("preview --no-open", b"http://"), ("watch", b"build/two/boxes.png")])
def test_what_runs_until_ctrl_c_says_that_it_has_stopped(folder: Path, command: str, begun: bytes) -> None:
    run = [sys.executable, "-m", "dreamrunner", *command.split(), "two.story"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(run, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(begun)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=300)
    assert process.returncode == 130
    assert told.decode().endswith("\nStopped. What is finished is kept: run the same command again to go on.\n")


def test_a_system_without_alarms_can_be_stopped_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    hook = sys.unraisablehook
    monkeypatch.setattr(stopping, "_HAS_ALARM", False)
    monkeypatch.delattr(signal, "SIGALRM")
    monkeypatch.delattr(signal, "setitimer")
    stop = stopping.Stop()
    try:
        stop.listen()
        stop.signal = signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            stop._unraisable(SimpleNamespace(exc_value=KeyboardInterrupt()))
            for _ in range(500):
                time.sleep(0.01)  # a long sleep isn't ended by an interruption without a signal
        assert stop.farewell(json=False) == INTERRUPTED
    finally:
        monkeypatch.undo()
        sys.unraisablehook = hook
        for number, handler in handlers.items():
            signal.signal(number, handler)
