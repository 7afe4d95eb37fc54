"""Commands that read or draw texts: a bar on a terminal where that lasts, and nothing else ever."""

import io
import sys
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.cli.console import output, waiting
from dreamrunner.files.heard import through
from tests.material.two_scenes import STORY

OPEN = f'{STORY}\nscene open\n  narration "The witch walks. The cat sleeps. The witch waves."\n'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What is drawn on standard error from now on, from the first sign of progress."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(waiting, "SILENT", 0.0)
    monkeypatch.setattr(waiting, "_BETWEEN", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return terminal


def test_a_bar_has_the_time_left_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    now = [100.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    with waiting.waiting():
        drawn = []
        for _ in through(range(4), "reading the narrations"):
            view = output._view
            drawn += [(e.stage, e.of, e.advanced.fraction, e.left) for e in view.running.values()]
            now[0] += 3.0
    told = ("reading", "the narrations")
    assert drawn == [(*told, 0.0, None), (*told, 0.25, 9.0), (*told, 0.5, 6.0), (*told, 0.75, 3.0)]
    assert output._view is None and "reading the narrations" in terminal.getvalue()


def test_work_that_does_not_last_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(waiting, "SILENT", 1000.0)
    with waiting.waiting():
        list(through(range(100), "reading the narrations"))
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("command", "doing"),
    [
        (["check", "two.story"], "checking the stories"),
        (["plan", "two.story"], "signing the scenes"),
        (["storyboard", "two.story"], "drawing the storyboard"),
    ],
)
def test_every_such_command_shows_it(
    command: list[str], doing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    Path("two.story").write_text(OPEN)
    assert main(command) == 0
    assert doing in terminal.getvalue()
    piped = io.StringIO()
    monkeypatch.setattr(sys, "stderr", piped)
    assert main(command) == 0
    assert doing not in piped.getvalue() and "\x1b" not in piped.getvalue()
