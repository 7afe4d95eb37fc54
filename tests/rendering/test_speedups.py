"""Speed-ups with region attention and region LoRA: exact ones are exact, caches really leave work out, all come off."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dreamrunner.backbones.families import cogvideox
from dreamrunner.rendering import RenderError, speedups
from dreamrunner.rendering.speedups import SPEEDUPS, inexact, sped_up
from tests.rendering.test_render import film, lora  # noqa: F401

CACHES = [name for name, each in SPEEDUPS.items() if each.cache]
STEPS = 8


@pytest.fixture(scope="module")
def usual_run(loaded):
    return blocks_run(loaded)


@pytest.fixture(scope="module")
def usual(usual_run):
    return usual_run[0]


@pytest.fixture(scope="module")
def adapted(loaded, lora):
    return film(loaded, steps=STEPS, adapters=[lora])


def blocks_run(loaded, **more) -> tuple[np.ndarray, int]:
    """The film, and how many times the feed-forward or attention of the last block worked."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    block = loaded.pipe.transformer.transformer_blocks[-1]
    hooks = [block.attn1.to_q.register_forward_hook(note), block.ff.register_forward_hook(note)]
    try:
        return film(loaded, steps=STEPS, **more), count
    finally:
        for hook in hooks:
            hook.remove()


@pytest.mark.parametrize("name", CACHES)
def test_a_cache_leaves_work_out_and_comes_off_again(loaded, usual_run, name, monkeypatch):
    # Random weights change a lot from step to step.
    monkeypatch.setattr(cogvideox, "FIRST_BLOCK_THRESHOLD", 10.0)
    usual, all_work = usual_run
    _cached, work = blocks_run(loaded, speedups=[name])
    assert work < all_work
    assert np.array_equal(film(loaded, steps=STEPS), usual)


@pytest.mark.parametrize("name", CACHES)
def test_a_cache_works_with_region_loras(loaded, usual, lora, adapted, name):
    cached = film(loaded, steps=STEPS, adapters=[lora], speedups=[name])
    # Nearer to the film with the LoRA than that is to the film without it: the LoRA is still at work.
    far = np.abs(adapted.astype(int) - usual).mean()
    assert np.abs(cached.astype(int) - adapted).mean() < far


def test_compiled_blocks_attend_by_region_with_region_loras_and_come_off(loaded, lora, monkeypatch):
    from torch._dynamo.utils import counters

    # The tracing is what may fail with a processor of our own; PyTorch's compiler behind it would take a minute.
    monkeypatch.setattr(speedups, "COMPILER", "eager")
    exact = film(loaded, adapters=[lora])
    counters.clear()
    compiled = film(loaded, adapters=[lora], speedups=["compile"])
    assert counters["stats"]["unique_graphs"] > 0
    assert np.abs(compiled.astype(int) - exact).max() <= 1
    counters.clear()
    assert np.array_equal(film(loaded, adapters=[lora]), exact) and counters["stats"]["unique_graphs"] == 0


class CogVideoXTransformer3DModel(torch.nn.Module):
    """As much of one as is compiled."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer_blocks = torch.nn.ModuleList([torch.nn.Tanh()])
        self.device = torch.device("cpu")


def test_every_compilation_is_told_and_none_is_given_up_for_its_number(monkeypatch):
    import torch._dynamo

    monkeypatch.setattr(speedups, "COMPILER", "eager")
    torch._dynamo.reset()
    pipe, told = SimpleNamespace(transformer=CogVideoXTransformer3DModel()), []
    [block] = pipe.transformer.transformer_blocks
    with torch._dynamo.config.patch(recompile_limit=1), sped_up(pipe, ["compile"], tell=told.append):
        for axes in (1, 2, 3, 3):
            block(torch.ones(*range(2, 2 + axes)))
    again = "compiling again, for other shapes ({} times so far)"
    assert told == ["compiling", again.format(2), again.format(3)]
    block(torch.ones(1, 1, 1, 1))
    assert len(told) == 3


@pytest.mark.parametrize("name", ["vae-slicing", "vae-tiling"])
def test_what_is_exact_gives_the_same_film(loaded, usual, name):
    assert np.array_equal(film(loaded, steps=STEPS, speedups=[name]), usual)


def test_weights_in_eight_bits_come_back_as_they_were(loaded, usual):
    changed = film(loaded, steps=STEPS, speedups=["layerwise-casting"])
    assert not np.array_equal(changed, usual)
    assert {value.dtype for value in loaded.pipe.transformer.parameters()} == {torch.float32}
    assert np.array_equal(film(loaded, steps=STEPS), usual)


def test_what_cannot_be_is_refused_in_words(loaded):
    for names, why in (
        (["pab", "taylorseer"], "can't be used together"),
        (["warp"], "there is no speed-up warp"),
        (["cpu-offload"], "needs a GPU"),
    ):
        with pytest.raises(RenderError, match=why):
            film(loaded, speedups=names)
    with pytest.raises(RenderError, match="guidance above 1"):
        film(loaded, speedups=["faster-cache"], guidance=1.0)
    with pytest.raises(RenderError, match="longer than a clip"), sped_up(loaded.pipe, ["pab"], scene="a", long=True):
        pass


def test_a_halved_batch_is_the_one_with_regions_and_loras(loaded, usual, lora):
    plain = {"adapters": [lora], "unconditional_regions": False, "steps": STEPS}
    exact, cached = film(loaded, **plain), film(loaded, speedups=["faster-cache"], **plain)
    assert np.abs(cached.astype(int) - exact).mean() < np.abs(exact.astype(int) - usual).mean()


def test_only_what_changes_the_picture_is_part_of_a_key():
    assert inexact(["vae-slicing", "pab", "compile", "cpu-offload"]) == ("compile", "pab")
