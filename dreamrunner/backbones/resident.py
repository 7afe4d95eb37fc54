"""The model in this process's memory."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dreamrunner.backbones import Backbone, BackboneError, describe
from dreamrunner.backbones.device import Device, card
from dreamrunner.backbones.fitness import unfit

if TYPE_CHECKING:
    from dreamrunner.backbones import Loaded


@lru_cache(maxsize=1)
def loaded(backbone: Backbone, device: Device) -> Loaded:
    """The model in this process's memory, loaded when first asked for; another one takes its place.

    Raises:
        BackboneError: it can't be loaded, is not the same one on this machine, or can't be computed on ``device``.
    """
    from dreamrunner.backbones import load

    if device == "cuda" and (why := unfit(card(), backbone.name, backbone.dtype)):
        raise BackboneError(why)
    made = load(_on_this_machine(backbone))
    if made.device.type != device:
        raise BackboneError(
            "PyTorch can't use this machine's GPU; update its driver, or film on the processor"
            " (set CUDA_VISIBLE_DEVICES to nothing)"
        )
    return made


def _on_this_machine(backbone: Backbone) -> Backbone:
    """The backbone with its folder here: the bundled model and those of the hub may lie elsewhere than there."""
    if (backbone.source / "model_index.json").is_file():
        return backbone
    here = describe(backbone.name, size=(backbone.width, backbone.height))
    if here.digest != backbone.digest:
        raise BackboneError(f"{here.source} holds another {backbone.name} than the build began with; install the same")
    return here
