"""What a film knows of motions and characters beyond its backbone, as values: LoRAs, and what is written beside them.

Reading files of others is in ``adapters``: what trains depends on nothing there.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.family import Expert

Learnt = Literal["motion", "subject"]
"""What priors are trained for: a motion, or a character's looks."""

Kind = Literal["motion", "subject", "picture"]
"""What a prior is for: ``picture`` is the whole of it, as a style is."""

Source = Literal["hand", "catalog"]

OWN = "dreamrunner"
"""Under this name the sidecar stands in the file's own metadata too: files travel without what lies beside them."""


class AdapterError(Exception):
    """A LoRA file that cannot be used. Its text is one line: what is wrong, where, and what to do."""


class LoraSettings(BaseModel):
    """How strongly the layers of a LoRA work.

    ``alpha`` is divided by a layer's rank, or by its root where ``rooted``; None leaves the scale at 1. ``patterns``
    has other alphas by regular expressions of layers' names, as peft reads them: from the beginning of the name or a
    dot in it, to its end.
    """

    model_config = ConfigDict(frozen=True)

    alpha: float | None = None
    rooted: bool = False
    patterns: tuple[tuple[str, float], ...] = ()

    def scale(self, layer: str, rank: int) -> float:
        """What the product of a layer's halves is multiplied by."""
        matching = (alpha for key, alpha in self.patterns if re.match(rf"(?:.*\.)?(?:{key})$", layer))
        alpha = next(matching, self.alpha)
        return 1.0 if alpha is None else alpha / (math.sqrt(rank) if self.rooted else rank)


def adapter_name(kind: Kind, of: str, expert: Expert = "") -> str:
    """What the adapter for a thing is called; one for the whole picture goes by its number, as ``of``."""
    return f"{kind}-{of}+{expert}" if expert else f"{kind}-{of}"


class Prior(BaseModel):
    """What a film knows of one motion or one character beyond its backbone, or of pictures as a whole, trained already
    or still to be.

    ``name`` is what a :class:`~dreamrunner.regions.program.LoraMap` calls it (``motion-waving``, ``subject-witch``,
    ``subject-witch+high`` for one network of two); one for the whole picture is ``picture-1``. ``of`` is its motion or
    character, or the file that holds it. ``placeholder`` is the word that names the character in prompts (``[v1]``), ""
    where it was trained without one.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Kind
    of: str
    scale: float = 1.0
    placeholder: str = ""


class Adapter(Prior):
    """A LoRA file. ``digest`` stands for it in every key (:func:`~dreamrunner.priors.adapters.digest_of`). ``settings``
    are those that lie beside it, for a file whose own metadata has none. ``expert`` is the network that it is for,
    ``left_out`` how many of its tensors make no difference and are not used."""

    file: Path
    digest: str
    settings: LoraSettings | None = None
    expert: Expert = ""
    left_out: int = 0


class Sidecar(BaseModel):
    """What a LoRA that DreamRunner trained is, and what it was trained on; the JSON file beside it.

    ``of`` is the motion or character. ``backbone_digest`` names the weights it was trained for. ``blocks`` are the
    transformer blocks it adapts, counted from 0 as in the tensors' names. ``losses`` gives for each loss its mean over
    twenty equal stretches of the training. ``content`` are the sha256 of the clips or photos, ``captions`` their words,
    both in the same order; ``source`` says who chose them: somebody by hand, or a search in a catalog. ``expert`` is
    the network that learnt it, where the model has two.
    """

    model_config = ConfigDict(frozen=True)

    kind: Learnt
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
    expert: Expert = ""
    versions: dict[str, str]


def sidecar_file(file: Path) -> Path:
    """Where the sidecar of a LoRA file lies: ``stirring.json`` beside ``stirring.safetensors``."""
    return file.with_suffix(".json")
