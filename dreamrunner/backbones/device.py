"""What a backbone computes on, found out without importing PyTorch: results made elsewhere have other bits."""

from __future__ import annotations

import ctypes
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Device = Literal["cuda", "cpu"]

DEVICES: tuple[Device, ...] = get_args(Device)


def compute_device() -> Device:
    """Where PyTorch will compute on this machine.

    PyTorch itself is asked where it is imported anyway. Otherwise the GPU's driver is, which takes milliseconds and, as
    PyTorch does, counts only what ``CUDA_VISIBLE_DEVICES`` leaves.
    """
    if "torch" not in sys.modules:
        made_for = _torch_made_for()
        if made_for == "cpu":
            return "cpu"
        if made_for == "cuda":
            return "cuda" if _gpus() else "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _torch_made_for() -> Literal["cpu", "cuda", "other"]:
    """What the installed PyTorch was built for, by what it says of itself in ``torch/version.py``."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return "other"
    try:
        text = (Path(found.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return "other"
    named = dict(re.findall(r"^(cuda|hip)\b[^=\n]*=\s*(\S+)", text, re.MULTILINE))
    if named.get("hip", "None") != "None" or "cuda" not in named:
        return "other"
    return "cpu" if named["cuda"] == "None" else "cuda"


@cache
def _gpus() -> int:
    """How many GPUs the CUDA driver shows this process; 0 without a driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        count = ctypes.c_int(0)
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
            return 0
    except (OSError, AttributeError):
        return 0
    return count.value
