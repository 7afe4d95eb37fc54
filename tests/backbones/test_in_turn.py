"""Of several networks that denoise one lies on the card at a time: with fake tensors, no GPU."""

from __future__ import annotations

from types import SimpleNamespace

import torch

from benchmarks.live_memory import counted
from dreamrunner.backbones.families.wan import FAMILY
from dreamrunner.backbones.loading import Loaded, bring, in_turn
from tests.material.wan import small


def test_each_expert_comes_when_it_is_called_and_the_other_leaves() -> None:
    with counted("cuda") as live, torch.no_grad():
        pipe = SimpleNamespace(transformer=small(), transformer_2=small())
        loaded = Loaded(SimpleNamespace(family=FAMILY), pipe, torch.device("cuda"))
        assert loaded.denoisers == ("transformer", "transformer_2")
        given = {
            "hidden_states": torch.empty(1, 4, 1, 4, 4, device="cuda"),
            "encoder_hidden_states": torch.empty(1, 3, 32, device="cuda"),
            "timestep": torch.empty(1, device="cuda"),
        }
        bring(loaded, "transformer")
        one = live.live
        with in_turn(loaded):
            for part, other in (("transformer", "transformer_2"), ("transformer_2", "transformer")) * 2:
                getattr(pipe, part)(**given)
                assert getattr(pipe, part).device.type == "cuda" and getattr(pipe, other).device.type == "cpu"
                assert live.live < 1.1 * one
        with in_turn(loaded):
            assert {getattr(pipe, part).device.type for part in loaded.denoisers} == {"cpu"}, "the last one left"
        assert not pipe.transformer._forward_pre_hooks and not pipe.transformer_2._forward_pre_hooks
