"""LoRAs for the whole picture: they do what merging their difference into the weights does, and leave all as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from dreamrunner.backbones import Loaded, describe, load
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.priors import Adapter, read_adapter
from dreamrunner.regions import lower
from dreamrunner.rendering import render

RANK, ALPHA, SCALE = 4, 2.0, 0.7
SCENE = PlannedScene(
    name="garden",
    background="a garden",
    narration="",
    duration=6.0,
    seed=1,
    transition=Transition(),
    beats=(
        PlannedBeat(
            entity="cat",
            motion="sitting",
            start=0,
            end=6,
            description="an orange cat is sitting",
            keyframes=(KeyFrame(0, Box(0.3, 0.3, 0.7, 0.9)),),
        ),
    ),
)


@pytest.fixture(scope="module")
def miniature() -> Loaded:
    return load(describe("miniature"))


@pytest.fixture(scope="module")
def written(
    miniature: Loaded, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, tuple[Tensor, Tensor]]]:
    """A LoRA file for every linear layer, biases as well, and what it adds to each layer's weights and bias."""
    generator, tensors, added = torch.Generator().manual_seed(0), {}, {}
    for name, layer in miniature.pipe.transformer.named_modules():
        if isinstance(layer, torch.nn.Linear):
            down = torch.randn(RANK, layer.in_features, generator=generator) * 0.05
            up = torch.randn(layer.out_features, RANK, generator=generator) * 0.05
            tensors |= {f"diffusion_model.{name}.lora_down.weight": down, f"diffusion_model.{name}.lora_up.weight": up}
            tensors[f"diffusion_model.{name}.alpha"] = torch.tensor(ALPHA)
            bias = torch.zeros(layer.out_features)
            if layer.bias is not None:
                bias = torch.randn(layer.out_features, generator=generator) * 0.01
                tensors[f"diffusion_model.{name}.diff_b"] = bias
            added[name] = up @ down * (ALPHA / RANK), bias
    file = tmp_path_factory.mktemp("loras") / "style.safetensors"
    save_file(tensors, file)
    return file, added


@contextlib.contextmanager
def merged(loaded: Loaded, added: dict[str, tuple[Tensor, Tensor]]) -> Iterator[None]:
    transformer = loaded.pipe.transformer
    before = {name: value.clone() for name, value in transformer.state_dict().items()}
    with torch.no_grad():
        for name, (weight, bias) in added.items():
            layer = transformer.get_submodule(name)
            layer.weight += SCALE * weight
            if layer.bias is not None:
                layer.bias += SCALE * bias
    try:
        yield
    finally:
        transformer.load_state_dict(before)


def film(loaded: Loaded, adapters: tuple[Adapter, ...] = (), **more: object) -> tuple[np.ndarray, Tensor]:
    """The frames of a scene, and what the autoencoder made of its latents before that was rounded."""
    decoded: list[Tensor] = []
    hook = loaded.pipe.vae.decoder.register_forward_hook(lambda module, given, made: decoded.append(made))
    try:
        program = lower(SCENE, loaded.backbone.grid, adapters=adapters)
        frames = render(program, loaded, adapters, **{"seed": 1, "steps": 1, **more})
    finally:
        hook.remove()
    first = [each[0] if isinstance(each, tuple) else each for each in decoded]
    return frames.pixels, torch.cat([each.flatten() for each in first])


def read(miniature: Loaded, file: Path) -> Adapter:
    name = "picture-1"
    return read_adapter(file, kind="picture", of=file.name, name=name, scale=SCALE, backbone=miniature.backbone)


@pytest.mark.parametrize("attention", ["sr3ai", "plain"])
def test_it_does_what_merging_it_into_the_weights_does(attention, miniature, written) -> None:
    file, added = written
    before = {name: value.clone() for name, value in miniature.pipe.transformer.state_dict().items()}
    pixels, ours = film(miniature, (read(miniature, file),), attention=attention)
    after = miniature.pipe.transformer.state_dict()
    assert after.keys() == before.keys() and all(torch.equal(after[name], before[name]) for name in before)
    with merged(miniature, added):
        same, wanted = film(miniature, attention=attention)
    assert (ours - wanted).abs().max() < 1e-5
    assert np.abs(pixels.astype(int) - same).max() <= 1  # rounded


def test_it_changes_the_picture(miniature, written) -> None:
    assert (film(miniature, (read(miniature, written[0]),))[1] - film(miniature)[1]).abs().max() > 0.05
