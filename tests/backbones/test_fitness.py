"""A GPU that can't compute a model is told before anything is fetched or loaded."""

from __future__ import annotations

import ctypes

import pytest

from dreamrunner.backbones import device, fitness
from dreamrunner.backbones.device import Card
from dreamrunner.backbones.fitness import has_kernels, unfit
from tests.backbones.test_device import answers, driver, no_torch  # noqa: F401


def card(capability: tuple[int, int] | None = (8, 6), driver: tuple[int, int] | None = None) -> Card:
    return Card("Foo", 24, 24, capability, driver)


def test_what_is_not_known_is_not_refused() -> None:
    assert unfit(None, "m", "bfloat16") == unfit(card(None), "m", "bfloat16") == unfit(card(), "m", "bfloat16") == ""


def test_a_driver_that_is_too_old_for_pytorch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "torch_cuda", lambda: (13, 0))
    assert unfit(card(driver=(13, 0)), "m", "float16") == ""
    why = unfit(card(driver=(12, 8)), "m", "float16")
    assert why.startswith("the driver of Foo is for CUDA 12.8, and PyTorch here for 13.0: update the driver")
    monkeypatch.setattr(fitness, "torch_cuda", lambda: (12, 9))
    assert unfit(card(driver=(12, 2)), "m", "float16") == "", "within a generation any driver does"


def test_bfloat16_needs_a_card_that_has_it() -> None:
    assert unfit(card((7, 5)), "m", "float16") == ""
    why = unfit(card((7, 5)), "m", "bfloat16")
    assert "m computes in bfloat16, and Foo can't" in why and "which computes in float16, or film on" in why


@pytest.mark.parametrize(
    ("capability", "made_for", "has"),
    [
        ((8, 6), ["sm_80"], True),
        ((8, 0), ["sm_86"], False),
        ((9, 0), ["sm_80", "sm_86"], False),
        ((9, 0), ["sm_80", "compute_80"], True),
        ((7, 5), ["sm_80", "compute_90"], False),
        ((12, 0), ["sm_90a", "sm_120"], True),
        ((10, 0), ["sm_100f"], True),
    ],
)
def test_code_runs_on_its_own_generation_and_what_the_driver_compiles_on_later_ones(capability, made_for, has) -> None:
    assert has_kernels(capability, made_for) == has


def test_a_pytorch_without_kernels_for_a_card_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_80", "sm_90"])
    assert unfit(card((8, 9)), "m", "float16") == ""
    assert "no kernels for Foo (compute capability 7.0; it has sm_80, sm_90)" in unfit(card((7, 0)), "m", "float16")


def test_the_driver_says_what_it_and_its_card_are_able_to() -> None:
    told = answers(cuInit=None, cuDeviceGet=0, cuDeviceGetAttribute=9, cuDriverGetVersion=12080)
    assert device._abilities(told) == ((9, 9), (12, 8))


def test_a_gpu_that_pytorch_leaves_idle_is_told(no_torch, monkeypatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: driver(1))
    no_torch.write_text("cuda: Optional[str] = None\n")
    assert device.idle_gpu() == "" and device.torch_cuda() is None
    no_torch.write_text("cuda: Optional[str] = '13.0'\nhip = None\n")
    assert device.torch_cuda() == (13, 0) and device.idle_gpu() == ""
    monkeypatch.setattr(device, "compute_device", lambda: "cpu")
    assert "built for CUDA 13.0, can't use it" in device.idle_gpu()
