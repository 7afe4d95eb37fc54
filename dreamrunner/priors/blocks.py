"""Which blocks a prior adapts. No torch.

Counting from 1, odd blocks are temporal and even blocks spatial (paper 3.2), so that a motion's LoRA and a subject's
never meet in one layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Arrangement = Literal["interleaved", "half-half"]
"""How blocks alternate: the paper's, or its ablation in which the first half is spatial and the second temporal."""

PROJECTIONS = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "ff.net.0.proj", "ff.net.2")
"""The layers of a block that are adapted (paper 3.2); the released code takes the attention's output as well."""

OUTPUT = "attn1.to_out.0"


def temporal_blocks(count: int, arrangement: Arrangement = "interleaved") -> tuple[int, ...]:
    """The temporal ones among ``count`` blocks, as indices from 0 (the paper's block 1 is index 0)."""
    return tuple(range(0, count, 2)) if arrangement == "interleaved" else tuple(range(count // 2, count))


def spatial_blocks(count: int, arrangement: Arrangement = "interleaved") -> tuple[int, ...]:
    """All other blocks."""
    return tuple(sorted(set(range(count)) - set(temporal_blocks(count, arrangement))))


def layer_names(blocks: Iterable[int], *, output: bool = False) -> list[str]:
    """The transformer's layers that are adapted in these blocks, by their names in diffusers."""
    kinds = (*PROJECTIONS, OUTPUT) if output else PROJECTIONS
    return [f"transformer_blocks.{block}.{kind}" for block in blocks for kind in kinds]


def block_of(layer: str) -> int | None:
    """The index of the block that a layer belongs to; None for a layer outside the blocks."""
    found = re.match(r"transformer_blocks\.(\d+)\.", layer)
    return int(found[1]) if found else None
