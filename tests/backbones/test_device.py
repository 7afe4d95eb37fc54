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
