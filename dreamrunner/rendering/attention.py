"""SR3AI: spatial-temporal region-based 3D attention (paper 3.3, A.3), exact and without a mask.

Let the sequence be ``[text of condition 1 | ... | text of condition n | video]``. A video token reads the text of the
conditions that cover it and all video tokens; a condition's text reads itself and the video tokens that it covers.
As a dense mask this is a square of booleans that slows attention down to half. Here it is a handful of unmasked
attentions instead: one for the text of each condition, and one for all video tokens of each signature. Their keys are
``[own text | all video]``, and stand in one piece because the text that a signature reads is copied into the place just
before the video keys, which the last condition's text holds otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import Attention
from torch import Tensor

from dreamrunner.backbones.family import Family
from dreamrunner.rendering.in_order import by_signature, merged, usual_kernel
from dreamrunner.rendering.layout import RegionLayout


def region_attention(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout) -> Tensor:
    """Attention under a layout, equal to dense masked attention.

    All have shape (batch, heads, conditions * text_tokens + video tokens, head size); so has the result. Video tokens
    are in the layout's order. ``key`` and ``value`` are used as working space: the text in them is overwritten.
    """
    if layout.in_order is not None:
        kernel = usual_kernel(query, key, value) if layout.form == "merged" else None
        if kernel is not None:
            return merged(query, key, value, layout.in_order, layout.text_tokens, kernel)
        # also where PyTorch has only a kernel that gives no log-sum-exp
        return by_signature(query, key, value, layout.in_order, layout.text_tokens)
    text, length = layout.conditions * layout.text_tokens, layout.text_tokens
    out = torch.empty_like(query)
    own_keys, own_values = key[:, :, :text].clone(), value[:, :, :text].clone()
    video_keys, video_values = key[:, :, text:], value[:, :, text:]
    for i, tokens in enumerate(layout.covered):
        place = slice(i * length, (i + 1) * length)
        keys = torch.cat([own_keys[:, :, place], video_keys.index_select(2, tokens)], 2)
        values = torch.cat([own_values[:, :, place], video_values.index_select(2, tokens)], 2)
        out[:, :, place] = F.scaled_dot_product_attention(query[:, :, place], keys, values)

    video_queries, video_out = query[:, :, text:], out[:, :, text:]
    for part in layout.signatures:
        word_keys, word_values = own_keys.index_select(2, part.words), own_values.index_select(2, part.words)
        if part.visible is None:
            slot = text - len(part.words)
            key[:, :, slot:text], value[:, :, slot:text] = word_keys, word_values
            keys, values = key[:, :, slot:], value[:, :, slot:]
        else:
            keys = torch.cat([word_keys, video_keys.index_select(2, part.visible)], 2)
            values = torch.cat([word_values, video_values.index_select(2, part.visible)], 2)
        queries = video_queries.index_select(2, part.tokens)
        video_out.index_copy_(2, part.tokens, F.scaled_dot_product_attention(queries, keys, values))
    return out


def unregioned_attention(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout) -> Tensor:
    """Attention without regions when every condition's text is the same prompt: what the stock model would do with that
    prompt alone, its text repeated in the result. Shapes as in :func:`region_attention`.
    """
    start = (layout.conditions - 1) * layout.text_tokens
    alone = F.scaled_dot_product_attention(query[:, :, start:], key[:, :, start:], value[:, :, start:])
    text, video = alone[:, :, : layout.text_tokens], alone[:, :, layout.text_tokens :]
    return torch.cat([text.repeat(1, 1, layout.conditions, 1), video], 2)


class RegionAttnProcessor:
    """A diffusers attention processor for joint attention over ``[text | video]`` that attends by region.

    Reads its :class:`RegionLayout` from ``attention_kwargs={"regions": layout}``. For inference: its working space is
    written to in place.
    """

    def __init__(self, family: Family) -> None:
        self.family = family

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        image_rotary_emb: tuple[Tensor, Tensor] | None = None,
        regions: RegionLayout | None = None,
    ) -> tuple[Tensor, Tensor]:
        if regions is None or attention_mask is not None:
            raise ValueError("region attention takes a layout (attention_kwargs={'regions': ...}) and no mask")
        text = encoder_hidden_states.shape[1]
        query, key, value = (
            part.transpose(1, 2)
            for part in self.family.projected(attn, hidden_states, encoder_hidden_states, image_rotary_emb)
        )
        attend = _compiled if torch.compiler.is_compiling() else _attend
        attended = attend(query, key, value, regions).transpose(1, 2).flatten(2)
        attended = attn.to_out[1](attn.to_out[0](attended))
        return attended[:, text:], attended[:, :text]


def _attend(query: Tensor, key: Tensor, value: Tensor, layout: RegionLayout) -> Tensor:
    half = query.shape[0] // 2
    if layout.unconditional_regions or half == 0:
        return region_attention(query, key, value, layout)
    # guidance batches are [unconditional | conditional]
    out = torch.empty_like(query)
    out[:half] = unregioned_attention(query[:half], key[:half], value[:half], layout)
    out[half:] = region_attention(query[half:], key[half:], value[half:], layout)
    return out


_CURRENT: list[RegionLayout | None] = [None]


@contextlib.contextmanager
def current(layout: RegionLayout | None) -> Iterator[None]:
    """Have compiled blocks attend under a layout for a while."""
    _CURRENT.append(layout)
    try:
        yield
    finally:
        _CURRENT.pop()


@torch.library.custom_op(
    "dreamrunner::region_attention",
    mutates_args=("key", "value"),
    schema="(Tensor query, Tensor(a!) key, Tensor(b!) value) -> Tensor",
)
def _operation(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention under the current layout, as one operation to PyTorch's compiler: what it compiles has nothing of a
    scene's regions in it, and serves all scenes with as many texts."""
    layout = _CURRENT[-1]
    if layout is None:
        raise RuntimeError("region attention was compiled, and there is no layout to attend under")
    return _attend(query, key, value, layout)


@_operation.register_fake
def _(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    return torch.empty_like(query)


def _compiled(query: Tensor, key: Tensor, value: Tensor, _: RegionLayout) -> Tensor:
    return _operation(query, key, value)
