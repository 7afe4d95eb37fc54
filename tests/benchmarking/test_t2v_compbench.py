"""T2V-CompBench's prompts and plans, read."""

import json
from pathlib import Path

import pytest

from dreamrunner.benchmarking.t2v_compbench import read
from dreamrunner.benchmarking.works import BenchmarkError
from tests.material.public_benchmarks import PLAN, compbench, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return compbench(tmp_path / "in")


def test_prompts_and_plans_are_films_by_number(folder: Path) -> None:
    benchmark = read(folder, duration=6.0)
    assert benchmark.faults == ()
    assert [(work.name, work.source.removeprefix(f"{folder}/")) for work in benchmark.works] == [
        ("spatial_relationships/0001", "prompts/3_spatial_relationship.txt:1"),
        ("spatial_relationships/0002", "plan/3_spatial_relationships.jsonl:1"),
        ("spatial_relationships/0003", "prompts/3_spatial_relationship.txt:4"),
        ("generative_numeracy/0001", "prompts/7_numeracy.txt:1"),
    ]
    assert [work.deliveries[0].target for work in benchmark.works][1:] == [
        "video/spatial_relationships/0002.mp4",
        "video/spatial_relationships/0003.mp4",
        "video/generative_numeracy/0001.mp4",
    ]
    assert "at 1s [0.2 0.3 0.5 0.9]" in benchmark.works[1].text
    assert benchmark.works[1].deliveries[0].scene == "scene-1"


def test_only_plans_or_only_prompts(folder: Path) -> None:
    assert [work.name for work in read(folder, use="plans", duration=6.0).works] == ["spatial_relationships/0002"]
    prompts = read(folder, use="prompts", duration=3.0).works
    assert len(prompts) == 4
    assert 'narration "A witch waves beside a lantern"' in prompts[1].text and "duration 3s" in prompts[1].text


def test_a_plan_of_another_prompt_is_not_used(folder: Path) -> None:
    write(folder / "prompts" / "3_spatial_relationship.txt", "A cat sits\nA king stands\n")
    work = read(folder, duration=6.0).works[1]
    assert "A king stands" in work.text
    assert work.remarks[0] == "the plan of 0002.mp4 is of another prompt: it is not used"


def test_rows_that_are_no_plans_are_told_and_the_rest_is_read(folder: Path) -> None:
    rows = ['["0001.mp4"', '["../0001.mp4", "x"]', json.dumps(["x.mp4", PLAN]), *[json.dumps(["0002.mp4", PLAN])] * 2]
    write(folder / "plan" / "3_spatial_relationships.jsonl", "\n".join(rows))
    benchmark = read(folder, use="plans", duration=6.0)
    assert [work.name for work in benchmark.works] == ["spatial_relationships/0002"]
    path = folder / "plan" / "3_spatial_relationships.jsonl"
    assert [fault.removeprefix(f"{path}:")[:40] for fault in benchmark.faults] == [
        "1: not JSON (Expecting ',' delimiter: li",
        "2: the plan has no `Background:`",
        "3: its video is called 'x.mp4', not NUMB",
        "5: 0002.mp4 stands there twice",
    ]


def finished(folder: Path, out: Path, *videos: str) -> tuple[str, ...]:
    for video in videos:
        write(out / "video" / f"{video}.mp4", "x")
    return read(folder, duration=6.0).finish(out)


def test_the_rows_of_the_videos_that_are_there_are_written_in_their_order(folder: Path, tmp_path: Path) -> None:
    names = [f"spatial_relationships/{number:04}" for number in (1, 3)]
    assert finished(folder, tmp_path / "out", *names) == (
        "video/spatial_relationships has 2 of 3 videos, and its scorer pairs videos and prompts by their order:"
        " score it with meta_data/spatial_relationships.json, which has the same",
    )
    rows = json.loads((tmp_path / "out" / "meta_data" / "spatial_relationships.json").read_text())
    assert [row["prompt"] for row in rows] == ["A cat sits on the left of a teapot", "The moss covers the ruin slowly"]


def test_nothing_is_said_of_a_whole_category(folder: Path, tmp_path: Path) -> None:
    names = [f"spatial_relationships/{number:04}" for number in (1, 2, 3)]
    assert finished(folder, tmp_path / "out", *names) == ()


def test_without_rows_an_unfinished_category_is_not_to_be_scored(folder: Path, tmp_path: Path) -> None:
    (folder / "meta_data" / "spatial_relationships.json").unlink()
    [told] = finished(folder, tmp_path / "out", "spatial_relationships/0002")
    assert told.endswith("by their order: score it once all are there")


def test_rows_of_another_version_are_told(folder: Path, tmp_path: Path) -> None:
    write(folder / "meta_data" / "spatial_relationships.json", json.dumps([{"prompt": "Something else"}] * 3))
    [told] = finished(folder, tmp_path / "out", "spatial_relationships/0002")
    assert "differ from number 2 on: are they of one version?" in told
    assert not (tmp_path / "out" / "meta_data").exists()


BROKEN = {
    "no folder": (lambda folder: folder / "none", "is not there: name the folder of T2V-CompBench"),
    "a file": (lambda folder: folder / "prompts" / "7_numeracy.txt", "is a file: name the folder of T2V-CompBench"),
    "nothing in it": (lambda folder: folder / "meta_data", "has no prompts of T2V-CompBench: looked for"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_folder_of_it_is_told(folder: Path, name: str) -> None:
    which, says = BROKEN[name]
    with pytest.raises(BenchmarkError, match=says):
        read(which(folder), duration=6.0)


CONTENTS = {
    ("prompts/1_a.txt", " \n"): "is empty: it has a prompt a line",
    ("meta_data/spatial_relationships.json", "{"): "is not JSON",
    ("meta_data/spatial_relationships.json", "{}"): "is no list of objects",
    ("prompts/3_again.txt", "A cat sits\n"): "are both of spatial_relationships: leave one of them",
}


@pytest.mark.parametrize(("file", "content"), CONTENTS)
def test_what_can_not_be_read_is_told(folder: Path, file: str, content: str) -> None:
    write(folder / file, content)
    with pytest.raises(BenchmarkError, match=CONTENTS[file, content]):
        read(folder, duration=6.0)


def test_a_prompt_file_that_is_not_utf8_is_told(folder: Path) -> None:
    (folder / "prompts" / "7_numeracy.txt").write_bytes(b"two \xff\n")
    with pytest.raises(BenchmarkError, match=r"7_numeracy.txt is not UTF-8 \(byte 5\)"):
        read(folder, duration=6.0)
