"""A scene that is filmed for the page: a build in a process of its own, whose JSON log says how far it is.

A process of its own can be stopped at any moment, gives its memory back, and reads the story as it is saved.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dreamrunner.files.json import parse
from dreamrunner.files.wording import reason
from dreamrunner.preview.filming import Film, Filmer, Progress, Report

_LOOK = 0.2  # seconds between two looks whether to stop
_PATIENCE = 20.0  # seconds that a build has to stop by itself
_REASONS = 3


def filmer(story: Path, out: Callable[[], Path], *, allow_outside: bool) -> Filmer:
    """Films the scenes of ``story`` as ``dreamrunner build --scene`` does, into the folder that ``out`` names."""

    def film(asked: Film, report: Report, stop: threading.Event) -> str:
        words = ["build", str(story), "--scene", asked.scene, "--log", "json", "--out", str(out())]
        words += ["--seed", str(asked.seed)] if asked.seed is not None else []
        words += ["--allow-outside"] if allow_outside else []
        return _run(words, report, stop)

    return film


def _run(words: Sequence[str], report: Report, stop: threading.Event) -> str:
    command = [sys.executable, "-m", "dreamrunner", *words]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
    except OSError as error:
        return f"no build could be started: {reason(error)}"
    over = threading.Event()
    watch = threading.Thread(target=_stop, args=(process, stop, over), daemon=True)
    watch.start()
    wrong: deque[str] = deque(maxlen=_REASONS)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            with suppress(ValueError):
                _hear(parse(line), report, wrong)
        code = process.wait()
    finally:
        over.set()
        watch.join()
    return "" if code == 0 else "; ".join(wrong) or f"the build ended with {code}"


def _stop(process: subprocess.Popen[str], stop: threading.Event, over: threading.Event) -> None:
    """Have a build stop as soon as somebody asks for that, as Ctrl-C would."""
    while not over.wait(_LOOK):
        if stop.is_set():
            process.terminate()
            if not over.wait(_PATIENCE):
                process.kill()
            return


def _hear(event: dict[str, Any], report: Report, wrong: deque[str]) -> None:
    """Tell what an object of the log says."""
    match event.get("event"):
        case "task-started" | "task-advanced":
            left = event.get("build_left", event.get("left"))
            report(Progress(event["task"], event.get("fraction"), left))
        case "task-failed":
            wrong.append(f"{event['stage']} {event['of']}: {event['why']}")
        case "diagnostic" if event.get("severity") == "error":
            wrong.append(str(event["message"]))
        case "error":
            wrong.append(str(event.get("message") or event.get("text") or ""))
