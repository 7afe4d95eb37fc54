"""What a LoRA file holds, seen from its header: for each layer two halves, in any trainer's layout. No torch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.backbones.family import Family
from dreamrunner.files.text import printable_line, shortened
from dreamrunner.priors.values import AdapterError

Channels = Callable[[str], tuple[int, int] | None]
"""How many channels a layer of the model takes and gives; None where the model has no such layer."""

_NO_PLAIN_LORA = {
    r"lora_magnitude_vector|dora_scale": "a DoRA",
    r"lokr_": "a LoKr",
    r"hada_": "a LoHa",
    r"\boft_|\boft\.": "OFT",
    r"ia3_|\.on_input$": "an IA3",
    r"vera_|randlora_": "a VeRA",
    r"lora_mid|lora_t[12]\b": "a LoCon in Tucker's form",
    r"\.lora_E\b|\.ranknum\b": "an AdaLoRA",
    r"lora_embedding_": "one of embeddings",
    r"\.[ab][12]\.weight$": "a GLoRA",
    r"\.diff(_b)?$|\.set_weight$": "whole weights, which are no LoRA",
    r"bias(\.\w+)?$": "a LoRA with biases",
}
"""What is no plain LoRA, by names of its tensors."""

_TEXT_ENCODER = re.compile(r"lora_te\d?_|text_encoder|(?:base_model\.model\.)?(?:te\d?|t5\w*|clip_\w)\.")

_OTHER_MODELS = {
    r"blocks[._]\d+[._](self_attn|cross_attn|ffn)": "Wan",
    r"single_transformer_blocks|double_blocks|single_blocks": "Flux or HunyuanVideo",
    r"(down|up)_blocks|mid_block|(in|out)put_blocks|middle_block": "Stable Diffusion",
    r"transformer_blocks[._]\d+[._]attn2": "LTX-Video or PixArt",
    r"query_key_value": "one in the names of its first code (SAT)",
}
"""Models that a layer's name gives away."""


@dataclass(frozen=True, slots=True)
class Halves:
    """The LoRA of one layer, by names of tensors: ``down`` (rank, in), ``up`` (out, rank), ``alpha`` (one number)."""

    down: str
    up: str
    alpha: str | None
    rank: int


def refuse_other_kinds(file: Path, tensors: Iterable[str]) -> None:
    """See that a file holds a plain LoRA.

    Raises:
        AdapterError: it holds another kind of adapter, which is named, or none.
    """
    names = list(tensors)
    for pattern, kind in _NO_PLAIN_LORA.items():
        found = next((name for name in names if re.search(pattern, name)), None)
        if found is not None:
            raise AdapterError(f"{file} holds {kind} ({_shown(found)}); only plain LoRAs can be used")
    if not any("lora" in name for name in names):
        raise AdapterError(f"{file} holds no LoRA (its tensors are not named lora_A and lora_B)")


def halves_in(
    file: Path, shapes: Mapping[str, tuple[int, ...]], family: Family, model: str, channels: Channels
) -> dict[str, Halves]:
    """The LoRA of each layer in a file whose tensors have these ``shapes``; ``model`` is the backbone's name.

    Raises:
        AdapterError: a tensor is no part of a LoRA for a layer that ``model`` has and that can be adapted.
    """
    refuse_other_kinds(file, shapes)
    parts: dict[str, dict[str, str]] = {}
    for name in shapes:
        if _TEXT_ENCODER.match(name):
            raise AdapterError(
                f"{file} adapts the text encoder too ({_shown(name)}); only the video model can be adapted"
            )
        part = family.lora_part(name)
        if part is None:
            raise AdapterError(f"{file} has a tensor {_shown(name)} that is no part of a LoRA in a layout known here")
        kinds = parts.setdefault(part.layer, {})
        if part.kind in kinds:
            raise AdapterError(f"{file} holds several LoRAs for {_shown(part.layer)}; only one of them can be meant")
        kinds[part.kind] = name
    return {layer: _halves(file, layer, kinds, shapes, family, model, channels) for layer, kinds in parts.items()}


def _halves(
    file: Path,
    layer: str,
    kinds: Mapping[str, str],
    shapes: Mapping[str, tuple[int, ...]],
    family: Family,
    model: str,
    channels: Channels,
) -> Halves:
    wanted, told = channels(layer), _shown(layer)
    if wanted is None:
        other = next((name for pattern, name in _OTHER_MODELS.items() if re.search(pattern, layer)), None)
        raise AdapterError(f"{file} was made for another model{f', {other}' if other else ''}: {model} has no {told}")
    if family.tokens_of(layer) is None:
        raise AdapterError(f"{file} adapts {told}; only attention and feed-forward layers can be adapted")
    if "A" not in kinds or "B" not in kinds:
        raise AdapterError(f"{file} has only half of its LoRA for {told}")
    down, up = shapes[kinds["A"]], shapes[kinds["B"]]
    ranks = down[0] if down else 0, up[-1] if up else 0
    if ranks[0] != ranks[1] or not ranks[0]:
        raise AdapterError(f"{file} is no LoRA: its halves for {told} have the ranks {ranks[0]} and {ranks[1]}")
    rank = ranks[0]
    if (down, up) != ((rank, wanted[0]), (wanted[1], rank)):
        raise AdapterError(
            f"{file} was made for another model: {told} of {model} takes {wanted[0]} channels and gives"
            f" {wanted[1]}, the file has {down} and {up}"
        )
    if "alpha" in kinds and shapes[kinds["alpha"]] not in ((), (1,)):
        raise AdapterError(f"{file} has an alpha for {told} that is not one number")
    return Halves(kinds["A"], kinds["B"], kinds.get("alpha"), rank)


def _shown(name: str) -> str:
    return shortened(printable_line(name), 80)
