"""LoRA files as they are published, for each family: what each adds to the weights is what diffusers' own loader makes
of it, or what its tensors say where that loader reads less."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from diffusers import CogVideoXPipeline, WanPipeline
from peft.tuners.lora.layer import LoraLayer
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import Module

from dreamrunner.priors import AdapterError, read_adapter
from dreamrunner.rendering.region_lora import adapted
from tests.material.models import two_blocks
from tests.material.wan import small

RANK, WORDS = 4, 5
Halves = Mapping[str, tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Model:
    """A family's stock transformer, tiny; the pipeline whose loader is the oracle; and each layer's first name."""

    pipeline: type
    build: Callable[[], Module]
    names: Callable[[str], str]


def first_name(layer: str) -> str:
    """What Wan's first code calls a layer."""
    ends = {"to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "o", "net.0.proj": "0", "net.2": "2"}
    for own, first in (
        ("condition_embedder.time_embedder.linear_1", "time_embedding.0"),
        ("condition_embedder.time_embedder.linear_2", "time_embedding.2"),
        ("condition_embedder.text_embedder.linear_1", "text_embedding.0"),
        ("condition_embedder.text_embedder.linear_2", "text_embedding.2"),
        ("condition_embedder.time_proj", "time_projection.1"),
        ("proj_out", "head.head"),
        ("attn1", "self_attn"),
        ("attn2", "cross_attn"),
    ):
        layer = layer.replace(own, first)
    for own, first in ends.items():
        if layer.endswith(f".{own}"):
            layer = f"{layer.removesuffix(own)}{first}"
    return layer


MODELS = {
    "cogvideox": Model(CogVideoXPipeline, lambda: two_blocks(WORDS), str),
    "wan": Model(WanPipeline, small, first_name),
}

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "fp8": torch.float8_e4m3fn}


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Model:
    return MODELS[request.param]


@pytest.fixture(scope="module")
def transformer(model: Model) -> Module:
    return model.build()


@pytest.fixture(scope="module")
def halves(transformer: Module) -> Halves:
    return halves_for(transformer)


def halves_for(transformer: Module) -> Halves:
    """Random halves for every layer that attends or feeds forward, by the layer's own name."""
    generator = torch.Generator().manual_seed(0)
    return {
        name: (
            torch.randn(RANK, layer.in_features, generator=generator) * 0.3,
            torch.randn(layer.out_features, RANK, generator=generator) * 0.3,
        )
        for name, layer in transformer.named_modules()
        if isinstance(layer, torch.nn.Linear) and re.search(r"attn|ff", name)
    }


@pytest.fixture(scope="module")
def wan() -> tuple[Model, Module, Halves]:
    model = MODELS["wan"]
    transformer = model.build()
    return model, transformer, halves_for(transformer)


def added(transformer: Module) -> dict[str, tuple[Tensor, Tensor]]:
    """What the LoRAs on a transformer add to the weights and to the bias of each layer."""
    found = {}
    for name, layer in transformer.named_modules():
        if isinstance(layer, LoraLayer):
            (adapter,) = layer.lora_A
            bias = layer.lora_B[adapter].bias
            plus = torch.zeros(layer.out_features) if bias is None else bias.detach() * layer.scaling[adapter]
            found[name] = layer.get_delta_weight(adapter).detach(), plus
    return found


def ours(transformer: Module, file: Path) -> dict[str, tuple[Tensor, Tensor]]:
    with adapted(transformer, [read_adapter(file, kind="picture", of=file.name, name="picture-1")], None):
        return added(transformer)


def stock(model: Model, file: Path) -> dict[str, tuple[Tensor, Tensor]]:
    transformer = model.build()
    state, metadata = model.pipeline.lora_state_dict(file.parent, weight_name=file.name, return_lora_metadata=True)
    model.pipeline.load_lora_into_transformer(state, transformer, adapter_name="a", metadata=metadata)
    return added(transformer)


def assert_same(mine: Mapping[str, tuple[Tensor, Tensor]], wanted: Mapping[str, tuple[Tensor, Tensor]]) -> None:
    assert mine.keys() == wanted.keys()
    for layer, pair in wanted.items():
        assert all(torch.equal(*both) for both in zip(mine[layer], pair, strict=True)), layer


@pytest.mark.parametrize("dtype", PRECISIONS.values(), ids=PRECISIONS.keys())
def test_diffusers_own_layout_in_each_precision(dtype, model, transformer, halves, tmp_path) -> None:
    tensors = {
        f"transformer.{layer}.lora_{half}.weight": tensor.to(dtype)
        for layer, pair in halves.items()
        for half, tensor in zip("AB", pair, strict=True)
    }
    save_file(tensors, tmp_path / "a.safetensors")
    mine = ours(transformer, tmp_path / "a.safetensors")
    assert_same(mine, stock(model, tmp_path / "a.safetensors"))
    for layer, (down, up) in halves.items():
        assert torch.equal(mine[layer][0], up.to(dtype).float() @ down.to(dtype).float())


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("end", ["scale_weight", "weight_scale"])
def test_8_bit_halves_are_multiplied_by_their_scales(end, rows, transformer, halves, tmp_path) -> None:
    """One scale for a half, or one for each of its rows; what is said of inputs in 8 bits is not needed."""
    tensors, wanted = {"scaled_fp8": torch.zeros(2).to(torch.float8_e4m3fn)}, {}
    for layer, pair in halves.items():
        unpacked = []
        for half, tensor in zip(("down", "up"), pair, strict=True):
            scale = tensor.abs().amax(1, keepdim=True) / 448 if rows else tensor.abs().amax() / 448
            packed = (tensor / scale).to(torch.float8_e4m3fn)
            tensors[f"diffusion_model.{layer}.lora_{half}.weight"] = packed
            tensors[f"diffusion_model.{layer}.lora_{half}.{end}"] = scale
            tensors[f"diffusion_model.{layer}.lora_{half}.scale_input"] = torch.tensor(2.0)
            unpacked.append(packed.float() * scale)
        tensors[f"diffusion_model.{layer}.alpha"] = torch.tensor(8.0)
        wanted[layer] = unpacked[1] * 2 @ unpacked[0]
    save_file(tensors, tmp_path / "a.safetensors")
    mine = ours(transformer, tmp_path / "a.safetensors")
    assert mine.keys() == wanted.keys()
    for layer, delta in wanted.items():
        assert torch.equal(mine[layer][0], delta)
        assert (delta - 2 * halves[layer][1] @ halves[layer][0]).abs().max() < 0.3  # what 8 bits keep of it


A, B, DOWN, UP = "lora_A.weight", "lora_B.weight", "lora_down.weight", "lora_up.weight"


@dataclass(frozen=True)
class Layout:
    """How a trainer names what it writes: before the layer's first name, for the halves, with ``_`` for dots or not;
    and what its alphas are for a rank of 4."""

    prefix: str
    down: str
    up: str
    alpha: Callable[[int], float] | None = None
    flat: bool = False

    def tensors(self, model: Model, halves: Halves, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
        found = {}
        for number, (layer, (down, up)) in enumerate(halves.items()):
            name = model.names(layer)
            name = f"{self.prefix}{name.replace('.', '_') if self.flat else name}"
            found |= {f"{name}.{self.down}": down.to(dtype), f"{name}.{self.up}": up.to(dtype)}
            if self.alpha is not None:
                found[f"{name}.alpha"] = torch.tensor(self.alpha(number))
        return found


def one(number: int) -> float:
    return 8.0


def per_module(number: int) -> float:
    return 2.0 ** (number % 4)


LAYOUTS = {
    "diffusion-pipe": Layout("diffusion_model.", A, B),
    "ComfyUI": Layout("diffusion_model.", DOWN, UP, one),
    "ComfyUI, an alpha per module": Layout("diffusion_model.", A, B, per_module),
    "musubi": Layout("lora_unet_", DOWN, UP, one, flat=True),
    "musubi, an alpha per module": Layout("lora_unet_", DOWN, UP, per_module, flat=True),
}


@pytest.mark.parametrize("dtype", PRECISIONS.values(), ids=PRECISIONS.keys())
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layouts_that_diffusers_converts(layout, dtype, wan, tmp_path) -> None:
    """diffusers can't multiply in 8 bits: it is given the same numbers in 32."""
    model, transformer, halves = wan
    save_file(layout.tensors(model, halves, dtype), tmp_path / "a.safetensors")
    kept = {layer: (down.to(dtype).float(), up.to(dtype).float()) for layer, (down, up) in halves.items()}
    wide = kept if dtype == torch.float8_e4m3fn else halves
    save_file(layout.tensors(model, wide, torch.float32 if wide is kept else dtype), tmp_path / "wide.safetensors")
    mine = ours(transformer, tmp_path / "a.safetensors")
    assert_same(mine, stock(model, tmp_path / "wide.safetensors"))
    for number, (layer, (down, up)) in enumerate(kept.items()):
        scale = 1.0 if layout.alpha is None else layout.alpha(number) / RANK
        assert torch.equal(mine[layer][0], up * scale @ down)


MORE = {
    "kohya": Layout("lora_unet__", DOWN, UP, one, flat=True),
    "musubi, dotted": Layout("lora_unet_", DOWN, UP, one),
    "musubi without alphas": Layout("lora_unet_", DOWN, UP, flat=True),
    "LyCORIS, plain": Layout("lycoris_", DOWN, UP, per_module, flat=True),
    "peft": Layout("base_model.model.", A, B),
    "peft, named": Layout("base_model.model.", "lora_A.default.weight", "lora_B.default.weight"),
    "no prefix": Layout("", A, B, per_module),
    "older": Layout("transformer.", "lora.down.weight", "lora.up.weight"),
}


@pytest.mark.parametrize("part", ["all", "some"])
@pytest.mark.parametrize("layout", [*LAYOUTS.values(), *MORE.values()], ids=[*LAYOUTS, *MORE])
def test_each_layout_says_the_same(layout, part, model, transformer, halves, tmp_path) -> None:
    """Files of some layers only, too, which diffusers' converters for flat names don't take."""
    meant = halves if part == "all" else dict(list(halves.items())[3::4])
    save_file(layout.tensors(model, meant), tmp_path / "a.safetensors")
    mine = ours(transformer, tmp_path / "a.safetensors")
    assert mine.keys() == meant.keys()
    for number, (layer, (down, up)) in enumerate(meant.items()):
        scale = 1.0 if layout.alpha is None else layout.alpha(number) / RANK
        assert torch.equal(mine[layer][0], up * scale @ down)


def accelerator(model: Model, transformer: Module, halves: Halves) -> dict[str, Tensor]:
    """A file as accelerators are published: with biases, with layers for text and time, and zeros for what was not
    trained."""
    generator, prefix = torch.Generator().manual_seed(1), "diffusion_model."
    tensors = Layout(prefix, DOWN, UP).tensors(model, halves)
    for name, layer in transformer.named_modules():
        if isinstance(layer, torch.nn.Linear):
            first = f"{prefix}{model.names(name)}"
            if name not in halves:
                tensors[f"{first}.{DOWN}"] = torch.randn(RANK, layer.in_features, generator=generator)
                tensors[f"{first}.{UP}"] = torch.randn(layer.out_features, RANK, generator=generator)
            if layer.bias is not None:
                tensors[f"{first}.diff_b"] = torch.randn(layer.out_features, generator=generator)
    for block in range(2):
        norm = f"{prefix}blocks.{block}.self_attn.norm_q"
        tensors |= {f"{norm}.diff": torch.zeros(24), f"{prefix}blocks.{block}.norm3.diff_b": torch.zeros(24)}
    return tensors


def test_an_accelerator_works_as_diffusers_lets_it_work(wan, tmp_path) -> None:
    model, transformer, halves = wan
    tensors = accelerator(model, transformer, halves)
    save_file(tensors, tmp_path / "a.safetensors")
    mine = ours(transformer, tmp_path / "a.safetensors")
    assert_same(mine, stock(model, tmp_path / "a.safetensors"))
    assert len(mine) > len(halves) and all(bias.any() for _, bias in mine.values())


def test_one_that_has_a_whole_difference_for_a_layer(wan, tmp_path) -> None:
    model, transformer, halves = wan
    tensors = Layout("diffusion_model.", DOWN, UP).tensors(model, halves)
    out = transformer.proj_out
    difference, bias = torch.randn(out.out_features, out.in_features), torch.randn(out.out_features)
    save_file(
        tensors | {"diffusion_model.head.head.diff": difference, "diffusion_model.head.head.diff_b": bias},
        tmp_path / "a.safetensors",
    )
    mine = ours(transformer, tmp_path / "a.safetensors")
    assert_same(mine, stock(model, tmp_path / "a.safetensors"))
    assert torch.equal(mine["proj_out"][0], difference) and torch.equal(mine["proj_out"][1], bias)


X = "diffusion_model.blocks.0"
REFUSED = {
    "a norm's difference": ({f"{X}.self_attn.norm_q.diff": torch.ones(24)}, "changes .*norm_q.diff"),
    "modulation": ({f"{X}.modulation.diff": torch.ones(1, 6, 24)}, "changes .*modulation.diff"),
    "picture to video": ({f"{X}.cross_attn.k_img.{A}": torch.ones(4, 24)}, "another model, one for image to video: "),
    "picture to video of diffusers": (
        {f"transformer.blocks.0.attn2.add_k_proj.{A}": torch.ones(4, 24)}, "another model, one for image to video: "),
    "a conv": ({f"diffusion_model.patch_embedding.{DOWN}": torch.ones(4, 4, 1, 2, 2),
                f"diffusion_model.patch_embedding.{UP}": torch.ones(24, 4, 1, 1, 1)}, "no linear layer"),
    "another family's": ({f"transformer.transformer_blocks.0.attn1.to_q.{A}": torch.ones(4, 24)},
                         "another model, CogVideoX: "),
    "a larger model's": ({f"{X}.self_attn.q.{A}": torch.ones(4, 1536), f"{X}.self_attn.q.{B}": torch.ones(1536, 4)},
                         "another model: blocks.0.attn1.to_q of this model takes 24"),
    "more blocks": ({f"diffusion_model.blocks.29.self_attn.q.{A}": torch.ones(4, 24)}, "this model has no blocks.29"),
    "LoKr": ({f"{X}.self_attn.q.lokr_w1": torch.ones(4, 4)}, "a LoKr"),
    "LoHa": ({f"{X}.self_attn.q.hada_w1_a": torch.ones(4, 4)}, "a LoHa"),
    "DoRA": ({f"{X}.self_attn.q.dora_scale": torch.ones(24)}, "a DoRA"),
    "two scales": ({f"{X}.self_attn.q.{A}": torch.ones(4, 24), f"{X}.self_attn.q.{B}": torch.ones(24, 4),
                    f"{X}.self_attn.q.lora_A.scale_weight": torch.ones(3)}, "a scale for blocks.0.attn1.to_q that"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_used_in_the_whole_picture_is_refused_by_name(more, message, wan, tmp_path) -> None:
    model, transformer, halves = wan
    some = dict(list(halves.items())[1:3])
    save_file(Layout("diffusion_model.", A, B).tensors(model, some) | more, tmp_path / "a.safetensors")
    with pytest.raises(AdapterError, match=message) as error:
        ours(transformer, tmp_path / "a.safetensors")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("end", ["diff_b", "lora_B.bias", "diff"])
def test_what_works_in_the_whole_picture_only_is_refused_for_a_character(end, wan, tmp_path) -> None:
    model, _, halves = wan
    some = dict(list(halves.items())[:1])
    more = {f"{X}.self_attn.q.{end}": torch.zeros(24)}
    save_file(Layout("diffusion_model.", A, B).tensors(model, some) | more, tmp_path / "a.safetensors")
    with pytest.raises(AdapterError, match="work in the whole picture only"):
        read_adapter(tmp_path / "a.safetensors", kind="subject", of="witch")
