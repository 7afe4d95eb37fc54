"""The GPU's benchmark at toy sizes on a CPU: every section says something, and the ways to attend agree."""

import json
import math
import sys
import time

import pytest
import torch

from benchmarks import gpu, gpu_wheels
from benchmarks.gpu_bench import Bench
from dreamrunner.rendering import speedups

SECTIONS = (
    ["facts", "attention", "step 5b", "step 2b", "autoencoder", "films 2b",
     "films 5b", "training 2b", "resume",
     "text encoder", "training 5b", "planned films", "offload", "compile"]
)  # fmt: skip

WAN_SECTIONS = (
    ["facts", "block wan-1.3b", "step wan-1.3b", "step wan-14b", "films wan-1.3b", "films wan-14b",
     "autoencoder wan-1.3b", "training wan-1.3b", "step wan-2.2-5b", "resume wan", "films wan-2.2-5b",
     "films wan-2.2-14b", "training wan-2.2-5b", "offload wan", "autoencoder wan-2.2-5b", "compile wan"]
)  # fmt: skip


def tried(folder, *more):
    file = folder / "gpu.json"
    compiler = speedups.COMPILER
    try:
        assert gpu.main(["--tiny", "--device", "cpu", "--out", str(file), "--until", "1e6", *more]) == 0
    finally:
        speedups.COMPILER = compiler
    return json.loads(file.read_text())


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return tried(tmp_path_factory.mktemp("gpu"))


@pytest.fixture(scope="module")
def found_of_wan(tmp_path_factory):
    return tried(tmp_path_factory.mktemp("gpu"), "--family", "wan")


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, f"{path}/{name}")
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, path)
    else:
        yield path, value


@pytest.mark.parametrize(("run", "sections"), [("found", SECTIONS), ("found_of_wan", WAN_SECTIONS)])
def test_every_section_came_out(run, sections, request):
    found = request.getfixturevalue(run)
    assert list(found) == sections
    bad = [(path, value) for path, value in leaves(found) if path.endswith(("failed", "left_out", "refused"))]
    assert not bad
    numbers = [(path, value) for path, value in leaves(found) if isinstance(value, float)]
    assert all(math.isfinite(value) and (value >= 0 or path.endswith("added_share")) for path, value in numbers)


def test_all_ways_to_attend_agree(found):
    for name, row in found["attention"].items():
        if name == "took_s":
            continue
        assert {*row["errors"]} == {"raster", "signatures", "merged_flash", "dense"}
        assert max(row["errors"].values()) < 1e-5
    for which in ("step 2b", "step 5b"):
        for way in ("raster", "signatures", "merged"):
            assert found[which][way]["off_dense"]["error"] < 1e-5
            assert found[which][way]["same_bits_twice"]


def test_a_step_of_two_calls_is_the_dense_one_in_every_order(found_of_wan):
    for which in ("1.3b", "2.2-5b", "14b"):
        row = found_of_wan[f"step wan-{which}"]
        for way in ("raster", "signatures"):
            assert row[way]["off_dense"]["error"] < 1e-5 and row[way]["same_bits_twice"]
            assert row[way]["step_over_plain"] > 0
        assert "unconditional" in row and "merged" not in row
    blocks = [found_of_wan["block wan-1.3b"][f"n={count}"] for count in (2, 5, 19)]
    assert max(each["max_difference"] for each in blocks) < 1e-5


def test_films_of_both_experts_fit_and_what_needs_a_gpu_is_left_to_one(found_of_wan):
    sections = [rows for name, rows in found_of_wan.items() if name.startswith("films")]
    films = {name: row for rows in sections for name, row in rows.items() if "GB" in name}
    assert {*films} == {"wan-1.3b, 7.3 GB, planned", "wan-1.3b, 15.3 GB, planned", "wan-1.3b, 23.3 GB, planned",
                        "wan-2.2-5b, 23.3 GB, planned", "wan-2.2-14b, 47 GB, planned"}  # fmt: skip
    assert all(row["fits"] for row in films.values())
    assert found_of_wan["resume wan"]["no speed-ups"]["resumed"]["same_picture"]
    assert len(found_of_wan["training wan-1.3b"]["seconds"]) == 5


def test_films_fit_and_a_cut_sampling_goes_on(found):
    assert all(row["fits"] for name, row in found["films 5b"].items() if "GB" in name)
    assert found["resume"]["no speed-ups"]["resumed"] == {
        "checkpoint": True, "same_picture": True, "largest_difference": 0}  # fmt: skip
    assert found["resume"]["no speed-ups"]["filmed_again"]["same_picture"]
    assert len(found["training 2b"]["seconds"]) == 5 and found["training 2b"]["checkpoint_gb"] > 0


def test_a_failure_is_written_down_and_the_next_section_goes_on(tmp_path):
    file = tmp_path / "gpu.json"
    bench = Bench("cpu", tiny=True, started=time.monotonic(), until=60, out=file)

    def failing(_, found):
        found["half"] = 1
        raise torch.OutOfMemoryError("no more")

    bench.run("one", 1, failing)
    bench.run("two", 1, lambda _, found: found.update(done=True))
    bench.run("three", 1000, failing)
    written = json.loads(file.read_text())
    assert written["one"]["half"] == 1 and "OutOfMemoryError: no more" in written["one"]["failed"]
    assert written["two"]["done"] and "needed" in written["three"]["left_out"]


def test_who_goes_on_takes_what_there_was_no_time_for_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "gpu.json"
    file.write_text(json.dumps({"one": {"left_out": "0 s left"}, "two": {"failed": "no more"}, "three": {"done": 1}}))
    sections = [(name, 0, lambda _, found: found.update(done=2)) for name in ("one", "two", "three", "four")]
    monkeypatch.setattr(gpu, "FAMILIES", {"cogvideox": (gpu.gpu_models_cogvideox, lambda *_: sections)})
    assert gpu.main(["--tiny", "--device", "cpu", "--go-on", "--out", str(file)]) == 0
    found = json.loads(file.read_text())
    assert {name: row.get("done") for name, row in found.items()} == {"one": 2, "two": None, "three": 1, "four": 2}


def test_wheels_are_listed_at_the_versions_that_are_tested(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu_wheels.py", "--list"])
    assert gpu_wheels.main() == 0
    assert capsys.readouterr().out.split() == gpu_wheels.pinned(gpu_wheels.CARRIED)
