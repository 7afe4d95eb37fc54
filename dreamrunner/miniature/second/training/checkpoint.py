"""Checkpoints that can be carried from one machine to another: a folder of small safetensors files.

Averaged weights, trained weights and the optimizers' moments each are a part, written in files of at most
:data:`LARGEST` bytes; moments and trained weights in bfloat16 where ``compact``, exact otherwise. ``state.json`` is
written last, so a folder that has one is whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

LARGEST = 16 * 2**20 - 2**16
"""Bytes a file holds at most; a single tensor is never split."""


def write_part(folder: Path, name: str, tensors: Mapping[str, torch.Tensor], dtype: torch.dtype | None = None) -> None:
    """Write tensors as ``name-0.safetensors``, ``name-1.safetensors``, ..., floating point ones as ``dtype``."""
    files: list[dict[str, torch.Tensor]] = [{}]
    held = 0
    for key, tensor in tensors.items():
        tensor = tensor.detach().to("cpu")
        if dtype is not None and tensor.is_floating_point():
            tensor = tensor.to(dtype)
        tensor = tensor.contiguous().clone()
        if files[-1] and held + tensor.nbytes > LARGEST:
            files.append({})
            held = 0
        files[-1][key] = tensor
        held += tensor.nbytes
    for index, content in enumerate(files):
        save_file(content, folder / f"{name}-{index}.safetensors")


def read_part(folder: Path, name: str) -> dict[str, torch.Tensor]:
    """All tensors of a part; empty where the folder has none. The averaged weights of a backbone are also read from the
    model's folder that ``bundle`` made of them.
    """
    found: dict[str, torch.Tensor] = {}
    for file in sorted(folder.glob(f"{name}-*.safetensors")):
        found |= load_file(file)
    if not found and name == "average" and (folder / "model_index.json").is_file():
        for network in ("transformer", "text_encoder"):
            (file,) = (folder / network).glob("*.safetensors")
            found |= {f"{network}.{key}": tensor for key, tensor in load_file(file).items()}
    return found


def write(
    folder: Path,
    parts: Mapping[str, tuple[Mapping[str, torch.Tensor], torch.dtype | None]],
    state: Mapping,
    objects: Mapping[str, object] | None = None,
) -> None:
    """Replace the checkpoint in ``folder`` by these parts, by ``objects`` that torch writes under their names, and by
    what ``state`` says, all or nothing.
    """
    fresh = folder.with_name(folder.name + ".partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, (tensors, dtype) in parts.items():
        write_part(fresh, name, tensors, dtype)
    for name, found in (objects or {}).items():
        torch.save(found, fresh / name)
    (fresh / "state.json").write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def read_state(folder: Path) -> dict | None:
    """What the checkpoint says of itself; nothing where there is no whole one."""
    file = folder / "state.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
