"""``dreamrunner build`` on a terminal: what is drawn on the way, and what stays."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.material import warm
from tests.material.real_build import Folder
from tests.material.terminal import Terminal

STEPS = "500"  # a second or so where nothing else runs

AT_ONCE = "import sys; from dreamrunner.cli.console import bars; bars.SILENT = 0.1; from dreamrunner.cli import main"
"""The command, which draws from its first moments and not after two seconds."""


@pytest.fixture
def folder(tmp_path: Path, model: Path) -> Folder:
    folder = Folder(tmp_path, model)
    folder.command[: len(warm.PROGRAM)] = [sys.executable, "-c", f"{AT_ONCE}; sys.exit(main())"]
    return folder


@pytest.mark.parametrize("columns", [100, 40])
def test_stages_and_running_tasks_are_drawn_and_only_lines_stay(folder: Folder, columns: int) -> None:
    terminal = Terminal(columns)
    code, out = terminal.run(folder, "--steps", STEPS, "--checker", "none")
    assert (code, out) == (0, "build/two/two.mp4\n")
    drawn = [screen for screen in terminal.seen if any("━" in line for line in screen)]
    bars = [
        (screen[at], " ".join(screen[at + 1 :])) for screen in drawn for at in range(len(screen)) if "━" in screen[at]
    ]
    assert all(
        re.match(r"(filming|encoding|cutting|joining|drawing) ?\S*", bar) for bar, _ in bars
    )  # none runs over its line
    garden = [(bar, counts) for bar, counts in bars if re.match(r"filmi?n?g? ?g?a?r?d?e?n?…? .*━", bar)]
    assert garden and garden[0][1].startswith("plan 1/1, render 0/2, storyboard 0/1, encode 0/2, cut 0/2, join 0/1")
    assert any(re.search(rf"\d+/{STEPS} +\d+(\.\d)? s left", bar) for bar, _ in bars)
    assert any(re.match("plan 1/1, render 1/2, storyboard 0/1, encode [01]/2", counts) for _, counts in bars)
    assert any(re.search(r"join 0/1, (over )?\d+(\.\d)? s left in all", counts) for _, counts in bars)
    stays = [r"filming 2 scenes with tiny \(32x32\)", "filmed 2 scenes in .*", "drew the storyboard in .*",
             "encoded 2 scenes in .*", "cut 2 scenes in .*", "joined the film in .*"]  # fmt: skip
    shown = terminal.screen[-6:]  # whose order is that of what was ready
    assert all(any(re.fullmatch(line, one) for one in shown) for line in stays), shown
    assert not terminal.display.cursor.hidden


def test_ctrl_c_takes_away_what_is_drawn(folder: Folder) -> None:
    terminal = Terminal(80)
    stopped = False

    def stop(process: int) -> None:
        nonlocal stopped
        if not stopped and any(f"/{STEPS}" in line for line in terminal.screen):
            stopped = True
            os.killpg(process, signal.SIGINT)

    code, _ = terminal.run(folder, "--steps", STEPS, at=stop)
    assert stopped and code == 130
    assert terminal.screen[-1] == "Stopped. What is finished is kept: run the same command again to go on."
    assert not any("━" in line or "plan 1/1" in line for line in terminal.screen)
    assert not terminal.display.cursor.hidden
