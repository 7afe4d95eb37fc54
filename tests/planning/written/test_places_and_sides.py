"""The filled story of scenes in locations, and of who comes and goes: nothing is said twice, and edits stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.language import read_story
from dreamrunner.planning import Plan, plan_story

CAST = 'character cat "a cat"\ncharacter witch "a witch"\nlocation kitchen "a cosy kitchen"\n\n'


def write(folder: Path, scene: str) -> Path:
    path = folder / "day.story"
    path.write_text(f'story "A day"\n\n{CAST}scene one\n{scene}')
    return path


def plan_of(path: Path) -> Plan:
    story = read_story(path).story
    assert story is not None
    plan = plan_story(story).plan
    assert plan is not None
    return plan


@pytest.mark.parametrize(
    "scene",
    [
        "  in kitchen\n",
        '  in kitchen\n  background "at night"\n  takes 3\n',
        "  in kitchen\n\n  cat walking\n    enters left\n  witch\n",
        '  background "a garden"\n\n  cat 1s..4s\n    leaves top  # up\n',
        "  cat walking 0s..4s\n    enters left\n    leaves right\n  witch waving\n    at 2s [-0.2 0.4 0.1 0.9]\n",
        "  cat walking 0s..4s\n    at 2s center\n    leaves left\n",
        "  cat walking 0s..0.1s\n    enters bottom\n    leaves bottom\n",
    ],
)
def test_a_filled_story_says_the_same_and_fills_to_itself(scene: str, tmp_path: Path, capsys) -> None:
    path = write(tmp_path, scene)
    before = plan_of(path)
    assert main(["plan", str(path)]) == 0
    target = tmp_path / "day.plan.story"
    text = target.read_text()
    for line in scene.split("\n"):
        # A beat's own line may get more words.
        assert line.startswith("  cat") or line.startswith("  witch") or f"{line}\n" in text
    assert text.count("background") == max(scene.count("background"), 0 if "in kitchen" in scene else 1)
    assert plan_of(target).scenes == before.scenes
    assert main(["plan", str(path)]) == 0 and target.read_text() == text
    checked = read_story(target)
    assert checked.errors == ()
    target.unlink()
    # A filled story is a story: filling it changes nothing.
    again = tmp_path / "again.story"
    again.write_text(text)
    assert main(["plan", str(again)]) == 0
    assert plan_of(again).scenes == before.scenes


def test_an_edited_fill_is_kept_when_its_scene_gets_a_place_and_somebody_comes_in(tmp_path: Path, capsys) -> None:
    scene = '  narration "The cat walks."\n\n  cat walking\n'
    path = write(tmp_path, scene)
    assert main(["plan", str(path)]) == 0
    target = tmp_path / "day.plan.story"
    target.write_text(target.read_text().replace("a cat, walking", "a cat, walking by hand"))
    write(tmp_path, scene.replace("\n\n", "\n  in kitchen\n\n") + "    enters left\n")
    assert main(["plan", str(path)]) == 0
    text = target.read_text()
    assert "walking by hand" in text and "  in kitchen\n" in text and "    enters left\n" in text
    (planned,) = plan_of(target).scenes
    assert (planned.background, planned.setting) == ("a cosy kitchen", "kitchen")
    assert planned.beats[0].keyframes[0].box.x1 <= 0


def test_an_edited_fill_counts_as_edited_when_who_stood_still_comes_in(tmp_path: Path, capsys) -> None:
    scene = '  narration "The cat sits."\n\n  cat sitting 1s..4s\n'
    path = write(tmp_path, scene)
    assert main(["plan", str(path)]) == 0
    target = tmp_path / "day.plan.story"
    assert target.read_text().count("    at ") == 1
    target.write_text(target.read_text().replace("a cat, sitting", "a cat, sitting by hand"))
    for more in ("    enters left\n", "    enters left\n    leaves top\n"):
        write(tmp_path, scene + more)
        assert main(["plan", str(path)]) == 0
        assert "sitting by hand" in target.read_text()
    (planned,) = plan_of(target).scenes
    assert [frame.at for frame in planned.beats[0].keyframes] == [1, 2.5, 4]
