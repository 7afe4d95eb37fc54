"""The live page in a real browser: what a director does there, by pointer and by keys, and what the text becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dreamrunner.film import encode_scene
from dreamrunner.pipeline.last_film import FilmedScene
from tests.material import browsing
from tests.material.films import plain
from tests.material.generated_stories import SOUP
from tests.material.live_page import STORY, until
from tests.preview.test_filming import Studio

pytestmark = browsing.needed
FRAME = 30 / 31  # how wide a box of 0.3 is without its line


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, story: Path) -> Iterator[Page]:
    with browsing.opened(browser, story) as page:
        yield page


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of one second."""
    return encode_scene(plain("red"), tmp_path_factory.mktemp("film") / "red.mp4").read_bytes()


def said(story: Path, *lines: str) -> None:
    """Wait until the story has lines."""
    until(lambda: set(lines) <= set(story.read_text(encoding="utf-8").split("\n")))


def key(page: Page, name: str):
    return page.locator(f'[data-key="{name}"]')


def drag(page: Page, x: float, y: float, by: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=4)
    page.mouse.up()


def second(page: Page) -> float:
    """The width of a second on the timeline."""
    return page.locator("#timeline .track").first.bounding_box()["width"] / 6


def test_what_was_typed_and_refused_is_in_the_field_again(page: Page, story: Path) -> None:
    field = page.get_by_role("textbox", name="narration")
    key(page, "narration:garden").click()
    field.fill("Mine.")
    story.write_text(STORY.replace("The witch walks, the cat sits.", "Theirs."), encoding="utf-8")
    field.press("Enter")
    expect(page.locator("#said")).to_contain_text("Not written: ")
    expect(key(page, "narration:garden")).to_have_text("Theirs.")
    key(page, "narration:garden").click()
    expect(field).to_have_value("Mine.")
    field.press("Enter")
    said(story, '  narration "Mine."')


def test_words_are_edited_taken_back_and_made_again_by_keys_alone(page: Page, story: Path) -> None:
    key(page, "narration:garden").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("The cat sits.")
    page.keyboard.press("Enter")
    said(story, '  narration "The cat sits."')
    # What had the keyboard has it again once the page is drawn anew.
    expect(page.locator("#said")).to_have_text("Written: day.story, line 9.")
    expect(key(page, "narration:garden")).to_have_text("The cat sits.")
    expect(key(page, "narration:garden")).to_be_focused()
    page.keyboard.press("Control+Z")
    until(lambda: story.read_text(encoding="utf-8") == STORY)
    expect(page.locator("#said")).to_have_text("Undone: day.story, line 9.")
    page.keyboard.press("Control+Y")
    said(story, '  narration "The cat sits."')
    # Left by Escape, words stay; what the author left out bears a mark, and what is written has none.
    key(page, "description:garden:1").click()
    page.keyboard.type("no")
    page.keyboard.press("Escape")
    expect(page.locator("#scenes .current .beats li").nth(1).locator(".by-offline")).not_to_have_count(0)
    expect(page.locator(".by-author")).to_have_count(0)
    # What the planner said is replaced by what is typed.
    key(page, "description:garden:1").click()
    page.keyboard.type("a fat cat")
    page.keyboard.press("Enter")
    said(story, '  cat sitting "a fat cat"')


def test_what_sounds_is_edited_by_keys_alone(page: Page, story: Path) -> None:
    story.with_name("soup.ogg").write_bytes(SOUP.read_bytes())

    def write(name: str, words: str, shown: str) -> None:
        key(page, name).focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Control+A")
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        expect(key(page, name)).to_have_text(shown)
        expect(key(page, name)).to_be_focused()

    write("transition:garden", "fade 1", "then a fade of 1 s")
    write("duration:garden", "auto", "duration auto, 6 s")
    write("duration:garden", "6", "duration 6 s")
    write("music:garden", "soup.ogg 0.4", "music soup.ogg 0.4")
    write("voice:garden:cat", "alloy", "voice alloy")
    write("header:voice", "echo", "narrated by echo")
    write("header:music", "soup.ogg", "music soup.ogg")
    said(story, "  transition fade 1s", '  music "soup.ogg" 0.4', "  voice alloy", "  voice echo", '  music "soup.ogg"')
    for _ in range(7):
        page.keyboard.press("Control+Z")
    until(lambda: story.read_text(encoding="utf-8") == STORY)


def test_a_text_that_changed_under_the_hand_is_not_written_over(page: Page, story: Path) -> None:
    key(page, "narration:garden").click()
    other = STORY.replace("A Day", "A Night")
    story.write_text(other, encoding="utf-8")
    page.wait_for_timeout(500)
    expect(page.locator("h1")).to_have_text("A Day")
    page.keyboard.type("Nothing of this. ")
    page.keyboard.press("Enter")
    expect(page.locator("#said.wrong")).to_contain_text("has changed meanwhile")
    expect(page.locator("h1")).to_have_text("A Night")
    assert story.read_text(encoding="utf-8") == other


def test_beats_and_key_frames_are_dragged_in_time(page: Page, story: Path) -> None:
    expect(page.locator("#timeline .bar")).to_have_count(2)
    wide = second(page)
    bar = key(page, "bar:0").bounding_box()
    drag(page, bar["x"] + bar["width"] - 2, bar["y"] + 6, -2 * wide)
    said(story, "  witch walking 0s..4s", "    at 4s [0.5 0.2 0.8 0.9]")
    expect(page.locator("#said")).to_have_text("Written: day.story, line 10.")
    expect(key(page, "bar:0")).to_have_attribute("title", "witch walking, 0 s to 4 s")
    bar = key(page, "bar:0").bounding_box()
    drag(page, bar["x"] + bar["width"] / 2, bar["y"] + 6, wide)
    said(story, "  witch walking 1s..5s", "    at 1s [0.1 0.2 0.4 0.9]   # the start")
    expect(key(page, "frame:0:1")).to_have_attribute("title", "witch: key frame at 5 s")
    dot = key(page, "frame:0:1").bounding_box()
    drag(page, dot["x"] + 5, dot["y"] + 5, -wide)
    said(story, "    at 4s [0.5 0.2 0.8 0.9]")


def test_the_same_by_keys(page: Page, story: Path) -> None:
    key(page, "bar:0").focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    said(story, "  witch walking 0s..5s", "    at 5s [0.5 0.2 0.8 0.9]")
    expect(key(page, "frame:0:1")).to_have_attribute("title", "witch: key frame at 5 s")
    key(page, "frame:0:1").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    said(story, "    at 4.5s [0.5 0.2 0.8 0.9]")
    expect(key(page, "frame:0:1")).to_be_focused()
    expect(key(page, "frame:0:1")).to_have_attribute("title", "witch: key frame at 4.5 s")
    page.keyboard.press("Delete")
    until(lambda: "4.5s" not in story.read_text(encoding="utf-8"))


def test_who_is_in_a_scene(page: Page, story: Path) -> None:
    key(page, "add:garden").fill("bird")
    page.keyboard.press("Enter")
    said(story, "character bird", "  bird")
    key(page, "name:garden:bird").click()
    page.keyboard.type("owl")
    page.keyboard.press("Enter")
    said(story, "character owl", "  owl")
    page.get_by_role("button", name="Remove owl from scene garden").click()
    until(lambda: "  owl" not in story.read_text(encoding="utf-8").split("\n"))
    page.get_by_role("button", name="Remove cat from scene garden").click()
    expect(page.locator("#timeline .row")).to_have_count(1)
    page.get_by_role("button", name="Remove witch from scene garden").click()
    expect(page.locator("#said.wrong")).to_contain_text("nobody but witch")


def test_which_scenes_there_are(page: Page, story: Path) -> None:
    key(page, "new:garden").fill("small hut")
    page.keyboard.press("Enter")
    said(story, "scene small-hut")
    expect(page.locator("#strip .thumb > span")).to_have_text(["1. garden", "2. small-hut", "3. kitchen"])
    expect(page.locator("#clock")).to_have_text("small-hut, 0.00 s")
    key(page, "narration:small-hut").click()
    page.keyboard.type("The cat sleeps.")
    page.keyboard.press("Enter")
    said(story, '  narration "The cat sleeps."')
    expect(key(page, "narration:small-hut")).to_have_text("The cat sleeps.")
    page.get_by_role("button", name="Move scene small-hut up").click()
    expect(page.locator("#strip .thumb > span").first).to_have_text("1. small-hut")
    page.get_by_role("button", name="Delete scene small-hut").click()
    until(lambda: story.read_text(encoding="utf-8") == STORY)
    expect(page.locator("#strip li")).to_have_count(2)
    key(page, "seed:garden").click()
    page.keyboard.type("41")
    page.keyboard.press("Enter")
    said(story, "  seed 41")


def test_a_broken_scene_keeps_its_number_and_its_colours(page: Page, story: Path) -> None:
    before = page.locator("#cast").inner_html()
    story.write_text(STORY.replace("0s..6s", "6s..0s"), encoding="utf-8")
    expect(page.locator(".scene.broken h2")).to_contain_text("1. garden")
    expect(page.locator(".scene.broken .message")).to_have_count(1)
    expect(page.locator(".scene.broken .legend li")).to_have_text(["witch", "cat"])
    expect(page.locator("#scenes > li").nth(1)).to_contain_text("2. kitchen")
    assert page.locator("#cast").inner_html() == before
    page.get_by_role("button", name="Undo").click()
    until(lambda: story.read_text(encoding="utf-8") == STORY)
    expect(page.locator(".scene.broken")).to_have_count(0)


def test_a_scene_is_filmed_and_played(browser: Browser, story: Path, film: bytes) -> None:
    scenes = story.parent / "build" / "day" / "scenes"
    scenes.mkdir(parents=True)

    class Films(Studio):
        def __call__(self, *asked) -> str:
            wrong = super().__call__(*asked)
            (scenes / "garden.mp4").write_bytes(film)
            return wrong

    studio = Films()
    with browsing.opened(browser, story, filmer=studio) as page:
        page.get_by_role("button", name="Film scene garden").click()
        expect(page.locator("#filming")).to_contain_text("Filming garden: render garden, 3 s left")
        expect(page.locator("#filming progress")).to_have_attribute("value", "0.5")
        studio.may.release()
        # It is shown and played as soon as it is there.
        expect(page.locator("#play")).to_have_text("Stop")
        expect(page.locator("#film")).to_be_visible()
        until(lambda: page.evaluate("document.getElementById('film').currentTime") > 0.2)
        expect(page.locator(".take")).to_have_count(1)
        expect(page.locator(".take.shown figcaption")).to_contain_text("Take 1")
        # While it plays the list is not drawn anew, and keys go on to work.
        page.locator("#stage").focus()
        page.keyboard.press(" ")
        expect(page.locator("#play")).to_have_text("Play")


def test_a_box_is_dragged_out_of_the_frame(page: Page, story: Path) -> None:
    stage = page.locator("#drawing svg").bounding_box()
    box = page.locator('#stage [data-beat="0"] rect').first.bounding_box()
    assert page.locator(".frame-edge").count() == 0
    drag(page, box["x"] + 5, box["y"] + box["height"] / 2, -box["width"] * FRAME)
    said(story, "    at 0s [-0.2 0.2 0.1 0.9]   # the start")
    # A margin shows what is out of the frame, and a drag in it goes as far as the pointer does.
    expect(page.locator("#stage .frame-edge")).to_have_count(1)
    box = page.locator('#stage [data-beat="0"] rect').first.bounding_box()
    assert box["x"] > stage["x"]
    drag(page, box["x"] + 5, box["y"] + box["height"] / 2, box["width"] * FRAME)
    said(story, "    at 0s [0.1 0.2 0.4 0.9]   # the start")
    expect(page.locator("#stage .frame-edge")).to_have_count(0)


def test_takes_stand_side_by_side_with_their_marks(browser: Browser, story: Path, film: bytes) -> None:
    class Marked:
        """Two takes of the garden, of which somebody has marked one."""

        def __init__(self, plan, told) -> None:
            takes = []
            for number, marks in ((1, {"obeys": 0.91, "steady": 0.8}), (2, {})):
                file = story.with_name(f"{number}.mp4")
                file.write_bytes(film)
                takes.append(FilmedScene("current" if marks else "changed", file, f"{number}", 70 + number, marks))
            self.found = {scene.name: FilmedScene("never") for scene in plan.scenes}
            self.found["garden"] = replace(takes[0], takes=tuple(takes))

    with browsing.opened(browser, story, films=lambda plan, told: Marked(plan, told).found) as page:
        expect(page.locator(".take")).to_have_count(2)
        expect(page.locator(".take figcaption")).to_have_text(
            ["Take 1, seed 71: filmed", "Take 2, seed 72: filmed, changed since"]
        )
        expect(page.locator(".take .marks li")).to_have_text(["obeys 0.91", "steady 0.8"])
        left, right = (page.locator(".take").nth(number).bounding_box() for number in (0, 1))
        assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
        page.get_by_role("button", name="Give scene garden the seed 72 of take 2").click()
        said(story, "  seed 72")


@pytest.mark.parametrize("size", [browsing.LAPTOP, browsing.PHONE], ids=["laptop", "phone"])
def test_it_all_fits(browser: Browser, story: Path, size: tuple[int, int]) -> None:
    story.write_text(
        STORY + "".join(f'\nscene s{n}\n  narration "The cat sits."\n' for n in range(9)), encoding="utf-8"
    )
    with browsing.opened(browser, story, size) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize) >= 16")
        if size == browsing.LAPTOP:
            assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
            for place in ("#drawing", "#controls", "#timeline", "#strip", "#scenes > li:first-child h2"):
                box = page.locator(place).bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= size[1], place
