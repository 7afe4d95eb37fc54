"""Region attention across text, and region LoRA by module, against dense masks through whole stock transformers."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from diffusers import WanTransformer3DModel
from diffusers.models.transformers.transformer_wan import WanAttnProcessor
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor

from dreamrunner.backbones.families.wan import FAMILY
from dreamrunner.priors import Adapter
from dreamrunner.regions import Grid, LoraMap, RegionProgram
from dreamrunner.rendering.cross_attention import Call, region_cross_attention
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.region_lora import adapted, rows_of_all
from dreamrunner.rendering.renderer import regional
from tests.material.models import randomize
from tests.material.wan import CONFIGS
from tests.rendering.test_attention import BACKGROUND_ALONE, HOW, OVERLAPPING, WITHOUT_BACKGROUND, owners, program

WORDS = 7


def narrow(name: str) -> WanTransformer3DModel:
    """A published transformer with all of its heads, narrower ones, and two of its blocks."""
    config = CONFIGS[name]
    torch.manual_seed(0)
    transformer = WanTransformer3DModel(
        **config | {"num_layers": 2, "ffn_dim": config["ffn_dim"] // 128},
        attention_head_dim=6 if name == "14b" else 12,
        text_dim=32,
        freq_dim=16,
    )
    return randomize(transformer, 1, 0.15)


def text_mask(made: RegionProgram, words: int = WORDS) -> Tensor:
    """May a video token (row) read a token of text (column)."""
    tokens = owners(made)
    mask = torch.zeros(len(tokens), len(made.conditions) * words, dtype=torch.bool)
    for token, condition in itertools.product(range(len(tokens)), range(len(made.conditions))):
        mask[token, condition * words : (condition + 1) * words] = condition in tokens[token]
    return mask


def video_mask(made: RegionProgram) -> Tensor:
    """May a video token read another under hard regions."""
    tokens = owners(made)
    return torch.tensor([[bool(one & other) for other in tokens] for one in tokens])


class Masked(WanAttnProcessor):
    """The stock processor, which takes a mask that the stock transformer never gives it."""

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, rotary_emb=None):
        return super().__call__(attn, hidden_states, encoder_hidden_states, self.mask, rotary_emb)


def given_to(transformer: WanTransformer3DModel, made: RegionProgram, timesteps: bool = False) -> dict:
    """What the stock pipeline calls a transformer with; ``timesteps`` has one for each token, all alike."""
    grid, generator = made.grid, torch.Generator().manual_seed(2)
    channels, count = transformer.config.in_channels, grid.steps * grid.rows * grid.columns
    return {
        "hidden_states": torch.randn(1, channels, grid.steps, 2 * grid.rows, 2 * grid.columns, generator=generator),
        "encoder_hidden_states": torch.randn(1, WORDS * len(made.conditions), 32, generator=generator),
        "timestep": torch.full((1, count) if timesteps else (1,), 500.0),
        "return_dict": False,
    }


@torch.no_grad()
def by_region(transformer, given, layout, call=None, adapters=(), rows=None) -> Tensor:
    call, hard = call or Call(), layout.signatures[0].visible is not None
    with adapted(transformer, adapters, rows, call), regional(transformer, call=call, hard=hard):
        return transformer(**given, attention_kwargs={"regions": layout})[0]


@torch.no_grad()
def by_mask(transformer, given, words: Tensor | None, video: Tensor | None = None) -> Tensor:
    for block in transformer.blocks:
        if words is not None:
            block.attn2.set_processor(Masked(words))
        if video is not None:
            block.attn1.set_processor(Masked(video))
    try:
        return transformer(**given)[0]
    finally:
        for block in transformer.blocks:
            block.attn1.set_processor(WanAttnProcessor())
            block.attn2.set_processor(WanAttnProcessor())


@pytest.fixture(scope="module", params=CONFIGS)
def transformer(request) -> WanTransformer3DModel:
    return narrow(request.param)


@pytest.fixture(scope="module")
def one() -> WanTransformer3DModel:
    return narrow("1.3b")


PROGRAMS = {"overlap": OVERLAPPING, "full": WITHOUT_BACKGROUND, "none": BACKGROUND_ALONE}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", PROGRAMS)
def test_equals_the_dense_mask_through_a_whole_transformer(transformer, name, how):
    made, hard = PROGRAMS[name], how == "hard"
    given = given_to(transformer, made, timesteps=transformer.config.in_channels == 48)
    words, video = text_mask(made), video_mask(made) if hard else None
    wanted = by_mask(transformer, given, words, video)
    got = by_region(transformer, given, RegionLayout.of(made, WORDS, **HOW[how]))
    assert (got - wanted).abs().max() < 1e-5
    if not words.all():
        free = by_mask(transformer, given, None)
        assert (free - wanted).abs().max() > 1e-3, "the oracle itself must notice the mask"


@pytest.mark.parametrize("hard", [False, True], ids=["sr3ai", "hard"])
@pytest.mark.parametrize("regions", [True, False], ids=["regions", "none"])
def test_the_unconditional_call_is_the_stock_models_but_for_hard_regions(transformer, hard, regions):
    given = given_to(transformer, OVERLAPPING)
    given["encoder_hidden_states"] = given["encoder_hidden_states"][:, :WORDS]
    layout = RegionLayout.of(OVERLAPPING, WORDS, hard=hard, unconditional_regions=regions)
    wanted = by_mask(transformer, given, None, video_mask(OVERLAPPING) if hard and regions else None)
    assert (by_region(transformer, given, layout) - wanted).abs().max() < 1e-5


def test_regions_of_one_text_change_nothing(one):
    """So that an unconditional call without regions in text is what one with them would be."""
    given = given_to(one, OVERLAPPING)
    alone = given["encoder_hidden_states"][:, :WORDS]
    many = given | {"encoder_hidden_states": alone.repeat(1, len(OVERLAPPING.conditions), 1)}
    got = by_region(one, many, RegionLayout.of(OVERLAPPING, WORDS))
    assert (got - by_mask(one, given | {"encoder_hidden_states": alone}, None)).abs().max() < 1e-5


boxes = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(1, 4), st.integers(0, 3), st.integers(1, 4)).map(
        lambda b: (b[0], (b[1], min(4, b[1] + b[2]), b[3], min(4, b[3] + b[4])))
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(boxes, max_size=6), st.integers(0, 2**31))
def test_equals_masked_attention_for_any_regions(several, seed):
    made = program(Grid(frames=5, steps=2, rows=4, columns=4), *several)
    generator = torch.Generator().manual_seed(seed)
    query = torch.randn(2, 32, 2, 8, generator=generator, dtype=torch.float64)
    ordered = RegionLayout.of(made, 2, form="signatures")
    key, value = torch.randn(2, 2, 2 * len(made.conditions), 2, 8, generator=generator, dtype=torch.float64)
    parts = (part.transpose(1, 2) for part in (query, key, value))
    wanted = F.scaled_dot_product_attention(*parts, attn_mask=text_mask(made, 2)).transpose(1, 2)
    got = region_cross_attention(query, key, value, RegionLayout.of(made, 2))
    assert torch.allclose(got, wanted, atol=1e-10, rtol=0)
    order = ordered.in_order.order
    got = region_cross_attention(query[:, order], key, value, ordered)
    assert torch.allclose(got, wanted[:, order], atol=1e-10, rtol=0)


def test_the_transformer_is_left_as_it_was_and_calls_without_regions_are_refused(one):
    before, call = dict(one.attn_processors), Call()
    with pytest.raises(KeyboardInterrupt), regional(one, call=call, hard=True):
        assert one.attn_processors.keys() == before.keys() and dict(one.attn_processors) != before
        raise KeyboardInterrupt
    assert dict(one.attn_processors) == before and "forward" not in vars(one)
    given = given_to(one, OVERLAPPING)
    with regional(one), pytest.raises(ValueError, match="is called with attention_kwargs"):
        one(**given)
    layout = {"attention_kwargs": {"regions": RegionLayout.of(OVERLAPPING, WORDS)}}
    with regional(one, call=call), pytest.raises(ValueError, match="neither 4 conditions nor a single one"):
        one(**given | {"encoder_hidden_states": torch.zeros(1, 3 * WORDS, 32)} | layout)
    assert call == Call()


# Region LoRA


def with_loras() -> RegionProgram:
    """The overlapping program; the witch is its first condition, the cat its second and third."""
    regions = [condition.regions for condition in OVERLAPPING.conditions]
    both = tuple((*one, *other) for one, other in zip(regions[1], regions[2], strict=True))
    maps = (
        LoraMap(adapter="witch", regions=regions[0], conditions=(0,)),
        LoraMap(adapter="cat", regions=both, conditions=(1, 2)),
    )
    return OVERLAPPING.model_copy(update={"lora_maps": maps})


@pytest.fixture(scope="module")
def adapters(one, tmp_path_factory) -> list[Adapter]:
    """Files with random weights for every layer of every block."""
    folder, made = tmp_path_factory.mktemp("loras"), []
    for name, rank, scale in (("witch", 4, 1.0), ("cat", 3, -0.5)):
        tensors = {}
        for block in range(2):
            for layer in FAMILY.layers(block, output=True):
                linear = one.get_submodule(layer)
                for half, shape in (("A", (rank, linear.in_features)), ("B", (linear.out_features, rank))):
                    tensors[f"transformer.{layer}.lora_{half}.weight"] = torch.randn(shape) * 0.2
        save_file(tensors, folder / f"{name}.safetensors")
        file = folder / f"{name}.safetensors"
        made.append(Adapter(name=name, kind="subject", of=name, file=file, digest="0" * 64, scale=scale))
    return made


MASKS = {
    "witch": ([token for token, own in enumerate(owners(OVERLAPPING)) if 0 in own], [*range(WORDS)]),
    "cat": ([token for token, own in enumerate(owners(OVERLAPPING)) if own & {1, 2}], [*range(WORDS, 3 * WORDS)]),
}
"""The rows of video and of text where each adapter works, token by token."""


def formula(name: str, linear: torch.nn.Linear, adapters, unconditional: bool, video_too: bool):
    """y = W x + sum B A (m * x), with dense masks: of text in ``attn2.to_k`` and ``to_v``, of video elsewhere."""
    bare = F.linear
    loaded = {adapter.name: (adapter, load_file(adapter.file)) for adapter in adapters}

    def forward(x: Tensor) -> Tensor:
        y = bare(x, linear.weight, linear.bias)
        of_text = name.endswith(("attn2.to_k", "attn2.to_v"))
        for key, (adapter, tensors) in loaded.items():
            if unconditional and (of_text or not video_too):
                continue
            m = torch.zeros(x.shape[1], 1)
            m[MASKS[key][1] if of_text else MASKS[key][0]] = 1
            down, up = (tensors[f"transformer.{name}.lora_{half}.weight"] for half in "AB")
            y = y + adapter.scale * ((m * x) @ down.T @ up.T)
        return y

    return forward


@pytest.mark.parametrize("form", [None, "signatures"])
@pytest.mark.parametrize(
    ("unconditional", "video_too"),
    [(False, True), (True, True), (True, False)],
    ids=["conditional", "unconditional", "none"],
)
def test_a_whole_transformer_with_region_loras_equals_the_formula(one, adapters, unconditional, video_too, form):
    made = with_loras()
    given = given_to(one, made)
    if unconditional:
        given["encoder_hidden_states"] = given["encoder_hidden_states"][:, :WORDS]
    layout = RegionLayout.of(made, WORDS, form=form)
    rows = rows_of_all(made, WORDS, FAMILY, conditional_only=not video_too)
    if layout.in_order is not None:
        places = layout.in_order.places
        rows = {place: each.among(places) if "video" in place[1] else each for place, each in rows.items()}
    got = by_region(one, given, layout, adapters=adapters, rows=rows)
    without = by_mask(one, given, None if unconditional else text_mask(made))
    plain = narrow("1.3b")
    for name, layer in plain.named_modules():
        if FAMILY.tokens_of(name):
            layer.forward = formula(name, layer, adapters, unconditional, video_too)
    wanted = by_mask(plain, given, None if unconditional else text_mask(made))
    assert (got - wanted).abs().max() < 1e-5 * max(1.0, wanted.abs().max().item())
    assert ((got - without).abs().max() > 1e-2) == (video_too or not unconditional)


def test_adapters_without_rows_work_everywhere_in_both_calls(one, adapters):
    given = given_to(one, OVERLAPPING)
    with torch.no_grad(), adapted(one, adapters[:1], None):
        got = one(**given)[0]
    plain = narrow("1.3b")
    tensors = load_file(adapters[0].file)
    with torch.no_grad():
        for name, layer in plain.named_modules():
            if FAMILY.tokens_of(name):
                down, up = (tensors[f"transformer.{name}.lora_{half}.weight"] for half in "AB")
                layer.weight += up @ down
        assert (got - plain(**given)[0]).abs().max() < 1e-4
