"""Region attention against the dense mask that it does without, through whole stock transformers."""

import itertools
from typing import get_args

import pytest
import torch
import torch.nn.functional as F
from diffusers import CogVideoXTransformer3DModel
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.regions import Condition, Grid, Rectangle, RegionProgram
from dreamrunner.rendering.attention import region_attention
from dreamrunner.rendering.forms import Form
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.renderer import regional
from tests.material.models import randomize

WORDS = 7
"""Text tokens a condition."""

HOW = {
    "sr3ai": {},
    "hard": {"hard": True},
    "signatures": {"form": "signatures"},
    "merged": {"form": "merged"},
}
"""How attention is computed: in raster order, by the ablation, and in both forms in the order of signatures."""

SINE = {}
ROTARY = {"use_rotary_positional_embeddings": True}
TEMPORAL = {"use_rotary_positional_embeddings": True, "patch_size_t": 2, "patch_bias": False}


def program(grid: Grid, *boxes: list[tuple[int, tuple[int, int, int, int]]]) -> RegionProgram:
    """A program with the given (step, (row0, row1, column0, column1)) of each condition, and a background."""
    conditions = []
    for box in boxes:
        regions = [[] for _ in range(grid.steps)]
        for step, (row0, row1, column0, column1) in box:
            regions[step].append(Rectangle(row0=row0, row1=row1, column0=column0, column1=column1))
        conditions.append(Condition(prompt="x", regions=tuple(map(tuple, regions))))
    conditions.append(Condition(prompt="background", regions=((),) * grid.steps))
    return RegionProgram(
        scene="s", duration=1.0, grid=grid, conditions=tuple(conditions), negative_prompt="", plain_prompt=""
    )


def owners(program: RegionProgram) -> list[set[int]]:
    """The conditions of each video token, written down token by token."""
    grid, found = program.grid, []
    for step, row, column in itertools.product(range(grid.steps), range(grid.rows), range(grid.columns)):
        own = {
            index
            for index, condition in enumerate(program.conditions)
            for r in condition.regions[step]
            if r.row0 <= row < r.row1 and r.column0 <= column < r.column1
        }
        found.append(own or {len(program.conditions) - 1})
    return found


def dense_mask(program: RegionProgram, words: int = WORDS, hard: bool = False) -> torch.Tensor:
    """May token a (row) read token b (column) of ``[text of each condition | video]``."""
    tokens = [{index} for index in range(len(program.conditions)) for _ in range(words)]
    text = len(tokens)
    tokens += owners(program)
    mask = torch.zeros(len(tokens), len(tokens), dtype=torch.bool)
    for a, b in itertools.product(range(len(tokens)), repeat=2):
        both_video = a >= text and b >= text
        mask[a, b] = bool(tokens[a] & tokens[b]) or (both_video and not hard)
    return mask


def small(text_tokens: int, **geometry) -> CogVideoXTransformer3DModel:
    return CogVideoXTransformer3DModel(
        num_attention_heads=3,
        attention_head_dim=16,
        in_channels=4,
        out_channels=4,
        time_embed_dim=8,
        text_embed_dim=32,
        num_layers=4,
        sample_width=16,
        sample_height=12,
        sample_frames=9,
        max_text_seq_length=text_tokens,
        **geometry,
    )


def pair(conditions: int, **geometry) -> tuple[CogVideoXTransformer3DModel, CogVideoXTransformer3DModel]:
    """The model under test, made for one prompt, and a stock one with the same weights, made for all of them."""
    torch.manual_seed(0)
    ours, stock = small(WORDS, **geometry), small(WORDS * conditions, **geometry)
    randomize(ours, 1, 0.3)
    stock.load_state_dict(ours.state_dict())
    return ours, stock.eval()


GRID = Grid(frames=9, steps=3, rows=6, columns=8)
OVERLAPPING = program(
    GRID,
    [(0, (1, 4, 0, 5)), (1, (1, 4, 0, 5))],
    [(0, (2, 6, 3, 7)), (1, (2, 6, 3, 7)), (2, (2, 6, 3, 7))],
    [(2, (0, 3, 0, 2)), (2, (1, 5, 1, 4))],
)
WITHOUT_BACKGROUND = program(GRID, *[[(step, (0, 6, 4 * half, 4 * half + 4)) for step in range(3)] for half in (0, 1)])
BACKGROUND_ALONE = program(GRID)


def inputs(program: RegionProgram, geometry: dict, batch: int, size=(12, 16)):
    grid = program.grid
    generator = torch.Generator().manual_seed(2)

    def noise(*shape):
        return torch.randn(*shape, generator=generator)

    steps = grid.steps * grid.temporal_patch
    rotary = None
    if geometry:
        angle = noise(grid.steps * grid.rows * grid.columns, 8).repeat_interleave(2, 1)
        rotary = angle.cos(), angle.sin()
    return {
        "hidden_states": noise(batch, steps, 4, *size),
        "encoder_hidden_states": noise(batch, WORDS * len(program.conditions), 32),
        "timestep": torch.full((batch,), 500),
        "image_rotary_emb": rotary,
        "return_dict": False,
    }


@torch.no_grad()
def by_region(model, given, layout) -> torch.Tensor:
    with FAMILY.text_length(model, given["encoder_hidden_states"].shape[1]), regional(model):
        return model(**given, attention_kwargs={"regions": layout})[0]


@torch.no_grad()
def by_mask(model, given, mask) -> torch.Tensor:
    batch = len(given["hidden_states"])
    return model(**given, attention_kwargs={"attention_mask": mask.expand(batch, -1, -1)})[0]


@pytest.mark.parametrize("how", [*HOW], ids=str)
@pytest.mark.parametrize("batch", [1, 2], ids=["alone", "guided"])
@pytest.mark.parametrize("geometry", [SINE, ROTARY, TEMPORAL], ids=["2b", "5b", "1.5"])
@pytest.mark.parametrize(
    "program", [OVERLAPPING, WITHOUT_BACKGROUND, BACKGROUND_ALONE], ids=["overlap", "full", "none"]
)
def test_equals_the_dense_mask_through_a_whole_transformer(program, geometry, batch, how):
    hard = how == "hard"
    if geometry is TEMPORAL:
        program = program.model_copy(update={"grid": program.grid.model_copy(update={"temporal_patch": 2})})
    ours, stock = pair(len(program.conditions), **geometry)
    given = inputs(program, geometry, batch)
    mask = dense_mask(program, hard=hard)
    wanted = by_mask(stock, given, mask)
    got = by_region(ours, given, RegionLayout.of(program, WORDS, **HOW[how]))
    assert (got - wanted).abs().max() < 1e-5
    if not mask.all():
        free = by_mask(stock, given, torch.ones_like(mask))
        assert (free - wanted).abs().max() > 1e-2, "the oracle itself must notice the mask"


def test_equals_the_dense_mask_at_a_size_that_the_model_was_not_made_for():
    wide = program(Grid(frames=9, steps=3, rows=4, columns=10), [(0, (0, 2, 0, 4)), (1, (1, 3, 5, 9))])
    ours, stock = pair(2)
    given = inputs(wide, SINE, 1, size=(8, 20))
    got = by_region(ours, given, RegionLayout.of(wide, WORDS))
    assert (got - by_mask(stock, given, dense_mask(wide))).abs().max() < 1e-5


@pytest.mark.parametrize("form", [None, "signatures", "merged"])
@pytest.mark.parametrize("geometry", [SINE, ROTARY], ids=["2b", "5b"])
def test_unconditional_branch_without_regions_is_the_stock_model_with_one_prompt(geometry, form):
    ours, stock = pair(len(OVERLAPPING.conditions), **geometry)
    given = inputs(OVERLAPPING, geometry, 2)
    given["encoder_hidden_states"][0] = given["encoder_hidden_states"][0, :WORDS].repeat(4, 1)
    layout = RegionLayout.of(OVERLAPPING, WORDS, unconditional_regions=False, form=form)
    unconditional, conditional = by_region(ours, given, layout)
    with torch.no_grad():
        alone = ours(
            **{
                **given,
                "hidden_states": given["hidden_states"][:1],
                "timestep": given["timestep"][:1],
                "encoder_hidden_states": given["encoder_hidden_states"][:1, :WORDS],
            }
        )[0][0]
    assert (unconditional - alone).abs().max() < 1e-5
    assert (conditional - by_mask(stock, given, dense_mask(OVERLAPPING))[1]).abs().max() < 1e-5


boxes = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(1, 4), st.integers(0, 3), st.integers(1, 4)).map(
        lambda b: (b[0], (b[1], min(4, b[1] + b[2]), b[3], min(4, b[3] + b[4])))
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(boxes, max_size=6), st.booleans(), st.integers(0, 2**31))
def test_equals_masked_attention_for_any_regions(several, hard, seed):
    made = program(Grid(frames=5, steps=2, rows=4, columns=4), *several)
    length = 2 * len(made.conditions) + 32
    generator = torch.Generator().manual_seed(seed)
    query, key, value = torch.randn(3, 2, 2, length, 8, generator=generator, dtype=torch.float64)
    wanted = F.scaled_dot_product_attention(query, key, value, attn_mask=dense_mask(made, words=2, hard=hard))
    for form in (None, *(() if hard else get_args(Form))):
        layout = RegionLayout.of(made, 2, hard=hard, form=form)
        text = 2 * layout.conditions
        order = layout.in_order.order if form is not None else torch.arange(32)
        moved = torch.cat([torch.arange(text), order + text])
        got = region_attention(*(each[:, :, moved] for each in (query, key, value)), layout)
        assert torch.allclose(got, wanted[:, :, moved], atol=1e-10, rtol=0)


def test_tokens_of_a_signature_stand_together_and_conditions_cover_what_they_cover():
    layout = RegionLayout.of(OVERLAPPING, WORDS, form="merged")
    order = layout.in_order
    assert torch.equal(order.order[order.places], torch.arange(144))
    for (conditions, places), part in zip(order.signatures, layout.signatures, strict=True):
        assert torch.equal(order.order[places], part.tokens)
        assert part.words.tolist() == [i * WORDS + word for i in conditions for word in range(WORDS)]
    for stretches, tokens in zip(order.covered, layout.covered, strict=True):
        assert sorted(torch.cat([order.order[each] for each in stretches]).tolist()) == tokens.tolist()
        assert all(one.stop < other.start for one, other in itertools.pairwise(stretches))


def test_a_kernel_without_a_log_sum_exp_does_not_keep_a_scene_from_being_filmed(monkeypatch):
    monkeypatch.setattr("dreamrunner.rendering.in_order.KERNELS", {})
    layouts = [RegionLayout.of(OVERLAPPING, 2, form=form) for form in ("merged", "signatures")]
    query, key, value = torch.randn(3, 1, 2, 8 + 144, 8)
    one, other = (region_attention(query, key.clone(), value.clone(), layout) for layout in layouts)
    assert torch.equal(one, other)


@pytest.mark.parametrize("hard", [False, True], ids=["sr3ai", "hard"])
def test_nineteen_conditions_equal_the_dense_mask(hard):
    boxes = [[(step, (i % 4, i % 4 + 3, i // 4, i // 4 + 3 + i % 2)) for step in range(i % 3, 3)] for i in range(18)]
    made = program(Grid(frames=9, steps=3, rows=6, columns=8), *boxes)
    ours, stock = pair(19)
    given = inputs(made, SINE, 2)
    wanted = by_mask(stock, given, dense_mask(made, hard=hard))
    assert (by_region(ours, given, RegionLayout.of(made, WORDS, hard=hard)) - wanted).abs().max() < 1e-5


def test_the_transformer_is_left_as_it_was():
    model, _ = pair(4)
    processors, table = dict(model.attn_processors), model.patch_embed.pos_embedding
    with pytest.raises(KeyboardInterrupt), FAMILY.text_length(model, 4 * WORDS), regional(model):
        raise KeyboardInterrupt
    assert model.attn_processors == processors
    assert model.patch_embed.pos_embedding is table and model.patch_embed.max_text_seq_length == WORDS


def test_the_layout_at_the_2b_grid_is_small():
    grid = Grid(frames=49, steps=13, rows=30, columns=45)
    made = program(grid, *[[(step, (2, 28, 8 * i, 8 * i + 12)) for step in range(13)] for i in range(4)])
    assert RegionLayout.of(made, 226).nbytes() < 1_000_000
