"""Two planners' fills of the same scenes, of which one is taken as planning would have written it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamrunner.files.in_place import replace_text
from dreamrunner.language import Story
from dreamrunner.planning import as_story, plan_file, plan_story
from dreamrunner.planning.planner import Answer, Failure
from dreamrunner.planning.written.comparing import Comparison, NotTaken, compare, take

CAST = 'story "A day"\n\ncharacter cat "a black cat"\n'
STORY = f"""{CAST}
scene garden   # mine
  narration "The cat walks."
  cat   walking

scene hall
  background "a hall"
  narration "The cat sleeps."
  cat sleeping 0s..6s "a cat"
    at 0s left

scene kitchen
  narration "The cat waves."
"""


def someone(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    """A planner that fills as the offline one does, with another background."""
    for scene in as_story(plan_story(replace(story, planner="offline")).plan, story).scenes:
        if scene.name in scenes:
            yield replace(scene, background="somewhere else")


def nowhere(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    yield from (answer for answer in someone(story, scenes) if answer.name == "kitchen")
    yield Failure("garden", "no key")


def unasked(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    raise AssertionError("asked")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY, encoding="utf-8")
    return path


def target(story: Path) -> Path:
    return story.with_name("day.plan.story")


def compared(story: Path, **more: object) -> Comparison:
    return compare(story, [("offline", None), ("someone", someone)], **more)


def planned(story: Path, planner: str) -> str:
    """The filled story as planning makes it."""
    return plan_file(story, planner=planner, ask=someone, again=lambda _: True).text


def test_each_scene_with_a_gap_has_a_fill_of_each_and_nothing_is_written(story: Path) -> None:
    found = compared(story)
    assert [scene.name for scene in found.scenes] == ["garden", "kitchen"] and found.diagnostics == ()
    for scene in found.scenes:
        assert [fill.planner for fill in scene.fills] == ["offline", "someone"]
        one, other = (fill.scene for fill in scene.fills)
        assert (one.background, other.background) == (f"a {scene.name}", "somewhere else")
        assert one.beats == other.beats
    assert sorted(story.parent.iterdir()) == [story] and story.read_text(encoding="utf-8") == STORY


def test_only_for_scenes_that_are_wanted_is_anybody_asked(story: Path) -> None:
    asked: list[str] = []

    def noting(told: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        asked.extend(scenes)
        yield from someone(told, scenes)

    (kitchen,) = compare(story, [("offline", None), ("someone", noting)], wanted="kitchen".__eq__).scenes
    assert asked == ["kitchen"] == [kitchen.name]
    assert [fill.scene.background for fill in kitchen.fills] == ["a kitchen", "somewhere else"]
    take(kitchen, 1, story, replace_text)
    assert plan_file(story).filled == ("garden",)


@pytest.mark.parametrize(("number", "planner"), [(0, "offline"), (1, "someone")])
def test_taking_every_fill_of_a_planner_is_planning_with_it(story: Path, number: int, planner: str) -> None:
    for scene in compared(story).scenes:
        assert take(scene, number, story, replace_text) == (target(story), None)
    assert target(story).read_text(encoding="utf-8") == planned(story, planner)
    assert story.read_text(encoding="utf-8") == STORY
    assert plan_file(story).filled == ()


def test_one_scene_is_taken_from_each_and_fills_of_other_scenes_stay(story: Path) -> None:
    target(story).write_text(planned(story, "offline"), encoding="utf-8")
    garden, kitchen = compared(story).scenes
    before = target(story).read_text(encoding="utf-8")
    take(kitchen, 1, story, replace_text)
    head, tail = before.split("scene kitchen")
    after = target(story).read_text(encoding="utf-8")
    assert after.startswith(head) and after != before and '"someone prompts' in after.removeprefix(head)
    take(kitchen, 0, story, replace_text)
    take(garden, 0, story, replace_text)
    assert target(story).read_text(encoding="utf-8") == before and "offline" in tail


def test_a_fill_that_was_edited_by_hand_is_kept_in_a_copy(story: Path) -> None:
    edited = planned(story, "offline").replace('cat waving 0s..6s "a black cat, waving"', 'cat waving 0s..6s "my cat"')
    target(story).write_text(edited, encoding="utf-8")
    written, copy = take(compared(story).scenes[1], 1, story, replace_text)
    assert written == target(story) and copy is not None and copy.read_text(encoding="utf-8") == edited
    assert '"my cat"' not in target(story).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("The cat waves.", "The cat runs."), "scene `kitchen` has changed since"),
        (lambda text: text.split("scene kitchen")[0], "scene `kitchen` has changed since"),
        (lambda text: text.replace("scene hall", "scene kitchen"), "day.story has an error by now"),
    ],
)
def test_what_is_not_the_scene_any_more_is_not_filled(story: Path, change: Callable[[str], str], why: str) -> None:
    kitchen = compared(story).scenes[1]
    story.write_text(change(STORY), encoding="utf-8")
    with pytest.raises(NotTaken, match=why):
        take(kitchen, 0, story, replace_text)
    assert sorted(story.parent.iterdir()) == [story]


def test_a_scene_that_a_planner_could_not_fill_says_why_and_the_others_stand(story: Path) -> None:
    garden, kitchen = compare(story, [("offline", None), ("someone", nowhere)]).scenes
    assert [(fill.scene is None, fill.failure) for fill in garden.fills] == [(False, ""), (True, "no key")]
    assert all(fill.scene is not None for fill in kitchen.fills)
    with pytest.raises(NotTaken, match="someone has no fill of scene `garden`: no key"):
        take(garden, 1, story, replace_text)


@pytest.mark.parametrize(
    "text",
    [CAST.replace('"A day"', '"A day"\n  topic "a day"'), STORY.split("scene kitchen")[0].split("scene garden")[0]],
)
def test_nobody_is_asked_where_there_is_nothing_to_compare(story: Path, text: str) -> None:
    story.write_text(text, encoding="utf-8")
    found = compare(story, [("someone", unasked), ("other", unasked)])
    assert found.scenes == () and found.story is not None
    story.write_text(STORY, encoding="utf-8")
    assert compare(story, [("someone", unasked), ("other", unasked)], wanted="hall".__eq__).scenes == ()


def test_an_error_is_told_and_nothing_filled(story: Path) -> None:
    story.write_text(STORY.replace("cat   walking", "cot walking"), encoding="utf-8")
    found = compare(story, [("someone", unasked), ("other", unasked)])
    assert found.story is None and [item.code for item in found.diagnostics] == ["unknown-entity"]
