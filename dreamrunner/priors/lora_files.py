"""What a LoRA file holds, seen from its header: for each layer two halves, in any trainer's layout. No torch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.backbones.family import Family
from dreamrunner.backbones.table import FAMILIES
from dreamrunner.backbones.tensor_names import Kind
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
    r"\.set_weight$": "whole weights, which are no LoRA",
}
"""What is no plain LoRA, by names of its tensors."""

_MORE = {
    r"\.diff(_b)?$": "differences of whole weights or biases, which work in the whole picture only",
    r"bias(\.\w+)?$": "a LoRA with biases, which work in the whole picture only",
}
"""What more a LoRA for the whole picture may have."""

_TEXT_ENCODER = re.compile(r"lora_te\d?_|text_encoder|(?:base_model\.model\.)?(?:te\d?|t5\w*|clip_\w)\.")

_OTHER_MODELS = {
    r"[kv]_img|img_emb|attn2[._]add_[kv]_proj|image_embedder": "one for image to video",
    r"single_transformer_blocks|double_blocks|single_blocks": "Flux or HunyuanVideo",
    r"(down|up)_blocks|mid_block|(in|out)put_blocks|middle_block": "Stable Diffusion",
    r"transformer_blocks[._]\d+[._]attn2": "LTX-Video or PixArt",
    r"query_key_value": "one in the names of its first code (SAT)",
}
"""Models of no family here that a layer's name gives away."""


@dataclass(frozen=True, slots=True)
class LayerLora:
    """The LoRA of one layer, by names of tensors.

    ``down`` (rank, in) and ``up`` (out, rank) are its halves, each with the scale that its 8-bit weights are multiplied
    by, if any; ``alpha`` (one number) says how strong they are. In the whole picture there may be a ``bias`` (out), and
    a ``difference`` (out, in) of the weights in the place of the halves.
    """

    down: str | None = None
    up: str | None = None
    rank: int = 0
    alpha: str | None = None
    down_scale: str | None = None
    up_scale: str | None = None
    bias: str | None = None
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a LoRA file holds: the LoRA of each layer by its name, and the tensors that make no difference as long as
    they are all zero, as trainers write them for layers that they did not train."""

    layers: Mapping[str, LayerLora]
    zeros: tuple[str, ...] = ()


def refuse_other_kinds(file: Path, tensors: Iterable[str], *, whole: bool = False) -> None:
    """See that a file holds a plain LoRA, or one for the ``whole`` picture.

    Raises:
        AdapterError: it holds another kind of adapter, which is named, or none.
    """
    names = list(tensors)
    for pattern, kind in (_NO_PLAIN_LORA if whole else _NO_PLAIN_LORA | _MORE).items():
        found = next((name for name in names if re.search(pattern, name)), None)
        if found is not None:
            raise AdapterError(f"{file} holds {kind} ({_shown(found)}); only plain LoRAs can be used")
    if not any("lora" in name for name in names):
        raise AdapterError(f"{file} holds no LoRA (its tensors are not named lora_A and lora_B)")


def no_numbers(file: Path, where: str) -> AdapterError:
    """The refusal of a file whose weights for a layer, or in a tensor, are not all finite."""
    return AdapterError(
        f"{file} has weights for {_shown(where)} that are no numbers (NaN or infinite), as a training that went wrong"
        " leaves them; take another file of it, or train it anew"
    )


def content_of(
    file: Path,
    shapes: Mapping[str, tuple[int, ...]],
    family: Family,
    model: str,
    channels: Channels,
    *,
    whole: bool = False,
) -> Content:
    """What a file holds whose tensors have these ``shapes``; ``model`` is the backbone's name. With ``whole`` it is for
    the whole picture, so that it may adapt layers that do not work token by token.

    Raises:
        AdapterError: a tensor is no part of a LoRA for a layer that ``model`` has and that can be adapted.
    """
    refuse_other_kinds(file, shapes, whole=whole)
    parts: dict[str, dict[Kind, str]] = {}
    for name in shapes:
        if _TEXT_ENCODER.match(name):
            raise AdapterError(
                f"{file} adapts the text encoder too ({_shown(name)}); only the video model can be adapted"
            )
        part = family.lora_part(name)
        if part is None:
            raise AdapterError(f"{file} has a tensor {_shown(name)} that is no part of a LoRA in a layout known here")
        kinds = parts.setdefault(part.layer, {})
        if part.kind in kinds and part.kind != "nothing":
            raise AdapterError(f"{file} holds several LoRAs for {_shown(part.layer)}; only one of them can be meant")
        kinds[part.kind] = name
    reader = _Reader(file, shapes, family, model, channels, whole)
    return Content(
        {layer: lora for layer, kinds in parts.items() if (lora := reader.read(layer, kinds)) is not None},
        tuple(reader.zeros),
    )


class _Reader:
    """Reads the parts of one file layer by layer. ``zeros`` collects what has to be all zero."""

    def __init__(
        self,
        file: Path,
        shapes: Mapping[str, tuple[int, ...]],
        family: Family,
        model: str,
        channels: Channels,
        whole: bool,
    ) -> None:
        self.file, self.shapes, self.family = file, shapes, family
        self.model, self.channels, self.whole = model, channels, whole
        self.zeros: list[str] = []

    def read(self, layer: str, kinds: Mapping[Kind, str]) -> LayerLora | None:
        """The LoRA of a layer; None where nothing is for it that makes a difference."""
        halves = [kind for kind in kinds if kind not in ("bias", "difference", "nothing")]
        wanted, told = self.channels(layer), _shown(layer)
        if not halves:
            kinds = {kind: name for kind, name in kinds.items() if kind != "nothing"}
            fitting = {kind: name for kind, name in kinds.items() if self._fits(kind, name, wanted)}
            self.zeros += [name for kind, name in kinds.items() if kind not in fitting]
            kinds = fitting
            if not kinds:
                return None
        if wanted is None:
            raise AdapterError(
                f"{self.file} was made for another model{self._other(layer)}: {self.model} has no {told}"
            )
        if not self.whole and self.family.tokens_of(layer) is None:
            raise AdapterError(
                f"{self.file} adapts {told}; only attention and feed-forward layers can be adapted in a region"
            )
        bias = kinds.get("bias")
        if bias is not None and not self._fits("bias", bias, wanted):
            raise AdapterError(
                f"{self.file} was made for another model: its bias for {told} has not {wanted[1]} numbers"
            )
        if "difference" in kinds and halves:
            raise AdapterError(f"{self.file} holds several LoRAs for {told}; only one of them can be meant")
        if not halves:
            return LayerLora(bias=bias, difference=kinds.get("difference"))
        return self._halves(told, kinds, wanted)

    def _halves(self, told: str, kinds: Mapping[Kind, str], wanted: tuple[int, int]) -> LayerLora:
        file, shapes = self.file, self.shapes
        if "A" not in kinds or "B" not in kinds:
            raise AdapterError(f"{file} has only half of its LoRA for {told}")
        down, up = shapes[kinds["A"]], shapes[kinds["B"]]
        if len(down) != 2 or len(up) != 2:
            raise AdapterError(f"{file} adapts {told}, which is no linear layer ({down} and {up}); only those can be")
        rank = down[0]
        if rank != up[1] or not rank:
            raise AdapterError(f"{file} is no LoRA: its halves for {told} have the ranks {rank} and {up[1]}")
        if (down, up) != ((rank, wanted[0]), (wanted[1], rank)):
            raise AdapterError(
                f"{file} was made for another model: {told} of {self.model} takes {wanted[0]} channels and gives"
                f" {wanted[1]}, the file has {down} and {up}"
            )
        if "alpha" in kinds and shapes[kinds["alpha"]] not in ((), (1,)):
            raise AdapterError(f"{file} has an alpha for {told} that is not one number")
        for scale, size in ((kinds.get("scale A"), rank), (kinds.get("scale B"), wanted[1])):
            if scale is not None and shapes[scale] not in {(), (1,), (size,), (size, 1)}:
                raise AdapterError(f"{file} has a scale for {told} that is neither one number nor one for each row")
        return LayerLora(
            kinds["A"],
            kinds["B"],
            rank,
            kinds.get("alpha"),
            kinds.get("scale A"),
            kinds.get("scale B"),
            kinds.get("bias"),
        )

    def _fits(self, kind: Kind, tensor: str, wanted: tuple[int, int] | None) -> bool:
        """Whether a bias or a difference has the size of a linear layer's."""
        if wanted is None:
            return False
        taken, given = wanted
        return self.shapes[tensor] == ((given,) if kind == "bias" else (given, taken))

    def _other(self, layer: str) -> str:
        """The model that a layer is of, as it is said behind "another model"."""
        if self.family.block_of(layer) is None:
            for family in FAMILIES.values():
                part = family.lora_part(f"{layer}.alpha")
                if part is not None and family.tokens_of(part.layer) is not None:
                    return f", {family.pipeline.removesuffix('Pipeline')}"
        return next((f", {name}" for pattern, name in _OTHER_MODELS.items() if re.search(pattern, layer)), "")


def no_linear_layer(file: Path, tensor: str) -> AdapterError:
    """What is said of a tensor that has to be all zero and is not."""
    return AdapterError(
        f"{file} changes {_shown(tensor)}, which is no linear layer of this model; only LoRAs of linear layers can be"
        " used"
    )


def _shown(name: str) -> str:
    return shortened(printable_line(name), 80)
