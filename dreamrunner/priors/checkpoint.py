"""Checkpoints of a training: one safetensors file, there whole or not at all, after a power cut too."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state after ``step`` steps. ``key`` names what is being trained, on what and how.

    ``tensors`` are the LoRAs and the optimizer's moments, ``notes`` whatever else the training needs, as JSON.
    """

    key: str
    step: int
    tensors: dict[str, Tensor]
    notes: dict[str, Any]


def write_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Put a checkpoint at ``file``, in place of one that is there.

    Raises:
        OSError: the folder can't be written, or its disk is full.
    """
    notes = {"key": checkpoint.key, "step": checkpoint.step, "notes": checkpoint.notes}
    write_whole(file, save(checkpoint.tensors, {"checkpoint": json.dumps(notes)}))


def read_checkpoint(file: Path, key: str) -> Checkpoint | None:
    """The checkpoint at ``file``; None where there is none, where it is of another training or not readable."""
    try:
        with safe_open(file, "pt") as opened:
            notes = json.loads((opened.metadata() or {})["checkpoint"])
            if notes["key"] != key:
                return None
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}
            return Checkpoint(key, int(notes["step"]), tensors, notes["notes"])
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None


def write_whole(file: Path, content: bytes) -> None:
    """Write a file so that whoever opens it, after a crash too, finds the old content or the new, never a part."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-", suffix=file.suffix)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
