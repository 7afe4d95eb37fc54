"""ViStoryBench's stories, read."""

import json
from pathlib import Path
from typing import Any

import pytest

from dreamrunner.benchmarking.vistorybench import read, stamp_of
from dreamrunner.benchmarking.works import Benchmark, BenchmarkError
from tests.material.public_benchmarks import shot, vistorybench, write


def reading(folder: Path) -> Benchmark:
    return read(folder, method="m", stamp="20250102-030405", duration=6.0)


def changed(folder: Path, **changes: Any) -> Benchmark:
    path = vistorybench(folder) / "01" / "story.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return reading(folder)


STORY = """\
story "ViStoryBench 01"
  language 1

character old-frog
  looks "A large green frog with a grey beard"
  images "01/old-frog/*"

character tin-robot
  looks "A small robot of tin. It squeaks"

scene shot-01
  duration 6s
  background "A garden"
  camera "Medium shot"
  narration "The Old Frog waves to the Tin Robot. The Tin Robot stands."
  old-frog "A large green frog with a grey beard. The Old Frog waves to the Tin Robot."
  tin-robot "A small robot of tin. It squeaks. The Tin Robot stands."

scene shot-02
  duration 6s
  background "A kitchen at night"
  camera "Medium shot"
  narration "The Tin Robot dances alone"
  tin-robot "A small robot of tin. It squeaks. The Tin Robot dances alone"
"""


def test_shots_become_scenes_and_pictures_the_images_of_characters(tmp_path: Path) -> None:
    benchmark = reading(vistorybench(tmp_path))
    assert benchmark.faults == ()
    [work] = benchmark.works
    assert work.text == STORY
    assert [photo.name for photo in work.photos] == ["01/old-frog/00.png", "01/old-frog/01.png"]
    assert [(each.scene, each.form, each.target) for each in work.deliveries][2:] == [
        ("shot-02", "frame", "outputs/m/base/en/20250102-030405/01/shots/shot_02.png"),
        ("shot-02", "video", "videos/01/shot_02.mp4"),
    ]
    assert work.remarks == (f"Tin Robot has no pictures in {tmp_path / '01' / 'image'}",)


def test_the_folder_above_the_stories_can_be_named(tmp_path: Path) -> None:
    vistorybench(tmp_path / "ViStory")
    assert len(reading(tmp_path).works) == 1


def test_no_name_of_a_character_leads_out_of_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "secret" / "a.png", "x")
    people = {"../../secret": {"name_en": "Thief", "prompt_en": "a thief"}}
    [work] = changed(tmp_path / "in", Characters=people, Shots=[shot(1, ["Thief"], "The Thief waits", "A hall")]).works
    assert work.photos == ()
    assert "character secret" in work.text and "  secret " in work.text


def test_somebody_unknown_is_told_and_not_filmed(tmp_path: Path) -> None:
    [work] = changed(tmp_path, Shots=[shot(1, ["Nobody"], "Nobody waits", "A hall")]).works
    assert work.remarks[-1] == "shot 1 shows Nobody, who is none of its characters: not filmed"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no shots": ({"Shots": []}, "it has no list of `Shots`"),
    "shots are no list": ({"Shots": {"a": 1}}, "it has no list of `Shots`"),
    "a shot is no object": ({"Shots": ["x"]}, "shot 1 is no object"),
    "an index twice": ({"Shots": [shot(1, [], "A", "B")] * 2}, "shot 2 has 1 as its `index`, which is no whole number"),
    "an index of text": ({"Shots": [shot(1, [], "A", "B") | {"index": "../x"}]}, "shot 1 has '../x' as its `index`"),
    "people are a list": ({"Characters": []}, "its `Characters` are no object with an object for each"),
    "a text is none": ({"Shots": [shot(1, [], "A", "B") | {"Setting Description": "x"}]}, "shot 1: `Setting Descripti"),
    "names are none": ({"Shots": [shot(1, [], "A", "B") | {"Characters Appearing": {"en": 3}}]}, "shot 1: `Characters"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_story_that_can_not_be_read_is_told_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    changes, says = WRONG[name]
    vistorybench(tmp_path / "others")
    (tmp_path / "others" / "01").rename(tmp_path / "02")
    benchmark = changed(tmp_path, **changes)
    assert [work.name for work in benchmark.works] == ["02"]
    [fault] = benchmark.faults
    assert fault.startswith(f"{tmp_path / '01' / 'story.json'}: {says}")


def test_a_folder_that_is_no_number_is_told(tmp_path: Path) -> None:
    (vistorybench(tmp_path) / "01").rename(tmp_path / "x")
    [fault] = reading(tmp_path).faults
    assert "its folder is not called by a number" in fault


def test_a_folder_without_stories_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"has no story of ViStoryBench: looked for 01/story.json"):
        reading(tmp_path)


def test_a_call_goes_on_under_the_time_of_the_last(tmp_path: Path) -> None:
    assert len(stamp_of(tmp_path, "m", "en")) == len("20250102-030405")
    for stamp in ("20250102-030405", "20240102-030405", "notes"):
        (tmp_path / "outputs" / "m" / "base" / "en" / stamp).mkdir(parents=True)
    assert stamp_of(tmp_path, "m", "en") == "20250102-030405"
