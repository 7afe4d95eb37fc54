"""Reading adapters: trained LoRAs that somebody brings, for a motion, a character or the whole picture. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.family import Expert
from dreamrunner.backbones.header import is_zero, read_header, read_number, without_numbers
from dreamrunner.backbones.tensor_names import configuration
from dreamrunner.files.digest import digest_file, digest_json
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import printable_line, shortened
from dreamrunner.files.wording import reason
from dreamrunner.priors.lora_files import Content, content_of, no_linear_layer, no_numbers, refuse_other_kinds
from dreamrunner.priors.lora_settings import settings_beside, settings_in
from dreamrunner.priors.naming import placeholder_in
from dreamrunner.priors.values import (
    OWN,
    Adapter,
    AdapterError,
    Kind,
    LoraSettings,
    Sidecar,
    adapter_name,
    sidecar_file,
)

_FLOATS = frozenset(("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"))
"""Types of weights, as safetensors calls them, that are numbers as they are and no codes of a quantization."""


def read_sidecar(file: Path) -> Sidecar | None:
    """The sidecar of a LoRA file: the JSON beside it, else the file's own metadata; None for foreign files."""
    try:
        return Sidecar.model_validate_json(read_regular(sidecar_file(file)))
    except (OSError, ValidationError):
        pass
    try:
        return Sidecar.model_validate(configuration(read_header(file).get("__metadata__") or {})[OWN])
    except (BackboneError, ValidationError, ValueError, KeyError, TypeError):
        return None


def read_adapter(
    file: Path,
    *,
    kind: Kind,
    of: str,
    scale: float = 1.0,
    backbone: Backbone | None = None,
    name: str = "",
    expert: Expert = "",
) -> Adapter:
    """The adapter in a file, for the motion or character named ``of``; ``backbone`` checks that it fits that one.

    LoRAs trained elsewhere for the same model are as good, in any layout that the backbone's family reads. One for the
    whole picture (the kind ``picture``) may be any, also one that was trained for a motion or a character; it takes the
    ``name`` that it is given, and works in the ``expert`` alone that it is for.

    Raises:
        AdapterError: the file is missing, pickled, cut short, holds no LoRA, one of the other kind, or one for another
            model or other weights.
    """
    if file.suffix != ".safetensors":
        raise AdapterError(f"{file} is not a .safetensors file; other formats can run code and are not loaded")
    try:
        header = read_header(file)
        beside = settings_beside(file)
        digest = digest_of(file, beside)
    except BackboneError as error:
        raise AdapterError(str(error)) from None
    except OSError as error:
        raise AdapterError(f"cannot read {file}: {reason(error)}") from None
    settings_in(file, header.pop("__metadata__", None))
    refuse_other_kinds(file, header, whole=kind == "picture")
    sidecar = read_sidecar(file)
    if sidecar is not None and kind != "picture" and sidecar.kind != kind:
        wanted = {"motion": "a motion", "subject": "a character"}
        raise AdapterError(f"{file} was trained for {wanted[sidecar.kind]}, {sidecar.of}; {of} is {wanted[kind]}")
    left_out = 0
    if backbone is not None:
        if expert and len(backbone.denoisers) == 1:
            raise AdapterError(
                f"{file} can't be for {expert} noise alone: {backbone.name} denoises with one network; name it without"
                f" `{expert}`"
            )
        for tensor, entry in header.items():
            if entry["dtype"] not in _FLOATS and not tensor.endswith("alpha"):
                raise AdapterError(f"{file} has quantized weights ({entry['dtype']}); get them in 16 bits or more")
        shapes = {name: tuple(entry["shape"]) for name, entry in header.items()}
        channels = _Channels(backbone)
        content = content_of(file, shapes, backbone.family, backbone.name, channels, whole=kind == "picture")
        _check_numbers(file, content, header)
        left_out = len(content.zeros)
        if sidecar is not None and sidecar.backbone_digest != backbone.digest:
            raise AdapterError(
                f"{file} was trained for other weights ({sidecar.backbone}) than {backbone.name} has here;"
                " train it anew for these"
            )
    placeholder = placeholder_in(sidecar.captions) if sidecar is not None and kind == "subject" else ""
    return Adapter(
        name=name or adapter_name(kind, of, expert),
        kind=kind,
        of=of,
        file=file,
        digest=digest,
        scale=scale,
        placeholder=placeholder,
        settings=beside,
        expert=expert or (sidecar.expert if sidecar is not None else ""),
        left_out=left_out,
    )


def _check_numbers(file: Path, content: Content, header: Mapping[str, Any]) -> None:
    """See that each alpha, a tensor of one number, is one to multiply with, that all weights are numbers, and that what
    is left out is all zero.

    Raises:
        AdapterError: it is not.
    """
    try:
        for name in content.zeros:
            if not is_zero(file, header[name]):
                raise no_linear_layer(file, name)
        for name in sorted(lora.alpha for lora in content.layers.values() if lora.alpha is not None):
            number = read_number(file, header[name])
            if number is not None and (not math.isfinite(number) or number == 0):
                shown = shortened(printable_line(name), 80)
                raise AdapterError(f"{file} has an alpha ({shown}) that is no number above or below 0; save it again")
        if (odd := without_numbers(file, header)) is not None:
            raise no_numbers(file, odd)
    except OSError as error:
        raise AdapterError(f"cannot read {file}: {reason(error)}") from None


def digest_of(file: Path, beside: LoraSettings | None) -> str:
    """What stands for a LoRA: the sha256 of its file, with the settings ``beside`` it one of both.

    Raises:
        OSError: it can't be read.
    """
    digest = digest_file(file)
    return digest if beside is None else digest_json([digest, beside.model_dump(mode="json")])


def most_bytes(backbone: Backbone, rank: int) -> int:
    """Bytes that a LoRA has at most: of this rank, in all layers of all blocks, in float32.

    Raises:
        BackboneError: the backbone's config went away.
    """
    family, configs = backbone.family, backbone.configs
    layers = [name for block in range(family.block_count(configs)) for name in family.layers(block, output=True)]
    return 4 * rank * sum(sum(family.channels(layer, configs)) for layer in layers)


class _Channels:
    """How many channels each layer of a backbone takes and gives, by its configs, or by the headers of its weights
    where only they say; None for a layer that it has not, or that is not linear."""

    def __init__(self, backbone: Backbone) -> None:
        self.backbone = backbone
        self.shapes: dict[str, tuple[int, ...]] | None = None

    def __call__(self, layer: str) -> tuple[int, int] | None:
        family, configs = self.backbone.family, self.backbone.configs
        if family.tokens_of(layer) is not None:
            exists = (family.block_of(layer) or 0) < family.block_count(configs)
            return family.channels(layer, configs) if exists else None
        if self.shapes is None:
            self.shapes = {
                name.replace(".", "_"): tuple(entry["shape"])
                for file in sorted((self.backbone.source / "transformer").glob("*.safetensors"))
                for name, entry in read_header(file).items()
                if name.endswith(".weight")
            }
        # A layer that is written with _ for its dots can't be told from one that has them.
        shape = self.shapes.get(f"{layer}.weight".replace(".", "_"), ())
        return (shape[1], shape[0]) if len(shape) == 2 else None
