"""A backbone: the video model that films, as plain facts. No torch here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.family import Configs, Family, Precision
from dreamrunner.backbones.folder import read_configs, weights
from dreamrunner.backbones.footprint import GB, Footprint
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.table import family_named, row_for
from dreamrunner.backbones.training_recipe import Training


class Backbone(BaseModel):
    """One model at one size.

    ``source`` is its folder on this machine; ``digest`` is a sha256 over config, tokenizer and weights, which stands
    for it in every key. ``width`` and ``height`` are pixels, ``frames`` pixel frames a clip, ``text_tokens`` the padded
    length of one prompt. ``steps`` and ``guidance`` are what it is sampled with by default, ``low_guidance`` the second
    of two networks that denoise, None for the same; ``dtype`` is its precision on a GPU (float32 on a CPU);
    ``scheduler`` is the sampler by its name in the family, ``own`` for the folder's.
    ``family_name`` is the :class:`~dreamrunner.backbones.family.Family` that the model belongs to.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    source: Path
    width: int
    height: int
    frames: int
    grid: Grid
    steps: int
    guidance: float
    low_guidance: float | None = None
    dtype: Precision
    scheduler: str = "own"
    text_tokens: int
    digest: str
    family_name: str

    @property
    def family(self) -> Family:
        """All in which models of its kind differ from others.

        Raises:
            BackboneError: it is not known here.
        """
        return family_named(self.family_name)

    @property
    def family_modules(self) -> tuple[str, ...]:
        """The modules of this package that hold the family's own code, by name.

        The table finds families without naming them, so nothing that films imports these by name; yet what is filmed
        depends on them. A family that was registered from elsewhere has none.
        """
        module = type(self.family).__module__
        return (module,) if module.startswith("dreamrunner.") else ()

    @property
    def configs(self) -> Configs:
        """The config of each of its networks.

        Raises:
            BackboneError: one went away.
        """
        return read_configs(self.source, self.family)

    def low_guidance_at(self, guidance: float) -> float | None:
        """What guides the second network where ``guidance`` guides the first: of what is above 1 the same share as by
        default; None for the same, or where there is no second."""
        if self.low_guidance is None or self.guidance <= 1:
            return None
        return 1 + (guidance - 1) * (self.low_guidance - 1) / (self.guidance - 1)

    @property
    def denoisers(self) -> tuple[str, ...]:
        """The parts that denoise, in the order in which they work.

        Raises:
            BackboneError: a config went away.
        """
        return tuple(part for part in self.family.denoisers if part in self.configs)

    @property
    def unknown(self) -> bool:
        """Whether its weights are those of no row of the table.

        Raises:
            BackboneError: its config went away.
        """
        return not row_for(self.family, self.configs).name

    @property
    def memory(self) -> Footprint | None:
        """What it takes of a GPU's memory; None where that is too little to plan for. Of weights that no row knows,
        what their files hold counts.

        Raises:
            BackboneError: its config went away, or a file of weights is damaged.
        """
        row = row_for(self.family, self.configs)
        if row.name or row.memory is None:
            return row.memory
        width = 4 if self.dtype == "float32" else 2
        text, transformer, autoencoder = (
            weights(self.source, part) * width / GB for part in ("text_encoder", "transformer", "vae")
        )
        return replace(row.memory, text_encoder=text, transformer=transformer, autoencoder=autoencoder)

    @property
    def untrainable(self) -> str:
        """Why no prior can be trained for it; empty where one can."""
        if self.grid.temporal_patch == 1:
            return ""
        return (
            f"{self.name} can't be taught: training takes single frames, and its tokens reach over"
            f" {self.grid.temporal_patch} of them; name a LoRA that was trained for it elsewhere, or take another model"
        )

    @property
    def training(self) -> Training:
        """How priors are trained for it.

        Raises:
            BackboneError: its config went away.
        """
        return row_for(self.family, self.configs).training
