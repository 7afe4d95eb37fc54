"""Checkpoints of a training or a sampling: one safetensors file, there whole or not at all, after a power cut too."""

from __future__ import annotations

import json
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from dreamrunner.files.atomic import replacing
from dreamrunner.files.json import parse
from dreamrunner.files.regular import require_regular

SAVE_EVERY = 30.0
"""Seconds between two checkpoints. Where writing one is slow they come rarer, so that it takes a tenth of the time."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state after ``step`` steps. ``key`` names what is being made, from what and how.

    ``tensors`` are those that the next step needs, such as LoRAs and the optimizer's moments or a scene's latents;
    ``notes`` is whatever else it needs, as JSON.
    """

    key: str
    step: int
    tensors: dict[str, Tensor]
    notes: dict[str, Any]


class Keeper:
    """Writes checkpoints to one file, every now and then: ``save_every`` seconds apart, by default
    :data:`SAVE_EVERY`."""

    def __init__(self, file: Path, save_every: float | None = None) -> None:
        self.file = file
        self.save_every = SAVE_EVERY if save_every is None else save_every
        self._interval, self._saved = self.save_every, time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time for the next one."""
        return time.monotonic() - self._saved >= self._interval

    def write(self, checkpoint: Checkpoint) -> None:
        """Put a checkpoint at the file, in place of the last one. Raises OSError as :func:`write_checkpoint` does."""
        began = time.monotonic()
        write_checkpoint(self.file, checkpoint)
        self._saved = time.monotonic()
        self._interval = max(self.save_every, 10 * (self._saved - began)) if self.save_every else 0.0


_KINDS = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.uint8: "U8",
}
"""What safetensors calls the kinds of numbers that checkpoints hold."""


def write_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Put a checkpoint at ``file``, in place of one that is there. Its tensors come from their device and go to the
    disk one by one: all of them at once may be as large as what trains them.

    Raises:
        OSError: the folder can't be written, or its disk is full.
    """
    notes = {"key": checkpoint.key, "step": checkpoint.step, "notes": checkpoint.notes}
    head: dict[str, Any] = {"__metadata__": {"checkpoint": json.dumps(notes)}}
    end = 0
    for name, tensor in checkpoint.tensors.items():
        begin, end = end, end + tensor.numel() * tensor.element_size()
        head[name] = {"dtype": _KINDS[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    content = json.dumps(head).encode()
    content += b" " * (-len(content) % 8)  # where tensors begin is a multiple of 8
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as fresh, fresh.open("xb") as opened:
        opened.write(struct.pack("<Q", len(content)) + content)
        for tensor in checkpoint.tensors.values():
            opened.write(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)


def read_checkpoint(file: Path, key: str) -> Checkpoint | None:
    """The checkpoint at ``file``; None where there is none, where it is of another training or not readable."""
    try:
        require_regular(file)
        with safe_open(file, "pt") as opened:
            notes = parse((opened.metadata() or {})["checkpoint"])
            if notes["key"] != key:
                return None
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}
            return Checkpoint(key, int(notes["step"]), tensors, notes["notes"])
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None
