"""A model folder on disk in diffusers' layout, read without torch.

``model_index.json`` names the parts; each has a folder with its config and, for a network, weights in safetensors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.family import Configs, Family
from dreamrunner.backbones.header import numbers_in, read_header
from dreamrunner.backbones.table import FAMILIES
from dreamrunner.files.json import parse
from dreamrunner.files.regular import read_regular
from dreamrunner.files.wording import reason

KEPT = (".json", ".safetensors", ".model", ".txt")

WORDS = "words.json"
"""The list of what a model can draw, where it has one: ``{"characters": ["witch", ...], "props": [...], ...}``. It
decides nothing of what the model does."""


def parts_of(family: Family) -> tuple[str, ...]:
    """The folders that a model folder of a family can have, sorted."""
    return tuple(sorted({"scheduler", "tokenizer", *family.networks, *family.optional_networks}))


def networks_in(folder: Path, family: Family) -> dict[str, str]:
    """The parts of a model folder that hold weights, and the class of each.

    Raises:
        BackboneError: its index can't be read.
    """
    index = read_json(folder / "model_index.json")
    more = {part: kind for part, kind in family.optional_networks.items() if _is_named(index.get(part))}
    return {**family.networks, **more}


def _is_named(entry: Any) -> bool:
    """Whether an index names a class; it has nulls for a part that its model is without."""
    return isinstance(entry, list) and len(entry) == 2 and all(isinstance(each, str) for each in entry)


def check_folder(folder: Path) -> Family:
    """See that everything is there and whole, before anything large is read. Returns the family that it belongs to.

    Raises:
        BackboneError: a part is missing, of another kind, pickled, or cut short.
    """
    index = read_json(folder / "model_index.json")
    kind = index.get("_class_name")
    family = next((one for one in FAMILIES.values() if one.pipeline == kind), None)
    if family is None:
        kind, film = kind or "nameless pipeline", " and ".join(one.pipeline for one in FAMILIES.values())
        raise BackboneError(f"{folder} holds a {kind}; only text-to-video {film} models film")
    networks = networks_in(folder, family)
    for part in sorted({"scheduler", "tokenizer", *networks}):
        if not _is_named(index.get(part)) or not (folder / part).is_dir():
            raise BackboneError(f"{folder} has no {part}; download the whole model again")
        for file in (folder / part).iterdir():
            if file.suffix in KEPT and not file.is_file():
                raise BackboneError(f"{file} is not a file; download the whole model again")
    for part, wanted in networks.items():
        if index[part][1] != wanted and family.own_classes.get(tuple(index[part])) != part:
            raise BackboneError(f"{folder} has a {index[part][1]} as its {part}; {wanted} is needed")
        read_json(folder / part / "config.json")
        files = sorted((folder / part).glob("*.safetensors"))
        if not files:
            pickled = any((folder / part).glob("*.bin"))
            why = "only pickled weights, which are not loaded" if pickled else "no weights"
            raise BackboneError(f"{folder / part} has {why}; get the model's safetensors files")
        for file in files:
            read_header(file)
        for shards in (folder / part).glob("*.safetensors.index.json"):
            missing = {*read_json(shards).get("weight_map", {}).values()} - {file.name for file in files}
            if missing:
                raise BackboneError(f"{folder / part} lacks {min(missing)}; download the whole model again")
    return family


def read_configs(folder: Path, family: Family) -> Configs:
    """The config of each network.

    Raises:
        BackboneError: one can't be read.
    """
    return {part: read_json(folder / part / "config.json") for part in networks_in(folder, family)}


def model_files(folder: Path, family: Family) -> list[Path]:
    """The files that decide what the model does, sorted by name: configs, tokenizer and weights."""
    return [
        folder / "model_index.json",
        *(
            file
            for part in sorted({"scheduler", "tokenizer", *networks_in(folder, family)})
            for file in sorted((folder / part).iterdir())
            if file.is_file() and file.suffix in KEPT
        ),
    ]


def weights(folder: Path, part: str) -> int:
    """How many numbers the weights of a part are.

    Raises:
        BackboneError: a file of them is damaged.
    """
    return sum(numbers_in(file) for file in (folder / part).glob("*.safetensors"))


def read_json(path: Path) -> dict[str, Any]:
    """A config file's object.

    Raises:
        BackboneError: missing, unreadable or not a JSON object.
    """
    try:
        value = parse(read_regular(path))
    except OSError as error:
        raise BackboneError(f"cannot read {path}: {reason(error)}") from None
    except ValueError as error:
        raise BackboneError(f"{path} is not valid JSON ({error}); download it again") from None
    if not isinstance(value, dict):
        raise BackboneError(f"{path} is not a JSON object; download it again")
    return value
