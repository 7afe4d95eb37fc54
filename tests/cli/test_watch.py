"""``dreamrunner watch`` as a real process: every save is drawn, and with ``--build`` filmed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.two_scenes import STORY


class Watching:
    """The process, and what it has told so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "dreamrunner", "watch", "two.story", *arguments]
        self.log = folder / "log"
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)

    def until(self, true: Callable[[str], bool]) -> str:
        end = time.monotonic() + 60
        while not true(told := self.log.read_text()):
            assert self.process.poll() is None and time.monotonic() < end, told
            time.sleep(0.02)
        return told

    def stop(self) -> str:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(20) == 130
        told = self.log.read_text()
        assert "Traceback" not in told
        return told


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "two.story"
    path.write_text(STORY)
    return path


def test_every_save_is_checked_and_drawn(story: Path) -> None:
    watching = Watching(story.parent)
    watching.until(lambda told: "watching 2 files" in told)
    picture = story.parent / "build" / "two" / "boxes.png"
    before = picture.read_bytes()
    story.write_text(STORY.replace("at 0s left", "at 0s right"))
    watching.until(lambda told: told.count("watching 2 files") == 2)
    assert picture.read_bytes() != before
    story.write_text(STORY.replace("  cat sitting", "  cta sitting"))
    watching.until(lambda told: "did you mean `cat`?" in told)
    story.unlink()
    watching.until(lambda told: "there is no such file" in told)
    story.write_text(STORY)
    watching.until(lambda told: told.count("boxes.png") == 3)
    watching.stop()
