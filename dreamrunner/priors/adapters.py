"""Adapters: trained LoRAs that a film uses, one per motion or character. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import read_header
from dreamrunner.backbones.tensor_names import configuration
from dreamrunner.files.digest import digest_file
from dreamrunner.files.regular import read_regular
from dreamrunner.files.wording import reason
from dreamrunner.priors.naming import placeholder_in

Kind = Literal["motion", "subject"]
Source = Literal["hand", "catalog"]

OWN = "dreamrunner"
"""Under this name the sidecar stands in the file's own metadata too: files travel without what lies beside them."""


class AdapterError(Exception):
    """A LoRA file that cannot be used. Its text is one line: what is wrong, where, and what to do."""


class Prior(BaseModel):
    """What a film knows of one motion or one character beyond its backbone, trained already or still to be.

    ``name`` is what a :class:`~dreamrunner.regions.program.LoraMap` calls it (``motion-waving``, ``subject-witch``).
    ``placeholder`` is the word that names the character in prompts (``[v1]``), "" where it was trained without one.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Kind
    of: str
    scale: float = 1.0
    placeholder: str = ""


class Adapter(Prior):
    """A LoRA file. ``digest`` is the sha256 of the file, which stands for it in every key."""

    file: Path
    digest: str


class Sidecar(BaseModel):
    """What a LoRA that DreamRunner trained is, and what it was trained on; the JSON file beside it.

    ``of`` is the motion or character. ``backbone_digest`` names the weights it was trained for. ``blocks`` are the
    transformer blocks it adapts, counted from 0 as in the tensors' names. ``losses`` gives for each loss its mean over
    twenty equal stretches of the training. ``content`` are the sha256 of the clips or photos, ``captions`` their words,
    both in the same order; ``source`` says who chose them: somebody by hand, or a search in a catalog.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    of: str
    backbone: str
    backbone_digest: str
    blocks: tuple[int, ...]
    rank: int
    alpha: float
    steps: int
    learning_rate: float
    seed: int
    losses: dict[str, tuple[float, ...]]
    captions: tuple[str, ...]
    content: tuple[str, ...]
    source: Source = "hand"
    versions: dict[str, str]


def sidecar_file(file: Path) -> Path:
    """Where the sidecar of a LoRA file lies: ``stirring.json`` beside ``stirring.safetensors``."""
    return file.with_suffix(".json")


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
        digest = digest_file(file)
    except BackboneError as error:
        raise AdapterError(str(error)) from None
    except OSError as error:
        raise AdapterError(f"cannot read {file}: {reason(error)}") from None
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    if not any(".lora" in name for name in tensors):
        raise AdapterError(f"{file} holds no LoRA (its tensors are not named lora_A and lora_B)")
    sidecar = read_sidecar(file)
    if sidecar is not None and sidecar.kind != kind:
        wanted = {"motion": "a motion", "subject": "a character"}
        raise AdapterError(f"{file} was trained for {wanted[sidecar.kind]}, {sidecar.of}; {of} is {wanted[kind]}")
    if backbone is not None:
        _check_fit(file, tensors, backbone)
        if sidecar is not None and sidecar.backbone_digest != backbone.digest:
            raise AdapterError(
                f"{file} was trained for other weights ({sidecar.backbone}) than {backbone.name} has here;"
                " train it anew for these"
            )
    placeholder = placeholder_in(sidecar.captions) if sidecar is not None and kind == "subject" else ""
    name = f"{kind}-{of}"
    return Adapter(name=name, kind=kind, of=of, file=file, digest=digest, scale=scale, placeholder=placeholder)


def most_bytes(backbone: Backbone, rank: int) -> int:
    """Bytes that a LoRA has at most: of this rank, in all layers of all blocks, in float32.

    Raises:
        BackboneError: the backbone's config went away.
    """
    family, configs = backbone.family, backbone.configs
    layers = [name for block in range(family.block_count(configs)) for name in family.layers(block, output=True)]
    return 4 * rank * sum(sum(family.channels(layer, configs)) for layer in layers)


def _check_fit(file: Path, tensors: Mapping[str, Any], backbone: Backbone) -> None:
    """See from shapes alone that every tensor is half of a LoRA for a layer that the backbone has."""
    family, configs = backbone.family, backbone.configs
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, entry in tensors.items():
        part = family.lora_part(name)
        if part is None:
            raise AdapterError(f"{file} has a tensor {name} that is no part of a LoRA in diffusers' layout")
        if family.tokens_of(part.layer) is None:
            raise AdapterError(f"{file} adapts {part.layer}; only attention and feed-forward layers can be adapted")
        shapes.setdefault(part.layer, {})[part.kind] = tuple(entry["shape"])
    for layer, parts in shapes.items():
        if "A" not in parts or "B" not in parts:
            raise AdapterError(f"{file} has only half of its LoRA for {layer}")
        if (family.block_of(layer) or 0) >= family.block_count(configs):
            raise AdapterError(f"{file} was made for another model: {backbone.name} has no {layer}")
        if parts.get("alpha", ()) not in ((), (1,)):
            raise AdapterError(f"{file} is no LoRA: its alpha for {layer} is not one number")
        ranks = parts["A"][0] if parts["A"] else 0, parts["B"][-1] if parts["B"] else 0
        if ranks[0] != ranks[1]:
            raise AdapterError(f"{file} is no LoRA: its halves for {layer} have the ranks {ranks[0]} and {ranks[1]}")
        inside, outside = family.channels(layer, configs)
        rank = ranks[0]
        if (parts["A"], parts["B"]) != ((rank, inside), (outside, rank)):
            raise AdapterError(
                f"{file} was made for another model: {layer} of {backbone.name} takes {inside} channels and gives"
                f" {outside}, the file has {parts['A']} and {parts['B']}"
            )
