"""A director's changes on real files: which file is written, what is refused, and the way back and forth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamrunner.planning import filled_path, plan_file
from dreamrunner.preview.board import live_board
from dreamrunner.preview.directing import Asked, make_change
from dreamrunner.preview.moves import Move, Refused, Written, move_box
from dreamrunner.preview.serve import LiveStory
from tests.material.generated_stories import SOUP
from tests.material.live_page import STORY, Page, served
from tests.preview.test_moves import Unfilmed, seen


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY, encoding="utf-8")
    return path


def asked(story: Path, **change: object) -> Asked:
    return Asked(seen=live_board(story, Unfilmed()).board["seen"], change=change)


def made(story: Path, **change: object) -> Written | Refused:
    return make_change(story, asked(story, **change))


def boxes(story: Path, scene: int = 0) -> dict:
    beats = live_board(story, Unfilmed()).board["scenes"][scene]["beats"]
    return {beat["entity"]: beat["keyframes"] for beat in beats}


NARRATION = {"do": "fact", "scene": "kitchen", "fact": "narration", "value": "The cat sleeps."}


def test_a_change_is_written_and_its_line_told(story: Path) -> None:
    done = made(story, **NARRATION)
    assert done == Written(story, 16, live_board(story, Unfilmed()).board["seen"])
    assert story.read_text(encoding="utf-8") == STORY.replace("The cat dances.", "The cat sleeps.")


def test_a_text_that_says_something_else_by_now_is_left_alone(story: Path) -> None:
    change = asked(story, **NARRATION)
    other = STORY.replace("A Day", "A Night")
    story.write_text(other, encoding="utf-8")
    refused = make_change(story, change)
    assert isinstance(refused, Refused) and refused.changed and "has changed meanwhile" in refused.reason
    assert story.read_text(encoding="utf-8") == other
    # Also where the filled story beside it does.
    change = asked(story, **NARRATION)
    filled_path(story).write_text(plan_file(story).text, encoding="utf-8")
    assert isinstance(make_change(story, change), Refused)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"do": "fact", "scene": "garden", "fact": "duration", "value": 3}, "6s"),
        ({"do": "span", "scene": "garden", "beat": 0, "start": 0, "end": 60}, "60"),
        ({"do": "fact", "scene": "garden", "fact": "seed", "value": "99999999999999999999"}, "seed"),
    ],
)
def test_what_would_be_a_mistake_is_refused_in_the_words_of_the_check(story: Path, change: dict, says: str) -> None:
    refused = made(story, **change)
    assert isinstance(refused, Refused) and says in refused.reason
    assert story.read_text(encoding="utf-8") == STORY


def test_a_broken_scene_can_still_be_changed_and_deleted(story: Path) -> None:
    broken = STORY.replace("witch walking", "wich walking")
    story.write_text(broken, encoding="utf-8")
    assert isinstance(made(story, do="rename", scene="garden", entity="wich", to="witch"), Written)
    assert story.read_text(encoding="utf-8") == STORY
    story.write_text(broken, encoding="utf-8")
    assert isinstance(made(story, do="delete-scene", scene="garden"), Written)
    assert "garden" not in story.read_text(encoding="utf-8")


def test_a_broken_scene_keeps_its_number_and_colours(story: Path) -> None:
    whole = live_board(story, Unfilmed())
    story.write_text(STORY.replace("witch walking 0s..6s", "witch walking 6s..0s"), encoding="utf-8")
    broken = live_board(story, Unfilmed(), whole).board
    assert broken["outline"] == whole.board["outline"] and broken["casts"] == whole.board["casts"]
    assert [each["name"] for each in broken["cast"]] == [each["name"] for each in whole.board["cast"]]
    # Seen for the first time, too, where it says who is in it.
    assert live_board(story, Unfilmed()).board["casts"]["garden"] == ["witch", "cat"]


def test_what_the_others_do_stays_on_screen(story: Path) -> None:
    before = boxes(story)
    assert isinstance(made(story, do="span", scene="garden", beat=0, start=0, end=3), Written)
    after = boxes(story)
    assert after["cat"] == before["cat"]
    assert [frame[0] for frame in after["witch"]] == [0, 3]
    # A beat that the planner laid out goes along with its boxes.
    before = boxes(story, 1)
    assert isinstance(made(story, do="span", scene="kitchen", beat=0, start=1, end=4), Written)
    times = [round(1 + frame[0] / 2, 3) for frame in before["cat"]]
    assert [frame[0] for frame in boxes(story, 1)["cat"]] == times


def test_planned_facts_of_a_filled_story_are_written_there(story: Path) -> None:
    beside = filled_path(story)
    beside.write_text(plan_file(story).text, encoding="utf-8")
    done = made(story, do="describe", scene="kitchen", beat=0, text="a dancing cat")
    assert isinstance(done, Written) and done.file == beside and '"a dancing cat"' in beside.read_text("utf-8")
    done = made(story, do="fact", scene="kitchen", fact="background", value="a small kitchen")
    assert isinstance(done, Written) and done.file == beside
    assert story.read_text(encoding="utf-8") == STORY
    assert live_board(story, Unfilmed()).board["scenes"][1]["background"] == "a small kitchen"
    done = made(story, **NARRATION)
    assert isinstance(done, Written) and done.file == story


CHANGES = [
    NARRATION,
    {"do": "span", "scene": "garden", "beat": 0, "start": 0, "end": 3},
    {"do": "add", "scene": "kitchen", "entity": "bird"},
    {"do": "move-scene", "scene": "kitchen", "before": "garden"},
    {"do": "add-scene", "name": "roof", "after": "garden", "narration": "Night."},
    {"do": "delete-scene", "scene": "garden"},
]


def test_every_change_is_undone_and_made_again_byte_for_byte(story: Path) -> None:
    text = "\ufeff" + STORY.replace("\n", "\r\n")
    story.write_bytes(text.encode())
    live = LiveStory(story, Unfilmed())
    states = [story.read_bytes()]
    for change in CHANGES:
        assert isinstance(live.change(Asked(seen=live.shown.board["seen"], change=change)), Written)
        states.append(story.read_bytes())
    assert len(set(states)) == len(states) and live.shown.board["undo"] and not live.shown.board["redo"]
    for state in reversed(states[:-1]):
        assert isinstance(live.go(-1), Written) and story.read_bytes() == state
    assert live.go(-1) == Refused("there is nothing to undo") and not live.shown.board["undo"]
    for state in states[1:]:
        assert isinstance(live.go(1), Written) and story.read_bytes() == state
    assert live.go(1) == Refused("there is nothing to redo")


def test_what_the_editor_saves_and_undoes_is_a_step_too(story: Path) -> None:
    live = LiveStory(story, Unfilmed())
    live.change(asked(story, **NARRATION))
    own = story.read_text(encoding="utf-8")
    story.write_text(own.replace("A Day", "A Night"), encoding="utf-8")
    live.look()
    # The page takes back what the editor wrote, and the editor takes back what the page wrote.
    assert isinstance(live.go(-1), Written) and story.read_text(encoding="utf-8") == own
    story.write_text(STORY, encoding="utf-8")
    live.look()
    assert not live.shown.board["undo"] and live.shown.board["redo"]
    assert isinstance(live.go(1), Written) and story.read_text(encoding="utf-8") == own
    assert isinstance(live.go(1), Written) and "A Night" in story.read_text(encoding="utf-8")
    # A save that nobody has looked at yet is not written over.
    story.write_text(STORY, encoding="utf-8")
    assert isinstance(live.go(-1), Written)
    assert "A Night" in story.read_text(encoding="utf-8")


def test_a_move_is_undone_with_what_it_wrote_of_others(story: Path) -> None:
    live = LiveStory(story, Unfilmed())
    move = Move(scene="garden", beat=0, at=0.0, box=[0.6, 0.2, 0.9, 0.9], seen=seen(story, "garden", 0))
    assert isinstance(live.move(move), Written) and story.read_text(encoding="utf-8").count("    at ") == 3
    assert isinstance(live.go(-1), Written) and story.read_text(encoding="utf-8") == STORY


@pytest.fixture
def page(story: Path) -> Iterator[Page]:
    with served(story) as page:
        yield page


def test_the_page_changes_undoes_and_redoes(page: Page, story: Path) -> None:
    with page.boards() as following:
        board = following()
        assert (board["undo"], board["redo"], board["known"]) == (False, False, ["witch", "cat"])
        status, told = page.send("change", {"seen": board["seen"], "change": NARRATION})
        after = following()
        assert (status, told) == (200, {"file": "day.story", "line": 16, "seen": after["seen"]})
        assert after["scenes"][1]["narration"] == "The cat sleeps."
        assert page.send("change", {"seen": board["seen"], "change": NARRATION})[0] == 409
        assert page.send("undo", {})[0] == 200 and story.read_text(encoding="utf-8") == STORY
        assert following()["redo"]
        assert page.send("redo", {})[0] == 200 and page.send("redo", {})[0] == 422
    for wrong in ({}, {"seen": "", "change": {"do": "burn"}}, {"seen": "", "change": {**NARRATION, "value": []}}):
        assert page.send("change", wrong)[0] == 400
    assert page.send("undo", {}, Origin="http://elsewhere")[0] == 403
    assert page.send("film", {"scene": "garden"}) == (422, {"error": "nothing can be filmed from here"})


PLACED = """\
story "A Day"

location kitchen "a kitchen"

character witch "a witch"

scene supper
  in kitchen
  background "at night"
  narration "The witch walks."
  witch walking 0s..4s
    enters left
    leaves right
"""


def test_a_way_that_only_enters_and_leaves_is_directed_too(story: Path) -> None:
    story.write_text(PLACED, encoding="utf-8")
    for change in ({"do": "retime", "at": 0, "to": 1}, {"do": "drop", "at": 4}, {"do": "drop", "at": 2}):
        assert isinstance(made(story, scene="supper", beat=0, **change), Refused)
    assert story.read_text(encoding="utf-8") == PLACED
    beat = seen(story, "supper", 0)
    move = Move(scene="supper", beat=0, at=2, box=[0.1, 0.2, 0.3, 0.9], seen=beat)
    assert isinstance(move_box(story, move), Written)
    lines = "    enters left\n    at 2s [0.1 0.2 0.3 0.9]\n"
    assert story.read_text(encoding="utf-8") == PLACED.replace("    enters left\n", lines)


def test_what_a_background_adds_to_a_place_is_edited_alone(story: Path) -> None:
    story.write_text(PLACED, encoding="utf-8")
    scene = live_board(story, Unfilmed()).board["scenes"][0]
    assert (scene["background"], scene["added"]) == ("a kitchen, at night", "at night")
    for added, shown in (("at noon", "a kitchen, at noon"), ("", "a kitchen")):
        assert isinstance(made(story, do="fact", scene="supper", fact="background", value=added), Written)
        scene = live_board(story, Unfilmed()).board["scenes"][0]
        assert (scene["background"], scene["added"]) == (shown, added)


SOUNDING = """\
use "cast.story"

story "A Day"
  voice alloy

character cat "a cat"

scene roof
  narration "The cat and the witch meet."
  cat sitting
  witch walking
"""


def test_voices_and_music_are_shown_and_written(story: Path) -> None:
    story.write_text(SOUNDING, encoding="utf-8")
    story.with_name("cast.story").write_text('character witch "a witch"\n  voice nova\nprop pot "a pot"\n', "utf-8")
    story.with_name("soup.ogg").write_bytes(SOUP.read_bytes())
    sound = live_board(story, Unfilmed()).board["sound"]
    assert (sound["narrator"], sound["music"], sound["played"]) == ("alloy", "", {"roof": ""})
    assert sound["speakers"] == {"witch": "nova", "cat": ""}
    for change in (
        {"do": "header", "fact": "voice", "value": "echo"},
        {"do": "fact", "scene": "roof", "fact": "music", "value": "soup.ogg 0.4"},
        {"do": "voice", "entity": "witch", "voice": "fable"},
        {"do": "voice", "entity": "cat", "voice": "onyx"},
    ):
        assert isinstance(made(story, **change), Written), change
    sound = live_board(story, Unfilmed()).board["sound"]
    assert (sound["narrator"], sound["played"]) == ("echo", {"roof": "soup.ogg 0.4"})
    assert sound["speakers"] == {"witch": "fable", "cat": "onyx"}
    refused = made(story, do="fact", scene="roof", fact="music", value="nothing.ogg")
    assert isinstance(refused, Refused) and "nothing.ogg" in refused.reason


def test_a_refusal_is_one_line_whatever_was_typed(story: Path) -> None:
    for change in (
        {"do": "fact", "scene": "garden", "fact": "in"},
        {"do": "add", "scene": "garden"},
        {"do": "add-scene", "after": ""},
        {"do": "act", "scene": "garden", "beat": 0},
    ):
        typed = {"fact": "value", "add": "entity", "add-scene": "name", "act": "motion"}[change["do"]]
        refused = made(story, **change, **{typed: "a\n\x00\u202eb"})
        assert isinstance(refused, Refused) and refused.reason.isprintable(), refused
