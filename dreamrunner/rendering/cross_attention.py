"""SR3AI where text stands in an attention of its own, exact and without a mask.

Video reads text there, and text reads nothing, so that one rule of the paper's (3.3, A.3) is left: the query of a video
token attends to the whole texts of the conditions that cover it, padding included, in one softmax over all of them; one
that no box covers to the background's. Queries are grouped by signature. Video reads all video, as in the stock model.
What the paper says of a condition's text, that it reads its region's video, has no counterpart.

Guidance's branches are two calls. The unconditional one has a single text, which all video reads.

To PyTorch's compiler attention by region is one operation, which reads the layout of the call that is being made: what
is compiled has nothing of a scene's regions in it, and serves all scenes and both calls.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn import Module

from dreamrunner.backbones.family import Family
from dreamrunner.rendering.layout import RegionLayout


@dataclass(slots=True)
class Call:
    """What a transformer is being called with, for those inside it who aren't told.

    ``layout``: where regions are, None outside calls that have any.
    ``unconditional``: whether this call is guidance's unconditional branch alone.
    """

    layout: RegionLayout | None = None
    unconditional: bool = False


_CURRENT: list[Call] = []
"""What transformers are being called with, the innermost last."""


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention without a mask; all are (batch, tokens, heads, head size)."""
    parts = (query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2))
    return F.scaled_dot_product_attention(*parts).transpose(1, 2)


def region_cross_attention(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout) -> Tensor:
    """What video reads of the texts of its conditions, equal to dense masked attention.

    ``query`` is (batch, video tokens, heads, head size), and so is the result; ``key`` and ``value`` are (batch,
    conditions * text_tokens, heads, head size). Video tokens are in the layout's order.
    """
    if len(layout.signatures) == 1:
        words = layout.signatures[0].words
        return attend(query, key.index_select(1, words), value.index_select(1, words))
    out = torch.empty_like(query, memory_format=torch.contiguous_format)
    if layout.in_order is not None:
        for part, (_, places) in zip(layout.signatures, layout.in_order.signatures, strict=True):
            words = key.index_select(1, part.words), value.index_select(1, part.words)
            out[:, places] = attend(query[:, places], *words)
        return out
    for part in layout.signatures:
        queries = query.index_select(1, part.tokens)
        read = attend(queries, key.index_select(1, part.words), value.index_select(1, part.words))
        out.index_copy_(1, part.tokens, read)
    return out


def region_self_attention(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout) -> Tensor:
    """What video reads of video under a ``hard`` layout: that with which it shares a condition. All are (batch, video
    tokens, heads, head size)."""
    out = torch.empty_like(query, memory_format=torch.contiguous_format)
    for part in layout.signatures:
        if part.visible is None:
            raise ValueError("video reads all video unless the layout is a hard one")
        keys, values = key.index_select(1, part.visible), value.index_select(1, part.visible)
        out.index_copy_(1, part.tokens, attend(query.index_select(1, part.tokens), keys, values))
    return out


def _read_text(query: Tensor, key: Tensor, value: Tensor, call: Call) -> Tensor:
    if call.layout is None:
        raise ValueError("region attention takes a layout (attention_kwargs={'regions': ...})")
    return attend(query, key, value) if call.unconditional else region_cross_attention(query, key, value, call.layout)


def _read_video(query: Tensor, key: Tensor, value: Tensor, call: Call) -> Tensor:
    layout = call.layout
    if layout is None:
        raise ValueError("region attention takes a layout (attention_kwargs={'regions': ...})")
    if layout.signatures[0].visible is None or (call.unconditional and not layout.unconditional_regions):
        return attend(query, key, value)
    return region_self_attention(query, key, value, layout)


Reading = Callable[[Tensor, Tensor, Tensor, Call], Tensor]


def _operation(name: str, read: Reading) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """A way to attend under the current call, as one operation to PyTorch's compiler."""

    def work(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return read(query, key, value, _CURRENT[-1] if _CURRENT else Call()).contiguous()

    schema = "(Tensor query, Tensor key, Tensor value) -> Tensor"
    made = torch.library.custom_op(f"dreamrunner::{name}", work, mutates_args=(), schema=schema)
    made.register_fake(lambda query, key, value: torch.empty_like(query, memory_format=torch.contiguous_format))
    return made


_compiled_text = _operation("region_cross_attention", _read_text)
_compiled_video = _operation("region_self_attention", _read_video)


class RegionCrossProcessor:
    """A diffusers attention processor for an attention in which video reads text. It attends by the layout of ``call``,
    since the transformer hands it no arguments."""

    def __init__(self, family: Family, call: Call) -> None:
        self.family, self.call = family, call

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        positions: Any = None,
    ) -> Tensor:
        if attention_mask is not None:
            raise ValueError("region attention takes no mask")
        parts = self.family.projected(attn, hidden_states, encoder_hidden_states, positions)
        read = self._read(*parts).flatten(2).type_as(hidden_states)
        return attn.to_out[1](attn.to_out[0](read))

    def _read(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        if torch.compiler.is_compiling():
            return _compiled_text(query, key, value)
        return _read_text(query, key, value, self.call)


class RegionSelfProcessor(RegionCrossProcessor):
    """The same for an attention in which video reads video, under a ``hard`` layout."""

    def _read(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        if torch.compiler.is_compiling():
            return _compiled_video(query, key, value)
        return _read_video(query, key, value, self.call)


@contextlib.contextmanager
def by_cross_attention(transformer: Module, family: Family, call: Call, hard: bool = False) -> Iterator[None]:
    """Let a transformer attend by region for a while; it is then called with ``attention_kwargs={"regions": layout}``,
    from which ``call`` is kept up to date. ``hard`` lets video read only the video of its regions, too."""
    texts, videos = family.text_attentions(transformer), family.video_attentions(transformer) if hard else ()
    before = [(each, each.processor) for each in (*texts, *videos)]
    forward, own = transformer.forward, transformer.__dict__.get("forward")

    def told(*arguments: Any, attention_kwargs: Mapping[str, Any] | None = None, **named: Any) -> Any:
        layout = (attention_kwargs or {}).get("regions")
        if not isinstance(layout, RegionLayout):
            raise ValueError("a transformer that attends by region is called with attention_kwargs={'regions': ...}")
        words, many = named["encoder_hidden_states"].shape[1], layout.conditions * layout.text_tokens
        if words not in (many, layout.text_tokens):
            raise ValueError(f"a text of {words} tokens is neither {layout.conditions} conditions nor a single one")
        call.layout, call.unconditional = layout, words != many
        _CURRENT.append(call)
        try:
            if layout.in_order is None:
                return forward(*arguments, **named)
            with family.reordered(transformer, layout.in_order.order, layout.in_order.places, named) as its:
                return forward(*arguments, **its)
        finally:
            _CURRENT.pop()
            call.layout, call.unconditional = None, False

    for each in texts:
        each.set_processor(RegionCrossProcessor(family, call))
    for each in videos:
        each.set_processor(RegionSelfProcessor(family, call))
    transformer.forward = told
    try:
        yield
    finally:
        if own is None:
            del transformer.forward
        else:
            transformer.forward = own  # a hook's
        for each, processor in before:
            each.set_processor(processor)
