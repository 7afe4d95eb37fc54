"""LoRA files that a story brings."""

import hashlib
import json
import math
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dreamrunner.backbones import describe
from dreamrunner.backbones import header as header_module
from dreamrunner.backbones.header import read_header, without_numbers
from dreamrunner.backbones.tensor_names import configuration
from dreamrunner.priors import AdapterError, read_adapter


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "witch.safetensors"
    name = "transformer.transformer_blocks.0.attn1.to_q"
    save_file({f"{name}.lora_A.weight": torch.zeros(2, 8), f"{name}.lora_B.weight": torch.zeros(8, 2)}, path)
    return path


def test_an_adapter_is_named_after_what_it_is_for(file):
    adapter = read_adapter(file, kind="motion", of="waving", scale=0.8)
    assert (adapter.name, adapter.kind, adapter.of, adapter.scale) == ("motion-waving", "motion", "waving", 0.8)
    assert adapter.digest == hashlib.sha256(file.read_bytes()).hexdigest()


def test_files_that_cannot_be_used(file, tmp_path):
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(file.read_bytes()[:-1])
    pickled = tmp_path / "lora.pt"
    torch.save({}, pickled)
    disguised = tmp_path / "pickled.safetensors"
    disguised.write_bytes(pickled.read_bytes())
    other = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, other)
    empty = tmp_path / "empty.safetensors"
    empty.write_bytes(b"")
    for path, message in (
        (cut, "cut short"),
        (pickled, "not a .safetensors file"),
        (disguised, "not a safetensors file"),
        (other, "holds no LoRA"),
        (empty, "not a safetensors file"),
        (tmp_path / "no.safetensors", "no such file"),
    ):
        with pytest.raises(AdapterError, match=message) as error:
            read_adapter(path, kind="subject", of="witch")
        assert str(path) in str(error.value) and "\n" not in str(error.value)


HALF = {"dtype": "F32", "shape": [2, 8], "data_offsets": [0, 64]}
DEEP = '{"a":' * 9000 + "1" + "}" * 9000
FORMS = {
    "a list": "[]",
    "text": '"x"',
    "nested deep": DEEP,
    "a tensor as text": {"a.lora_A.weight": "F32"},
    "a tensor as a list": {"a.lora_A.weight": []},
    "a tensor null": {"a.lora_A.weight": None},
    "shape null": {"a.lora_A.weight": {**HALF, "shape": None}},
    "shape as text": {"a.lora_A.weight": {**HALF, "shape": "2x8"}},
    "shape negative": {"a.lora_A.weight": {**HALF, "shape": [-2, -8]}},
    "shape of fractions": {"a.lora_A.weight": {**HALF, "shape": [2.0, 8.0]}},
    "shape of another size": {"a.lora_A.weight": {**HALF, "shape": [2, 9]}},
    "shape beyond all": {"a.lora_A.weight": {**HALF, "shape": [10**400, 8]}},
    "a stretch of two": {"a.lora_A.weight": HALF, "a.lora_B.weight": HALF},
    "a stretch of none": {"a.lora_A.weight": {"dtype": "U8", "shape": [32], "data_offsets": [32, 64]}},
    "no shape": {"a.lora_A.weight": {"dtype": "F32", "data_offsets": [0, 64]}},
    "type a number": {"a.lora_A.weight": {**HALF, "dtype": 32}},
    "offsets as text": {"a.lora_A.weight": {**HALF, "data_offsets": ["0", "64"]}},
    "offsets null": {"a.lora_A.weight": {**HALF, "data_offsets": None}},
    "one offset": {"a.lora_A.weight": {**HALF, "data_offsets": [64]}},
    "offsets the other way round": {"a.lora_A.weight": {**HALF, "data_offsets": [64, 0]}},
    "offsets without end": '{"a.lora_A.weight": {"dtype": "F32", "shape": [2, 8], "data_offsets": [0, 1e999]}}',
    "metadata a list": {"a.lora_A.weight": HALF, "__metadata__": ["x"]},
    "metadata a number": {"a.lora_A.weight": HALF, "__metadata__": 5},
    "metadata null": {"a.lora_A.weight": HALF, "__metadata__": None},
    "metadata not texts": {"a.lora_A.weight": HALF, "__metadata__": {"format": {"x": 1}}},
}


@pytest.mark.parametrize("header", FORMS.values(), ids=FORMS.keys())
def test_a_header_of_another_form_is_told(header, tmp_path):
    told = header if isinstance(header, str) else json.dumps(header)
    path = tmp_path / "odd.safetensors"
    path.write_bytes(struct.pack("<Q", len(told)) + told.encode() + bytes(64))
    with pytest.raises(AdapterError, match="not a safetensors file") as error:
        read_adapter(path, kind="subject", of="witch")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("length", [0, 7, 2**40, 2**63, 2**64 - 1])
def test_a_header_of_any_length_is_told(length, tmp_path):
    path = tmp_path / "odd.safetensors"
    path.write_bytes(struct.pack("<Q", length) + b"{}" + bytes(64))
    with pytest.raises(AdapterError, match="not a safetensors file"):
        read_adapter(path, kind="subject", of="witch")


@pytest.mark.parametrize(
    "metadata",
    [
        {"lora_config": "no JSON"},
        {"lora_config": DEEP},
        {"lora_config": "[]"},
        {"lora_config": '{"lora_alpha": "4"}'},
        {"lora_config": '{"lora_alpha": null}'},
        {"lora_config": '{"lora_alpha": NaN}'},
        {"lora_config": '{"lora_alpha": 1%s}' % ("0" * 400)},
        {"lora_config": '{"lora_alpha": 4, "alpha_pattern": ["to_q"]}'},
        {"lora_config": '{"lora_alpha": 4, "alpha_pattern": {"to_q": {}}}'},
    ],
    ids=lambda metadata: metadata["lora_config"][:40],
)
def test_settings_of_another_form_are_told(metadata):
    with pytest.raises(ValueError) as error:
        configuration(metadata)
    assert "\n" not in str(error.value)


ALPHAS = [
    ("F32", "<f", math.nan, False), ("F32", "<f", math.inf, False), ("F32", "<f", 0.0, False), ("F32", "<f", 8.0, True),
    ("F16", "<e", -math.inf, False), ("F16", "<e", 0.5, True), ("F64", "<d", math.nan, False), ("I64", "<q", 16, True),
    ("BF16", "<H", 0x7F80, False), ("BF16", "<H", 0x4100, True),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "form", "value", "sound"), ALPHAS)
def test_an_alpha_that_is_no_number_is_told_before_anything_is_filmed(dtype, form, value, sound, tmp_path):
    number, layer = struct.pack(form, value), "transformer_blocks.0.attn1.to_q"
    shapes = {"lora_A.weight": [1, 128], "lora_B.weight": [128, 1]}
    halves = {f"transformer.{layer}.{half}": shape for half, shape in shapes.items()}
    header = {
        name: {"dtype": "F32", "shape": shape, "data_offsets": [512 * at, 512 * (at + 1)]}
        for at, (name, shape) in enumerate(halves.items())
    }
    header[f"transformer.{layer}.alpha"] = {"dtype": dtype, "shape": [], "data_offsets": [1024, 1024 + len(number)]}
    told = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(told)) + told + bytes(1024) + number)
    backbone = describe("miniature")
    if sound:
        read_adapter(path, kind="motion", of="a", backbone=backbone)
    else:
        with pytest.raises(AdapterError, match=r"alpha .* that is no number above or below 0; save it again"):
            read_adapter(path, kind="motion", of="a", backbone=backbone)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers_are_found_in_any_place_and_type(dtype, value, tmp_path, monkeypatch):
    monkeypatch.setattr(header_module, "_STRETCH", 64)  # so that a tensor is read in several
    path = tmp_path / "a.safetensors"
    sound = {"a": torch.linspace(-60000, 60000, 100).to(dtype), "b": torch.zeros(100, dtype=dtype), "c": torch.ones(3)}
    save_file({**sound, "n": torch.full((5,), -1)}, path)
    assert without_numbers(path, read_header(path)) is None
    for place in (0, 50, 99):
        odd = sound["b"].clone()
        odd[place] = value
        save_file({**sound, "b": odd}, path)
        assert without_numbers(path, read_header(path)) == "b"


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2], ids=str)
def test_in_8_bits_what_is_no_number_is_told_from_the_largest_numbers(dtype, tmp_path):
    every = torch.arange(256, dtype=torch.uint8).view(dtype)
    for each in every:
        save_file({"a": each.reshape(1)}, tmp_path / "a.safetensors")
        odd = without_numbers(tmp_path / "a.safetensors", read_header(tmp_path / "a.safetensors"))
        assert (odd == "a") == (not math.isfinite(float(each)))


def test_a_lora_with_weights_that_are_no_numbers_is_refused_before_anything_is_filmed(model, tmp_path):
    backbone = describe(str(model))
    width = backbone.family.channels("transformer_blocks.0.attn1.to_q", backbone.configs)[0]
    name, path = "transformer.transformer_blocks.0.attn1.to_q", tmp_path / "a.safetensors"
    halves = {f"{name}.lora_A.weight": torch.zeros(2, width), f"{name}.lora_B.weight": torch.zeros(width, 2)}
    save_file(halves, path)
    read_adapter(path, kind="motion", of="a", backbone=backbone)
    halves[f"{name}.lora_B.weight"][0, 1] = math.nan
    save_file(halves, path)
    with pytest.raises(AdapterError, match=r"lora_B.weight that are no numbers \(NaN or infinite\).*train it anew"):
        read_adapter(path, kind="motion", of="a", backbone=backbone)
