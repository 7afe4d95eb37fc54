"""Adapters: trained LoRAs that a film uses, one per motion or character."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Adapter(BaseModel):
    """A LoRA file for one motion or one character.

    ``name`` is what a :class:`~dreamrunner.regions.program.LoraMap` calls it (``motion-waving``, ``subject-witch``);
    ``digest`` is the sha256 of the file, which stands for it in every key.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Literal["motion", "subject"]
    of: str
    file: Path
    digest: str
    scale: float = 1.0
