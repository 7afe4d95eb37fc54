"""Scenes that are filmed from the page: their order, their progress, and how they end."""

from __future__ import annotations

import threading
from pathlib import Path

from dreamrunner.cli.filming import filmer
from dreamrunner.preview.filming import Film, Filming, Progress, Report
from dreamrunner.preview.http import News
from dreamrunner.preview.moves import Refused, Written
from dreamrunner.preview.serve import LiveStory
from tests.material.live_page import STORY, until
from tests.preview.test_moves import Unfilmed


class Studio:
    """Films what it is asked for once it may, and notes what that was."""

    def __init__(self) -> None:
        self.may, self.filmed = threading.Semaphore(0), list[Film]()

    def __call__(self, film: Film, report: Report, stop: threading.Event) -> str:
        report(Progress(f"render {film.scene}", 0.5, 3.0))
        while not self.may.acquire(timeout=0.01):
            if stop.is_set():
                return "stopped"
        self.filmed.append(film)
        return "no light" if film.scene == "cellar" else ""


def test_scenes_are_filmed_one_after_another() -> None:
    studio, told = Studio(), []
    filming = Filming(studio, lambda: told.append(filming.state()))
    for scene in ("garden", "cellar", "roof", "garden"):
        filming.start(Film(scene=scene))
    until(lambda: filming.state()["now"]["share"] == 0.5)
    now = {"scene": "garden", "seed": None, "words": "render garden", "share": 0.5, "left": 3.0}
    assert filming.state() == {"now": now, "waiting": ["cellar", "roof"], "failed": {}}
    studio.may.release(3)
    until(lambda: filming.state()["now"] is None)
    assert [film.scene for film in studio.filmed] == ["garden", "cellar", "roof"]
    assert filming.state()["failed"] == {"cellar": "no light"} and told[-1] == filming.state()
    # Who tries again has the old reason no longer before the eyes.
    filming.start(Film(scene="cellar", seed=5))
    assert filming.state()["failed"] == {} and filming.state()["now"]["seed"] == 5
    filming.close()


def test_what_is_stopped_is_not_told_as_failed() -> None:
    filming = Filming(Studio(), lambda: None)
    for scene in ("garden", "roof"):
        filming.start(Film(scene=scene))
    filming.close()
    assert filming.state() == {"now": None, "waiting": [], "failed": {}}


def test_only_a_scene_that_is_there_is_filmed(tmp_path: Path) -> None:
    story = tmp_path / "day.story"
    story.write_text(STORY, encoding="utf-8")
    studio = Studio()
    live = LiveStory(story, Unfilmed(), filmer=studio)
    refused = live.start(Film(scene="cellar"))
    assert isinstance(refused, Refused) and "`cellar`" in refused.reason
    assert isinstance(live.start(Film(scene="garden")), Written)
    studio.may.release()
    until(lambda: live.wait(News(), 1).films["now"] is None)
    assert live.shown.board["films"]


def test_a_build_that_fails_says_why(tmp_path: Path) -> None:
    story = tmp_path / "day.story"
    story.write_text(STORY, encoding="utf-8")
    film = filmer(story, lambda: tmp_path / "out", allow_outside=False)
    why = film(Film(scene="cellar"), lambda _: None, threading.Event())
    assert "the story has no scene cellar" in why and not (tmp_path / "out").exists()
