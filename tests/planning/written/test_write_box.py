"""A moved box in the text: one key frame's line changes, and everything else stays byte for byte."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language import Box, KeyFrame, check_text
from dreamrunner.language.formatter import format_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.keyframes import box_at
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.planning.written.edits import write_box

FILE = Path("day.story")
BOX = Box(0.1, 0.2, 0.4, 0.9)
HEAD = """\
story "A Day"

character witch "a witch"
character cat "a cat"

"""
WRITTEN = (
    HEAD
    + """\
scene garden   # where it begins
  background "a garden"
  narration "The witch walks, the cat sits."
  witch walking 0s..6s
    # first here
    at 0s [0.5, 0.0, 0.9, 0.8]   # commas
    at   4s left
  cat sitting
"""
)


def moved(text: str, scene: str, beat: int, at: float, box: Box = BOX) -> str | None:
    plan = plan_story(check_text(text, FILE).story).plan
    planned = next(each for each in plan.scenes if each.name == scene)
    return write_box(text, planned, beat, KeyFrame(at, box))


def test_a_written_box_is_replaced_and_its_comment_stays() -> None:
    assert moved(WRITTEN, "garden", 0, 0) == WRITTEN.replace("[0.5, 0.0, 0.9, 0.8]", "[0.1 0.2 0.4 0.9]")


def test_a_place_in_words_is_replaced_by_numbers() -> None:
    assert moved(WRITTEN, "garden", 0, 4) == WRITTEN.replace("at   4s left", "at   4s [0.1 0.2 0.4 0.9]")


@pytest.mark.parametrize(
    ("at", "above", "line"),
    [(2.5, "# commas\n", "    at 2.5s [0.1 0.2 0.4 0.9]\n"), (6, "4s left\n", "    at 6s [0.1 0.2 0.4 0.9]\n")],
)
def test_another_time_gets_a_line_of_its_own_in_order(at: float, above: str, line: str) -> None:
    assert moved(WRITTEN, "garden", 0, at) == WRITTEN.replace(above, above + line)


def test_a_time_before_the_first_stands_right_under_the_beat() -> None:
    text = WRITTEN.replace("at 0s", "at 1s")
    line = "    at 0.25s [0.1 0.2 0.4 0.9]\n"
    assert moved(text, "garden", 0, 0.25) == text.replace("0s..6s\n", "0s..6s\n" + line)


def test_a_planned_box_is_written_under_its_beat() -> None:
    assert moved(WRITTEN, "garden", 1, 0) == WRITTEN + "    at 0s [0.1 0.2 0.4 0.9]\n"


def test_a_key_frame_takes_the_place_of_the_line_that_it_contradicts() -> None:
    text = HEAD + 'scene garden\n  narration "x"\n  witch walking 1s..5s\n    enters left  # in\n    leaves right\n'
    assert moved(text + "    at 3s center\n", "garden", 0, 1) == (
        text.replace("enters left", "at 1s [0.1 0.2 0.4 0.9]") + "    at 3s center\n"
    )
    assert moved(text + "    at 3s center\n", "garden", 0, 5) == (
        text.replace("leaves right", "at 5s [0.1 0.2 0.4 0.9]") + "    at 3s center\n"
    )


@pytest.mark.parametrize("at", [1.0, 2.0, 5.0])
def test_a_planned_box_of_who_comes_and_goes_is_moved_and_the_rest_stays(at: float) -> None:
    text = HEAD + 'scene garden\n  narration "x"\n  witch walking 1s..5s\n    enters left\n    leaves right\n'
    before = plan_story(check_text(text, FILE).story).plan.scenes[0].beats[0].keyframes
    new = moved(text, "garden", 0, at)
    assert check_text(new, FILE).errors == ()
    after = plan_story(check_text(new, FILE).story).plan.scenes[0].beats[0].keyframes
    assert KeyFrame(at, BOX) in after
    ends = [frame for frame in before if frame.at != at and frame.at in (1.0, 5.0)]
    assert {frame.at for frame in ends} <= {frame.at for frame in after}


def test_what_the_planner_laid_out_of_the_beat_is_written_with_it() -> None:
    text = HEAD + 'scene garden\n  narration "The witch walks from left to right."\n  witch walking  # on\n'
    before = plan_story(check_text(text, FILE).story).plan.scenes[0].beats[0]
    assert len(before.keyframes) > 1
    new = moved(text, "garden", 0, before.keyframes[0].at)
    assert new.startswith(text)
    after = plan_story(check_text(new, FILE).story).plan.scenes[0].beats[0]
    way = turns(before.keyframes)
    assert after.keyframes == (KeyFrame(way[0].at, BOX), *way[1:]) and len(way) < len(before.keyframes)


def test_a_scene_without_beats_gets_those_that_were_planned() -> None:
    text = HEAD + 'scene garden\n    narration "The witch waves and the cat dances."\n\nscene end\n    witch waving\n'
    before = plan_story(check_text(text, FILE).story).plan.scenes[0]
    number = next(place for place, beat in enumerate(before.beats) if beat.entity == "cat")
    new = moved(text, "garden", number, 0)
    assert "    cat dancing 0s..6s\n        at 0s [0.1 0.2 0.4 0.9]\n" in new and new.endswith(text.split("\n\n")[-1])
    after = plan_story(check_text(new, FILE).story).plan.scenes[0]
    assert [(beat.entity, beat.motion, beat.start, beat.end) for beat in after.beats] == [
        (beat.entity, beat.motion, beat.start, beat.end) for beat in before.beats
    ]
    assert after.beats[number].keyframes[0] == KeyFrame(0, BOX)


def test_scenes_made_from_a_topic_have_no_place_in_the_text() -> None:
    text = 'story "A Day"\n  topic "a day of a witch"\n\ncharacter witch\n'
    plan = plan_story(check_text(text, FILE).story).plan
    assert write_box(text, plan.scenes[0], 0, KeyFrame(0, BOX)) is None


@pytest.mark.parametrize("end", ["", "\n", "\n# the end", "\r\n"])
def test_line_ends_and_a_byte_order_mark_stay(end: str) -> None:
    text = "\ufeff" + WRITTEN.replace("\n", "\r\n").replace("commas\r\n", "commas\n") + end
    assert moved(text, "garden", 0, 0) == text.replace("[0.5, 0.0, 0.9, 0.8]", "[0.1 0.2 0.4 0.9]")
    assert moved(text, "garden", 0, 2) == text.replace("commas\n", "commas\n    at 2s [0.1 0.2 0.4 0.9]\r\n")


WITCH_FILE = Path(__file__).parents[3] / "stories" / "witch.story"
WITCH = WITCH_FILE.read_text(encoding="utf-8")
EDGE = st.integers(0, 100).map(lambda value: value / 100)
# A low edge and, more than a fifth of the frame from it, a high one.
SIDES = st.tuples(st.integers(0, 79), st.integers(21, 100)).map(lambda pair: (pair[0], min(100, sum(pair))))
BOXES = st.tuples(SIDES, SIDES).map(
    lambda sides: (sides[0][0] / 100, sides[1][0] / 100, sides[0][1] / 100, sides[1][1] / 100)
)


@lru_cache(maxsize=1)
def planned() -> tuple[PlannedScene, ...]:
    return plan_story(check_text(WITCH, WITCH_FILE).story).plan.scenes


@cache
def has_keyframes(scene: str, number: int) -> bool:
    beats = next(each.beats for each in check_text(WITCH, WITCH_FILE).story.scenes if each.name == scene)
    return bool(beats and beats[number].keyframes)


@settings(max_examples=40, deadline=None)
@given(st.data(), BOXES.map(lambda box: Box(*box)))
def test_any_box_at_any_time_is_where_it_was_put_and_the_layout_stays(data: st.DataObject, box: Box) -> None:
    scenes = planned()
    scene = data.draw(st.sampled_from(scenes))
    number = data.draw(st.integers(0, len(scene.beats) - 1))
    beat = scene.beats[number]
    at = data.draw(st.one_of(st.sampled_from([frame.at for frame in beat.keyframes]), st.floats(beat.start, beat.end)))
    at = round(min(max(at, beat.start), beat.end), 2)
    new = write_box(WITCH, scene, number, KeyFrame(at, box))
    checked = check_text(new, WITCH_FILE)
    assert not any(item.severity == "error" for item in checked.diagnostics)
    after = next(each for each in plan_story(checked.story).plan.scenes if each.name == scene.name)
    way = beat.keyframes if has_keyframes(scene.name, number) else turns(beat.keyframes)
    kept = [frame for frame in way if abs(frame.at - at) > 1e-6]
    assert sorted(after.beats[number].keyframes, key=lambda frame: frame.at) == sorted(
        [*kept, KeyFrame(at, box)], key=lambda frame: frame.at
    )
    assert format_text(new, FILE).text == new
    old, lines = WITCH.split("\n"), new.split("\n")
    start = (
        next(row for row, (one, other) in enumerate(zip(old, lines, strict=False)) if one != other)
        if new != WITCH
        else 0
    )
    end = len(old) - start - (len(lines) == len(old))
    assert old[len(old) - end :] == lines[len(lines) - end :]


WAYS = st.lists(st.tuples(EDGE, EDGE), min_size=1, max_size=8)


@given(WAYS, st.floats(0, 8))
def test_a_way_by_its_turns_is_the_same_way(corners: list[tuple[float, float]], time: float) -> None:
    frames = [KeyFrame(at, Box(x, y, x + 0.2, y + 0.2)) for at, (x, y) in enumerate(corners)]
    kept = turns(frames)
    assert set(kept) <= set(frames)
    full, thin = box_at(frames, time), box_at(kept, time)
    assert abs(full.x0 - thin.x0) < 3e-3 and abs(full.y1 - thin.y1) < 3e-3


def test_a_box_that_stands_still_has_one_key_frame() -> None:
    assert turns([KeyFrame(at, BOX) for at in range(6)]) == (KeyFrame(0, BOX),)


def test_what_a_side_says_is_not_written_once_more() -> None:
    text = WRITTEN.replace("  cat sitting\n", "  cat walking 0s..6s\n    enters left\n")
    after = moved(text, "garden", 1, 3)
    assert after is not None and check_text(after, FILE).story is not None
    new = [line.strip() for line in after.split("\n") if line not in text.split("\n")]
    assert "at 3s [0.1 0.2 0.4 0.9]" in new and not any(line.startswith("at 0s") for line in new)
