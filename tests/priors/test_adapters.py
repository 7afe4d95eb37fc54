"""LoRA files that a story brings."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

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
