"""Reading adapters: trained LoRAs that somebody brings, one per motion or character. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.header import read_header, read_number
from dreamrunner.backbones.tensor_names import configuration
from dreamrunner.files.digest import digest_file, digest_json
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import printable_line, shortened
from dreamrunner.files.wording import reason
from dreamrunner.priors.lora_files import halves_in, refuse_other_kinds
from dreamrunner.priors.lora_settings import settings_beside, settings_in
from dreamrunner.priors.naming import placeholder_in
from dreamrunner.priors.values import OWN, Adapter, AdapterError, Kind, LoraSettings, Sidecar, sidecar_file

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


def read_adapter(file: Path, *, kind: Kind, of: str, scale: float = 1.0, backbone: Backbone | None = None) -> Adapter:
    """The adapter in a file, for the motion or character named ``of``; ``backbone`` checks that it fits that one.

    LoRAs trained elsewhere for the same model are as good, in any layout that the backbone's family reads.

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
    refuse_other_kinds(file, header)
    sidecar = read_sidecar(file)
    if sidecar is not None and sidecar.kind != kind:
        wanted = {"motion": "a motion", "subject": "a character"}
        raise AdapterError(f"{file} was trained for {wanted[sidecar.kind]}, {sidecar.of}; {of} is {wanted[kind]}")
    if backbone is not None:
        for name, entry in header.items():
            if entry["dtype"] not in _FLOATS and not name.endswith("alpha"):
                raise AdapterError(f"{file} has quantized weights ({entry['dtype']}); get them in 16 bits or more")
        shapes = {name: tuple(entry["shape"]) for name, entry in header.items()}
        halves = halves_in(file, shapes, backbone.family, backbone.name, lambda layer: _channels(layer, backbone))
        _check_alphas(file, [each.alpha for each in halves.values() if each.alpha is not None], header)
        if sidecar is not None and sidecar.backbone_digest != backbone.digest:
            raise AdapterError(
                f"{file} was trained for other weights ({sidecar.backbone}) than {backbone.name} has here;"
                " train it anew for these"
            )
    placeholder = placeholder_in(sidecar.captions) if sidecar is not None and kind == "subject" else ""
    name = f"{kind}-{of}"
    return Adapter(
        name=name,
        kind=kind,
        of=of,
        file=file,
        digest=digest,
        scale=scale,
        placeholder=placeholder,
        settings=beside,
    )


def _check_alphas(file: Path, names: Iterable[str], header: Mapping[str, Any]) -> None:
    """See that each alpha, a tensor of one number, is one to multiply with. Raises AdapterError."""
    try:
        for name in sorted(names):
            number = read_number(file, header[name])
            if number is not None and (not math.isfinite(number) or number == 0):
                shown = shortened(printable_line(name), 80)
                raise AdapterError(f"{file} has an alpha ({shown}) that is no number above or below 0; save it again")
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


def _channels(layer: str, backbone: Backbone) -> tuple[int, int] | None:
    """How many channels a layer takes and gives, by the configs, or the headers of the weights where only they say."""
    family, configs = backbone.family, backbone.configs
    if family.tokens_of(layer) is not None:
        exists = (family.block_of(layer) or 0) < family.block_count(configs)
        return family.channels(layer, configs) if exists else None
    # A layer that is written with _ for its dots can't be told from one that has them.
    plain = f"{layer}.weight".replace(".", "_")
    for file in sorted((backbone.source / "transformer").glob("*.safetensors")):
        for name, entry in read_header(file).items():
            if name.replace(".", "_") == plain and len(entry["shape"]) > 1:
                return entry["shape"][1], entry["shape"][0]
    return None
