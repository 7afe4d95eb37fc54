"""The forms of region attention in whole films: which one a scene gets, and that all give the same picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dreamrunner.regions import Grid, lower
from dreamrunner.rendering import renderer, speedups
from dreamrunner.rendering.forms import form_of
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.renderer import regional
from tests.material.wan import small
from tests.rendering.test_attention import inputs, pair, program
from tests.rendering.test_render import film, lora, scene  # noqa: F401


@pytest.mark.parametrize("form", ["signatures", "merged"])
@pytest.mark.parametrize("duration", [6.0, 14.0])
def test_a_film_in_the_order_of_signatures_is_the_same_with_loras_and_in_windows(
    loaded,
    lora,
    monkeypatch,
    form,
    duration,
):
    made = scene().model_copy(update={"duration": duration})
    grid = loaded.backbone.grid.spanning(duration)
    program = lower(made, grid, adapters=[lora])

    def filmed() -> np.ndarray:
        how = {"seed": 1, "steps": 2, "guidance": 3.0, "unconditional_regions": False}
        return renderer.render(program, loaded, [lora], **how).pixels.astype(int)

    usual = filmed()
    asked = []
    monkeypatch.setattr(renderer, "form_of", lambda program, device: asked.append(device) or form)
    assert np.abs(filmed() - usual).max() <= 1 and asked == ["cpu"]
    assert "forward" not in loaded.pipe.transformer.__dict__
    assert not loaded.pipe.transformer.proj_out._forward_hooks


def test_many_signatures_are_merged_on_a_gpu_and_a_processor_has_raster_order():
    grid = Grid(frames=5, steps=2, rows=4, columns=8)

    def boxes(count: int):
        return program(grid, *[[(i % 2, (0, 2, i // 2, i // 2 + 1))] for i in range(count)])

    few, many = boxes(8), boxes(9)
    assert [len(RegionLayout.of(each, 2).signatures) for each in (few, many)] == [9, 10]
    assert [form_of(each, "cuda") for each in (few, many)] == ["signatures", "merged"]
    assert form_of(many, "cpu") is None
    assert RegionLayout.of(many, 2, hard=True, form="merged").form is None


def test_blocks_that_were_compiled_for_one_scene_serve_those_with_other_regions(monkeypatch):
    """What is compiled again is for another number of texts, once, and not for regions."""
    monkeypatch.setattr(speedups, "COMPILER", "eager")
    torch._dynamo.reset()
    grid = Grid(frames=9, steps=3, rows=6, columns=8)
    boxes = [[(step, (i % 4, i % 4 + 3, i, i + 3)) for step in range(3)] for i in range(4)]
    scenes = [program(grid, *boxes[:2]), program(grid, *boxes[2:]), *(program(grid, *boxes[:n]) for n in (1, 3, 4))]
    ours, _ = pair(1)
    told, counts = [], []
    with speedups.sped_up(type("Pipe", (), {"transformer": ours}), ["compile"], tell=told.append):
        for each in scenes:
            given = inputs(each, {}, 2)
            for form in (None, "merged"):
                layout = RegionLayout.of(each, 7, form=form)
                text = renderer.family_of(ours).text_length(ours, given["encoder_hidden_states"].shape[1])
                with torch.no_grad(), text, regional(ours):
                    got = ours(**given, attention_kwargs={"regions": layout})[0]
                assert torch.isfinite(got).all()
            counts.append(len(told))
    assert counts[1] == counts[0] and counts[-1] == counts[2] <= 2 * counts[0]


@pytest.mark.parametrize("hard", [False, True])
def test_where_text_stands_apart_two_graphs_serve_all_scenes_and_both_calls(monkeypatch, hard):
    """One for many tokens of text, and one for any number."""
    monkeypatch.setattr(speedups, "COMPILER", "eager")
    torch._dynamo.reset()
    grid = Grid(frames=9, steps=3, rows=6, columns=8)
    boxes = [[(step, (i % 4, i % 4 + 3, i, i + 3)) for step in range(3)] for i in range(4)]
    scenes = [program(grid, *boxes[:2]), program(grid, *boxes[2:]), program(grid, *boxes)]
    transformer, told = small(1), []
    latents, time = torch.randn(1, 4, 3, 12, 16), torch.tensor([500.0])

    def called(each, form, texts) -> torch.Tensor:
        layout = RegionLayout.of(each, 7, form=form, hard=hard)
        text = torch.randn(1, 7 * texts, 32, generator=torch.Generator().manual_seed(texts))
        given = {"hidden_states": latents, "encoder_hidden_states": text, "timestep": time}
        with torch.no_grad(), regional(transformer, hard=hard):
            return transformer(**given, attention_kwargs={"regions": layout})[0]

    kinds = [(each, form, texts) for each in scenes for form in (None, "merged") for texts in (len(each.conditions), 1)]
    exact = [called(*kind) for kind in kinds]
    with speedups.sped_up(type("Pipe", (), {"transformer": transformer}), ["compile"], tell=told.append):
        compiled = [called(*kind) for kind in kinds]
    assert len(told) == 2
    assert all((one - other).abs().max() < 1e-5 for one, other in zip(exact, compiled, strict=True))
