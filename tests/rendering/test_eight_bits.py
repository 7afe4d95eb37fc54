"""Weights of 8 bits with a scale for each row: how near they are, how small, and that they come off."""

from __future__ import annotations

import sys
from importlib import util

import numpy as np
import pytest
import torch

from dreamrunner.pipeline import Options
from dreamrunner.pipeline.errors import UsageError, check
from dreamrunner.rendering import RenderError
from dreamrunner.rendering.speedups import inexact, packages, sped_up
from tests.material.wan import small
from tests.rendering.test_render import film, lora  # noqa: F401

HERE = util.find_spec("torchao") is not None
with_it = pytest.mark.skipif(not HERE, reason="torchao is not installed")


def test_without_its_package_it_is_refused_before_anything_is_filmed(loaded, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchao.quantization", None)
    with pytest.raises(
        RenderError, match="int8-weights: storing weights in 8 bits with scales needs torchao, which is not"
    ):
        film(loaded, speedups=["int8-weights"])
    monkeypatch.setattr("dreamrunner.pipeline.errors.missing", lambda extra: extra)
    with pytest.raises(UsageError, match=r"needs torchao.*torchao\]'; or take layerwise-casting"):
        check(Options(speedups=("int8-weights",)))


def test_it_changes_the_picture_and_goes_with_no_other_way_to_store_weights(loaded):
    assert inexact(["int8-weights"]) == ("int8-weights",) and packages(["int8-weights", "pab"]) == {"torchao"}
    with (
        pytest.raises(RenderError, match="layerwise-casting and int8-weights can't be used together"),
        sped_up(loaded.pipe, ["layerwise-casting", "int8-weights"]),
    ):
        pass


@with_it
def test_they_come_off_bit_for_bit_and_leave_loras_alone(loaded, lora):
    usual, weights = film(loaded, adapters=[lora]), list(loaded.pipe.transformer.parameters())
    seen = {}

    def look(module, *_):
        seen.update({name: type(weight.data).__name__ for name, weight in module.named_parameters()})

    hook = loaded.pipe.transformer.register_forward_hook(look)
    try:
        changed = film(loaded, adapters=[lora], speedups=["int8-weights"])
    finally:
        hook.remove()
    kinds = {"lora" in name: {kind for other, kind in seen.items() if ("lora" in other) == ("lora" in name)}
             for name in seen}  # fmt: skip
    assert kinds[True] == {"Tensor"} and "Int8Tensor" in kinds[False]
    assert 0 < np.abs(changed.astype(int) - usual).mean() < 3
    assert np.array_equal(film(loaded, adapters=[lora]), usual)
    assert all(one is other for one, other in zip(weights, loaded.pipe.transformer.parameters(), strict=True))


@with_it
def test_they_are_half_as_large_and_nearer_than_casting():
    """By the definition: each weight to the nearest of 255 steps between the largest of its row and its negative."""
    transformer = small(2).bfloat16()
    given = {
        "hidden_states": torch.randn(1, 4, 3, 8, 12).bfloat16(),
        "encoder_hidden_states": torch.randn(1, 14, 32).bfloat16(),
        "timestep": torch.tensor([500.0]),
    }
    pipe = type("Pipe", (), {"transformer": transformer})()

    def result() -> torch.Tensor:
        with torch.no_grad():
            return transformer(**given)[0].float()

    exact, layer = result(), transformer.blocks[1].ffn.net[2]
    own = layer.weight.detach().clone().float()
    with sped_up(pipe, ["int8-weights"]):
        ours = result()
        weight = layer.weight
        assert weight.qdata.dtype == torch.int8 and weight.qdata.nbytes * 2 == own.numel() * 2
        steps = own.abs().amax(1, keepdim=True) / 127.5
        assert ((weight.dequantize().float() - own).abs() <= 0.6 * steps + own.abs() / 128).all()
    with sped_up(pipe, ["layerwise-casting"]):
        cast = result()
    off, off_cast = ((each - exact).square().mean().sqrt() for each in (ours, cast))
    assert off < off_cast / 2, (off, off_cast)
    assert torch.equal(result(), exact)
