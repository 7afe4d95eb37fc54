"""The stories of the repository: sound, formatted, filmable, and between them all that a story can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import MISSING, Story, read_story
from dreamrunner.language.formatter import format_text
from dreamrunner.planning import plan_story

FOLDER = Path(__file__).parents[2] / "stories"
PATHS = sorted(FOLDER.rglob("*.story"))
CASTS = ("village", "cast")
"""Files without scenes."""


def story(name: str) -> Story:
    read = read_story(FOLDER / f"{name}.story").story
    assert read is not None
    return read


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_checks_clean_and_is_formatted(path: Path) -> None:
    assert read_story(path).diagnostics == ()
    assert format_text(path.read_text(), path).text == path.read_text()


@pytest.mark.parametrize("path", [path for path in PATHS if path.stem not in CASTS], ids=lambda path: path.stem)
def test_it_can_be_planned(path: Path) -> None:
    planned = plan_story(read_story(path).story)
    assert {item.code for item in planned.diagnostics} <= {"plain-day"}
    assert planned.plan.scenes


def test_there_are_ten_and_more() -> None:
    assert len(PATHS) >= 10


def test_the_witch_has_what_the_demo_is_to_show() -> None:
    witch = story("witch")
    assert len(witch.scenes) >= 5
    assert [item.name for item in witch.characters if not item.images] == ["witch", "cat", "robot"]
    assert [item.name for item in witch.characters if item.images] == ["dragon", "pirate"]
    assert len(witch.props) == 1
    assert {"walking", "waving", "stirring", "flying", "sleeping"} < {item.name for item in witch.motions}
    assert [item.name for item in witch.motions if item.clips] == ["growing", "rolling"]
    assert witch.model == "miniature"
    boxes = [[bool(beat.keyframes) for beat in scene.beats] for scene in witch.scenes]
    assert any(found and all(found) for found in boxes)
    assert any(any(found) and not all(found) for found in boxes)
    assert any(not any(found) for found in boxes)


def test_one_character_does_two_things_in_every_scene() -> None:
    king = story("king")
    assert len(king.characters) == 1
    assert all(len({beat.motion for beat in scene.beats}) == 2 for scene in king.scenes)


def test_two_and_three_characters() -> None:
    assert {len({beat.entity for beat in scene.beats}) for scene in story("sea").scenes} == {2, 3}


def test_paths_cross() -> None:
    dog, robot = story("crossing").scenes[0].beats
    assert dog.keyframes[0].box.x1 < robot.keyframes[0].box.x0
    assert robot.keyframes[-1].box.x1 < dog.keyframes[-1].box.x0


def test_an_attribute_changes_over_time() -> None:
    looks = [beat.description for beat in story("pumpkin").scenes[0].beats if beat.entity == "pumpkin"]
    assert len(set(looks)) == 3


def test_every_box_of_the_ghost_is_written_one_a_second_and_nothing_is_missing() -> None:
    ghost = story("ghost")
    assert ghost.planner == "none"
    for scene in ghost.scenes:
        assert MISSING not in (scene.background, scene.narration, scene.duration)
        for beat in scene.beats:
            assert [frame.at for frame in beat.keyframes] == [float(at) for at in range(int(scene.duration))]


def test_the_rabbit_has_almost_nothing() -> None:
    rabbit = story("rabbit")
    assert not rabbit.scenes and rabbit.topic is not MISSING


def test_two_stories_share_a_cast_and_one_changes_a_dress() -> None:
    autumn, winter = story("autumn").characters, story("winter").characters
    assert [item.name for item in autumn] == [item.name for item in winter]
    assert autumn[0].looks != winter[0].looks and autumn[1:] == winter[1:]


def test_the_long_one_has_40_scenes() -> None:
    assert len(story("journey").scenes) == 40
