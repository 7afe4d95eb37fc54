"""Region LoRA against y = W x + sum B A (m * x), and what it refuses to load."""

import json
from pathlib import Path

import pytest
import torch
from peft import LoraConfig
from safetensors.torch import load_file, save_file

from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.priors import Adapter, AdapterError
from dreamrunner.regions import Condition, Grid, LoraMap, Rectangle, RegionProgram
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.region_lora import Place, Rows, adapted, rows_of
from dreamrunner.rendering.renderer import regional
from tests.material.models import two_blocks

WORDS = 5
TOKENS = 3 * WORDS + 24


def layers_of(transformer) -> dict[str, torch.nn.Linear]:
    return {name: layer for name, layer in transformer.named_modules() if FAMILY.tokens_of(name)}


def make(
    folder: Path,
    name: str,
    transformer,
    *,
    rank=4,
    scale=1.0,
    block=None,
    prefix="transformer.",
    seed=0,
    alpha=None,
    metadata=None,
) -> Adapter:
    """A LoRA file with random weights for every adaptable layer (of one block)."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer, linear in layers_of(transformer).items():
        if block is None or f".{block}." in layer:
            tensors[f"{prefix}{layer}.lora_A.weight"] = torch.randn(rank, linear.in_features, generator=generator) * 0.3
            tensors[f"{prefix}{layer}.lora_B.weight"] = (
                torch.randn(linear.out_features, rank, generator=generator) * 0.3
            )
            if alpha is not None:
                tensors[f"{prefix}{layer}.alpha"] = torch.tensor(float(alpha))
    return write(folder, name, tensors, scale=scale, metadata=metadata)


def write(folder: Path, name: str, tensors, *, scale=1.0, metadata=None) -> Adapter:
    file = folder / f"{name}.safetensors"
    save_file(tensors, file, metadata)
    return Adapter(name=name, kind="subject", of=name, file=file, digest="0" * 64, scale=scale)


BOTH = ("text", "video")


def at(rows: dict[str, Rows]) -> dict[Place, Rows]:
    """Rows by adapter and by the tokens of the only kind of layer that there is here."""
    return {(name, BOTH): one for name, one in rows.items()}


def some_rows(seed: int, conditional_only=False) -> Rows:
    mask = torch.rand(TOKENS, generator=torch.Generator().manual_seed(seed)) > 0.5
    return Rows(mask.nonzero()[:, 0], TOKENS, conditional_only)


def naive(linear, name, adapters, rows, x) -> torch.Tensor:
    """The formula, with dense masks."""
    y = linear(x)
    for adapter in adapters:
        tensors = load_file(adapter.file)
        if f"transformer.{name}.lora_A.weight" in tensors:
            down, up = (tensors[f"transformer.{name}.lora_{part}.weight"] for part in "AB")
            m = torch.zeros(x.shape[0], x.shape[1], 1)
            m[:, rows[adapter.name].index] = 1
            if rows[adapter.name].conditional_only:
                m[: x.shape[0] // 2] = 0
            y = y + adapter.scale * ((m * x) @ down.T @ up.T)
    return y


@pytest.mark.parametrize("conditional_only", [False, True])
def test_every_layer_follows_the_formula_with_overlapping_regions_ranks_and_scales(tmp_path, conditional_only):
    transformer = two_blocks(WORDS)
    adapters = [
        make(tmp_path, "subject-witch", transformer, rank=4, scale=1.0, block=1, seed=1),
        make(tmp_path, "subject-cat", transformer, rank=1, scale=-0.5, block=1, seed=2),
        make(tmp_path, "motion-waving", transformer, rank=17, scale=2.0, block=0, seed=3),
        make(tmp_path, "motion-flying", transformer, rank=8, scale=0.0, seed=4),
        make(tmp_path, "motion-walking", transformer, rank=2, scale=0.7, seed=5),
    ]
    rows = {adapter.name: some_rows(seed, conditional_only) for seed, adapter in enumerate(adapters)}
    plain = layers_of(two_blocks(WORDS))
    checked = 0
    with torch.no_grad(), adapted(transformer, adapters, at(rows)):
        for name, linear in plain.items():
            x = torch.randn(2, TOKENS, linear.in_features, generator=torch.Generator().manual_seed(7))
            got = transformer.get_submodule(name)(x)
            wanted = naive(linear, name, adapters, rows, x)
            assert (got - wanted).abs().max() < 1e-5
            assert (got - linear(x)).abs().max() > 1e-2
            checked += 1
    assert checked == 12


def test_an_adapter_of_mixed_ranks(tmp_path):
    transformer = two_blocks(WORDS)
    names = list(layers_of(transformer))
    tensors = {}
    for rank, name in enumerate(names, 1):
        linear = transformer.get_submodule(name)
        tensors[f"transformer.{name}.lora_A.weight"] = torch.randn(rank, linear.in_features)
        tensors[f"transformer.{name}.lora_B.weight"] = torch.randn(linear.out_features, rank) * 0.1
    adapter = write(tmp_path, "mixed", tensors, scale=0.5)
    rows = {"mixed": some_rows(3)}
    plain = layers_of(two_blocks(WORDS))
    with torch.no_grad(), adapted(transformer, [adapter], at(rows)):
        for name, linear in plain.items():
            x = torch.randn(1, TOKENS, linear.in_features)
            got, wanted = transformer.get_submodule(name)(x), naive(linear, name, [adapter], rows, x)
            assert (got - wanted).abs().max() < 1e-5


def program() -> RegionProgram:
    grid = Grid(frames=5, steps=2, rows=3, columns=4)
    left = Rectangle(row0=0, row1=3, column0=0, column1=2)
    middle = Rectangle(row0=1, row1=3, column0=1, column1=3)
    return RegionProgram(
        scene="s",
        duration=1.0,
        grid=grid,
        negative_prompt="",
        plain_prompt="",
        conditions=(
            Condition(prompt="a", regions=((left,), (left,))),
            Condition(prompt="b", regions=((), (middle,))),
            Condition(prompt="c", regions=((), ())),
        ),
        lora_maps=(
            LoraMap(adapter="witch", regions=((left,), (left, middle)), conditions=(0, 1)),
            LoraMap(adapter="cat", regions=((), (middle,)), conditions=(1,)),
        ),
    )


def test_rows_are_the_text_of_the_conditions_and_the_tokens_of_the_regions():
    rows = rows_of(program().lora_maps[1], program(), WORDS)
    video = 3 * WORDS + 12
    assert rows.index.tolist() == [*range(WORDS, 2 * WORDS), *(video + at for at in (5, 6, 9, 10))]
    assert rows.length == TOKENS
    union = rows_of(program().lora_maps[0], program(), WORDS).index
    assert len(union) == len(union.unique()) == 2 * WORDS + 6 + 8


def test_a_whole_transformer_with_regions_and_adapters_equals_dense_masks(tmp_path):
    """Stock layers wrapped by the formula itself, and region attention checked elsewhere, against the real thing."""
    transformer, plain = two_blocks(WORDS), two_blocks(WORDS)
    made = program()
    adapters = [make(tmp_path, "witch", transformer, seed=1), make(tmp_path, "cat", transformer, rank=2, seed=2)]
    rows = {one.adapter: rows_of(one, made, WORDS) for one in made.lora_maps}
    for name, linear in layers_of(plain).items():
        frozen = torch.nn.Linear(linear.in_features, linear.out_features, bias=linear.bias is not None)
        frozen.load_state_dict(linear.state_dict())
        linear.forward = lambda x, frozen=frozen, name=name: naive(frozen, name, adapters, rows, x)
    generator = torch.Generator().manual_seed(5)
    given = {
        "hidden_states": torch.randn(2, 2, 4, 6, 8, generator=generator),
        "encoder_hidden_states": torch.randn(2, 3 * WORDS, 32, generator=generator),
        "timestep": torch.tensor([10, 10]),
        "return_dict": False,
        "attention_kwargs": {"regions": RegionLayout.of(made, WORDS)},
    }
    with torch.no_grad():
        with (
            FAMILY.text_length(transformer, 3 * WORDS),
            regional(transformer),
            adapted(transformer, adapters, at(rows)),
        ):
            got = transformer(**given)[0]
        with FAMILY.text_length(plain, 3 * WORDS), regional(plain):
            wanted = plain(**given)[0]
            unadapted = two_blocks(WORDS)
        with FAMILY.text_length(unadapted, 3 * WORDS), regional(unadapted):
            without = unadapted(**given)[0]
    assert (got - wanted).abs().max() < 1e-5 * max(1.0, wanted.abs().max().item())
    assert (got - without).abs().max() > 1e-2


def test_global_adapters_work_on_every_token(tmp_path):
    transformer = two_blocks(WORDS)
    adapter = make(tmp_path, "witch", transformer, scale=0.5)
    everywhere = {"witch": Rows(torch.arange(TOKENS), TOKENS)}
    name, linear = next(iter(layers_of(two_blocks(WORDS)).items()))
    x = torch.randn(2, TOKENS, linear.in_features)
    with torch.no_grad(), adapted(transformer, [adapter], None):
        assert (transformer.get_submodule(name)(x) - naive(linear, name, [adapter], everywhere, x)).abs().max() < 1e-5


@pytest.mark.parametrize("safe", [False, True])
def test_fusing_is_refused(tmp_path, safe):
    transformer = two_blocks(WORDS)
    before = {name: value.clone() for name, value in transformer.state_dict().items()}
    with (
        adapted(transformer, [make(tmp_path, "witch", transformer)], at({"witch": some_rows(0)})),
        pytest.raises(RuntimeError, match="cannot be merged"),
    ):
        transformer.fuse_lora(safe_fusing=safe)
    assert all(torch.equal(before[name], value) for name, value in transformer.state_dict().items())


def test_the_transformer_is_left_as_it_was(tmp_path):
    transformer = two_blocks(WORDS)
    names = [name for name, _ in transformer.named_modules()]
    adapter = make(tmp_path, "witch", transformer)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), adapted(transformer, [adapter], at({"witch": some_rows(0)})):
            raise KeyboardInterrupt
        assert [name for name, _ in transformer.named_modules()] == names


def scales(transformer, adapter) -> float:
    """How strongly an adapter works, measured on one layer against its bare matrices."""
    name, linear = next(iter(layers_of(two_blocks(WORDS)).items()))
    tensors = load_file(adapter.file)
    down, up = (next(v for k, v in tensors.items() if name in k and part in k) for part in ("lora_A", "lora_B"))
    x = torch.randn(1, TOKENS, linear.in_features)
    with torch.no_grad(), adapted(transformer, [adapter], None):
        added = transformer.get_submodule(name)(x) - linear(x)
    ratio = added / (x @ down.T @ up.T)
    assert ratio.std() < 1e-2
    return ratio.median().item()


def test_alpha_of_the_file_is_kept(tmp_path):
    transformer = two_blocks(WORDS)
    notes = {"transformer.r": 4, "transformer.lora_alpha": 8, "transformer.alpha_pattern": {}}
    patterned = {**notes, "transformer.alpha_pattern": {"transformer_blocks.0.attn1.to_q": 2}}
    rooted = {**notes, "transformer.use_rslora": True}
    for number, (more, wanted) in enumerate(
        [
            ({}, 1.0),
            ({"alpha": 2}, 0.5),
            ({"metadata": notes}, 2.0),
            ({"metadata": patterned}, 0.5),
            ({"metadata": rooted}, 4.0),
            ({"scale": 0.25, "alpha": 16}, 1.0),
        ]
    ):
        if "metadata" in more:
            more = {"metadata": {"lora_adapter_metadata": json.dumps(more["metadata"])}}
        adapter = make(tmp_path, f"a{number}", transformer, rank=4, **more)
        assert scales(transformer, adapter) == pytest.approx(wanted, rel=1e-3)


def test_what_diffusers_saves_is_what_we_load(tmp_path):
    """A LoRA trained and saved by peft and diffusers works here as it works there."""
    trained = two_blocks(WORDS)
    config = LoraConfig(r=4, lora_alpha=6, target_modules=["to_q", "to_out.0", "ff.net.2"], init_lora_weights=False)
    trained.add_adapter(config, "default")
    trained.save_lora_adapter(tmp_path, weight_name="trained.safetensors")
    adapter = Adapter(name="a", kind="motion", of="a", file=tmp_path / "trained.safetensors", digest="0" * 64)
    transformer = two_blocks(WORDS)
    given = {
        "hidden_states": torch.randn(1, 2, 4, 6, 8),
        "encoder_hidden_states": torch.randn(1, WORDS, 32),
        "timestep": torch.tensor([10]),
        "return_dict": False,
    }
    with torch.no_grad(), adapted(transformer, [adapter], None):
        assert (transformer(**given)[0] - trained.eval()(**given)[0]).abs().max() < 1e-5


def test_older_names_of_the_same_layout(tmp_path):
    transformer = two_blocks(WORDS)
    name = "transformer_blocks.0.attn1.to_q"
    down, up = torch.randn(2, 32), torch.randn(32, 2)
    files = [
        {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up},
        {f"transformer.{name}.lora.down.weight": down, f"transformer.{name}.lora.up.weight": up},
        {f"base_model.model.{name}.lora_A.default.weight": down, f"base_model.model.{name}.lora_B.default.weight": up},
    ]
    x = torch.randn(1, 4, 32)
    for number, tensors in enumerate(files):
        with torch.no_grad(), adapted(transformer, [write(tmp_path, f"f{number}", tensors)], None):
            got = transformer.get_submodule(name)(x)
        wanted = two_blocks(WORDS).get_submodule(name)(x) + x @ down.T @ up.T
        assert (got - wanted).abs().max() < 1e-4


def bad_files():
    name = "transformer.transformer_blocks.0.attn1.to_q"
    good = {f"{name}.lora_A.weight": torch.zeros(2, 32), f"{name}.lora_B.weight": torch.zeros(32, 2)}
    wide = {f"{name}.lora_A.weight": torch.zeros(2, 48), f"{name}.lora_B.weight": torch.zeros(48, 2)}
    deep = {key.replace("blocks.0", "blocks.29"): value for key, value in good.items()}
    norm = {key.replace("attn1.to_q", "norm1.linear"): value for key, value in good.items()}
    return [
        (wide, "made for another model.* takes 32 channels"),
        (deep, "made for another model.* no transformer_blocks.29"),
        (norm, "adapts transformer_blocks.0.norm1.linear; only attention and feed-forward"),
        (dict([next(iter(good.items()))]), "only half"),
        ({"weight": torch.zeros(2)}, "holds no LoRA"),
        ({"weight": torch.zeros(2), **good}, "weight that is no part of a LoRA"),
        ({}, "holds no LoRA"),
    ]


@pytest.mark.parametrize(("tensors", "message"), bad_files())
def test_a_file_that_does_not_fit_is_one_clear_error(tmp_path, tensors, message):
    transformer = two_blocks(WORDS)
    with (
        pytest.raises(AdapterError, match=message) as error,
        adapted(transformer, [write(tmp_path, "x", tensors)], None),
    ):
        pass
    assert str(tmp_path / "x.safetensors") in str(error.value) and "\n" not in str(error.value)


def test_broken_and_pickled_files_are_refused(tmp_path):
    transformer = two_blocks(WORDS)
    whole = make(tmp_path, "whole", transformer)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.file.read_bytes()[:-100])
    pickled = tmp_path / "x.bin"
    torch.save({}, pickled)
    for file in (cut, pickled, tmp_path / "missing.safetensors", tmp_path):
        with (
            pytest.raises(AdapterError) as error,
            adapted(transformer, [whole.model_copy(update={"file": file})], None),
        ):
            pass
        assert str(file) in str(error.value) and "\n" not in str(error.value)
