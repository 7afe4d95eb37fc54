"""How LoRA files name what they hold: diffusers' layout and its relatives, which families can read. No torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from dreamrunner.files.json import parse

METADATA = "lora_adapter_metadata"
"""Where diffusers keeps a LoRA's configuration in the header of its file."""

_TENSOR = re.compile(
    r"(?:base_model\.model\.)?(?:transformer\.)?(?P<module>.+?)\."
    r"(?:lora_(?P<new>[AB])(?:\.\w+)?\.weight|lora[._](?P<old>down|up)\.weight|(?P<alpha>alpha))"
)

_MOST_ALPHA = 1e9
"""No LoRA is anywhere near as strong."""

Kind = Literal["A", "B", "alpha"]

_KINDS: dict[str, Kind] = {"A": "A", "B": "B", "down": "A", "up": "B", "alpha": "alpha"}


class Part(NamedTuple):
    """A tensor of a LoRA: ``A`` (rank, in), ``B`` (out, rank) or ``alpha`` (one number) of a transformer's layer."""

    layer: str
    kind: Kind


def part_of(tensor: str) -> Part | None:
    """Read a tensor's name: ``lora_A`` of diffusers, peft and finetrainers, older ``lora.down``; None for others."""
    found = _TENSOR.fullmatch(tensor)
    if found is None:
        return None
    return Part(found["module"], _KINDS[found["new"] or found["old"] or "alpha"])


def configuration(metadata: Mapping[str, str]) -> dict[str, Any]:
    """A LoRA's own settings from the metadata of its file: diffusers' form, or finetrainers' ``lora_config``.

    Raises:
        ValueError: not JSON, or a setting that says how strong the LoRA is has another form than peft gives it.
    """
    settings = parse(metadata.get(METADATA) or metadata.get("lora_config") or "{}")
    if not isinstance(settings, dict):
        raise ValueError("its metadata is not a JSON object")
    settings = {key.removeprefix("transformer."): value for key, value in settings.items()}
    pattern = settings.get("alpha_pattern") or {}
    if not isinstance(pattern, dict):
        raise ValueError("its metadata has an alpha_pattern that is no JSON object")
    for number in (settings.get("lora_alpha", 0), *pattern.values()):
        # JSON's true is an int of Python's, too.
        if type(number) not in (int, float) or abs(number) > _MOST_ALPHA:
            raise ValueError("its metadata has an alpha that is no number")
    return settings
