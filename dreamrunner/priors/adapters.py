"""Adapters: trained LoRAs that a film uses, one per motion or character."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import read_header
from dreamrunner.language.story import Story

Kind = Literal["motion", "subject"]


class AdapterError(Exception):
    """A LoRA file that cannot be used. Its text is one line: what is wrong, where, and what to do."""


class Adapter(BaseModel):
    """A LoRA file for one motion or one character.

    ``name`` is what a :class:`~dreamrunner.regions.program.LoraMap` calls it (``motion-waving``, ``subject-witch``);
    ``digest`` is the sha256 of the file, which stands for it in every key.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Kind
    of: str
    file: Path
    digest: str
    scale: float = 1.0


def read_adapter(file: Path, *, kind: Kind, of: str, scale: float = 1.0) -> Adapter:
    """The adapter in a file, for the motion or character named ``of``. Whether it fits a backbone shows on loading it.

    Raises:
        AdapterError: the file is missing, pickled, cut short, or holds no LoRA.
    """
    if file.suffix != ".safetensors":
        raise AdapterError(f"{file} is not a .safetensors file; other formats can run code and are not loaded")
    try:
        tensors = read_header(file)
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except BackboneError as error:
        raise AdapterError(str(error)) from None
    except OSError as error:
        raise AdapterError(f"cannot read {file}: {(error.strerror or str(error)).lower()}") from None
    if not any(".lora" in name for name in tensors):
        raise AdapterError(f"{file} holds no LoRA (its tensors are not named lora_A and lora_B)")
    return Adapter(name=f"{kind}-{of}", kind=kind, of=of, file=file, digest=digest, scale=scale)


def declared_adapters(story: Story) -> tuple[Adapter, ...]:
    """The LoRA files that a story's characters and motions bring themselves, in the order of the story.

    Raises:
        AdapterError: a file that cannot be used.
    """
    brought: tuple[tuple[Kind, tuple], ...] = (("subject", story.characters), ("motion", story.motions))
    return tuple(
        read_adapter(one.lora.path, kind=kind, of=one.name, scale=one.lora.scale)
        for kind, several in brought
        for one in several
        if one.lora is not None
    )
