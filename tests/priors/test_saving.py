"""A trained LoRA's file: stock diffusers loads it, and it does there what it does here."""

import dataclasses
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from dreamrunner.backbones import describe, load
from dreamrunner.priors import Adapter, read_adapter, read_sidecar, train_motion
from dreamrunner.priors.values import sidecar_file
from dreamrunner.rendering.region_lora import adapted
from tests.material.tiny_training import RECIPE, clips


@pytest.fixture(scope="module")
def trained(four_blocks, tmp_path_factory) -> Adapter:
    """Trained far enough to matter; its alpha is not its rank."""
    recipe = dataclasses.replace(RECIPE, alpha=8.0, learning_rate=0.1)
    file = tmp_path_factory.mktemp("saved") / "waving.safetensors"
    return train_motion(four_blocks, clips(2), recipe, of="waving", file=file)


def says(pipe) -> torch.Tensor:
    """What a transformer says to one input."""
    generator = torch.Generator().manual_seed(1)
    latents, text = torch.randn(1, 3, 4, 8, 8, generator=generator), torch.randn(1, 16, 64, generator=generator)
    with torch.no_grad():
        return pipe.transformer(latents, text, torch.tensor([500]), return_dict=False)[0]


def ours(loaded, adapter: Adapter) -> torch.Tensor:
    """The same with the LoRA as a film uses it, everywhere."""
    with adapted(loaded.pipe.transformer, [adapter], None):
        return says(loaded.pipe)


def test_stock_diffusers_loads_it_with_its_own_scale(four_blocks, trained):
    stock = load(describe(str(four_blocks.backbone.source))).pipe
    plain = says(stock)
    stock.load_lora_weights(str(trained.file))
    with_lora = says(stock)
    assert (with_lora - plain).abs().max() > 1e-3
    assert torch.allclose(with_lora, ours(four_blocks, trained), atol=1e-5)


def test_a_lora_is_applied_as_many_times_as_strongly_as_its_recipe_says(four_blocks, tmp_path):
    recipe = dataclasses.replace(RECIPE, alpha=8.0, strength=1.5)
    once = train_motion(
        four_blocks, clips(1), dataclasses.replace(recipe, strength=1.0), of="a", file=tmp_path / "1.safetensors"
    )
    more = train_motion(four_blocks, clips(1), recipe, of="a", file=tmp_path / "2.safetensors")
    assert read_sidecar(more.file).alpha == 1.5 * read_sidecar(once.file).alpha == 12.0
    stronger = once.model_copy(update={"scale": 1.5})
    assert torch.allclose(ours(four_blocks, more), ours(four_blocks, stronger), atol=1e-6)


def finetrainers(tensors, folder):
    """finetrainers' layout: diffusers' names, the configuration under a name of its own."""
    metadata = {"lora_config": json.dumps({"r": 2, "lora_alpha": 8, "target_modules": ["to_q"]})}
    save_file(tensors, folder / "a.safetensors", metadata)


def peft(tensors, folder):
    """peft's own prefix, and alpha as a tensor beside each layer."""
    plain = {name.replace("transformer.", "base_model.model.", 1): tensor for name, tensor in tensors.items()}
    layers = {name.split(".lora_")[0] for name in plain}
    save_file(plain | {f"{layer}.alpha": torch.tensor(8.0) for layer in layers}, folder / "a.safetensors")


def older(tensors, folder):
    """lora.down and lora.up, scale multiplied in."""
    renamed = {
        name.replace("lora_A", "lora.down").replace("lora_B", "lora.up"): tensor * (4 if "lora_B" in name else 1)
        for name, tensor in tensors.items()
    }
    save_file(renamed, folder / "a.safetensors")


@pytest.mark.parametrize("layout", [finetrainers, peft, older], ids=lambda layout: layout.__name__)
def test_one_trained_elsewhere_is_as_good(four_blocks, trained, tmp_path, layout):
    layout(load_file(trained.file), tmp_path)
    adapter = read_adapter(tmp_path / "a.safetensors", kind="motion", of="waving", backbone=four_blocks.backbone)
    assert torch.allclose(ours(four_blocks, adapter), ours(four_blocks, trained), atol=1e-6)
    assert read_sidecar(adapter.file) is None


def test_the_sidecar_is_beside_it_and_in_it(trained, tmp_path):
    beside = read_sidecar(trained.file)
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes(trained.file.read_bytes())
    assert read_sidecar(alone) == beside and sidecar_file(trained.file).is_file()
    assert (beside.kind, beside.of, beside.rank, beside.alpha, beside.steps) == ("motion", "waving", 2, 8.0, 5)
    assert beside.blocks == (0, 2) and len(beside.content) == len(beside.captions) == 2
    assert {"dreamrunner", "torch", "diffusers", "peft", "safetensors"} <= beside.versions.keys()
    assert set(beside.losses) == {"temporal", "spatial"} and all(len(each) == 5 for each in beside.losses.values())


def test_a_characters_placeholder_comes_with_its_file(trained, tmp_path):
    as_motion = read_adapter(trained.file, kind="motion", of="waving")
    assert as_motion.placeholder == ""
    sidecar = read_sidecar(trained.file).model_copy(update={"kind": "subject", "captions": ("a [v2] cat", "[v2] sits")})
    file = tmp_path / "cat.safetensors"
    file.write_bytes(trained.file.read_bytes())
    sidecar_file(file).write_text(sidecar.model_dump_json())
    assert read_adapter(file, kind="subject", of="cat").placeholder == "[v2]"
