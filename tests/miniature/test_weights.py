"""The bundled weights: their form, and that they listen to captions and to regions."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from dreamrunner.backbones import describe, load
from dreamrunner.files.paths import BUNDLED
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.miniature.world import backdrop
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.regions import lower
from dreamrunner.rendering import render

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("miniature_benchmark", ROOT / "benchmarks/miniature.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def loaded():
    return load(describe("miniature"))


@pytest.mark.parametrize(("model", "most"), [("miniature", 16e6), ("miniature-2", 32e6)])
def test_weights_are_half_precision_safetensors_and_small(model: str, most: float):
    files = [file for file in BUNDLED[model].rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".json", ".safetensors", ".md"}
    assert sum(file.stat().st_size for file in files) <= most
    for file in BUNDLED[model].rglob("*.safetensors"):
        with safe_open(file, "pt") as tensors:
            assert {tensors.get_slice(name).get_dtype() for name in tensors.keys()} - {"I64"} == {"F16"}


@torch.no_grad()
def test_captions_are_listened_to(benchmark):
    rng = np.random.default_rng(99)
    clips = benchmark.fresh_clips(rng, 12)
    right = {key: hits.mean() for key, hits in benchmark.control(benchmark.load(None), clips, rng, 17).items()}
    assert min(right["background"], right["position"]) >= 0.95
    assert min(right["entity"], right["colour"], right["motion"]) >= 0.85


def test_regions_put_each_character_in_its_own_box(loaded):
    """A red figure asked for on one side is there, and follows its box to the other side."""

    def reds(left: bool) -> np.ndarray:
        spots = (0.05, 0.65) if left else (0.65, 0.05)
        beats = tuple(
            PlannedBeat(
                entity=name,
                motion="standing",
                start=0,
                end=6,
                description=f"a {name} standing",
                keyframes=(KeyFrame(0, Box(x, 0.35, x + 0.3, 0.92)),),
            )
            for name, x in zip(("red king", "green frog"), spots, strict=True)
        )
        scene = PlannedScene(
            name="two", background="a garden", narration="", duration=6, transition=Transition(), seed=3, beats=beats
        )
        pixels = render(lower(scene, loaded.backbone.grid), loaded, seed=3, steps=6).pixels.astype(int)
        foreground = np.abs(pixels - backdrop("garden")).max(-1) > 60
        return (foreground & (pixels[..., 0] > pixels[..., 1] + 60)).sum((0, 1))

    left, right = reds(True), reds(False)
    assert left[:48].sum() > 3 * left[48:].sum() and left.sum() > 17 * 40
    assert right[48:].sum() > 3 * right[:48].sum() and right.sum() > 17 * 40
