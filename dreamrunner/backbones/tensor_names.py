"""How LoRA files name what they hold: diffusers' layout and its relatives, which families can read. No torch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from dreamrunner.files.json import parse

METADATA = "lora_adapter_metadata"
"""Where diffusers keeps a LoRA's configuration in the header of its file."""

WEIGHTS = "adapter_model.safetensors"
"""What peft calls the weights of a LoRA in the folder that it writes."""

_PREFIXES = (
    r"(?:base_model\.model\.|model\.|module\.|_orig_mod\.|diffusion_model\.|transformer\.|unet\.)*"
    r"(?:lora_unet_+|lora_transformer_+|lycoris_)?"
)
"""What trainers put before a layer's name: peft, wrappers of PyTorch, ComfyUI and diffusers; kohya and LyCORIS."""

_TENSOR = re.compile(
    rf"{_PREFIXES}(?P<module>.+?)"
    r"(?:\.lora_(?P<new>[AB])(?:\.[^.]+)?\.weight"
    r"|(?:\.lora[._]|\.lora_linear_layer\.|_lora\.)(?P<old>down|up)\.weight"
    r"|\.(?P<alpha>alpha))"
)

_MOST_ALPHA = 1e9
"""No LoRA is anywhere near as strong."""

_FLAT = re.compile(r"([a-z_]+?)_(\d+)_(\w+)")

Kind = Literal["A", "B", "alpha"]

_KINDS: dict[str, Kind] = {"A": "A", "B": "B", "down": "A", "up": "B", "alpha": "alpha"}


class Part(NamedTuple):
    """A tensor of a LoRA: ``A`` (rank, in), ``B`` (out, rank) or ``alpha`` (one number) of a transformer's layer."""

    layer: str
    kind: Kind


def part_of(tensor: str, flat: Sequence[str] = ()) -> Part | None:
    """Read a tensor's name: ``lora_A`` of diffusers, peft and finetrainers, ``lora_down`` of kohya, older
    ``lora.down`` and those of attention processors; None for others.

    Kohya writes ``_`` for the dots in a layer's name; ``flat`` gives the ends of layers' names that are meant, from
    behind the number of their block.
    """
    found = _TENSOR.fullmatch(tensor)
    if found is None:
        return None
    layer = found["module"].replace(".processor.", ".")
    if layer.endswith(".to_out"):
        layer += ".0"
    if flattened := _FLAT.fullmatch(layer):
        ends = {end.replace(".", "_"): end for end in flat}
        layer = f"{flattened[1]}.{flattened[2]}.{ends.get(flattened[3], flattened[3])}"
    return Part(layer, _KINDS[found["new"] or found["old"] or "alpha"])


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
