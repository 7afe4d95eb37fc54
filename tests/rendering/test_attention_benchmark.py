"""The benchmark at a size that takes no time: its ways agree, and its figures are all there."""

import json

import pytest

from benchmarks import attention

TINY = [
    "--frames",
    "9",
    "--size",
    "96x64",
    "--words",
    "6",
    "--rounds",
    "1",
    "--heads",
    "2",
    "--device",
    "cpu",
    "--json",
]


@pytest.mark.parametrize("more", [[], ["--layers", "2", "--conditions", "3"]], ids=["attention", "step"])
def test_all_ways_agree(more, capsys):
    assert attention.main([*TINY, "--without", "flex", *more[:2], *more[2:]]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["max_difference"] < 1e-5
    assert {"ours_over_plain", "dense_over_ours", "layout_bytes", "lora5_over_none", "memory_over_plain"} < {*figures}


def test_ways_to_attend_across_text_agree(capsys):
    assert attention.main(["--family", "wan", *TINY]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["max_difference"] < 1e-5
    assert {"block_over_plain", "cross_over_plain", "dense_over_ours", "cross_share"} < {*figures}


def test_the_sweep_goes_from_one_condition_to_nineteen(capsys):
    attention.main([*TINY, "--sweep"])
    rows = json.loads(capsys.readouterr().out)
    assert [row["conditions"] for row in rows] == [*range(1, 20)]
    assert all(row["max_difference"] < 1e-5 for row in rows)


@pytest.mark.parametrize("count", [1, 2, 5, 19])
def test_the_scene_has_the_conditions_that_were_asked_for(count):
    program = attention.lower(attention.scene(count)[0], attention.grid_of(49, 720, 480))
    assert len(program.conditions) == count and attention.layout_video(program) == 17550
