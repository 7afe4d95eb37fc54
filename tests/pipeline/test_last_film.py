"""What a film's folder says of each scene, after a real build with a small model and edits of many kinds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from dreamrunner.engine import Store
from dreamrunner.pipeline import Options, build, understand
from dreamrunner.pipeline.last_film import filmed_scenes
from tests.material.two_scenes import STORY


@pytest.fixture(scope="module")
def built(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filmed")
    story = folder / "two.story"
    story.write_text(STORY.replace("  seed 3", f'  seed 3\n  model "{model}"\n  lora "style.safetensors" 0.8'))
    layer = "diffusion_model.transformer_blocks.0.attn1.to_q"
    halves = {f"{layer}.lora_A.weight": np.ones((2, 32)), f"{layer}.lora_B.weight": np.ones((32, 2))}
    for name, value in (("style", 1), ("other", 2)):
        save_file({end: half * value for end, half in halves.items()}, folder / f"{name}.safetensors")
    build(story, out=folder / "film", options=Options(steps=1, allow_outside=True), store=Store(folder / "cache"))
    return folder


def states(folder: Path, *edit: str) -> list[str]:
    story = folder / "two.story"
    text = story.read_text()
    if edit:
        assert edit[0] in text
        story.write_text(text.replace(*edit, 1))
    try:
        told = understand(story)
    finally:
        story.write_text(text)
    return [each.state for each in filmed_scenes(folder / "film", told.plan, told.story).values()]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ((), ["current", "current"]),
        (("scene garden", "# a comment\nscene garden"), ["current", "current"]),
        (("The witch walks, the cat sits.", "The witch strolls, the cat sits."), ["current", "current"]),
        (("fade 0.5s", "fade 1s"), ["current", "current"]),
        (("[0.3 0.2 0.7 0.9]", "[0.4 0.2 0.8 0.9]"), ["changed", "current"]),
        (("at 0s left", "at 0s right"), ["current", "changed"]),
        (("a girl witch in a violet dress", "a girl witch in a red dress"), ["current", "current"]),
        (("seed 3", "seed 4"), ["changed", "changed"]),
        (("seed 3", 'seed 3\n  style "ink"'), ["changed", "changed"]),
        (('tensors" 0.8', 'tensors" .80'), ["current", "current"]),
        (('tensors" 0.8', 'tensors" 0.9'), ["changed", "changed"]),
        (('"style.saf', '"other.saf'), ["changed", "changed"]),
        (('  lora "', '#  lora "'), ["changed", "changed"]),
        (('  lora "', '  lora "other.safetensors"\n  lora "'), ["changed", "changed"]),
        (("scene kitchen", "scene cellar"), ["current", "never"]),
        (('model "', 'model miniature #"'), ["changed", "changed"]),
    ],
)
def test_a_scene_is_current_until_what_its_frames_are_made_of_changes(
    built: Path, edit: tuple[str, ...], expected: list[str]
) -> None:
    assert states(built, *edit) == expected


def test_without_a_manifest_nobody_knows(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy")
    copy = tmp_path / "copy"
    (copy / "film" / "scenes" / "garden.mp4").write_bytes(b"another film")
    assert states(copy) == ["unknown", "current"]
    (copy / "film" / "manifest.json").write_text("{")
    assert states(copy) == ["unknown", "unknown"]
    shutil.rmtree(copy / "film")
    assert states(copy) == ["never", "never"]
