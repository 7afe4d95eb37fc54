"""The device is found as PyTorch finds it, without PyTorch."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dreamrunner.backbones import device

ASK_BOTH = """
import sys
from dreamrunner.backbones.device import compute_device
first = compute_device()
assert "torch" not in sys.modules
import torch
assert first == compute_device() == ("cuda" if torch.cuda.is_available() else "cpu"), first
"""


def test_it_agrees_with_pytorch_and_does_not_import_it() -> None:
    subprocess.run([sys.executable, "-c", ASK_BOTH], check=True)


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PyTorch that is installed and not imported; its ``version.py`` is to be written."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    device._gpus.cache_clear()
    yield tmp_path / "torch" / "version.py"
    device._gpus.cache_clear()


def driver(count: int, error: int = 0) -> SimpleNamespace:
    def count_into(where: object) -> int:
        where._obj.value = count
        return 0

    return SimpleNamespace(cuInit=lambda _: error, cuDeviceGetCount=count_into)


@pytest.mark.parametrize(
    ("version", "cuda", "wanted"),
    [
        ("cuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n", driver(2), "cuda"),
        ("cuda = '12.8'\n", driver(0), "cpu"),
        ("cuda = '12.8'\n", driver(1, error=100), "cpu"),
        ("cuda: Optional[str] = None\nhip: Optional[str] = None\n", driver(1), "cpu"),
    ],
    ids=["gpus", "none visible", "driver fails", "pytorch for CPUs"],
)
def test_the_driver_and_the_build_of_pytorch_decide(no_torch, monkeypatch, version, cuda, wanted) -> None:
    no_torch.write_text(version)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: cuda)
    assert device.compute_device() == wanted


def test_no_driver_is_no_gpu(no_torch, monkeypatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    no_torch.write_text("cuda = '12.8'\n")
    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert device.compute_device() == "cpu"


def test_a_build_for_other_gpus_is_asked_itself(no_torch) -> None:
    no_torch.write_text("cuda = None\nhip = '6.4'\n")
    with pytest.raises(AssertionError, match="imported"):
        device.compute_device()


def answers(**values: object) -> SimpleNamespace:
    """A library of the driver whose functions write these values where they are told to, and return 0."""

    def writing(name: str, value: object) -> object:
        def call(*given: object) -> int:
            if isinstance(value, bytes):
                place = next(each for each in given if isinstance(each, ctypes.Array))
                place.value = value
            elif isinstance(value, dict):
                place = given[-1]._obj
                for field, number in value.items():
                    setattr(place, field, number)
            elif value is not None:
                next(each for each in given if hasattr(each, "_obj"))._obj.value = value
            return name == "fails"

        return call

    return SimpleNamespace(**{name: writing(name, value) for name, value in values.items()})


CUDA = answers(
    cuInit=None,
    cuDeviceGet=0,
    cuDeviceGetName=b"NVIDIA Foo 9000",
    cuDeviceTotalMem_v2=24_000_000_000,
    cuDeviceGetPCIBusId=b"0000:01:00.0",
)


def nvml(free: int) -> SimpleNamespace:
    memory = {"total": 25_000_000_000, "free": free}
    return answers(nvmlInit_v2=None, nvmlDeviceGetHandleByPciBusId_v2=None, nvmlDeviceGetMemoryInfo=memory)


@pytest.mark.parametrize(
    ("management", "free"),
    [(nvml(7_000_000_000), 7_000_000_000), (nvml(25_000_000_000), 24_000_000_000), (None, 24_000_000_000)],
    ids=["some is used", "a part of a card", "nobody to ask"],
)
def test_the_driver_says_what_card_it_is_and_what_is_free(management, free) -> None:
    assert device._driver_card(CUDA, management) == device.Card("NVIDIA Foo 9000", 24_000_000_000, free)


def test_without_a_gpu_there_is_no_card(monkeypatch) -> None:
    monkeypatch.setattr(device, "compute_device", lambda: "cpu")
    assert device.card() is None


@pytest.mark.parametrize(
    ("environment", "torch", "platform", "settings"),
    [
        ({}, "2.11.0+cu130", "linux", {"PYTORCH_ALLOC_CONF": "expandable_segments:True"}),
        ({}, "2.8.1", "linux", {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}),
        ({}, "2.11.0", "win32", {}),
        ({"PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:64"}, "2.11.0", "linux", {}),
        ({"PYTORCH_ALLOC_CONF": ""}, "2.11.0", "linux", {}),
    ],
)
def test_the_allocator_may_extend_its_segments_unless_the_user_has_settings(
    environment, torch, platform, settings
) -> None:
    assert device.allocator_settings(environment, torch, platform) == settings


def test_they_are_there_once_a_model_can_be_loaded() -> None:
    from dreamrunner.backbones import loading

    assert not device.allocator_settings(loading.os.environ, loading.torch.__version__)
