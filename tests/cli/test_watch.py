"""``dreamrunner watch`` as a real process: every save is drawn, and with ``--build`` filmed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.material import warm
from tests.material.two_scenes import STORY


class Watching:
    """The process, and what it has told so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [*warm.PROGRAM, "watch", "two.story", *arguments]
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = warm.Popen(command, cwd=folder, stdout=log, stderr=log, env=warm.environment())

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        """However a test ends, the process does."""
        self.process.kill()
        self.process.wait()

    def until(self, true: Callable[[str], bool], seconds: float = 300) -> str:
        end = time.monotonic() + seconds
        while not true(told := self.log.read_text()):
            assert self.process.poll() is None and time.monotonic() < end, told
            time.sleep(0.02)
        return told

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(300) == 130
        assert "Traceback" not in self.log.read_text()


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "two.story"
    path.write_text(STORY)
    return path


def test_every_save_is_checked_and_drawn(story: Path) -> None:
    with Watching(story.parent) as watching:
        watching.until(lambda told: "watching 3 files" in told)
        picture = story.parent / "build" / "two" / "boxes.png"
        before = picture.read_bytes()
        story.write_text(STORY.replace("at 0s left", "at 0s right"))
        watching.until(lambda told: told.count("watching 3 files") == 2)
        assert picture.read_bytes() != before
        story.write_text(STORY.replace("  cat sitting", "  cta sitting"))
        watching.until(lambda told: "did you mean `cat`?" in told)
        story.unlink()
        watching.until(lambda told: "there is no such file" in told)
        story.write_text(STORY)
        watching.until(lambda told: told.count("boxes.png") == 3)
        watching.stop()


def test_a_save_while_it_films_is_filmed_at_once_and_what_is_finished_is_kept(story: Path, model: Path) -> None:
    with Watching(story.parent, "--build", "--model", str(model), "--steps", "600") as watching:
        # The second scene is under way, with seconds to go.
        watching.until(lambda told: "filmed garden" in told)
        story.write_text(STORY.replace('"a kitchen"', '"a cellar"'))
        told = watching.until(lambda told: "watching 3 files" in told)
        before, _, after = told.partition("changed: two.story")
        assert "saved while filming: what is finished is kept" in before and "filmed 2 scenes" not in before
        assert "filming garden" not in after and "filming kitchen" in after and "kept from before" in after
        folder = story.parent / "build" / "two"
        assert (folder / "two.mp4").is_file() and "a cellar" in (folder / "manifest.json").read_text()
        watching.stop()
    assert not [file for file in folder.rglob("*") if file.name.startswith(".")]
