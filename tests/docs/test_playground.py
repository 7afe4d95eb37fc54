"""The playground: its steps say what the commands say, and its page runs them from its own files alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from dreamrunner.cli import main
from dreamrunner.files.paths import BUNDLED
from tests.material import browsing
from tests.material.built_site import REPOSITORY, module_at

STORY = """\
character witch "a witch in a purple dress"
character cat "an orange cat"

scene garden
  background "a garden"
  narration "The witch walks from left to right. The cat sleeps."
"""
WRONG = 'character witch "a witch"\n\nscene garden\n  wich walking\n'


def look(text: str, folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    return json.loads(module_at(REPOSITORY / "docs" / "playground" / "steps.py").look(text, str(folder)))


def test_steps_say_what_the_commands_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "playground.story"
    path.write_text(STORY.replace("background ", "background   "))
    found = look(path.read_text(), tmp_path / "there")
    assert found["problems"] == [] and found["report"] == ""
    assert main(["fmt", str(path)]) == 0
    assert path.read_text() == found["formatted"]
    path.write_text(STORY)
    assert main(["plan", str(path)]) == 0
    assert (tmp_path / "playground.plan.story").read_text() == look(STORY, tmp_path / "there")["plan"]
    assert main(["storyboard", str(path), "-o", str(tmp_path / "boxes.png")]) == 0
    assert (tmp_path / "boxes.html").read_text() == look(STORY, tmp_path / "elsewhere")["page"]
    path.write_text(WRONG)
    capsys.readouterr()
    assert main(["check", "--format", "json", str(path)]) == 1
    told = json.loads(capsys.readouterr().out)
    found = look(WRONG, tmp_path / "there")
    assert [{**each, "file": "playground.story"} for each in told] == found["problems"]
    assert found["plan"] is found["page"] is None


OPTIONAL = {"regex"}
"""What a library uses where it is there, and does without."""
WHAT_IS_IMPORTED = """
import sys
sys.path.insert(0, "docs/playground")
from steps import look
look(sys.argv[1], sys.argv[2])
own = {module.__file__ for name, module in sys.modules.items() if name.startswith("dreamrunner.") and module.__file__}
others = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"dreamrunner", "steps"}
print(*sorted({name for name in others if not name.startswith("_")}), *sorted(own), sep="\\n")
"""


@pytest.mark.parametrize("model", BUNDLED)
def test_what_the_steps_import_goes_along_with_the_page(model: str, tmp_path: Path) -> None:
    builder = module_at(REPOSITORY / "docs" / "making" / "playground.py")
    libraries = {name.replace("-", "_").partition(".")[0] for name in builder.LIBRARIES}
    text = (
        f'story "A"\n  model {model}\n\n'
        + STORY
        + '\nscene hour\n  narration "The witch moonwalks for an hour, and the elf is unseen."\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", WHAT_IS_IMPORTED, text, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split()
    brought = {str(path) for path in builder._own()}
    assert {line for line in lines if line.startswith("/")} <= brought
    assert {line for line in lines if not line.startswith("/")} - OPTIONAL <= libraries


class StaticFiles(SimpleHTTPRequestHandler):
    """The site's files and nothing else, as any host of static files gives them."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def page(built_site: Path) -> Iterator[Page]:
    abroad: list[str] = []
    complaints: list[str] = []

    def refuse(route: Route) -> None:
        abroad.append(route.request.url)
        route.abort()

    files = ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticFiles, directory=built_site))
    Thread(target=files.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{files.server_port}/"
    with browsing.chromium() as browser:
        context = browser.new_context(viewport={"width": 1366, "height": 900})
        context.route(lambda address: not address.startswith(home), refuse)
        opened = context.new_page()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("response", lambda reply: complaints.append(reply.url) if reply.status >= 400 else None)
        opened.goto(f"{home}playground.html")
        expect(opened.locator("#desk .state")).to_have_text("Sound", timeout=90_000)
        yield opened
        context.close()
    files.shutdown()
    files.server_close()
    assert (abroad, complaints) == ([], [])


@browsing.needed
def test_a_story_is_checked_planned_formatted_and_drawn_without_a_server(page: Page, tmp_path: Path) -> None:
    state, story = page.locator("#desk .state"), page.locator("#desk textarea")
    board = page.frame_locator("#storyboard iframe")
    expect(board.locator("body")).to_contain_text("The Cat Wakes Up")
    story.fill(STORY)
    expect(board.locator("body")).to_contain_text("The witch walks from left to right.")
    page.get_by_role("tab", name="Plan").click()
    assert page.locator("#plan pre").text_content() == look(STORY, tmp_path)["plan"]
    story.fill(WRONG)
    expect(state).to_have_text("1 error")
    page.get_by_role("tab", name="Check").click()
    assert page.locator("#messages pre").text_content() == look(WRONG, tmp_path)["report"]
    page.get_by_role("button", name="4:3 error").click()
    assert story.evaluate("each => each.selectionStart") == WRONG.index("wich")
    story.fill(STORY.replace("background ", "background   "))
    expect(state).to_have_text("Sound")
    page.get_by_role("button", name="Format").click()
    expect(story).to_have_value(STORY)


@browsing.needed
def test_a_recipe_is_tried_by_its_link(page: Page, built_site: Path) -> None:
    recipe = re.search(r'<a href="(playground.html#story=[^"]+)"', (built_site / "cookbook.html").read_text())
    assert recipe is not None
    page.evaluate("address => { location.href = address }", recipe[1])
    expect(page.frame_locator("#storyboard iframe").locator("body")).to_contain_text("A dog runs past the king")
    expect(page.locator("#desk textarea")).to_have_value(re.compile("^character king"))


@browsing.needed
@pytest.mark.parametrize("begun", ["Somebody crosses", "With mistakes", "Only told", "Cat and witch"])
def test_the_stories_to_begin_with_are_what_they_are_called(page: Page, begun: str) -> None:
    page.get_by_role("combobox").select_option(label=begun)
    wrong = begun == "With mistakes"
    expect(page.locator("#desk .state")).to_have_text("2 errors" if wrong else "Sound")
