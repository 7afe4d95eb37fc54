"""Region LoRA: each adapter works on its own tokens only (paper 3.3, A.3).

For adapters i with token masks m_i a linear layer gives ``y = W x + sum_i B_i A_i (m_i * x)``. LoRAs act on every token
by itself, so this is exact when only the rows of a region are gathered, adapted and added back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from peft.tuners.lora.layer import LoraLayer, LoraVariant
from torch import Tensor
from torch.nn import Module

from dreamrunner.backbones.loading import quiet
from dreamrunner.priors.lora_weights import read_weights
from dreamrunner.priors.values import Adapter
from dreamrunner.regions import LoraMap, RegionProgram, region_mask


@dataclass(frozen=True, slots=True)
class Rows:
    """Where one adapter works: ``index`` (int64, ascending) into the ``length`` tokens of ``[text | video]``.

    With ``conditional_only`` the first half of a batch, guidance's unconditional one, is left alone.
    """

    index: Tensor
    length: int
    conditional_only: bool = False

    def among(self, places: Tensor) -> Rows:
        """The same where the video tokens stand in other ``places``: those of all of them, by their raster numbers."""
        text = self.length - len(places)
        words = self.index < text
        moved = places[self.index[~words] - text] + text
        return replace(self, index=torch.cat([self.index[words], moved.sort().values]))


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

    ``rows`` says by adapter name where each works; those for the whole picture work everywhere, and ``None`` lets all
    of them do so (the ablation ``global``).

    Raises:
        AdapterError: a file that cannot be read, or that was not made for this transformer.
    """
    if not adapters:
        yield
        return
    weights = [read_weights(adapter, transformer) for adapter in adapters]
    regional = {adapter.name for adapter in adapters if adapter.kind != "picture"}
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
                    for name in regional.intersection(layer.lora_A):
                        layer.lora_variant[name] = RegionLora(rows, name)
        yield
    finally:
        transformer.unload_lora()
