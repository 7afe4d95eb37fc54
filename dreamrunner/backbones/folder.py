"""A model folder on disk in diffusers' layout, read without torch.

``model_index.json`` names the parts; each has a folder with its config and, for a network, weights in safetensors.
"""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path
from typing import Any, TypeGuard

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.family import Configs, Family
from dreamrunner.backbones.table import FAMILIES
from dreamrunner.files.json import parse
from dreamrunner.files.regular import open_regular, read_regular
from dreamrunner.files.wording import reason

_MAX_HEADER = 100_000_000
_MOST = 2**62
"""What a shape or a place in a file is at most."""
_BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
"""Bytes of a number, by the name of its type; types that are not listed are let through."""

KEPT = (".json", ".safetensors", ".model", ".txt")


def parts_of(family: Family) -> tuple[str, ...]:
    """The folders that a model folder of a family has, sorted."""
    return tuple(sorted({"scheduler", "tokenizer", *family.networks}))


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
    for part in parts_of(family):
        if not isinstance(index.get(part), list) or not (folder / part).is_dir():
            raise BackboneError(f"{folder} has no {part}; download the whole model again")
    for part, wanted in family.networks.items():
        if index[part][1] != wanted:
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
    return {part: read_json(folder / part / "config.json") for part in family.networks}


def model_files(folder: Path, family: Family) -> list[Path]:
    """The files that decide what the model does, sorted by name: configs, tokenizer and weights."""
    return [
        folder / "model_index.json",
        *(
            file
            for part in parts_of(family)
            for file in sorted((folder / part).iterdir())
            if file.is_file() and file.suffix in KEPT
        ),
    ]


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


def read_header(path: Path) -> dict[str, Any]:
    """The header of a safetensors file: its tensors' names, types and shapes, and ``__metadata__``.

    Every tensor is ``{"dtype": str, "shape": [int, ...], "data_offsets": [int, int]}``, the metadata texts by name.
    Reads only the head of the file, but compares the size of the file with what the header promises.

    Raises:
        BackboneError: unreadable, not safetensors, or cut short.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(_MAX_HEADER, size - 8):
                raise ValueError
            header = parse(file.read(length))
            if not isinstance(header, dict):
                raise ValueError
            end = max((_end(entry) for name, entry in header.items() if name != "__metadata__"), default=0)
    except OSError as error:
        raise BackboneError(f"cannot read {path}: {reason(error)}") from None
    except (ValueError, struct.error):
        raise BackboneError(f"{path} is not a safetensors file; only safetensors weights are loaded") from None
    if not _is_metadata(header.get("__metadata__", {})):
        raise BackboneError(f"{path} is not a safetensors file: its metadata is not texts by name; save it again")
    if size != 8 + length + end:
        raise BackboneError(f"{path} is cut short ({size} of {8 + length + end} bytes); download it again")
    return header


def _end(entry: Any) -> int:
    """Where a tensor's bytes end, counted from the header's end. Raises ValueError where it is not told as it must."""
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str):
        raise ValueError
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise ValueError
    width = _BYTES.get(entry["dtype"])
    if width is not None and width * math.prod(shape) != offsets[1] - offsets[0]:
        raise ValueError
    return offsets[1]


def _are_counts(value: Any) -> TypeGuard[list[int]]:
    # JSON's true is an int of Python's, too.
    return isinstance(value, list) and all(type(each) is int and 0 <= each <= _MOST for each in value)


def _is_metadata(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
