"""The set of stories of the paper's shape (4.1): its counts, and that it checks clean."""

import re
from pathlib import Path

import pytest

from dreamrunner.language import Story, read_story
from dreamrunner.planning.noticed import noticed

FOLDER = Path(__file__).parents[2] / "stories" / "dreamstoryset"
SMALL = {"witch", "cat", "robot", "ball"}
"""The stories that film on the bundled model."""


@pytest.fixture(scope="module")
def stories() -> dict[str, Story]:
    found = {path.stem: read_story(path).story for path in sorted(FOLDER.glob("*.story")) if path.stem != "cast"}
    assert all(found.values())
    return {name: story for name, story in found.items() if story is not None}


def cast(story: Story) -> set[str]:
    return {beat.entity for scene in story.scenes for beat in scene.beats}


def test_there_are_ten_characters_each_with_a_story_and_three_stories_of_several(stories: dict[str, Story]) -> None:
    declared = read_story(FOLDER / "cast.story").story
    assert declared is not None
    names = {each.name for each in declared.characters}
    assert len(names) == 10 and all(each.looks and not each.images for each in declared.characters)
    alone = [cast(story) for story in stories.values() if len(cast(story)) == 1]
    assert len(alone) == 10 and set().union(*alone) == names
    assert sum(len(cast(story)) > 1 for story in stories.values()) == 3


def test_there_are_64_motions_and_every_one_is_done(stories: dict[str, Story]) -> None:
    declared = read_story(FOLDER / "cast.story").story
    assert declared is not None
    done = {beat.motion for story in stories.values() for scene in story.scenes for beat in scene.beats}
    assert done == {each.name for each in declared.motions} and len(done) == 64


def test_stories_have_five_to_eight_scenes_of_two_motions_each(stories: dict[str, Story]) -> None:
    for name, story in stories.items():
        assert 5 <= len(story.scenes) <= 8, name
        for scene in story.scenes:
            assert len({beat.motion for beat in scene.beats}) == len(scene.beats) == 2, (name, scene.name)


def test_nothing_of_them_is_warned_of(stories: dict[str, Story]) -> None:
    assert {name: noticed(story) for name, story in stories.items() if noticed(story)} == {}


def test_one_subset_is_for_the_bundled_model_and_the_page_says_which(stories: dict[str, Story]) -> None:
    assert {name for name, story in stories.items() if story.model == "miniature"} == SMALL
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\w+)\]\(\1\.story\) \| ([\w, ]+) \| (\d) \| (yes|) *\|$", page, re.MULTILINE)
    assert {(name, int(scenes), bool(yes)) for name, _, scenes, yes in rows} == {
        (name, len(story.scenes), name in SMALL) for name, story in stories.items()
    }
    assert all(set(who.split(", ")) == cast(stories[name]) for name, who, _, _ in rows)
