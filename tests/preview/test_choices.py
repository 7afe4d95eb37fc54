"""Two planners' fills on the live page, and what a click writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamrunner.language import Story
from dreamrunner.planning import as_story, plan_file, plan_story
from dreamrunner.planning.planner import Answer, Failure
from dreamrunner.planning.written.comparing import Comparison, compare
from tests.material.live_page import STORY, Page, served


def elsewhere(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    """A planner that fills the kitchen alone, with another background than the offline one gives it."""
    for scene in as_story(plan_story(replace(story, planner="offline")).plan, story).scenes:
        if scene.name in scenes:
            yield replace(scene, background="a ship") if scene.name == "kitchen" else Failure(scene.name, "no <b>idea")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY, encoding="utf-8")
    return path


@pytest.fixture
def comparison(story: Path) -> Comparison:
    return compare(story, [("offline", None), ("elsewhere", elsewhere)])


@pytest.fixture
def page(story: Path, comparison: Comparison) -> Iterator[Page]:
    with served(story, comparison) as page:
        yield page


def test_each_scene_has_its_fills_and_one_is_taken(page: Page, story: Path) -> None:
    with page.boards() as following:
        fills = following()["fills"]
        garden, kitchen = fills["garden"], fills["kitchen"]
        assert [(fill["planner"], fill["failure"], fill["taken"]) for fill in garden + kitchen] == [
            ("offline", "", False), ("elsewhere", "no <b>idea", False),
            ("offline", "", False), ("elsewhere", "", False),
        ]  # fmt: skip
        assert garden[1]["scene"] is None and kitchen[1]["scene"]["background"] == "a ship"
        assert kitchen[0]["scene"]["beats"][0]["words"] == "The cat dances"
        status, told = page.take("kitchen", 1)
        filled = story.with_name("day.plan.story")
        assert (status, told["file"]) == (200, "day.plan.story")
        assert filled.read_text(encoding="utf-8").split("\n")[told["line"] - 1] == "scene kitchen"
        board = following()
        assert [fill["taken"] for fill in board["fills"]["kitchen"]] == [False, True]
        assert board["scenes"][1]["background"] == "a ship"
    assert page.take("kitchen", 0)[0] == page.take("garden", 0)[0] == 200
    assert filled.read_text(encoding="utf-8") == plan_file(story, again=lambda _: True).text
    assert story.read_text(encoding="utf-8") == STORY


def test_what_is_no_fill_or_not_of_this_text_is_refused(page: Page, story: Path) -> None:
    for scene, fill, status in (("garden", 1, 409), ("garden", 2, 422), ("hall", 0, 422), ("garden", -1, 400)):
        answer, told = page.take(scene, fill)
        assert answer == status and told["error"]
    assert page.take("kitchen", 0, Origin="http://elsewhere")[0] == 403
    story.write_text(STORY.replace("dances", "sleeps"), encoding="utf-8")
    status, told = page.take("kitchen", 0)
    assert status == 409 and "has changed since" in told["error"]
    assert not story.with_name("day.plan.story").exists()


def test_a_page_without_a_comparison_takes_nothing(story: Path) -> None:
    with served(story) as page:
        assert page.board()["fills"] == {}
        assert page.take("kitchen", 0)[0] == 422
