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


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = tmp_path_factory.mktemp("gpu") / "gpu.json"
    compiler = speedups.COMPILER
    try:
        assert gpu.main(["--tiny", "--device", "cpu", "--out", str(file), "--until", "1e6"]) == 0
    finally:
        speedups.COMPILER = compiler
    return json.loads(file.read_text())


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, f"{path}/{name}")
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, path)
    else:
        yield path, value


def test_every_section_came_out(found):
    assert list(found) == SECTIONS
    bad = [(path, value) for path, value in leaves(found) if path.endswith(("failed", "left_out", "refused"))]
    assert not bad
    numbers = [(path, value) for path, value in leaves(found) if isinstance(value, float)]
    assert all(math.isfinite(value) and value >= 0 for _, value in numbers)


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


def test_wheels_are_listed_at_the_versions_that_are_tested(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu_wheels.py", "--list"])
    assert gpu_wheels.main() == 0
    assert capsys.readouterr().out.split() == gpu_wheels.pinned(gpu_wheels.CARRIED)
