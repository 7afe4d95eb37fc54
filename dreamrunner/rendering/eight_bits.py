"""Weights of 8 bits with a scale for each row of a matrix, by torchao. Importing this costs nothing.

A layer's result is what it would be with the nearest such weights, computed in the network's own precision: half the
memory, and nearer to the exact picture than weights that are cast to 8 bits (``layerwise-casting``), which have three
bits behind the exponent where these have seven.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dreamrunner.backbones.table import denoisers_of, family_of
from dreamrunner.files.extras import lack
from dreamrunner.rendering.frames import RenderError

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline

PACKAGE = "torchao"
"""What makes and reads them, and the extra that it comes with."""


def lacking() -> str:
    """That it is not installed, and what to do."""
    return f"int8-weights: {lack(PACKAGE, PACKAGE)}; or take layerwise-casting"


def put(pipe: DiffusionPipeline, _: torch.device) -> Callable[[], None]:
    """Give the linear layers of a pipeline's blocks such weights, LoRAs left alone; what is returned gives them their
    own again, which stay where they lay.

    Raises:
        RenderError: torchao is not installed.
    """
    from torch.nn import Linear

    try:
        from torchao.quantization import Int8WeightOnlyConfig, quantize_
    except ImportError:
        raise RenderError(lacking()) from None
    kept = []
    for network in denoisers_of(pipe).values():
        for block in family_of(network).blocks(network):
            own = {name: each for name, each in block.named_modules() if type(each) is Linear and "lora_" not in name}
            kept += [(network, each, each.weight) for each in own.values()]
            names = frozenset(own)
            quantize_(block, Int8WeightOnlyConfig(), filter_fn=lambda _, name, names=names: name in names)

    def off() -> None:
        for network in dict.fromkeys(network for network, _, _ in kept):
            # not on the card, on which there may be room for 8 bits only
            network.to("cpu")
        for _, layer, weight in kept:
            layer.weight = weight

    return off
