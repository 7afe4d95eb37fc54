"""The live page in a real browser: boxes that are moved, and what is shown of a text that changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dreamrunner.files.atomic import write_whole
from dreamrunner.planning.planner import Failure
from dreamrunner.planning.written.comparing import compare
from tests.material import browsing
from tests.material.live_page import STORY, served, until

pytestmark = browsing.needed


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY, encoding="utf-8")
    return path


@pytest.fixture(params=[(browsing.LAPTOP, "light"), (browsing.PHONE, "dark")], ids=["laptop, light", "phone, dark"])
def page(browser: Browser, story: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    size, scheme = request.param
    with browsing.opened(browser, story, size, scheme) as page:
        yield page


def test_a_dragged_box_is_written_and_a_save_is_shown(page: Page, story: Path) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drag(page)
    expect(page.locator("#said")).to_have_text("Written: day.story, line 11.")
    text = story.read_text(encoding="utf-8")
    # The cat, whom the planner would now put elsewhere, stays where it was seen.
    moved = STORY.replace("[0.1 0.2 0.4 0.9]", "[0.2 0.2 0.5 0.9]")
    assert text == moved.replace("  cat sitting\n", "  cat sitting\n    at 0s [0.81 0.464 0.99 0.92]\n")
    story.write_text(text.replace("A Day", "</h1><img src=x onerror=alert(1)>"), encoding="utf-8")
    expect(page.locator("h1")).to_have_text("</h1><img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0


def drag(page: Page) -> None:
    """Drag the first box by a third of its width."""
    box = page.locator('#stage [data-beat="0"] rect').first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 3, y, steps=4)
    page.mouse.up()


def test_an_editor_takes_a_drag_back(page: Page, story: Path) -> None:
    drag(page)
    expect(page.locator("#said")).to_have_text("Written: day.story, line 11.")
    dragged = story.read_text(encoding="utf-8")
    expect(page.locator("#redo")).to_be_disabled()
    # An editor whose text was as saved takes the new one in a single edit: its undo has the old text, which it saves.
    write_whole(story, STORY.encode("utf-8"))
    until(lambda: page.locator("#redo").is_enabled())
    page.locator("#redo").click()
    until(lambda: story.read_text(encoding="utf-8") == dragged)


def test_the_address_may_name_a_scene(browser: Browser, story: Path) -> None:
    with served(story) as live:
        page = browser.new_page()
        page.goto(f"{live.url}#kitchen")
        expect(page.locator("#clock")).to_have_text("kitchen, 0.00 s")
        page.evaluate("location.hash = '#garden'")
        expect(page.locator("#clock")).to_have_text("garden, 0.00 s")
        page.close()


def test_a_box_is_moved_and_sized_by_keys(page: Page, story: Path) -> None:
    page.keyboard.press("1")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    until(lambda: story.read_text(encoding="utf-8") == STORY.replace("[0.1 0.2 0.4 0.9]", "[0.12 0.19 0.42 0.9]"))


def test_a_broken_scene_says_why_in_its_place(page: Page, story: Path) -> None:
    wrong = STORY.replace("witch walking 0s..6s", f'wich walking 0s..6s "a witch in {"a very " * 20}long dress"')
    story.write_text(wrong, encoding="utf-8")
    expect(page.locator(".scene.broken mark")).to_have_text("wich")
    expect(page.locator("#clock")).to_have_text("kitchen, 0.00 s")
    # A long line is moved in its own frame, not with the page.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    story.write_text(STORY, encoding="utf-8")
    expect(page.locator("#clock")).to_have_text("garden, 0.00 s")


def test_a_click_takes_one_of_two_fills(browser: Browser, story: Path) -> None:
    comparison = compare(story, [("offline", None), ("none at all", lambda *_: iter([Failure("", "<b>no key")]))])
    with served(story, comparison) as live:
        page = browser.new_page()
        page.goto(live.url)
        expect(page.locator(".fill")).to_have_count(4)
        expect(page.locator(".fill .soft").get_by_text("<b>no key")).to_have_count(2)
        page.get_by_role("button", name="Take the fill of scene kitchen by offline").click()
        expect(page.locator("#link")).to_have_text("Taken: day.plan.story, line 15.")
        expect(page.locator(".fill button:disabled")).to_have_text("Taken")
        page.close()
    assert "  cat dancing 0s..6s" in story.with_name("day.plan.story").read_text(encoding="utf-8")
