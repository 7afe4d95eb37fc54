"""Region LoRA: each adapter works on its own tokens only (paper 3.3, A.3).

For adapters i with token masks m_i a linear layer gives ``y = W x + sum_i B_i A_i (m_i * x)``. LoRAs act on every token
by itself, so this is exact when only the rows of a region are gathered, adapted and added back.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft.tuners.lora.layer import LoraLayer, LoraVariant
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn import Module

from dreamrunner.backbones.loading import quiet
from dreamrunner.backbones.table import family_of
from dreamrunner.files.regular import require_regular
from dreamrunner.priors.lora_files import halves_in
from dreamrunner.priors.lora_settings import settings_in
from dreamrunner.priors.values import Adapter, AdapterError, LoraSettings
from dreamrunner.regions import LoraMap, RegionProgram, region_mask


@dataclass(frozen=True, slots=True)
class Rows:
    """Where one adapter works: ``index`` (int64, ascending) into the ``length`` tokens of ``[text | video]``.

    With ``conditional_only`` the first half of a batch, guidance's unconditional one, is left alone.
    """

    index: Tensor
    length: int
    conditional_only: bool = False


def rows_of(
    lora_map: LoraMap,
    program: RegionProgram,
    text_tokens: int,
    *,
    conditional_only: bool = False,
    device: torch.device | str = "cpu",
) -> Rows:
    """The rows of one LoRA map: the text of its conditions, ``text_tokens`` each, then its regions' video tokens."""
    text = torch.zeros(len(program.conditions), text_tokens, dtype=torch.bool)
    text[list(lora_map.conditions)] = True
    video = torch.from_numpy(region_mask(lora_map.regions, program.grid)).flatten()
    mask = torch.cat([text.flatten(), video])
    return Rows(mask.nonzero()[:, 0].to(device), len(mask), conditional_only)


class RegionLora(LoraVariant):
    """One adapter of one layer, as peft's variant that gathers rows. It cannot be merged into the weights.

    It looks its rows up by its adapter's ``name`` when it works, so that they can change from window to window.
    """

    def __init__(self, rows: Mapping[str, Rows], name: str) -> None:
        self.all_rows, self.name = rows, name

    @property
    def rows(self) -> Rows:
        """Where it works now."""
        return self.all_rows[self.name]

    def forward(self, module: LoraLayer, active_adapter: str, x: Tensor, result: Tensor, **_: Any) -> Tensor:
        """``result`` plus the adapter's share on its rows; both are (batch, tokens, channels)."""
        if x.shape[1] != self.rows.length:
            raise ValueError(f"a region LoRA for {self.rows.length} tokens was given {x.shape[1]}")
        first = x.shape[0] // 2 if self.rows.conditional_only else 0
        gathered = x[first:].index_select(1, self.rows.index)
        share = module.lora_B[active_adapter](module.lora_A[active_adapter](gathered)) * module.scaling[active_adapter]
        # no row comes twice, so the sum does not depend on the order in which a GPU adds
        result[first:].index_add_(1, self.rows.index, share.to(result.dtype))
        return result

    def _refuse(self, *_: Any) -> Any:
        raise RuntimeError("a region LoRA works on some tokens only, so it cannot be merged into the weights")

    merge_safe = merge_unsafe = unmerge = _refuse


@contextlib.contextmanager
def adapted(transformer: Module, adapters: Sequence[Adapter], rows: Mapping[str, Rows] | None) -> Iterator[None]:
    """Put adapters on a transformer for a while; afterwards it is as it was.

    ``rows`` says by adapter name where each works; ``None`` lets all of them work everywhere (the ablation ``global``).

    Raises:
        AdapterError: a file that cannot be read, or that was not made for this transformer.
    """
    if not adapters:
        yield
        return
    weights = [read_weights(adapter, transformer) for adapter in adapters]
    try:
        with quiet():
            for adapter, tensors in zip(adapters, weights, strict=True):
                transformer.load_lora_adapter(tensors, prefix=None, adapter_name=adapter.name)
            transformer.set_adapters([adapter.name for adapter in adapters], [adapter.scale for adapter in adapters])
        for layer in transformer.modules():
            if isinstance(layer, LoraLayer):
                layer.lora_A.to(transformer.dtype)
                layer.lora_B.to(transformer.dtype)
                if rows is not None:
                    for name in layer.lora_A:
                        layer.lora_variant[name] = RegionLora(rows, name)
        yield
    finally:
        transformer.unload_lora()


def read_weights(adapter: Adapter, transformer: Module) -> dict[str, Tensor]:
    """An adapter's tensors as ``<layer>.lora_A.weight`` (rank, in) and ``<layer>.lora_B.weight`` (out, rank).

    The file's own alpha is multiplied into B, so that what is returned has scale 1 whatever its rank.

    Raises:
        AdapterError: not a LoRA in diffusers' layout, or one for another backbone.
    """
    family, (tensors, settings) = family_of(transformer), _read(adapter)
    layers = dict(transformer.named_modules())

    def channels(name: str) -> tuple[int, int] | None:
        layer = layers.get(name)
        return None if layer is None else (getattr(layer, "in_features", 0), getattr(layer, "out_features", 0))

    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    weights = {}
    for layer, halves in halves_in(adapter.file, shapes, family, "this model", channels).items():
        if halves.alpha is not None:
            scale = float(tensors[halves.alpha]) / halves.rank
            if not math.isfinite(scale) or scale == 0:
                raise AdapterError(f"{adapter.file} has an alpha for {layer} that is no number above or below 0")
        else:
            scale = settings.scale(layer, halves.rank) if settings is not None else 1.0
        weights[f"{layer}.lora_A.weight"] = tensors[halves.down].float()
        weights[f"{layer}.lora_B.weight"] = tensors[halves.up].float() * scale
        if not all(bool(weights[f"{layer}.lora_{half}.weight"].isfinite().all()) for half in "AB"):
            raise AdapterError(
                f"{adapter.file} has weights for {layer} that are no numbers (NaN or infinite), as a training that went"
                " wrong leaves them; take another file of it, or train it anew"
            )
    return weights


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
