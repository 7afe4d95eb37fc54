"""StoryEval's prompts, read."""

import json
from pathlib import Path
from typing import Any

import pytest

from dreamrunner.benchmarking.storyeval import read
from dreamrunner.benchmarking.works import BenchmarkError
from tests.material.public_benchmarks import entry, storyeval, write


def test_every_entry_is_a_film_called_as_its_scorer_wants_it(tmp_path: Path) -> None:
    benchmark = read(storyeval(tmp_path), method="m", duration=6.0)
    assert benchmark.faults == ()
    assert [(work.name, work.deliveries[0].target) for work in benchmark.works] == [
        ("A_frog_jumps_and_then_sleeps", "generated_videos/m/A_frog_jumps_and_then_sleeps.mp4"),
        ("A_cook_opens_a_basket", "generated_videos/m/A_cook_opens_a_basket.mp4"),
    ]
    assert "frog jumping 0s..3s" in benchmark.works[0].text and "frog sleeping 3s..6s" in benchmark.works[0].text


def test_a_file_of_another_name_can_be_named(tmp_path: Path) -> None:
    write(tmp_path / "few.json", json.dumps({"A_frog.mp4": entry("A frog jumps", "A frog jumps")}))
    assert [work.name for work in read(tmp_path / "few.json", method="m", duration=6.0).works] == ["A_frog"]


ODD_NAMES = {
    "../../up.mp4": "_.._up",
    "/etc/passwd.mp4": "_etc_passwd",
    ".mp4": "unnamed",
    "a\0b.mp4": "a_b",
    "A_FROG_jumps_and_then_sleeps.mp4": "A_FROG_jumps_and_then_sleeps-2",
}


@pytest.mark.parametrize("key", ODD_NAMES, ids=range(len(ODD_NAMES)))
def test_a_name_that_can_be_none_is_cleaned_and_told(tmp_path: Path, key: str) -> None:
    storyeval(tmp_path, **{key: entry("A frog jumps", "A frog jumps")})
    work = read(tmp_path, method="m", duration=6.0).works[-1]
    assert (work.name, work.deliveries[0].target) == (ODD_NAMES[key], f"generated_videos/m/{ODD_NAMES[key]}.mp4")
    assert work.remarks[0] == f"its name can't be a file's: laid out as {ODD_NAMES[key]}.mp4"


FAULTS: dict[str, tuple[Any, str]] = {
    "x": (entry("A frog jumps", "A frog jumps"), "is no video's name: it does not end in .mp4"),
    "a.mp4": ([], "is no object with `prompt` and `event_list`"),
    "b.mp4": ({"prompt": " ", "event_list": ["A"]}, "has no text as its `prompt`"),
    "c.mp4": ({"prompt": "A", "event_list": "A"}, "has no list of events as its `event_list`"),
    "d.mp4": ({"prompt": "A", "event_list": []}, "has no list of events as its `event_list`"),
    "e.mp4": ({"prompt": "A", "event_list": ["A", 3]}, "has an event in its `event_list` that is no text"),
    "f.mp4": ({"prompt": "A", "event_list": ["A"] * 25}, "has 25 events; 24 are the most"),
}


@pytest.mark.parametrize("key", FAULTS)
def test_an_entry_that_is_none_is_told_and_the_rest_is_read(tmp_path: Path, key: str) -> None:
    told, says = FAULTS[key]
    benchmark = read(storyeval(tmp_path, **{key: told}), method="m", duration=6.0)
    assert len(benchmark.works) == 2
    assert benchmark.faults == (f"{tmp_path / 'prompts' / 'all_prompts.json'}: {key!r} {says}",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[1]", "is no object with an entry for each video"),
        ("{}", "is no object with an entry for each video"),
        ("{", "is not JSON"),
        ("[" * 500, "is not JSON"),
        ("", "is not JSON"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: str, says: str) -> None:
    write(tmp_path / "prompts" / "all_prompts.json", content)
    with pytest.raises(BenchmarkError, match=f"all_prompts.json {says}"):
        read(tmp_path, method="m", duration=6.0)


def test_a_folder_without_prompts_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"has no prompts of StoryEval: looked for prompts/all_prompts.json and"):
        read(tmp_path, method="m", duration=6.0)
