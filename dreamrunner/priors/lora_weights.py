"""The weights of a LoRA file for the transformer in memory, in any trainer's layout and precision."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn import Module

from dreamrunner.backbones.table import family_of
from dreamrunner.files.regular import require_regular
from dreamrunner.priors.lora_files import LayerLora, content_of, no_linear_layer, no_numbers
from dreamrunner.priors.lora_settings import settings_in
from dreamrunner.priors.values import Adapter, AdapterError, LoraSettings


def read_weights(adapter: Adapter, transformer: Module) -> dict[str, Tensor]:
    """An adapter's tensors as ``<layer>.lora_A.weight`` (rank, in) and ``<layer>.lora_B.weight`` (out, rank), and for
    the whole picture maybe ``<layer>.lora_B.bias`` (out), then of every layer. All are float32.

    The file's own alpha is multiplied into B, and scales of 8-bit weights into these, so that what is returned has
    scale 1 whatever its rank.

    Raises:
        AdapterError: not a LoRA in a layout that the transformer's family reads, or one for another backbone.
    """
    file, family, (tensors, settings) = adapter.file, family_of(transformer), _read(adapter)
    layers = dict(transformer.named_modules())

    def channels(name: str) -> tuple[int, int] | None:
        layer = layers.get(name)
        return None if layer is None else (getattr(layer, "in_features", 0), getattr(layer, "out_features", 0))

    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    content = content_of(file, shapes, family, "this model", channels, whole=adapter.kind == "picture")
    for name in content.zeros:
        if bool(tensors[name].float().any()):
            raise no_linear_layer(file, name)
    weights: dict[str, Tensor] = {}
    for layer, lora in content.layers.items():
        wanted = channels(layer)
        assert wanted is not None  # it was read for this transformer
        down, up = _halves(lora, tensors, wanted)
        up = up * _strength(adapter, layer, lora, tensors, settings)
        weights[f"{layer}.lora_A.weight"], weights[f"{layer}.lora_B.weight"] = down, up
        if any(each.bias for each in content.layers.values()):
            weights[f"{layer}.lora_B.bias"] = tensors[lora.bias].float() if lora.bias else torch.zeros(wanted[1])
        if not all(bool(each.isfinite().all()) for name, each in weights.items() if name.startswith(f"{layer}.lora_")):
            raise no_numbers(file, layer)
    return weights


def _halves(lora: LayerLora, tensors: Mapping[str, Tensor], wanted: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The two halves of a layer's LoRA; where it has only a bias, or a difference of whole weights, they are made."""
    if lora.down is not None and lora.up is not None:
        return _unpacked(tensors, lora.down, lora.down_scale), _unpacked(tensors, lora.up, lora.up_scale)
    taken, given = wanted
    if lora.difference is None:
        return torch.zeros(1, taken), torch.zeros(given, 1)
    difference = tensors[lora.difference].float()
    return (difference, torch.eye(given)) if given <= taken else (torch.eye(taken), difference)


def _unpacked(tensors: Mapping[str, Tensor], name: str, scale: str | None) -> Tensor:
    weight = tensors[name].float()
    return weight if scale is None else weight * tensors[scale].float().reshape(-1, 1)


def _strength(
    adapter: Adapter, layer: str, lora: LayerLora, tensors: Mapping[str, Tensor], settings: LoraSettings | None
) -> float:
    """What the product of a layer's halves is multiplied by: by its own alpha, else by the file's settings."""
    if lora.alpha is None:
        return settings.scale(layer, lora.rank) if settings is not None and lora.rank else 1.0
    scale = float(tensors[lora.alpha]) / lora.rank
    if not math.isfinite(scale) or scale == 0:
        raise AdapterError(f"{adapter.file} has an alpha for {layer} that is no number above or below 0")
    return scale


def _read(adapter: Adapter) -> tuple[dict[str, Tensor], LoraSettings | None]:
    file = adapter.file
    if file.suffix != ".safetensors":
        raise AdapterError(f"{file} is not a .safetensors file; other formats can run code and are not loaded")
    try:
        require_regular(file)
        with safe_open(file, "pt") as opened:
            settings = settings_in(file, opened.metadata()) or adapter.settings
            return {name: opened.get_tensor(name) for name in opened.keys()}, settings
    except (SafetensorError, OSError, ValueError) as error:
        raise AdapterError(f"cannot read the LoRA {file}: {error}") from None
