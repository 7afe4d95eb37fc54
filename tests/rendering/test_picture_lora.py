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
from dreamrunner.backbones.family import EXPERTS, Expert
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.priors import Adapter, read_adapter
from dreamrunner.regions import lower
from dreamrunner.rendering import render
from tests.material.wan import build_wan

Added = dict[str, tuple[Tensor, Tensor]]
"""What is added to weights and bias of layers, by their names."""

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
def written(miniature: Loaded, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Added]:
    return write(miniature, tmp_path_factory.mktemp("loras") / "style.safetensors")


def write(loaded: Loaded, file: Path) -> tuple[Path, Added]:
    """A LoRA file for every linear layer, biases as well, and what it adds to each layer's weights and bias."""
    generator, tensors, added = torch.Generator().manual_seed(0), {}, {}
    for name, layer in loaded.pipe.transformer.named_modules():
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
    save_file(tensors, file)
    return file, added


@contextlib.contextmanager
def merged(loaded: Loaded, added: Added, part: str = "transformer") -> Iterator[None]:
    transformer = getattr(loaded.pipe, part)
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


def film(
    loaded: Loaded, adapters: tuple[Adapter, ...] = (), latents: bool = False, **more: object
) -> tuple[np.ndarray, Tensor]:
    """The frames of a scene, and what the autoencoder made of its latents before that was rounded, or the latents."""
    decoded: list[Tensor] = []
    hook = loaded.pipe.vae.decoder.register_forward_hook(
        lambda module, given, made: decoded.append(given[0] if latents else made)
    )
    try:
        program = lower(SCENE, loaded.backbone.grid, adapters=adapters)
        frames = render(program, loaded, adapters, **{"seed": 1, "steps": 1, **more})
    finally:
        hook.remove()
    first = [each[0] if isinstance(each, tuple) else each for each in decoded]
    return frames.pixels, torch.cat([each.flatten() for each in first])


def read(loaded: Loaded, file: Path, expert: Expert = "") -> Adapter:
    how = {"kind": "picture", "of": file.name, "name": "picture-1", "scale": SCALE, "expert": expert}
    return read_adapter(file, backbone=loaded.backbone, **how)


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


@pytest.fixture(scope="module")
def experts(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(describe(str(build_wan(tmp_path_factory.mktemp("models") / "two", experts=2))))


@pytest.mark.parametrize("guidance", [1.0, 4.0])
@pytest.mark.parametrize("expert", ["", *EXPERTS])
def test_of_two_networks_it_works_in_both_or_in_the_one_that_it_is_for(expert, guidance, experts, tmp_path) -> None:
    file, added = write(experts, tmp_path / "style.safetensors")
    how = {"steps": 3, "guidance": guidance, "latents": True}  # random weights decode rounding as something larger
    _, ours = film(experts, (read(experts, file, expert),), **how)
    with contextlib.ExitStack() as stack:
        for name, part in zip(EXPERTS, experts.denoisers, strict=True):
            if expert in ("", name):
                stack.enter_context(merged(experts, added, part))
        _, wanted = film(experts, **how)
    _, usual = film(experts, **how)
    assert (wanted - usual).abs().max() > 1e-3
    assert (ours - wanted).abs().max() < 1e-5


def test_a_pair_of_a_character_is_one_for_both_where_its_files_are_the_same(experts, tmp_path) -> None:
    layers = [layer for block in range(2) for layer in experts.family.layers(block)]
    file, tensors, generator = tmp_path / "cat.safetensors", {}, torch.Generator().manual_seed(0)
    for layer in layers:
        linear = experts.pipe.transformer.get_submodule(layer)
        tensors[f"{layer}.lora_A.weight"] = torch.randn(2, linear.in_features, generator=generator)
        tensors[f"{layer}.lora_B.weight"] = torch.randn(linear.out_features, 2, generator=generator)
    save_file(tensors, file)
    both, high, low = (
        read_adapter(file, kind="subject", of="cat", backbone=experts.backbone, expert=expert)
        for expert in ("", *EXPERTS)
    )
    one = film(experts, (both,), steps=6)[1]
    assert torch.equal(film(experts, (high, low), steps=6)[1], one)
    assert not torch.equal(film(experts, (high,), steps=6)[1], one)
