"""The storyboard's page: what it holds, that it asks for nothing, and that its script places boxes as rendering
does."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from dreamrunner.film import FilmError, make_board, storyboard_page, write_page
from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.planning import filled_path, origins, plan_file
from dreamrunner.planning.keyframes import box_at

STORY = """story "{title}"

character witch "a witch in a purple dress"
prop flowers "luminous flowers"

scene garden
  narration "{told}"

  witch walking 0s..3s
    at 0s [0.1 0.3 0.4 0.9]
  witch waving 3s..6s "a witch waving"

scene kitchen
  background "a kitchen"
  narration "The witch sleeps by the flowers."
"""


class Page(HTMLParser):
    """The texts of a page's elements by tag, its attributes, and every address it mentions."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.setdefault(tag, []).append("")
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[self.inside][-1] += data


def board_of(path: Path) -> dict:
    planned = plan_file(path)
    return make_board(planned.plan, planned.story, origins(planned), planned.diagnostics)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY.format(title="A Day", told="The witch walks, then waves."), encoding="utf-8")
    return path


def test_the_page_holds_the_whole_plan(story: Path, tmp_path: Path) -> None:
    page = Page(write_page(board_of(story), tmp_path / "board.html").read_text(encoding="utf-8"))
    data = next(text for text in page.texts["script"] if text.startswith("{"))
    plan = plan_file(story).plan
    for shown, scene in zip(json.loads(data)["scenes"], plan.scenes, strict=True):
        assert (shown["name"], shown["narration"], shown["background"], shown["duration"]) == (
            scene.name, scene.narration, scene.background, scene.duration,
        )  # fmt: skip
        for bar, beat in zip(shown["beats"], scene.beats, strict=True):
            assert (bar["entity"], bar["motion"], bar["start"], bar["end"], bar["description"]) == (
                beat.entity, beat.motion, beat.start, beat.end, beat.description,
            )  # fmt: skip
            assert bar["keyframes"] == [
                [frame.at, frame.box.x0, frame.box.y0, frame.box.x1, frame.box.y1] for frame in beat.keyframes
            ]


def test_every_fact_says_who_wrote_it(story: Path) -> None:
    garden, kitchen = board_of(story)["scenes"]
    assert garden["by"] == {"background": "offline", "narration": "author"}
    assert garden["beats"][0]["by"] == {
        "entity": "author", "motion": "author", "span": "author", "description": "offline", "keyframes": "author",
    }  # fmt: skip
    assert garden["beats"][1]["by"]["description"] == "author" and garden["beats"][1]["by"]["keyframes"] == "offline"
    assert kitchen["by"] == {"background": "author", "narration": "author"}
    assert set(kitchen["beats"][0]["by"].values()) == {"offline"}


def test_a_fill_says_which_planner_or_hand_it_is_from(story: Path) -> None:
    made = plan_file(story).text
    filled_path(story).write_text(made.replace("offline", '"gpt-4o prompts 3"'), encoding="utf-8")
    garden, kitchen = board_of(story)["scenes"]
    assert garden["by"]["background"] == "gpt-4o prompts 3" and garden["beats"][0]["by"]["keyframes"] == "author"
    edited = re.sub(r'(scene garden\n  from .*\n  background) ".*"', r'\1 "a garden in snow"', made)
    assert edited != made
    filled_path(story).write_text(edited, encoding="utf-8")
    garden, kitchen = board_of(story)["scenes"]
    assert garden["background"] == "a garden in snow" and garden["by"]["background"] == "hand"
    assert kitchen["beats"][0]["by"]["motion"] == "offline"


def test_the_page_asks_for_nothing_and_runs_only_what_it_holds(story: Path, tmp_path: Path) -> None:
    text = write_page(board_of(story), tmp_path / "board.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not any({"src", "href", "action"} & attributes.keys() for _, attributes in page.tags)
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket|import\(", text)
    addresses = set(re.findall(r"\w+://[^\s\"']+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    policy = next(attributes["content"] for tag, attributes in page.tags if attributes.get("http-equiv"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    scripts = [text for text in page.texts["script"] if not text.startswith("{") and text.strip()]
    for rule, held in (("script-src", scripts), ("style-src", page.texts["style"])):
        hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in held]
        assert rules[rule].split() == [f"'sha256-{each}'" for each in hashes]


def test_markup_in_a_story_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "evil.story"
    evil = "</script><script>alert(1)</script><!--<script>&\u2028"
    path.write_text(STORY.format(title=f"</title><b>{evil}", told=f"The witch walks. {evil}"), encoding="utf-8")
    page = Page(write_page(board_of(path), tmp_path / "board.html").read_text(encoding="utf-8"))
    assert [tag for tag, _ in page.tags].count("script") == 4 and "b" not in [tag for tag, _ in page.tags]
    board = json.loads(next(text for text in page.texts["script"] if text.startswith("{")))
    assert board["title"] == f"</title><b>{evil}" and board["scenes"][0]["narration"].endswith(evil)
    assert "".join(page.texts["title"]) == f"</title><b>{evil}"


def test_a_page_that_cannot_be_written_is_said(story: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(FilmError, match="taken"):
        write_page(board_of(story), tmp_path / "taken" / "board.html")


@pytest.fixture(scope="module")
def script() -> MiniRacer:
    engine = MiniRacer()
    engine.eval((Path(storyboard_page.__file__).parent / "page" / "drawing.js").read_text(encoding="utf-8"))
    return engine


EDGES = st.floats(0, 1, allow_subnormal=False)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 9, allow_subnormal=False), EDGES, EDGES, EDGES, EDGES), min_size=1, max_size=6,
             unique_by=lambda frame: frame[0]),
    st.floats(-1, 10, allow_subnormal=False),
)  # fmt: skip
def test_the_script_places_boxes_where_rendering_does(script: MiniRacer, frames: list, time: float) -> None:
    frames = sorted(frames)
    box = box_at([KeyFrame(at, Box(*edges)) for at, *edges in frames], time)
    drawn = script.call("boxAt", [list(frame) for frame in frames], time)
    assert drawn == pytest.approx([box.x0, box.y0, box.x1, box.y1], abs=1e-9)


def test_the_script_knows_which_scene_is_on_and_who_is_there(script: MiniRacer, story: Path) -> None:
    board = board_of(story)
    starts = script.call("startTimes", board)
    assert starts == [0, 6, 12]
    assert [script.call("placeOf", starts, time) for time in (0, 5.9, 6, 12)] == [
        {"number": 0, "time": 0}, {"number": 0, "time": 5.9}, {"number": 1, "time": 0}, {"number": 1, "time": 6},
    ]  # fmt: skip
    for time, motion in ((2.9, "walking"), (3, "waving")):
        there = script.call("present", board["scenes"][0], time)
        assert [each["beat"]["motion"] for each in there if each["beat"]["entity"] == "witch"] == [motion]


def test_a_narrations_words_bear_the_mark_of_what_they_led_to(script: MiniRacer, story: Path) -> None:
    story.write_text(
        STORY.format(title="A Day", told="").replace('"The witch sleeps', '"\U0001f319 The witch walks, then sleeps'),
        encoding="utf-8",
    )
    garden, kitchen = board_of(story)["scenes"]
    assert garden["told"] == [] and [beat["words"] for beat in garden["beats"]] == ["", ""]
    assert [(beat["motion"], beat["words"]) for beat in kitchen["beats"]] == [
        ("walking", "The witch walks"), ("sleeping", "sleeps by the flowers"), (None, "flowers"),
    ]  # fmt: skip
    texts = ["\U0001f319 ", "The witch walks", ", then ", "sleeps by the ", "flowers", "."]
    for time, marks in (
        (1, [(None, False), (0, True), (None, False), (1, False), (2, True), (None, False)]),
        (4, [(None, False), (0, False), (None, False), (1, True), (1, True), (None, False)]),
    ):
        pieces = script.call("toldAt", kitchen, time)
        assert [each["text"] for each in pieces] == texts
        assert [(each["beat"], each["now"]) for each in pieces] == marks
