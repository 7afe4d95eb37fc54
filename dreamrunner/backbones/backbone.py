"""A backbone: the video model that films, as plain facts. No torch here."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.errors import BackboneError, UnfitSize, UnknownModel
from dreamrunner.backbones.family import Configs, Family, Geometry, Precision
from dreamrunner.backbones.folder import check_folder, model_files, read_configs
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.hub import fetch
from dreamrunner.backbones.table import TABLE, family_named, row_for
from dreamrunner.backbones.training import Training
from dreamrunner.files.digest import digest_files
from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.files.spelling import closest, did_you_mean

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class Backbone(BaseModel):
    """One model at one size.

    ``source`` is its folder on this machine; ``digest`` is a sha256 over config, tokenizer and weights, which stands
    for it in every key. ``width`` and ``height`` are pixels, ``frames`` pixel frames a clip, ``text_tokens`` the padded
    length of one prompt. ``steps`` and ``guidance`` are what it is sampled with unless told; ``dtype`` is its precision
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


def describe(
    model: str, *, size: tuple[int, int] | None = None, story_folder: Path | None = None, dry: bool = False
) -> Backbone:
    """The facts about a model: a name of the table, a folder in diffusers' layout, or a hub id.

    A relative folder is looked up in ``story_folder`` (the current folder when ``None``). ``size`` is (width, height)
    in pixels. Only config files and weight headers are read, and the weights once for the digest; a hub model is
    downloaded first if it is not on this machine. ``dry``: nothing is downloaded, and no digest is written down.

    Raises:
        UnknownModel: nothing goes by that name.
        UnfitSize: the model cannot film that size.
        BackboneError: an incomplete or unreachable model.
    """
    name, folder = _locate(model, story_folder or Path.cwd(), dry)
    family = check_folder(folder)
    configs = read_configs(folder, family)
    try:
        return _described(name, folder, family, configs, size, dry)
    except (KeyError, TypeError, ZeroDivisionError) as error:
        raise BackboneError(f"{folder} has an incomplete config ({error}); download the model again") from None


def _locate(model: str, base: Path, dry: bool) -> tuple[str, Path]:
    if model in TABLE:
        hub_id = TABLE[model].hub_id
        if hub_id is not None:
            return model, fetch(hub_id, dry=dry)
        if not (MINIATURE_WEIGHTS / "model_index.json").is_file():
            raise BackboneError(f"the bundled model is missing from {MINIATURE_WEIGHTS}; install dreamrunner again")
        return model, MINIATURE_WEIGHTS
    folder = (base / Path(model).expanduser()).resolve() if model else base
    if model and folder.is_dir():
        if not (folder / "model_index.json").is_file():
            raise UnknownModel(f"{folder} has no model_index.json, so it is no model folder in diffusers' layout")
        return folder.name, folder
    if _HUB_ID.fullmatch(model) and not model.startswith("."):
        return model, fetch(model, dry=dry)
    if "/" in model or "\\" in model or model.startswith(("~", ".")):
        raise UnknownModel(f"there is no model folder {folder}")
    near = closest(model, TABLE) or next((name for name in TABLE if name.startswith(model)), None) if model else None
    hint = did_you_mean(near) or f"choose {', '.join(TABLE)}, a folder, or a hub id (owner/name)"
    raise UnknownModel(f"unknown model {model!r}; {hint}")


def _described(
    name: str, folder: Path, family: Family, configs: Configs, size: tuple[int, int] | None, dry: bool
) -> Backbone:
    row, geometry = row_for(family, configs), family.geometry(configs)
    width, height = size or row.size or geometry.size
    _check_size(name, width, height, geometry)
    frames = row.frames or geometry.frames
    latents = (frames - 1) // geometry.temporal_compression + 1
    grid = Grid(
        frames=frames,
        steps=-(-latents // geometry.temporal_patch),
        rows=height // geometry.token,
        columns=width // geometry.token,
        temporal_compression=geometry.temporal_compression,
        temporal_patch=geometry.temporal_patch,
        seconds=row.seconds,
        growth=geometry.growth,
    )
    return Backbone(
        name=name,
        source=folder,
        width=width,
        height=height,
        frames=frames,
        grid=grid,
        steps=row.steps,
        guidance=row.guidance,
        dtype=row.dtype,
        scheduler=row.scheduler,
        text_tokens=geometry.text_tokens,
        digest=digest_files(model_files(folder, family), folder, remember=not dry),
        family_name=family.name,
    )


def _check_size(name: str, width: int, height: int, geometry: Geometry) -> None:
    unit, largest = geometry.multiple, geometry.largest
    if width < unit or height < unit or width % unit or height % unit:
        near = "x".join(str(max(unit, round(side / unit) * unit)) for side in (width, height))
        raise UnfitSize(f"{name} cannot film {width}x{height}: both must be multiples of {unit}; the nearest is {near}")
    if largest and (width > largest[0] or height > largest[1]):
        raise UnfitSize(f"{name} cannot film {width}x{height}: at most {largest[0]}x{largest[1]}")
