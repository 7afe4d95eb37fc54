"""Priors for Wan's layout: the same training, on a velocity and across text."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from diffusers import WanTransformer3DModel
from safetensors.torch import load_file

from dreamrunner.backbones import Loaded, describe, load
from dreamrunner.backbones.families.wan import FAMILY
from dreamrunner.pipeline.tasks.makers.render import learnt_by
from dreamrunner.priors import Encoder, read_adapter, train_motion, train_subject
from dreamrunner.priors.motion import MotionObjective
from dreamrunner.priors.network import with_loras
from dreamrunner.priors.training import draw_step
from dreamrunner.rendering.region_lora import adapted
from tests.material.tiny_training import RECIPE, clips, photos
from tests.material.wan import build_wan
from tests.priors.test_training import awake, gradients


@pytest.fixture(scope="module", params=[False, True], ids=["2.1", "5b"])
def loaded(request, tmp_path_factory) -> Loaded:
    folder = tmp_path_factory.mktemp("models") / "wan"
    return load(describe(str(build_wan(folder, layers=4, size=(32, 32), timesteps=request.param))))


def learn(loaded: Loaded, kind: str, file, **more):
    if kind == "motion":
        return train_motion(loaded, clips(2), RECIPE, of="waving", file=file, seed=3, **more)
    return train_subject(loaded, photos(2), RECIPE, of="witch", file=file, seed=3, **more)


@pytest.mark.parametrize(("kind", "blocks"), [("motion", {0, 2}), ("subject", {1, 3})])
def test_it_learns_in_its_blocks_and_diffusers_reads_the_file(loaded, tmp_path, kind, blocks):
    adapter = learn(loaded, kind, tmp_path / "a.safetensors")
    layers = {name.removeprefix("transformer.").split(".lora_")[0] for name in load_file(adapter.file)}
    assert layers == {layer for block in blocks for layer in FAMILY.layers(block)}
    assert any(tensor.any() for name, tensor in load_file(adapter.file).items() if "lora_B" in name)
    transformer = loaded.pipe.transformer
    given = {
        "hidden_states": torch.randn(1, 4, 3, 8, 8),
        "encoder_hidden_states": torch.randn(1, 512, 32),
        "timestep": torch.tensor([300.0]),
        "return_dict": False,
    }
    with torch.no_grad():
        with adapted(transformer, [adapter], None):
            ours = transformer(**given)[0]
        loaded.pipe.load_lora_weights(str(adapter.file), adapter_name="theirs")
        theirs = transformer(**given)[0]
        loaded.pipe.unload_lora_weights()
    assert (ours - theirs).abs().max() < 1e-5 and (ours - transformer(**given)[0]).abs().max() > 1e-5


def test_cut_short_it_goes_on_to_the_same_bytes(loaded, tmp_path):
    whole = learn(loaded, "motion", tmp_path / "whole.safetensors")

    def stop(report):
        if report.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(loaded, "motion", tmp_path / "cut.safetensors", save_every=0.0, on_step=stop)
    again = learn(loaded, "motion", tmp_path / "cut.safetensors", save_every=0.0)
    assert again.file.read_bytes() == whole.file.read_bytes()


def test_each_loss_reaches_its_own_lora_with_activations_computed_again(loaded):
    samples = Encoder(loaded).samples(clips(1))
    recipe = dataclasses.replace(RECIPE, checkpointing=True)
    objective = MotionObjective(1, 4, recipe)
    with with_loras(loaded, objective.loras, recipe, seed=0) as network:
        awake(network)
        seen = []

        def backward(loss):
            loss.backward()
            seen.append(gradients(network))
            for weights in network.parameters.values():
                for weight in weights.values():
                    weight.grad = None

        losses = objective.step(network, draw_step(loaded, samples, 0, 0), backward)
    assert seen == [{"temporal": True, "spatial-0": False}, {"temporal": False, "spatial-0": True}]
    assert all(np.isfinite(loss) and loss > 0 for loss in losses.values())


@pytest.mark.parametrize(("kind", "expert"), [("motion", "high"), ("subject", "low")])
def test_of_two_experts_one_learns_at_its_noise_and_films_with_what_it_learnt(tmp_path, kind, expert):
    loaded = load(describe(str(build_wan(tmp_path / "experts", size=(32, 32), experts=2))))
    before = {part: digests(loaded, part) for part in loaded.denoisers}
    drawn, forward = [], WanTransformer3DModel.forward

    def noted(network, *arguments, **named):
        drawn.append(("low" if network is loaded.pipe.transformer_2 else "high", float(named["timestep"])))
        return forward(network, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WanTransformer3DModel, "forward", noted)
        adapter = learn(loaded, kind, tmp_path / "a.safetensors")
    assert {which for which, _ in drawn} == {expert} and adapter.expert == expert
    assert all((time >= 875) == (expert == "high") for _, time in drawn)
    assert {part: digests(loaded, part) for part in loaded.denoisers} == before
    read = read_adapter(adapter.file, kind=kind, of=adapter.of, backbone=loaded.backbone)
    assert read.expert == expert and learnt_by(adapter.file) == expert


def digests(loaded: Loaded, part: str) -> dict[str, float]:
    return {name: float(value.double().sum()) for name, value in getattr(loaded.pipe, part).state_dict().items()}
