"""What a backbone computes on, found out without importing PyTorch: results made elsewhere have other bits."""

from __future__ import annotations

import ctypes
import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

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
    named = _built(found.origin)
    if named.get("hip", "None") != "None" or "cuda" not in named:
        return "other"
    return "cpu" if named["cuda"] == "None" else "cuda"


def _built(origin: str) -> dict[str, str]:
    """What ``torch/version.py`` says of ``cuda`` and ``hip``, as it is written there; nothing where it can't be
    read."""
    try:
        text = (Path(origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return {}
    return dict(re.findall(r"^(cuda|hip)\b[^=\n]*=\s*(\S+)", text, re.MULTILINE))


def torch_cuda() -> tuple[int, int] | None:
    """The version of CUDA that the installed PyTorch was built for; None where it was built for none."""
    found = importlib.util.find_spec("torch")
    version = (
        re.fullmatch(r"['\"](\d+)\.(\d+).*", _built(found.origin).get("cuda", "")) if found and found.origin else None
    )
    return (int(version[1]), int(version[2])) if version else None


def idle_gpu() -> str:
    """Why PyTorch doesn't compute on a GPU that the driver shows; empty where it does, or there is none."""
    built = torch_cuda()
    if built is None or compute_device() == "cuda" or not _gpus():
        return ""
    return (
        f"this machine has a GPU, and PyTorch, built for CUDA {built[0]}.{built[1]}, can't use it, so that the"
        " processor films: update the driver, or install the PyTorch that fits it"
    )


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


@dataclass(frozen=True, slots=True)
class Card:
    """A GPU: what its kind is called, and its memory in bytes, in all and ``free`` for this process; 0 where nobody was
    asked. Results of different kinds differ in their last bits. ``capability`` is its compute capability, ``driver``
    the version of CUDA that its driver is for; None where it is not known."""

    name: str
    total: int = 0
    free: int = 0
    capability: tuple[int, int] | None = None
    driver: tuple[int, int] | None = None


def card() -> Card | None:
    """The GPU that this process computes on; None where it computes on the processor.

    What this process holds itself counts as free. Without PyTorch in memory the driver is asked, as in
    :func:`compute_device`.
    """
    if compute_device() == "cpu":
        return None
    torch = sys.modules.get("torch")
    if torch is None:
        driver = _library("nvcuda.dll", "libcuda.so.1")
        found = _driver_card(driver, _library("nvml.dll", "libnvidia-ml.so.1"))
        capability, version = _abilities(driver)
        return Card(found.name, found.total, found.free, capability, version)
    free, total = torch.cuda.mem_get_info()
    held = torch.cuda.memory_reserved()
    return Card(torch.cuda.get_device_name(), total, free + held, torch.cuda.get_device_capability())


_MAJOR, _MINOR = 75, 76
"""The driver's numbers for the two halves of a compute capability."""


class _Memory(ctypes.Structure):
    """NVML's ``nvmlMemory_t``."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def _library(windows: str, linux: str) -> Any:
    """A library of the driver; None where there is none."""
    try:
        return ctypes.CDLL(windows if sys.platform == "win32" else linux)
    except OSError:
        return None


def _abilities(driver: Any) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """The compute capability of the first GPU that the CUDA driver shows, and the version of CUDA that it is for; None
    for what it doesn't tell."""
    device, major, minor, version = (ctypes.c_int(0) for _ in range(4))
    driver.cuInit(0)
    driver.cuDeviceGet(ctypes.byref(device), 0)
    unknown = [
        driver.cuDeviceGetAttribute(ctypes.byref(each), what, device)
        for each, what in ((major, _MAJOR), (minor, _MINOR))
    ]
    untold = driver.cuDriverGetVersion(ctypes.byref(version))
    return (
        None if any(unknown) else (major.value, minor.value),
        None if untold else (version.value // 1000, version.value % 1000 // 10),
    )


def _driver_card(driver: Any, management: Any) -> Card:
    """The first GPU that the CUDA driver shows. All of its memory counts as free where NVML can't tell."""
    device, name, bus = ctypes.c_int(0), ctypes.create_string_buffer(256), ctypes.create_string_buffer(64)
    total, handle, memory = ctypes.c_size_t(0), ctypes.c_void_p(), _Memory()
    driver.cuInit(0)
    driver.cuDeviceGet(ctypes.byref(device), 0)
    driver.cuDeviceGetName(name, len(name), device)
    driver.cuDeviceTotalMem_v2(ctypes.byref(total), device)
    free = total.value
    # NVML counts cards in an order of its own, so that it is asked by the place on the bus.
    if (
        management is not None
        and not driver.cuDeviceGetPCIBusId(bus, len(bus), device)
        and not management.nvmlInit_v2()
        and not management.nvmlDeviceGetHandleByPciBusId_v2(bus, ctypes.byref(handle))
        and not management.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory))
    ):
        free = min(free, memory.free)
    return Card(name.value.decode(errors="replace"), total.value, free)


def allocator_settings(environment: Mapping[str, str], torch: str, platform: str = sys.platform) -> dict[str, str]:
    """Variables that let PyTorch's allocator (``torch`` is its version) extend what it has of a GPU's memory.

    Without that, gaps between tensors take up to a quarter of a card, and films that fit are refused (docs/gpu.md).
    Nothing where the user has settings of their own, and nowhere but on Linux, which alone has such segments.
    """
    since_2_9, before = "PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF"
    if platform != "linux" or since_2_9 in environment or before in environment:
        return {}
    major, minor = (int(part) for part in torch.split(".")[:2])
    return {since_2_9 if (major, minor) >= (2, 9) else before: "expandable_segments:True"}
