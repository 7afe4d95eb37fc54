"""A backbone: the video model that films, as plain facts. No torch here."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.family import Configs, Family, Precision
from dreamrunner.backbones.folder import read_configs
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.table import family_named, row_for
from dreamrunner.backbones.training_recipe import Training


class Backbone(BaseModel):
    """One model at one size.

    ``source`` is its folder on this machine; ``digest`` is a sha256 over config, tokenizer and weights, which stands
    for it in every key. ``width`` and ``height`` are pixels, ``frames`` pixel frames a clip, ``text_tokens`` the padded
    length of one prompt. ``steps`` and ``guidance`` are what it is sampled with by default; ``dtype`` is its precision
    on a GPU (float32 on a CPU); ``scheduler`` is the sampler by its name in the family, ``own`` for the folder's.
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

    @property
    def training(self) -> Training:
        """How priors are trained for it.

        Raises:
            BackboneError: its config went away.
        """
        return row_for(self.family, self.configs).training
