"""What region attention costs across text: a block of Wan's, as ``attention.py --family wan`` measures it.

One block of a stock transformer with random weights at Wan 2.1 1.3B's size (81 frames of 832x480: 32,760 video tokens,
512 text tokens a prompt, heads of 128 channels), with the attention from video to text done three ways:

- ``plain``: the stock processor, one prompt.
- ``dense``: the stock processor under a square of booleans, all prompts.
- ``ours``: the same without a mask (``dreamrunner/rendering/cross_attention.py``).

Self-attention and the feed-forward layers are the same in all. Figures:

- ``block_over_plain``: a whole block, ours over plain.
- ``cross_over_plain``: the attention to text alone, with its projections, ours over plain.
- ``dense_over_ours``: the same, dense over ours.
- ``cross_share``: the attention to text over a whole block, both plain.
- ``added_share``: what ours adds to the attention to text, over a whole block of plain: ``block_over_plain`` less one,
  without the noise of what is the same in both.
- ``max_difference``: the largest difference of ours to dense, anywhere in a block's result.

With fewer heads self-attention and feed-forward take less by other powers than attention to text does, so that ratios
of a block are those of as many heads alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import torch
from diffusers import WanTransformer3DModel
from diffusers.models.transformers.transformer_wan import WanAttnProcessor
from torch import Tensor

from benchmarks.attention_ways import Way, scene
from dreamrunner.backbones import Grid
from dreamrunner.backbones.families.wan import FAMILY
from dreamrunner.regions import RegionProgram, lower, masks
from dreamrunner.rendering.cross_attention import Call, RegionCrossProcessor
from dreamrunner.rendering.forms import form_of
from dreamrunner.rendering.layout import RegionLayout

SIZE, HEADS, WIDE = 128, 12, 8960
"""Channels of a head, heads, and channels inside the feed-forward layers."""

TARGETS = {"block_over_plain": 1.01}
"""At most."""


class Dense(WanAttnProcessor):
    """The stock processor under a mask (video tokens, text tokens)."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__()
        self.mask = mask

    def __call__(self, attn: Any, hidden_states: Tensor, text: Any = None, _: Any = None, positions: Any = None) -> Any:
        return super().__call__(attn, hidden_states, text, self.mask, positions)


def grid_of(frames: int, width: int, height: int) -> Grid:
    """Wan 2.1's video tokens at a size in pixels."""
    return Grid(frames=frames, steps=(frames - 1) // 4 + 1, rows=height // 16, columns=width // 16, growth=1)


def text_mask(program: RegionProgram, words: int, device: str) -> Tensor:
    """May a video token (row) read a token of text (column), video tokens in raster order."""
    return torch.from_numpy(masks(program)).to(device).T.repeat_interleave(words, 1)


def measure(
    conditions: int, grid: Grid, words: int, heads: int, rounds: int, device: str, timed: Callable[..., float]
) -> tuple[dict[str, float], dict[str, float]]:
    """The figures, and the seconds of each way of a block and of its attention to text."""
    program = lower(scene(conditions)[0], grid)
    torch.manual_seed(0)
    with torch.device(device):
        model = WanTransformer3DModel(
            num_attention_heads=heads, attention_head_dim=SIZE, ffn_dim=WIDE * heads // HEADS, num_layers=1, text_dim=64
        )
    model.to(torch.bfloat16 if device == "cuda" else torch.float32).eval().requires_grad_(False)
    block, kind = model.blocks[0], {"device": device, "dtype": model.dtype}
    layout = RegionLayout.of(program, words, device=device, form=form_of(program, device))
    mask = text_mask(program, words, device)
    if layout.in_order is not None:
        mask = mask[layout.in_order.order]
    stock, ours = WanAttnProcessor(), RegionCrossProcessor(FAMILY, Call(layout))
    count = grid.steps * grid.rows * grid.columns
    video = torch.randn(1, count, heads * SIZE, **kind)
    many = torch.randn(1, conditions * words, heads * SIZE, **kind)
    times = torch.randn(1, 6, heads * SIZE, **kind)
    rotary = model.rope(torch.empty(1, 16, grid.steps, 2 * grid.rows, 2 * grid.columns, device=device))

    def whole(processor: Any, text: Tensor) -> Tensor:
        block.attn2.set_processor(processor)
        return block(video, text, times, rotary)

    given = {"plain": (stock, many[:, :words]), "dense": (Dense(mask), many), "ours": (ours, many)}
    blocks = {name: Way(lambda it=it: whole(*it)) for name, it in given.items()}
    texts = {name: Way(lambda it=it: it[0](block.attn2, video, it[1])) for name, it in given.items()}
    results = {name: blocks[name].work() for name in ("dense", "ours")}
    del blocks["dense"]
    for way in texts.values():
        way.work()
    for _ in range(rounds):
        for way in (*blocks.values(), *texts.values()):
            way.seconds.append(timed(way.work, device))
    figures = {
        "block_over_plain": _ratio(blocks["ours"], blocks["plain"]),
        "cross_over_plain": _ratio(texts["ours"], texts["plain"]),
        "dense_over_ours": _ratio(texts["dense"], texts["ours"]),
        "cross_share": _ratio(texts["plain"], blocks["plain"]),
        "added_share": _ratio(texts["ours"], blocks["plain"]) - _ratio(texts["plain"], blocks["plain"]),
        "max_difference": (results["ours"] - results["dense"]).abs().max().item(),
    }
    seconds = {f"block_{name}_seconds": statistics.median(way.seconds) for name, way in blocks.items()}
    return figures, seconds | {f"cross_{name}_seconds": statistics.median(way.seconds) for name, way in texts.items()}


def _ratio(one: Way, other: Way) -> float:
    """The median over the rounds of one way's time over another's."""
    return statistics.median(a / b for a, b in zip(one.seconds, other.seconds, strict=True))
