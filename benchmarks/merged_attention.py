"""Region attention with one launch over all video, merged by log-sum-exp: a candidate that ``gpu.py`` measures.

Softmax over the union of two sets of keys is a mix of the softmaxes over each. The second set's share is
``sigmoid(lse_2 - lse_1)``, where lse is the log-sum-exp of a query's scores, which attention kernels compute anyway. So
all video tokens attend to all video in one launch, as they would without regions, and what a token reads beside that,
the text of its conditions, is attended to on its own and mixed in. No video key is read once a signature.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamrunner.rendering.attention import RegionLayout

Kernel = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""Attention that also gives the log-sum-exp of each query: float32 (batch, heads, queries), natural logarithm."""


def flash(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """PyTorch's FlashAttention, on a GPU in half precision only, or its counterpart on a CPU."""
    if query.device.type == "cuda":
        out, lse = torch.ops.aten._scaled_dot_product_flash_attention(query, key, value)[:2]
    else:
        out, lse = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(query, key, value)[:2]
    return out, lse


def efficient(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Memory-efficient attention; on a GPU only. It pads the queries of its log-sum-exp."""
    out, lse = torch.ops.aten._scaled_dot_product_efficient_attention(query, key, value, None, True)[:2]
    return out, lse[:, :, : query.shape[2]]


def cudnn(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """cuDNN's attention; on a GPU in half precision only. It plans anew for each new shape, which takes its time."""
    out, lse = torch.ops.aten._scaled_dot_product_cudnn_attention(query, key, value, None, True)[:2]
    return out, lse.reshape(*query.shape[:3])


def kernels(device: str) -> dict[str, Kernel]:
    """The kernels that give a log-sum-exp on a device, by name."""
    return {"flash": flash, "cudnn": cudnn, "efficient": efficient} if device == "cuda" else {"flash": flash}


def merged_by_signature(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout, kernel: Kernel) -> Tensor:
    """Attention under a layout: the text of each signature's conditions is attended to in one launch.

    Shapes as in :func:`dreamrunner.rendering.attention.region_attention`; nothing is overwritten.

    Raises:
        ValueError: a layout that hides video from video, which one launch over all video can't do.
    """
    out, video_query = _text(query, key, value, layout)
    text = layout.conditions * layout.text_tokens
    seen, amount = kernel(video_query, key[:, :, text:], value[:, :, text:])
    for part in layout.signatures:
        words = key.index_select(2, part.words), value.index_select(2, part.words)
        told, its_amount = kernel(video_query.index_select(2, part.tokens), *words)
        share = torch.sigmoid(its_amount - amount.index_select(2, part.tokens))
        mixed = torch.lerp(seen.index_select(2, part.tokens), told, share[..., None].to(told.dtype))
        out[:, :, text:].index_copy_(2, part.tokens, mixed)
    return out


def merged_by_condition(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout, kernel: Kernel) -> Tensor:
    """The same with a launch for the text of each condition, of which there are fewer than signatures, mixed in one
    after the other. Shapes and errors as in :func:`merged_by_signature`.
    """
    out, video_query = _text(query, key, value, layout)
    text, length = layout.conditions * layout.text_tokens, layout.text_tokens
    seen, amount = kernel(video_query, key[:, :, text:], value[:, :, text:])
    for i, tokens in enumerate(layout.covered):
        if not len(tokens):
            continue
        own = slice(i * length, (i + 1) * length)
        told, its_amount = kernel(video_query.index_select(2, tokens), key[:, :, own], value[:, :, own])
        before = amount.index_select(2, tokens)
        share = torch.sigmoid(its_amount - before)[..., None].to(told.dtype)
        seen.index_copy_(2, tokens, torch.lerp(seen.index_select(2, tokens), told, share))
        amount.index_copy_(2, tokens, torch.logaddexp(before, its_amount))
    out[:, :, text:] = seen
    return out


def _text(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout) -> tuple[Tensor, Tensor]:
    """The result with its text filled in, and the queries of the video."""
    if any(part.visible is not None for part in layout.signatures):
        raise ValueError("merged attention lets all video read all video; attend by signature instead")
    text, length = layout.conditions * layout.text_tokens, layout.text_tokens
    out = torch.empty_like(query)
    for i, tokens in enumerate(layout.covered):
        own = slice(i * length, (i + 1) * length)
        keys = torch.cat([key[:, :, own], key[:, :, text:].index_select(2, tokens)], 2)
        values = torch.cat([value[:, :, own], value[:, :, text:].index_select(2, tokens)], 2)
        out[:, :, own] = F.scaled_dot_product_attention(query[:, :, own], keys, values)
    return out, query[:, :, text:]
