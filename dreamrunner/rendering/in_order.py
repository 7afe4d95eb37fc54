"""Region attention over video tokens that stand in the order of their signatures.

The tokens of a signature are then a stretch, and so is nearly all that a condition covers: queries, keys and values are
cut out without being gathered, and results are written without being scattered. Tokens are brought into that order once
a step, where they enter the transformer, and back where they leave it.

In the form ``merged`` all video attends to all video in one attention, as it would without regions, and what a token
reads beside it, the texts of its conditions, is attended to on its own and mixed in. Softmax over two sets of keys is a
mix of the softmaxes over each, in which the second one's share is ``sigmoid(lse_2 - lse_1)``; lse is the log-sum-exp of
a query's scores, which attention kernels compute anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend

Kernel = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""Attention that also gives the log-sum-exp of each query: float32 (batch, heads, queries), natural logarithm."""


@dataclass(frozen=True, slots=True)
class InOrder:
    """Video tokens in the order of their signatures.

    ``order[i]`` (int64) is the token that stands in place i, ``places`` (int64) where each token stands. ``signatures``
    has the conditions of each and its stretch of places, ``covered[i]`` the stretches that condition i covers.
    """

    order: Tensor
    places: Tensor
    signatures: tuple[tuple[tuple[int, ...], slice], ...]
    covered: tuple[tuple[slice, ...], ...]

    @classmethod
    def of(
        cls, signatures: Sequence[tuple[tuple[int, ...], Tensor]], conditions: int, device: torch.device | str
    ) -> InOrder:
        """That of signatures: the conditions and the tokens of each."""
        order = torch.cat([tokens for _, tokens in signatures]).to(device)
        covered: list[list[slice]] = [[] for _ in range(conditions)]
        found, start = [], 0
        for those, tokens in signatures:
            end = start + len(tokens)
            found.append((those, slice(start, end)))
            for each in those:
                if covered[each] and covered[each][-1].stop == start:
                    covered[each][-1] = slice(covered[each][-1].start, end)
                else:
                    covered[each].append(slice(start, end))
            start = end
        return cls(order, torch.argsort(order), tuple(found), tuple(map(tuple, covered)))


def by_signature(query: Tensor, key: Tensor, value: Tensor, layout: InOrder, length: int) -> Tensor:
    """Region attention with an attention for each signature, where a condition's text has ``length`` tokens.

    Shapes and working space as in :func:`dreamrunner.rendering.attention.region_attention`.
    """
    text = len(layout.covered) * length
    own = key[:, :, :text].clone(), value[:, :, :text].clone()
    out = torch.empty_like(query)
    _attend_from_text(out, query, own, (key, value), layout, length)
    for conditions, places in layout.signatures:
        slot = text - len(conditions) * length
        for number, condition in enumerate(conditions):
            there, its = _stretch(slot, number, length), _stretch(0, condition, length)
            for whole, words in zip((key, value), own, strict=True):
                whole[:, :, there] = words[:, :, its]
        here = slice(text + places.start, text + places.stop)
        out[:, :, here] = F.scaled_dot_product_attention(query[:, :, here], key[:, :, slot:], value[:, :, slot:])
    return out


def merged(query: Tensor, key: Tensor, value: Tensor, layout: InOrder, length: int, kernel: Kernel) -> Tensor:
    """The same with one attention over all video, by a ``kernel``; nothing is overwritten."""
    text = len(layout.covered) * length
    out = torch.empty_like(query)
    _attend_from_text(out, query, (key, value), (key, value), layout, length)
    asking = query[:, :, text:]
    seen, amount = kernel(asking, key[:, :, text:], value[:, :, text:])
    told, its_amount = [], []
    for conditions, places in layout.signatures:
        words = [_joined([each[:, :, _stretch(0, i, length)] for i in conditions]) for each in (key, value)]
        result, log_sum = kernel(asking[:, :, places], *words)
        told.append(result)
        its_amount.append(log_sum)
    share = torch.sigmoid(_joined(its_amount) - amount)[..., None]
    out[:, :, text:] = torch.lerp(seen, _joined(told), share.to(seen.dtype))
    return out


def _attend_from_text(
    out: Tensor,
    query: Tensor,
    text: tuple[Tensor, Tensor],
    video: tuple[Tensor, Tensor],
    layout: InOrder,
    length: int,
) -> None:
    """Fill in the text of a result: each condition's reads itself and what it covers. ``text`` has the keys and values
    of the text, ``video`` those of the whole sequence."""
    start = len(layout.covered) * length
    for i, covered in enumerate(layout.covered):
        own = _stretch(0, i, length)
        there = [slice(start + each.start, start + each.stop) for each in covered]
        keys, values = (
            _joined([words[:, :, own], *(whole[:, :, each] for each in there)])
            for words, whole in zip(text, video, strict=True)
        )
        out[:, :, own] = F.scaled_dot_product_attention(query[:, :, own], keys, values)


def _stretch(start: int, number: int, length: int) -> slice:
    return slice(start + number * length, start + (number + 1) * length)


def _joined(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, 2)


def flash(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """PyTorch's FlashAttention, on a GPU in half precision only, or its counterpart on a CPU."""
    if query.device.type == "cuda":
        return torch.ops.aten._scaled_dot_product_flash_attention(query, key, value)[:2]
    return torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(query, key, value)[:2]


def efficient(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Memory-efficient attention; on a GPU only. It pads the queries of its log-sum-exp."""
    out, lse = torch.ops.aten._scaled_dot_product_efficient_attention(query, key, value, None, True)[:2]
    return out, lse[:, :, : query.shape[2]]


def cudnn(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """cuDNN's attention; on a GPU in half precision only. It plans anew for each new shape, which takes its time."""
    out, lse = torch.ops.aten._scaled_dot_product_cudnn_attention(query, key, value, None, True)[:2]
    return out, lse.reshape(*query.shape[:3])


KERNELS: dict[int, Kernel] = {
    SDPBackend.FLASH_ATTENTION.value: flash,
    SDPBackend.EFFICIENT_ATTENTION.value: efficient,
    SDPBackend.CUDNN_ATTENTION.value: cudnn,
}
"""Those that give a log-sum-exp, by PyTorch's number of them."""


def usual_kernel(query: Tensor, key: Tensor, value: Tensor) -> Kernel | None:
    """The kernel that PyTorch itself takes for such tensors; None where that is one which gives no log-sum-exp."""
    return KERNELS.get(torch._fused_sdp_choice(query, key, value))
