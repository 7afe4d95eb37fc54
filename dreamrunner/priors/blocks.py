"""Which blocks a prior adapts. No torch.

Counting from 1, odd blocks are temporal and even blocks spatial (paper 3.2), so that a motion's LoRA and a subject's
never meet in one layer.
"""

from __future__ import annotations

from typing import Literal

Arrangement = Literal["interleaved", "half-half"]
"""How blocks alternate: the paper's, or its ablation in which the first half is spatial and the second temporal."""


def temporal_blocks(count: int, arrangement: Arrangement = "interleaved") -> tuple[int, ...]:
    """The temporal ones among ``count`` blocks, as indices from 0 (the paper's block 1 is index 0)."""
    return tuple(range(0, count, 2)) if arrangement == "interleaved" else tuple(range(count // 2, count))


def spatial_blocks(count: int, arrangement: Arrangement = "interleaved") -> tuple[int, ...]:
    """All other blocks."""
    return tuple(sorted(set(range(count)) - set(temporal_blocks(count, arrangement))))
