"""A region program as indices on a device: what every form of region attention reads."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dreamrunner.regions import RegionProgram, masks, signatures
from dreamrunner.rendering.forms import Form
from dreamrunner.rendering.in_order import InOrder


@dataclass(frozen=True, slots=True)
class SignatureTokens:
    """The video tokens of one signature and what they read, all int64 indices.

    ``words`` are the text tokens of the signature's conditions; ``visible`` the video tokens that may be read, ``None``
    for all.
    """

    tokens: Tensor
    words: Tensor
    visible: Tensor | None = None


@dataclass(frozen=True, slots=True)
class RegionLayout:
    """A region program as indices on a device: all that the attention needs to know.

    ``signatures`` are a partition of the video tokens; ``covered[i]`` (int64) are the video tokens of condition i.
    ``text_tokens`` is the padded length of each condition's text. With ``unconditional_regions`` off, the first half of
    a batch with guidance is attended to without regions, as if its last condition's text were its only prompt; where
    guidance's branches are two calls, the unconditional one is the stock model's.
    ``in_order`` is the order of the video tokens and ``form`` how attention is computed; None for raster order.
    """

    conditions: int
    text_tokens: int
    signatures: tuple[SignatureTokens, ...]
    covered: tuple[Tensor, ...]
    unconditional_regions: bool = True
    in_order: InOrder | None = None
    form: Form | None = None

    @classmethod
    def of(
        cls,
        program: RegionProgram,
        text_tokens: int,
        *,
        device: torch.device | str = "cpu",
        hard: bool = False,
        unconditional_regions: bool = True,
        form: Form | None = None,
    ) -> RegionLayout:
        """The layout of a program. ``hard`` also keeps video tokens that share no condition from reading each other:
        the masking that the paper found to break transitions, kept as an ablation; it has no ``form``.
        """
        covering = masks(program)
        dense = torch.from_numpy(covering)
        found, those = [], signatures(covering)
        for signature in those:
            words = torch.tensor(signature.conditions)[:, None] * text_tokens + torch.arange(text_tokens)
            visible = dense[list(signature.conditions)].any(0).nonzero()[:, 0].to(device) if hard else None
            tokens = torch.from_numpy(signature.tokens)
            found.append(SignatureTokens(tokens.to(device), words.flatten().to(device), visible))
        return cls(
            conditions=len(program.conditions),
            text_tokens=text_tokens,
            signatures=tuple(found),
            covered=tuple(tokens.nonzero()[:, 0].to(device) for tokens in dense),
            unconditional_regions=unconditional_regions,
            in_order=None
            if form is None or hard
            else InOrder.of(
                [(each.conditions, torch.from_numpy(each.tokens)) for each in those], len(covering), device
            ),
            form=None if hard else form,
        )

    def nbytes(self) -> int:
        """Bytes that the layout takes on its device."""
        held = [*self.covered, *((self.in_order.order, self.in_order.places) if self.in_order is not None else ())]
        for part in self.signatures:
            held += [part.tokens, part.words] if part.visible is None else [part.tokens, part.words, part.visible]
        return sum(tensor.numel() * tensor.element_size() for tensor in held)
