"""LoRAs for the whole picture: those that a story's header names, and those of the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.family import EXPERTS, Expert
from dreamrunner.backbones.tensor_names import WEIGHTS
from dreamrunner.files.wording import counted
from dreamrunner.language.story import LARGEST_SCALE, LoraFile
from dreamrunner.priors import Adapter, AdapterError, read_adapter
from dreamrunner.priors.values import adapter_name

FAST_STEPS = 8
"""Denoising steps with an accelerator whose file's name tells no number of them. They are made for 4 to 8."""

FAST_GUIDANCE = 1.0
"""Guidance with an accelerator: what guidance does is learnt in it, so that one branch is enough."""

_STEPS = re.compile(r"(?<![a-z0-9.])(\d{1,2})[-_ ]?steps?(?![a-z])", re.IGNORECASE)


class OptionRefused(Exception):
    """A LoRA that an option names can't be used. ``option`` is the option's name; ``str()`` is why, in one line."""

    def __init__(self, option: str, why: str) -> None:
        super().__init__(option, why)
        self.option = option
        self.why = why

    def __str__(self) -> str:
        return self.why


def lora_of(text: str) -> LoraFile:
    """The LoRA that a text of the command line names: ``[high:|low:]FILE[:SCALE]``, the file being one that peft's
    folder holds where it is that folder. It need not be there.

    Raises:
        ValueError: the scale is none; its text says why, in one line.
    """
    experts: dict[str, Expert] = {name: name for name in EXPERTS}
    before, colon, rest = text.partition(":")
    expert = experts[before] if colon and before in experts and not os.path.exists(text) else ""
    named, scale = (rest if expert else text), 1.0
    if not os.path.exists(named):
        file, colon, last = named.rpartition(":")
        if colon and file and re.fullmatch(r"[-+.\d]+(e[-+]?\d+)?|nan|inf", last, re.IGNORECASE):
            named, scale = file, _scale(last)
    path = Path(named)
    return LoraFile(path / WEIGHTS if (path / WEIGHTS).is_file() else path, scale, expert)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= LARGEST_SCALE:
        raise ValueError(f"the scale of a LoRA must be above 0 and at most {LARGEST_SCALE:g}, not {text[:20]}")
    return scale


def fast_steps(files: Sequence[LoraFile]) -> int:
    """How many steps are taken with these accelerators: as many as a file's name says, as in ``4steps``."""
    told = (int(found[1]) for file in files for found in _STEPS.finditer(file.path.stem))
    return next((steps for steps in told if steps), FAST_STEPS)


def for_pictures(
    backbone: Backbone, story: Sequence[LoraFile], loras: Sequence[LoraFile], fast: Sequence[LoraFile]
) -> Iterator[Adapter]:
    """The adapters for the whole picture: those of a ``story``, and of the options ``loras`` and ``fast``.

    Raises:
        AdapterError: a file that the story names can't be used.
        OptionRefused: one that an option names can't.
    """
    named = [*(("", lora) for lora in story), *(("loras", lora) for lora in loras), *(("fast", lora) for lora in fast)]
    for number, (option, lora) in enumerate(named, 1):
        try:
            yield _read(lora, adapter_name("picture", str(number)), backbone)
        except AdapterError as error:
            if option:
                raise OptionRefused(option, str(error)) from error
            raise


def _read(lora: LoraFile, name: str, backbone: Backbone) -> Adapter:
    folder = f"{lora.path.parent.name}/" if lora.path.name == WEIGHTS else ""
    return read_adapter(
        lora.path,
        kind="picture",
        of=f"{folder}{lora.path.name}",
        scale=lora.scale,
        backbone=backbone,
        name=name,
        expert=lora.expert,
    )


def said_of(adapter: Adapter) -> str:
    """An adapter for the whole picture in words."""
    where = f", at {adapter.expert} noise" if adapter.expert else ""
    left_out = f"; {counted(adapter.left_out, 'tensor')} of zeros in it left out" if adapter.left_out else ""
    return f"in the whole picture{where}, scale {adapter.scale:g}{left_out}"
