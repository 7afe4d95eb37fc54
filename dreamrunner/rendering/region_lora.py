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

from dreamrunner.backbones.family import Family, Tokens
from dreamrunner.backbones.loading import quiet
from dreamrunner.backbones.table import family_of
from dreamrunner.priors.lora_weights import read_weights
from dreamrunner.priors.values import Adapter
from dreamrunner.regions import LoraMap, RegionProgram, region_mask
from dreamrunner.rendering.cross_attention import Call


@dataclass(frozen=True, slots=True)
class Rows:
    """Where one adapter works in a layer: ``index`` (int64, ascending) into the ``length`` tokens that it takes.

    With ``conditional_only`` guidance's unconditional branch is left alone: the first half of a batch, or its call.
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


Place = tuple[str, tuple[Tokens, ...]]
"""An adapter's name, and the tokens that a layer takes as rows, in their order."""


def rows_of(
    lora_map: LoraMap,
    program: RegionProgram,
    text_tokens: int,
    *,
    conditional_only: bool = False,
    tokens: tuple[Tokens, ...] = ("text", "video"),
    device: torch.device | str = "cpu",
) -> Rows:
    """The rows of one LoRA map in a layer that takes these ``tokens``: of text that of its conditions, ``text_tokens``
    each, of video its regions'."""
    text = torch.zeros(len(program.conditions), text_tokens, dtype=torch.bool)
    text[list(lora_map.conditions)] = True
    video = torch.from_numpy(region_mask(lora_map.regions, program.grid)).flatten()
    masks: dict[Tokens, Tensor] = {"text": text.flatten(), "video": video}
    mask = torch.cat([masks[kind] for kind in tokens])
    return Rows(mask.nonzero()[:, 0].to(device), len(mask), conditional_only)


def rows_of_all(
    program: RegionProgram,
    text_tokens: int,
    family: Family,
    *,
    conditional_only: bool = False,
    device: torch.device | str = "cpu",
) -> dict[Place, Rows]:
    """The rows of every adapter that a program names, in every kind of layer that a family's models have."""
    orders: tuple[tuple[Tokens, ...], ...] = (family.token_order,)
    if family.conditioning == "cross":
        orders += (("text",),)
    return {
        (one.adapter, order): rows_of(
            one, program, text_tokens, conditional_only=conditional_only, tokens=order, device=device
        )
        for one in program.lora_maps
        for order in orders
    }


class RegionLora(LoraVariant):
    """One adapter of one layer, as peft's variant that gathers rows. It cannot be merged into the weights.

    It looks its rows up by its ``place`` when it works, so that they can change from window to window, and which of
    guidance's branches it works in by ``call``, where they are two. The unconditional call's text belongs to no region,
    so it leaves that alone.
    """

    def __init__(self, rows: Mapping[Place, Rows], place: Place, call: Call) -> None:
        self.all_rows, self.place, self.call = rows, place, call

    @property
    def rows(self) -> Rows:
        """Where it works now."""
        return self.all_rows[self.place]

    def forward(self, module: LoraLayer, active_adapter: str, x: Tensor, result: Tensor, **_: Any) -> Tensor:
        """``result`` plus the adapter's share on its rows; both are (batch, tokens, channels)."""
        if self.call.unconditional and (self.rows.conditional_only or "text" in self.place[1]):
            return result
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
def adapted(
    transformer: Module, adapters: Sequence[Adapter], rows: Mapping[Place, Rows] | None, call: Call | None = None
) -> Iterator[None]:
    """Put adapters on a transformer for a while; afterwards it is as it was.

    ``rows`` says where each works; those for the whole picture work everywhere, and ``None`` lets all of them do so
    (the ablation ``global``). ``call`` is what the transformer is being called with, where guidance's branches are two
    calls.

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
        family = family_of(transformer)
        for path, layer in transformer.named_modules():
            if isinstance(layer, LoraLayer):
                layer.lora_A.to(transformer.dtype)
                layer.lora_B.to(transformer.dtype)
                if rows is not None:
                    for name in regional.intersection(layer.lora_A):
                        place = name, family.tokens_of(path) or ()
                        layer.lora_variant[name] = RegionLora(rows, place, call or Call())
        yield
    finally:
        transformer.unload_lora()
