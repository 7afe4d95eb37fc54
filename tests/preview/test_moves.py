"""Moved boxes in real files: which file is written, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from dreamrunner.language import Box, KeyFrame, check_text
from dreamrunner.planning import filled_path, plan_file
from dreamrunner.planning.keyframes import box_at
from dreamrunner.preview.board import live_board
from dreamrunner.preview.moves import Move, Refused, Written, move_box
from tests.material.live_page import STORY

BOX = [0.25, 0.1, 0.5, 0.9]
STILL = STORY.replace("  cat sitting\n", "  cat sitting\n    at 0s bottom-right\n")
"""The same with nobody left to lay out in the garden."""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY, encoding="utf-8")
    return path


class Unfilmed(dict):
    """The films of a story that has none."""

    def __call__(self, plan, story):
        from dreamrunner.pipeline.last_film import FilmedScene

        return {scene.name: FilmedScene("never") for scene in plan.scenes}


def seen(story: Path, scene: str, beat: int) -> dict:
    board = live_board(story, Unfilmed()).board
    found = dict(next(each for each in board["scenes"] if each["name"] == scene)["beats"][beat])
    found.pop("by")
    return found


def move(story: Path, scene: str = "garden", beat: int = 0, at: float = 0.0, box: list[float] = BOX) -> Move:
    return Move(scene=scene, beat=beat, at=at, box=box, seen=seen(story, scene, beat))


def test_the_line_of_the_key_frame_changes_and_no_byte_else(story: Path) -> None:
    story.write_bytes(STILL.replace("\n", "\r\n").encode())
    story.chmod(0o640)
    assert move_box(story, move(story)) == Written(story, 11)
    expected = STILL.replace("[0.1 0.2 0.4 0.9]", "[0.25 0.1 0.5 0.9]").replace("\n", "\r\n")
    assert story.read_bytes() == expected.encode() and story.stat().st_mode & 0o777 == 0o640
    assert list(story.parent.iterdir()) == [story]


def test_a_link_stays_a_link(story: Path) -> None:
    link = story.with_name("link.story")
    link.symlink_to(story)
    assert isinstance(move_box(link, move(link)), Written)
    assert link.is_symlink() and "[0.25 0.1 0.5 0.9]" in story.read_text(encoding="utf-8")


def test_what_others_changed_meanwhile_stays(story: Path) -> None:
    story.write_text(STILL, encoding="utf-8")
    asked = move(story)
    story.write_text("# new\n" + STILL.replace("A Day", "A Night"), encoding="utf-8")
    assert move_box(story, asked) == Written(story, 12)
    text = story.read_text(encoding="utf-8")
    assert text == "# new\n" + STILL.replace("A Day", "A Night").replace("[0.1 0.2 0.4 0.9]", "[0.25 0.1 0.5 0.9]")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("0.1 0.2 0.4 0.9", "0.2 0.2 0.5 0.9", "what witch does in scene `garden` has changed meanwhile"),
        ("walking 0s..6s", "walking 0s..6s\n    at 3s left", "has changed meanwhile"),
        ("witch walking", "cat walking", "can't be read just now"),
        ("scene garden", "scene park", "scene `garden` can't be read just now, or is not there any more"),
    ],
)
def test_a_beat_that_is_another_by_now_is_left_alone(story: Path, old: str, new: str, says: str) -> None:
    asked = move(story)
    story.write_text(STORY.replace(old, new), encoding="utf-8")
    refused = move_box(story, asked)
    assert isinstance(refused, Refused) and refused.changed and says in refused.reason
    assert story.read_text(encoding="utf-8") == STORY.replace(old, new)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"at": 7.0}, "witch is not there at 7 s"),
        ({"box": [0.5, 0.1, 0.5, 0.9]}, "a box needs a width and a height"),
        ({"box": [0.5, 0.9, 0.6, 0.1]}, "a box needs a width and a height"),
        ({"beat": 9}, "other beats"),
    ],
)
def test_what_can_t_be_is_refused(story: Path, changes: dict, says: str) -> None:
    refused = move_box(story, move(story).model_copy(update=changes))
    assert isinstance(refused, Refused) and says in refused.reason
    assert story.read_text(encoding="utf-8") == STORY


def test_a_box_of_a_made_up_scene_is_refused_with_what_to_do(story: Path) -> None:
    text = 'story "A Day"\n  topic "a day of a witch"\n\ncharacter witch\n'
    story.write_text(text, encoding="utf-8")
    scene = live_board(story, Unfilmed()).board["scenes"][0]["name"]
    refused = move_box(story, move(story, scene))
    assert isinstance(refused, Refused) and "`dreamrunner plan --write`" in refused.reason
    assert story.read_text(encoding="utf-8") == text


def test_planned_boxes_of_a_filled_story_are_written_there(story: Path) -> None:
    beside = filled_path(story)
    beside.write_text(plan_file(story).text, encoding="utf-8")
    before = beside.read_text(encoding="utf-8")
    asked = move(story, "kitchen", 0, 1.0)
    done = move_box(story, asked)
    assert isinstance(done, Written) and done.file == beside
    assert story.read_text(encoding="utf-8") == STORY
    changed = [
        (old, new) for old, new in zip(before.split("\n"), beside.read_text().split("\n"), strict=False) if old != new
    ]
    assert [new.strip() for _, new in changed] == ["at 1s [0.25 0.1 0.5 0.9]"]
    # The author's own boxes of a scene that is filled are the author's all the same.
    done = move_box(story, move(story, "garden", 0, 0.0))
    assert isinstance(done, Written) and done.file == story
    assert check_text(story.read_text(encoding="utf-8"), story).story is not None


TOGETHER = """\
story "A Day"
  seed 3

character witch "a witch in a purple dress"
character cat "a cat"
prop pot "a pot"

scene garden
  narration "The witch walks to the cat, who sits beside a pot."
"""
BEATS = "  witch walking\n  cat sitting\n  pot\n"
OWN = "  witch walking\n    at 0s [0.1 0.2 0.4 0.9]\n  cat sitting\n  pot\n"


@pytest.mark.parametrize("is_filled", [False, True], ids=["story", "filled"])
@pytest.mark.parametrize("beats", ["", BEATS, OWN], ids=["none", "open", "own"])
@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("box", [[0.6, 0.0, 1.0, 1.0], [0.35, 0.3, 0.65, 0.95]])
def test_what_else_was_on_screen_stays(box: list[float], number: int, beats: str, is_filled: bool, story: Path) -> None:
    story.write_text(TOGETHER + beats, encoding="utf-8")
    if is_filled:
        filled_path(story).write_text(plan_file(story).text, encoding="utf-8")
    board = live_board(story, Unfilmed()).board["scenes"][0]["beats"]
    if number >= len(board):
        pytest.skip("the planner found fewer")
    at = board[number]["start"]
    assert isinstance(move_box(story, move(story, "garden", number, at, box)), Written)
    after = live_board(story, Unfilmed()).board["scenes"][0]["beats"]
    for position, (old, new) in enumerate(zip(board, after, strict=True)):
        # Also the words of the narration that led to each go on being shown.
        assert all(old[fact] == new[fact] for fact in ("entity", "motion", "start", "end", "words"))
        if position != number:
            assert [shown(new, tenth / 10) for tenth in range(61)] == [shown(old, tenth / 10) for tenth in range(61)]


def shown(beat: dict, time: float) -> list[float]:
    """The edges of a beat's box on the page at a time."""
    box = box_at([KeyFrame(at, Box(*edges)) for at, *edges in beat["keyframes"]], time)
    return [round(edge, 6) for edge in dataclasses.astuple(box)]


def test_a_move_says_where_it_stands_also_at_the_end_of_the_text(story: Path) -> None:
    story.write_text(TOGETHER, encoding="utf-8")
    done = move_box(story, move(story, "garden", 0, 0.0))
    assert isinstance(done, Written) and done.line == 1 + TOGETHER.count("\n")


def test_nothing_is_pinned_that_stays_anyway(story: Path) -> None:
    story.write_text(TOGETHER + BEATS, encoding="utf-8")
    move_box(story, move(story, "garden", 0, 0.0))
    pinned = story.read_text(encoding="utf-8")
    move_box(story, move(story, "garden", 0, 0.0, [0.26, 0.1, 0.5, 0.9]))
    assert story.read_text(encoding="utf-8").count("at ") == pinned.count("at ")
