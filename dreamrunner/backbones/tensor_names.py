"""How LoRA files name what they hold: the layouts of trainers, by which families read theirs. No torch."""

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
"""What trainers put before a layer's name: peft, wrappers of PyTorch, ComfyUI, diffusion-pipe and diffusers; kohya,
musubi and LyCORIS."""

_TENSOR = re.compile(
    rf"{_PREFIXES}(?P<module>.+?)"
    r"(?:(?:\.lora_(?P<new>[AB])(?:\.[^.]+)??|(?:\.lora[._]|\.lora_linear_layer\.|_lora\.)(?P<old>down|up))"
    r"\.(?P<end>weight|bias|scale_weight|weight_scale|scale_input|input_scale)"
    r"|\.(?P<whole>alpha|diff_b|diff))"
)

_MARK = "scaled_fp8"
"""A tensor with which ComfyUI marks files that have weights in 8 bits; it says nothing more."""

_MOST_ALPHA = 1e9
"""No LoRA is anywhere near as strong."""

_IN_BLOCK = re.compile(r"([a-z_]+?)_(\d+)_(\w+)")
"""A layer's name with ``_`` for its dots: the list of blocks, the number of its block, and which of it."""

Kind = Literal["A", "B", "alpha", "scale A", "scale B", "bias", "difference", "nothing"]

_HALVES: dict[str, Literal["A", "B"]] = {"A": "A", "B": "B", "down": "A", "up": "B"}
_WHOLE: dict[str, Kind] = {"alpha": "alpha", "diff_b": "bias", "diff": "difference"}


class Part(NamedTuple):
    """A tensor of a LoRA: ``A`` (rank, in), ``B`` (out, rank) or ``alpha`` (one number) of a transformer's layer.

    ``scale A`` and ``scale B`` are what a half in 8 bits is multiplied by. ``bias`` (out) and ``difference`` (out, in)
    are added to the layer's own bias and weights. ``nothing`` is what makes no difference here.
    """

    layer: str
    kind: Kind


class LoraNames:
    """The names under which files have the LoRAs of a family: what it states of itself is its layers.

    ``layers`` has what each layer of the transformer is called, ``{}`` being the number of its block, and what the
    model's first code and other programs call the same one. In a file a name may have ``_`` for its dots, as kohya and
    musubi write it.
    """

    def __init__(self, layers: Mapping[str, Sequence[str]]) -> None:
        self._own = {name.replace(".", "_"): own for own, others in layers.items() for name in (own, *others)}

    def part(self, tensor: str) -> Part | None:
        """Read a tensor's name: ``lora_A`` of diffusers, peft, diffusion-pipe and finetrainers, ``lora_down`` of kohya
        and musubi, older ``lora.down`` and those of attention processors, ComfyUI's ``diff`` and ``diff_b``; None for
        others. The layer comes back under its own name; one that is not known here as it is written."""
        if tensor == _MARK:
            return Part("", "nothing")
        found = _TENSOR.fullmatch(tensor)
        if found is None:
            return None
        layer = self._layer(found["module"].replace(".processor.", "."))
        if found["whole"]:
            return Part(layer, _WHOLE[found["whole"]])
        half = _HALVES[found["new"] or found["old"]]
        match found["end"]:
            case "weight":
                return Part(layer, half)
            case "scale_weight" | "weight_scale":
                return Part(layer, "scale A" if half == "A" else "scale B")
            case "bias":
                return Part(layer, "bias") if half == "B" else None
        return Part(layer, "nothing")  # about inputs in 8 bits

    def _layer(self, written: str) -> str:
        flat = written.replace(".", "_")
        in_block = _IN_BLOCK.fullmatch(flat)
        key = f"{in_block[1]}_{{}}_{in_block[3]}" if in_block else flat
        own = self._own.get(key) or self._own.get(f"{key}_0")  # older files leave out that `to_out` is a list
        if own is not None:
            return own.replace("{}", in_block[2]) if in_block else own
        return f"{in_block[1]}.{in_block[2]}.{in_block[3]}" if in_block and written == flat else written


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
