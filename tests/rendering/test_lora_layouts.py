"""LoRAs as other trainers write them: each works here as its own loader lets it work, or is refused by its name."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers import CogVideoXTransformer3DModel
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch import Tensor

from dreamrunner.priors import Adapter, AdapterError, read_adapter
from dreamrunner.priors.adapters import digest_of
from dreamrunner.priors.lora_settings import settings_beside
from dreamrunner.priors.lora_weights import read_weights
from dreamrunner.priors.values import LoraSettings
from dreamrunner.rendering.region_lora import adapted
from tests.material.models import two_blocks

LAYERS = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0", "ff.net.0.proj", "ff.net.2")
RANK, WORDS = 4, 5


@pytest.fixture(scope="module")
def transformer() -> CogVideoXTransformer3DModel:
    return two_blocks(WORDS)


@pytest.fixture(scope="module")
def halves(transformer: CogVideoXTransformer3DModel) -> dict[str, tuple[Tensor, Tensor]]:
    """Random halves for every layer that can be adapted, by its name."""
    generator, found = torch.Generator().manual_seed(0), {}
    for block in range(2):
        for end in LAYERS:
            layer = transformer.get_submodule(f"transformer_blocks.{block}.{end}")
            down = torch.randn(RANK, layer.in_features, generator=generator) * 0.3
            up = torch.randn(layer.out_features, RANK, generator=generator) * 0.3
            found[f"transformer_blocks.{block}.{end}"] = down, up
    return found


def says(transformer) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    given = torch.randn(1, 2, 4, 6, 8, generator=generator), torch.randn(1, WORDS, 32, generator=generator)
    with torch.no_grad():
        return transformer(*given, torch.tensor([10]), return_dict=False)[0]


def ours(transformer, file: Path) -> Tensor:
    with adapted(transformer, [read_adapter(file, kind="motion", of="a")], None):
        return says(transformer)


PATTERNS = {
    "alpha": {"lora_alpha": 12},
    "rooted, of some layers": {"use_rslora": True, "alpha_pattern": {"to_q": 16, "net.2": 1}},
    "by expression": {
        "alpha_pattern": {r"transformer_blocks\.1\..*to_[kq]": 32, "^transformer_blocks.0.attn1.to_q": 2}
    },
    "ranks": {"rank_pattern": {"to_q": 2, "ff.net.0.proj": 8}, "alpha_pattern": {"to_q": 6}},
}


@pytest.mark.parametrize("settings", PATTERNS.values(), ids=PATTERNS.keys())
def test_what_peft_and_diffusers_write_works_as_they_let_it_work(settings, transformer, tmp_path):
    config = LoraConfig(r=RANK, target_modules=["to_q", "to_k", "ff.net.0.proj", "ff.net.2"], init_lora_weights=False)
    for name, value in {"lora_alpha": 6, **settings}.items():
        setattr(config, name, value)
    model = get_peft_model(two_blocks(WORDS), config).eval()
    model.save_pretrained(tmp_path)
    wanted = says(model)
    assert (wanted - says(transformer)).abs().max() > 1e-2
    assert (ours(transformer, tmp_path / "adapter_model.safetensors") - wanted).abs().max() < 1e-5
    if "rank_pattern" in settings or "use_rslora" in settings:
        made = two_blocks(WORDS)
        made.add_adapter(config)
        made.save_lora_adapter(tmp_path / "other")
        file, stock = tmp_path / "other" / "pytorch_lora_weights.safetensors", two_blocks(WORDS)
        stock.load_lora_adapter(file.parent, prefix=None, weight_name=file.name)
        assert (ours(transformer, file) - says(stock)).abs().max() < 1e-5


def named(down: str, up: str, alpha: str = "", *, flat: bool = False) -> Callable:
    """Names of tensors in which ``{}`` is a layer's."""

    def layout(halves):
        tensors = {}
        for layer, (a, b) in halves.items():
            layer = layer.replace(".", "_") if flat else layer
            tensors |= {down.format(layer): a, up.format(layer): b}
            if alpha:
                tensors[alpha.format(layer)] = torch.tensor(8.0)
        return tensors

    return layout


def of_processors(halves):
    return {
        f"{layer.removesuffix('.0').replace('attn1.', 'attn1.processor.')}_lora.{part}.weight": tensor
        for layer, pair in halves.items()
        if "attn1" in layer
        for part, tensor in zip(("down", "up"), pair, strict=True)
    }


A, B = "lora_A.weight", "lora_B.weight"
DOWN, UP = "lora_down.weight", "lora_up.weight"
LAYOUTS = {
    "diffusers": (named(f"transformer.{{}}.{A}", f"transformer.{{}}.{B}"), {}, 1),
    "no prefix": (named(f"{{}}.{A}", f"{{}}.{B}"), {}, 1),
    "ComfyUI": (named(f"diffusion_model.{{}}.{A}", f"diffusion_model.{{}}.{B}"), {}, 1),
    "ComfyUI, alpha": (
        named(f"diffusion_model.{{}}.{A}", f"diffusion_model.{{}}.{B}", "diffusion_model.{}.alpha"),
        {},
        2,
    ),
    "peft": (named(f"base_model.model.{{}}.{A}", f"base_model.model.{{}}.{B}"), {}, 1),
    "peft in diffusers": (
        named(f"base_model.model.transformer.{{}}.{A}", f"base_model.model.transformer.{{}}.{B}"),
        {},
        1,
    ),
    "peft, named": (
        named("base_model.model.{}.lora_A.my-witch.weight", "base_model.model.{}.lora_B.my-witch.weight"),
        {},
        1,
    ),
    "kohya": (named(f"lora_unet__{{}}.{DOWN}", f"lora_unet__{{}}.{UP}", "lora_unet__{}.alpha", flat=True), {}, 2),
    "kohya, one line": (
        named(f"lora_unet_{{}}.{DOWN}", f"lora_unet_{{}}.{UP}", "lora_unet_{}.alpha", flat=True),
        {},
        2,
    ),
    "kohya, alpha told": (
        named(f"lora_unet_{{}}.{DOWN}", f"lora_unet_{{}}.{UP}", flat=True),
        {"ss_network_alpha": "2", "ss_network_dim": "4"},
        0.5,
    ),
    "OneTrainer": (named(f"transformer.{{}}.{DOWN}", f"transformer.{{}}.{UP}", "transformer.{}.alpha"), {}, 2),
    "OneTrainer, flat": (
        named(f"lora_transformer_{{}}.{DOWN}", f"lora_transformer_{{}}.{UP}", "lora_transformer_{}.alpha", flat=True),
        {},
        2,
    ),
    "LyCORIS, plain": (named(f"lycoris_{{}}.{DOWN}", f"lycoris_{{}}.{UP}", "lycoris_{}.alpha", flat=True), {}, 2),
    "older": (named("transformer.{}.lora.down.weight", "transformer.{}.lora.up.weight"), {}, 1),
    "linear layers": (named("{}.lora_linear_layer.down.weight", "{}.lora_linear_layer.up.weight"), {}, 1),
    "plain alpha": (named(f"transformer.{{}}.{A}", f"transformer.{{}}.{B}"), {"lora_alpha": "8", "rank": "4"}, 2),
    "finetrainers": (
        named(f"transformer.{{}}.{A}", f"transformer.{{}}.{B}"),
        {"lora_config": json.dumps({"r": 4, "lora_alpha": 8})},
        2,
    ),
    "tensors before settings": (
        named(f"{{}}.{A}", f"{{}}.{B}", "{}.alpha"),
        {"lora_adapter_metadata": json.dumps({"transformer.lora_alpha": 100})},
        2,
    ),
}


@pytest.mark.parametrize(("layout", "metadata", "scale"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_each_layout_is_read_with_its_own_scale(layout, metadata, scale, halves, transformer, tmp_path):
    stored = {layer: (a.bfloat16(), b.bfloat16()) for layer, (a, b) in halves.items()}
    save_file(layout(stored), tmp_path / "a.safetensors", {"format": "pt", **metadata})
    got = read_weights(read_adapter(tmp_path / "a.safetensors", kind="motion", of="a"), transformer)
    assert got.keys() == {f"{layer}.{half}" for layer in halves for half in (A, B)}
    for layer, (a, b) in stored.items():
        assert torch.equal(got[f"{layer}.{A}"], a.float())
        assert torch.allclose(got[f"{layer}.{B}"], b.float() * scale)


def test_the_oldest_layout_has_processors_for_layers(halves, transformer, tmp_path):
    save_file(of_processors(halves), tmp_path / "a.safetensors")
    got = read_weights(read_adapter(tmp_path / "a.safetensors", kind="motion", of="a"), transformer)
    assert got.keys() == {f"{layer}.{half}" for layer in halves if "attn1" in layer for half in (A, B)}


def add(tensors, end: str, shape=(3,), *, instead: str = "") -> dict:
    """The tensors with one more beside each upper half, or in its place."""
    more = {name.replace(B, end): torch.ones(shape) for name in tensors if name.endswith(B)}
    return {name: tensor for name, tensor in tensors.items() if not (instead and instead in name)} | more


OTHERS = {
    "DoRA": (lambda all: add(all, "lora_magnitude_vector"), {}, "a DoRA"),
    "DoRA, named": (lambda all: add(all, "lora_magnitude_vector.default.weight"), {}, "a DoRA"),
    "DoRA of kohya": (lambda all: add(all, "dora_scale"), {}, "a DoRA"),
    "DoRA, told only": (
        dict,
        {"lora_adapter_metadata": '{"transformer.use_dora": true, "transformer.lora_alpha": 4}'},
        "a DoRA",
    ),
    "LoKr": (lambda all: add(add(all, "lokr_w1"), "lokr_w2", instead="lora_"), {}, "a LoKr"),
    "LoKr, halved": (lambda all: add(all, "lokr_w2_a", instead="lora_"), {}, "a LoKr"),
    "LoHa": (lambda all: add(all, "hada_w1_a", instead="lora_"), {}, "a LoHa"),
    "OFT": (lambda all: add(all, "oft_blocks", instead="lora_"), {}, "OFT"),
    "IA3": (lambda all: add(all, "ia3_l", instead="lora_"), {}, "an IA3"),
    "LoCon": (lambda all: add(all, "lora_mid.weight"), {}, "a LoCon"),
    "AdaLoRA": (lambda all: add(all, "lora_E"), {}, "an AdaLoRA"),
    "differences": (lambda all: add(all, "diff"), {}, "whole weights"),
    "biases": (lambda all: add(all, "lora_B.bias"), {}, "biases"),
    "biases of layers": (lambda all: add(all, "bias"), {}, "biases"),
    "differences of biases": (lambda all: add(all, "diff_b", instead="lora_"), {}, "whole weights"),
    "PiSSA": (dict, {"lora_config": '{"init_lora_weights": "pissa_niter_4", "lora_alpha": 4}'}, "PiSSA"),
    "another kind": (dict, {"lora_config": '{"peft_type": "LOHA", "lora_alpha": 4}'}, "a LoHa"),
    "a kind to come": (dict, {"lora_config": '{"peft_type": "NEWER", "lora_alpha": 4}'}, "of the kind NEWER"),
    "text encoder": (lambda all: all | {f"text_encoder.encoder.q.{A}": torch.ones(4, 8)}, {}, "the text encoder"),
    "text encoder of kohya": (
        lambda all: all | {f"lora_te_encoder_q.{DOWN}": torch.ones(4, 8)},
        {},
        "the text encoder",
    ),
    "two at once": (lambda all: add(all, "lora_B.other.weight", (32, 4)), {}, "several LoRAs"),
    "no number": (dict, {"lora_alpha": "much"}, "lora_alpha that is no number"),
    "not finite": (dict, {"lora_alpha": "nan"}, "lora_alpha that is no number"),
    "zero": (dict, {"lora_alpha": "0"}, "lora_alpha that is no number"),
    "alphas a list": (lambda all: add(all, "alpha"), {}, "not one number"),
    "no expression": (dict, {"lora_config": '{"lora_alpha": 4, "alpha_pattern": {"to_(": 4}}'}, "can't be read"),
    "endless expression": (
        dict,
        {"lora_config": '{"lora_alpha": 4, "alpha_pattern": {"(\\\\w+)+!": 4}}'},
        "can't be read",
    ),
}


@pytest.mark.parametrize(("change", "metadata", "message"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_plain_lora_is_refused_by_its_name(change, metadata, message, halves, transformer, tmp_path):
    file = tmp_path / "a.safetensors"
    save_file(
        change(named(f"transformer.{{}}.{A}", f"transformer.{{}}.{B}")(halves)), file, {"format": "pt", **metadata}
    )
    with pytest.raises(AdapterError, match=message) as error:
        read_weights(Adapter(name="a", kind="motion", of="a", file=file, digest=""), transformer)
    assert str(file) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("transformer_blocks.0.norm1.linear", "adapts transformer_blocks.0.norm1.linear; only attention"),
        ("proj_out", "adapts proj_out; only attention"),
        ("transformer_blocks.0.attn1.to_qkv", "another model: this model has no transformer_blocks.0.attn1.to_qkv"),
        ("transformer_blocks.7.attn1.to_q", "another model: this model has no transformer_blocks.7"),
        ("blocks.0.self_attn.q", "another model, Wan: "),
        ("single_transformer_blocks.0.attn.to_q", "another model, Flux or HunyuanVideo: "),
        ("down_blocks.1.attentions.0.to_q", "another model, Stable Diffusion: "),
        ("transformer_blocks.0.attn2.to_q", "another model, LTX-Video or PixArt: "),
    ],
)
def test_layers_of_other_models_and_of_no_region_are_told_apart(layer, message, transformer, tmp_path):
    file = tmp_path / "a.safetensors"
    for prefix in ("transformer.", "diffusion_model.", ""):
        save_file({f"{prefix}{layer}.{A}": torch.ones(4, 32), f"{prefix}{layer}.{B}": torch.ones(32, 4)}, file)
        with pytest.raises(AdapterError, match=message):
            read_weights(Adapter(name="a", kind="motion", of="a", file=file, digest=""), transformer)


BESIDE = {
    "a list": "[]",
    "cut": '{"lora_alpha": 8',
    "nested deep": '{"a":' * 5000,
    "alpha a list": '{"lora_alpha": [8]}',
    "alpha true": '{"lora_alpha": true}',
    "patterns a list": '{"lora_alpha": 8, "alpha_pattern": ["to_q"]}',
    "root of what": '{"lora_alpha": 8, "use_rslora": 2}',
    "DoRA": '{"use_dora": true}',
    "biases": '{"bias": "lora_only"}',
    "biases too": '{"lora_bias": true}',
    "LoKr": '{"peft_type": "LOKR"}',
    "VeRA": '{"peft_type": "VERA"}',
    "OLoRA": '{"init_lora_weights": "olora"}',
}


@pytest.mark.parametrize("told", BESIDE.values(), ids=BESIDE.keys())
def test_settings_beside_that_can_not_be_used_are_told_with_their_file(told, halves, tmp_path):
    file = tmp_path / "adapter_model.safetensors"
    save_file(named(f"base_model.model.{{}}.{A}", f"base_model.model.{{}}.{B}")(halves), file)
    (tmp_path / "adapter_config.json").write_text(told)
    with pytest.raises(AdapterError) as error:
        read_adapter(file, kind="motion", of="a")
    assert str(tmp_path / "adapter_config.json") in str(error.value) and "\n" not in str(error.value)


def test_settings_beside_are_part_of_what_stands_for_a_lora(halves, tmp_path):
    """A change of alpha films anew; a change of what plays no part does not; a renamed file keeps its settings."""
    file, beside = tmp_path / "adapter_model.safetensors", tmp_path / "adapter_config.json"
    save_file(named(f"base_model.model.{{}}.{A}", f"base_model.model.{{}}.{B}")(halves), file)
    digests = [digest_of(file, settings_beside(file))]
    for told in ({"lora_alpha": 8}, {"lora_alpha": 8, "lora_dropout": 0.1}, {"lora_alpha": 16}):
        beside.write_text(json.dumps(told))
        adapter = read_adapter(file, kind="motion", of="a")
        digests.append(adapter.digest)
    assert digests[1] == digests[2] and len(set(digests)) == 3
    assert adapter.settings == LoraSettings(alpha=16)
    other = tmp_path / "other.safetensors"
    save_file(load_file(file), other)
    assert read_adapter(other, kind="motion", of="a").settings is None
    file.unlink()
    assert read_adapter(other, kind="motion", of="a").settings == LoraSettings(alpha=16)


@pytest.mark.parametrize(("half", "value"), [(A, math.nan), (B, math.inf)])
def test_weights_that_are_no_numbers_are_told_and_film_nothing(half, value, halves, transformer, tmp_path):
    tensors = named(f"transformer.{{}}.{A}", f"transformer.{{}}.{B}")(halves)
    odd = next(name for name in tensors if name.endswith(half))
    tensors[odd] = tensors[odd].clone()
    tensors[odd].view(-1)[0] = value
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(AdapterError, match=r"weights for .* that are no numbers") as error:
        read_weights(read_adapter(tmp_path / "a.safetensors", kind="motion", of="a"), transformer)
    assert "\n" not in str(error.value)
