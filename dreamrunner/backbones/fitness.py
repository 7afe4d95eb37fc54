"""Whether a GPU can compute a model at all: its driver, PyTorch's kernels for it, and its numbers. Found out before
anything is downloaded or loaded, as far as that can be known without importing PyTorch, and in words."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from dreamrunner.backbones.device import Card, torch_cuda
from dreamrunner.backbones.table import TABLE

BFLOAT16_FROM = 8, 0
"""The compute capability from which on a card computes with bfloat16; attention has no kernels for it below."""

OR_ELSE = "or film on the processor (set CUDA_VISIBLE_DEVICES to nothing)"


def unfit(card: Card | None, model: str, dtype: str) -> str:
    """Why a card can't compute a model in a precision; empty where it can, or nobody knows."""
    if card is None:
        return ""
    built = torch_cuda()
    if card.driver is not None and built is not None and card.driver[0] < built[0]:
        return (
            f"the driver of {card.name} is for CUDA {_dotted(card.driver)}, and PyTorch here for {_dotted(built)}:"
            f" update the driver, install a PyTorch for CUDA {card.driver[0]}, {OR_ELSE}"
        )
    if card.capability is None:
        return ""
    torch = sys.modules.get("torch")
    made_for = torch.cuda.get_arch_list() if torch is not None and torch.cuda.is_available() else []
    if made_for and not has_kernels(card.capability, made_for):
        return (
            f"PyTorch here has no kernels for {card.name} (compute capability {_dotted(card.capability)}; it has"
            f" {', '.join(made_for)}): install another PyTorch, {OR_ELSE}"
        )
    if dtype == "bfloat16" and card.capability < BFLOAT16_FROM:
        half = next((row.name for row in TABLE.values() if row.hub_id is not None and row.dtype == "float16"), "")
        other = f"take {half}, which computes in float16, " if half else ""
        return (
            f"{model} computes in bfloat16, and {card.name} can't (compute capability {_dotted(card.capability)}, where"
            f" {_dotted(BFLOAT16_FROM)} is needed): {other}{OR_ELSE}"
        )
    return ""


def has_kernels(capability: tuple[int, int], made_for: Sequence[str]) -> bool:
    """Whether a card can run what was compiled for these architectures: code for its own generation (``sm_86`` runs on
    8.6 and 8.9), or what its driver compiles itself (``compute_90`` from 9.0 on)."""
    for each in made_for:
        found = re.fullmatch(r"(sm|compute)_(\d+)(\d)[af]?", each)
        if found is None:
            continue
        there = int(found[2]), int(found[3])
        own = found[1] == "sm" and there[0] == capability[0]
        if there <= capability and (own or found[1] == "compute"):
            return True
    return False


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
