"""Checkpoints: what is written tensor by tensor is what safetensors reads."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from dreamrunner.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint

KINDS = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8)


def test_every_kind_of_number_and_shape_comes_back_as_it_was(tmp_path: Path) -> None:
    tensors = {str(kind): torch.arange(6).reshape(2, 3).to(kind) for kind in KINDS}
    tensors |= {"a number": torch.tensor(3.5), "nothing": torch.zeros(0, 2), "turned": torch.rand(3, 5).T}
    file = tmp_path / "new" / "c.safetensors"
    write_checkpoint(file, Checkpoint("key", 7, tensors, {"losses": [1.5, "ü"]}))
    for read in (load_file(file), read_checkpoint(file, "key").tensors):
        assert read.keys() == tensors.keys()
        assert all(torch.equal(read[name], tensors[name]) and read[name].dtype == tensors[name].dtype for name in read)
    found = read_checkpoint(file, "key")
    assert (found.step, found.notes) == (7, {"losses": [1.5, "ü"]}) and read_checkpoint(file, "another") is None


def test_where_a_tensor_begins_is_a_multiple_of_eight(tmp_path: Path) -> None:
    for length in range(8):
        write_checkpoint(tmp_path / "c", Checkpoint("k" * length, 1, {"a": torch.ones(1)}, {}))
        assert int.from_bytes((tmp_path / "c").read_bytes()[:8], "little") % 8 == 0
