"""A scene through Wan's stock pipeline, with random weights: guidance in two calls, experts, windows, resuming."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import WanTransformer3DModel
from safetensors.torch import load_file, save_file

from dreamrunner.backbones import describe, load
from dreamrunner.backbones.families import wan
from dreamrunner.priors import read_adapter
from dreamrunner.regions import lower
from dreamrunner.rendering import RenderError
from tests.material.wan import build_wan
from tests.rendering.test_render import film, scene
from tests.rendering.test_sampling import PowerCut, Studio

STEPS = 6


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return load(describe(str(build_wan(tmp_path_factory.mktemp("wan") / "small", layers=3))))


@pytest.fixture(scope="module")
def experts(tmp_path_factory):
    return load(describe(str(build_wan(tmp_path_factory.mktemp("wan") / "experts", experts=2))))


@pytest.fixture(scope="module")
def timesteps(tmp_path_factory):
    return load(describe(str(build_wan(tmp_path_factory.mktemp("wan") / "timesteps", timesteps=True))))


@pytest.fixture(params=["loaded", "experts", "timesteps"])
def any_of_them(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def usual(loaded):
    return film(loaded)


@pytest.mark.parametrize("guidance", [3.0, 1.0])
def test_plain_is_the_stock_pipeline_with_one_prompt(any_of_them, guidance):
    program = lower(scene(), any_of_them.backbone.grid)
    video = any_of_them.pipe(
        prompt=program.plain_prompt,
        negative_prompt="red",
        num_inference_steps=STEPS,
        guidance_scale=guidance,
        width=48,
        height=32,
        num_frames=9,
        generator=torch.Generator().manual_seed(1),
        output_type="np",
    ).frames[0]
    wanted = np.round(video * 255).astype(np.uint8)
    assert np.array_equal(film(any_of_them, attention="plain", steps=STEPS, guidance=guidance), wanted)


def test_a_scene_of_background_alone_is_the_stock_pipeline_too(any_of_them):
    made = scene().model_copy(update={"beats": ()})
    difference = film(any_of_them, made).astype(int) - film(any_of_them, made, attention="plain").astype(int)
    assert abs(difference).max() <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"attention": "hard"},
        {"attention": "plain"},
        {"guidance": 6.0},
        {"guidance": 1.0},
        {"steps": 3},
        {"seed": 2},
        {"made": scene(cat="a small dog is waving")},
        {"made": scene(avoid="blue")},
    ],
    ids=str,
)
def test_every_option_reaches_the_picture_and_leaves_nothing_behind(loaded, usual, change):
    assert not np.array_equal(film(loaded, **change), usual)
    assert np.array_equal(film(loaded), usual)


def test_regions_of_the_unconditional_call_are_those_of_hard_ones_and_of_adapters(loaded, usual, lora):
    assert np.array_equal(film(loaded, unconditional_regions=False), usual)
    for more in ({"attention": "hard"}, {"adapters": [lora]}):
        assert not np.array_equal(film(loaded, unconditional_regions=False, **more), film(loaded, **more))


@pytest.fixture(scope="module")
def lora(loaded, tmp_path_factory):
    tensors = {}
    for block in range(3):
        for layer in loaded.family.layers(block, output=True):
            linear = loaded.pipe.transformer.get_submodule(layer)
            tensors[f"transformer.{layer}.lora_A.weight"] = torch.randn(4, linear.in_features)
            tensors[f"transformer.{layer}.lora_B.weight"] = torch.randn(linear.out_features, 4)
    file = tmp_path_factory.mktemp("lora") / "witch.safetensors"
    save_file(tensors, file)
    return read_adapter(file, kind="subject", of="witch", backbone=loaded.backbone)


def test_adapters_reach_the_picture_by_region_or_everywhere(loaded, usual, lora):
    pictures = [usual, film(loaded, adapters=[lora]), film(loaded, adapters=[lora], lora="global")]
    assert len({picture.tobytes() for picture in pictures}) == 3
    none = lora.model_copy(update={"scale": 0.0})
    assert np.array_equal(film(loaded, adapters=[none]), usual)
    assert np.array_equal(film(loaded), usual), "nothing of an adapter stays behind"


def test_each_expert_works_at_its_noise_by_region_and_with_adapters(experts, tmp_path, monkeypatch):
    called = []
    forward = WanTransformer3DModel.forward

    def noted(network, *arguments, **named):
        which = "low" if network is experts.pipe.transformer_2 else "high"
        called.append((which, float(named["timestep"][0]), named["encoder_hidden_states"].shape[1] // 512))
        return forward(network, *arguments, **named)

    monkeypatch.setattr(WanTransformer3DModel, "forward", noted)
    usual = film(experts, steps=STEPS)
    assert [(which, texts) for which, _, texts in called[:2]] == [("high", 3), ("high", 1)]
    assert called[-1][0] == "low" and all((which == "high") == (time >= 875) for which, time, _ in called)
    assert [texts for _, _, texts in called] == [3, 1] * STEPS
    layer, file = "transformer.blocks.0.attn1.to_v", tmp_path / "a.safetensors"
    halves = {f"{layer}.lora_A.weight": torch.ones(1, 24), f"{layer}.lora_B.weight": torch.ones(24, 1)}
    save_file(halves, file)
    adapter = read_adapter(file, kind="subject", of="witch", backbone=experts.backbone)
    pictures = [usual] + [
        film(experts, adapters=[adapter.model_copy(update={"expert": expert})], steps=STEPS)
        for expert in ("", "high", "low")
    ]
    assert len({picture.tobytes() for picture in pictures}) == 4


@pytest.mark.parametrize(
    ("usual", "guidance", "passed"),
    [((4.0, 3.0), 4.0, (4.0, 3.0)), ((4.0, 3.0), 7.0, (7.0, 5.0)), ((4.0, 3.0), 1.0, (1.0, 1.0)),
     ((5.0, None), 4.0, (4.0, None))],
)  # fmt: skip
def test_the_second_experts_guidance_is_that_of_its_row_or_in_its_proportion(
    experts, monkeypatch, usual, guidance, passed
):
    told = []
    stock = type(experts.pipe).__call__

    def noted(pipe, **named):
        told.append((named["guidance_scale"], named["guidance_scale_2"]))
        return stock(pipe, **named)

    monkeypatch.setattr(type(experts.pipe), "__call__", noted)
    backbone = experts.backbone.model_copy(update={"guidance": usual[0], "low_guidance": usual[1]})
    film(replace(experts, backbone=backbone), guidance=guidance, steps=1)
    assert told == [passed]


@pytest.mark.parametrize("attention", ["sr3ai", "plain", "hard"])
def test_a_scene_longer_than_a_clip_is_filmed_in_windows(any_of_them, attention, tmp_path):
    studio = Studio(any_of_them, tmp_path, seconds=8.0)
    whole = studio.film(key=None, attention=attention)
    assert whole.shape == (17, 32, 48, 3)
    assert np.array_equal(studio.film(key=None, attention=attention), whole)
    studio.cut(2, attention=attention)
    assert np.array_equal(studio.film(attention=attention), whole)
    assert studio.told[0] == (3, 4)


def test_a_window_sees_the_boxes_of_its_own_time(loaded, tmp_path):
    """A film of one prompt everywhere is that of one without regions, in every window."""
    plain, regions = (Studio(loaded, tmp_path, seconds=8.0) for _ in range(2))
    one = scene().model_copy(update={"beats": ()})
    for studio in (plain, regions):
        studio.program = lower(one.model_copy(update={"duration": 8.0}), loaded.backbone.grid.spanning(8.0))
    difference = plain.film(key=None, attention="plain").astype(int) - regions.film(key=None)
    assert abs(difference).max() <= 1


@pytest.fixture(params=["own", "euler"])
def sampled(request, any_of_them):
    pipe, before = any_of_them.pipe, any_of_them.pipe.scheduler
    any_of_them.family.set_scheduler(pipe, request.param)
    yield any_of_them
    assert not {"step", "set_timesteps"} & set(vars(pipe.scheduler))
    pipe.scheduler = before


def test_cut_after_any_step_it_goes_on_to_the_same_bits(sampled, tmp_path):
    studio = Studio(sampled, tmp_path)
    whole = studio.film(key=None, steps=STEPS)
    for step in (2, STEPS - 1):
        with pytest.raises(PowerCut):
            studio.film(cut=step, steps=STEPS)
        tensors = load_file(studio.file)
        assert {"latents", "generator"} <= tensors.keys() and len(tensors) in (2, 5, 6)
        assert np.array_equal(studio.film(steps=STEPS), whole)
        assert studio.told == [(done, STEPS) for done in range(step + 1, STEPS + 1)]
        studio.file.unlink()


@pytest.mark.parametrize("name", ["first-block-cache", "taylorseer"])
def test_a_cache_keeps_the_two_calls_apart_and_comes_off(loaded, name, monkeypatch):
    monkeypatch.setattr(wan, "FIRST_BLOCK_THRESHOLD", 0.0)
    usual = film(loaded, steps=8)
    count = []
    hook = loaded.pipe.transformer.blocks[-1].attn1.to_q.register_forward_hook(lambda *_: count.append(1))
    try:
        exact = film(loaded, steps=8, speedups=["first-block-cache"])
        assert np.array_equal(exact, usual) and len(count) == 16, "with no threshold nothing is left out"
        monkeypatch.setattr(wan, "FIRST_BLOCK_THRESHOLD", 10.0)
        count.clear()
        assert not np.array_equal(film(loaded, steps=8, speedups=[name]), usual) and len(count) < 16
    finally:
        hook.remove()
    assert np.array_equal(film(loaded, steps=8), usual)


@pytest.mark.parametrize("name", ["pab", "faster-cache"])
def test_caches_that_take_two_calls_for_one_are_refused(loaded, usual, name):
    with pytest.raises(RenderError, match=f"{name} can't be used with this model"):
        film(loaded, speedups=[name])
    assert np.array_equal(film(loaded), usual)


@pytest.mark.parametrize("name", ["vae-slicing", "vae-tiling", "layerwise-casting"])
def test_other_speedups_come_off_both_experts(experts, name):
    usual = film(experts, steps=STEPS)
    changed = film(experts, steps=STEPS, speedups=[name])
    assert np.array_equal(changed, usual) == (name != "layerwise-casting")
    assert np.array_equal(film(experts, steps=STEPS), usual)


def test_compiled_blocks_attend_by_region(experts, monkeypatch):
    from dreamrunner.rendering import speedups

    monkeypatch.setattr(speedups, "COMPILER", "eager")
    exact = film(experts)
    assert np.abs(film(experts, speedups=["compile"]).astype(int) - exact).max() <= 1
