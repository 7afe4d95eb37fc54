"""Heads of safetensors files: what tensors they hold, read without torch and without the tensors."""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.files.json import parse
from dreamrunner.files.regular import open_regular
from dreamrunner.files.wording import reason

_MAX_HEADER = 100_000_000
_AT_ONCE = 1 << 20
_MOST = 2**62
"""What a shape or a place in a file is at most."""
_BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
"""Bytes of a number, by the name of its type; types that are not listed are let through."""
_NUMBERS = {"F64": "<d", "F32": "<f", "F16": "<e", "BF16": "<f", "I64": "<q", "I32": "<i", "I16": "<h", "I8": "<b"}

_EXPONENTS = {
    "F64": ("<u8", 0x7FF0000000000000),
    "F32": ("<u4", 0x7F800000),
    "F16": ("<u2", 0x7C00),
    "BF16": ("<u2", 0x7F80),
    "F8_E5M2": ("u1", 0x7C),
    "F8_E4M3": ("u1", 0x7F),
}
"""How the bits of a number are read, and those of its exponent, which are all set in NaN and in what is infinite; with
3 bits behind the exponent, 8 bits have no infinite number, and one NaN, in which these are set too."""
_STRETCH = 2**24


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
            end = _end_of_all(entry for name, entry in header.items() if name != "__metadata__")
    except OSError as error:
        raise BackboneError(f"cannot read {path}: {reason(error)}") from None
    except (ValueError, struct.error):
        raise BackboneError(f"{path} is not a safetensors file; only safetensors weights are loaded") from None
    if not _is_metadata(header.get("__metadata__", {})):
        raise BackboneError(f"{path} is not a safetensors file: its metadata is not texts by name; save it again")
    if size != 8 + length + end:
        raise BackboneError(f"{path} is cut short ({size} of {8 + length + end} bytes); download it again")
    return header


def numbers_in(path: Path) -> int:
    """How many numbers the tensors of a safetensors file are. Raises BackboneError where it is damaged."""
    return sum(math.prod(entry["shape"]) for name, entry in read_header(path).items() if name != "__metadata__")


def read_number(path: Path, entry: dict[str, Any]) -> float | None:
    """The first number of the tensor that a header's ``entry`` tells of; None where it has none, or is of a type that
    is not read here. Raises OSError."""
    form = _NUMBERS.get(entry["dtype"])
    begin, end = entry["data_offsets"]
    width = _BYTES.get(entry["dtype"], 0)
    if form is None or end - begin < width:
        return None
    with open_regular(path) as file:
        (length,) = struct.unpack("<Q", file.read(8))
        file.seek(8 + length + begin)
        raw = file.read(width)
    # A bfloat16 is the upper half of a float32.
    return float(struct.unpack(form, b"\0\0" + raw if entry["dtype"] == "BF16" else raw)[0])


def is_zero(path: Path, entry: dict[str, Any]) -> bool:
    """Whether all numbers of the tensor that a header's ``entry`` tells of are zero. Raises OSError."""
    begin, end = entry["data_offsets"]
    with open_regular(path) as file:
        (length,) = struct.unpack("<Q", file.read(8))
        file.seek(8 + length + begin)
        return not any(any(file.read(min(_AT_ONCE, end - at))) for at in range(begin, end, _AT_ONCE))


def without_numbers(path: Path, header: Mapping[str, Any]) -> str | None:
    """The first tensor of a file with something that is no number, NaN or infinite, in it; None where none has any.

    Reads the whole file, a stretch at a time. Types that are not known here are passed over. Raises OSError.
    """
    import numpy as np

    tensors = [
        (entry["data_offsets"], name, entry["dtype"]) for name, entry in header.items() if name != "__metadata__"
    ]
    with open_regular(path) as file:
        (length,) = struct.unpack("<Q", file.read(8))
        for (begin, end), name, dtype in sorted(tensors):
            if dtype not in _EXPONENTS:
                continue
            form, exponent = _EXPONENTS[dtype]
            file.seek(8 + length + begin)
            while begin < end and (raw := file.read(min(end - begin, _STRETCH))):
                begin += len(raw)
                bits = np.frombuffer(raw[: len(raw) // np.dtype(form).itemsize * np.dtype(form).itemsize], form)
                if ((bits & exponent) == exponent).any():
                    return name
    return None


def _end_of_all(entries: Iterable[Any]) -> int:
    """Where the bytes of all tensors end, which lie one behind the other. Raises ValueError where they don't."""
    end = 0
    for begin, behind in sorted(map(_stretch, entries)):
        if begin != end:
            raise ValueError
        end = behind
    return end


def _stretch(entry: Any) -> tuple[int, int]:
    """Where a tensor's bytes begin and end, counted from the header's end. Raises ValueError where it is not told as it
    must."""
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str):
        raise ValueError
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise ValueError
    width = _BYTES.get(entry["dtype"])
    if width is not None and width * math.prod(shape) != offsets[1] - offsets[0]:
        raise ValueError
    return offsets[0], offsets[1]


def _are_counts(value: Any) -> TypeGuard[list[int]]:
    # JSON's true is an int of Python's, too.
    return isinstance(value, list) and all(type(each) is int and 0 <= each <= _MOST for each in value)


def _is_metadata(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
