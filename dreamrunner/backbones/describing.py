"""From a model's name to what there is to know of it: which folder it is, and the facts that its configs say.

Keys hold the digest of what is found here and the facts themselves, not how they were found.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.errors import BackboneError, UnfitSize, UnknownModel
from dreamrunner.backbones.family import Configs, Family, Geometry
from dreamrunner.backbones.folder import check_folder, model_files, read_configs
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.hub import fetch, is_hub_id
from dreamrunner.backbones.table import TABLE, row_for
from dreamrunner.files.digest import digest_files
from dreamrunner.files.paths import BUNDLED
from dreamrunner.files.spelling import closest, did_you_mean


def describe(
    model: str,
    *,
    size: tuple[int, int] | None = None,
    story_folder: Path | None = None,
    dry: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Backbone:
    """The facts about a model: a name of the table, a folder in diffusers' layout, or a hub id.

    A relative folder is looked up in ``story_folder`` (the current folder when ``None``). ``size`` is (width, height)
    in pixels. Only config files and weight headers are read, and the weights once for the digest; a hub model is
    downloaded first if it is not on this machine, which ``tell`` hears of. ``dry``: nothing is downloaded, and no
    digest is written down.

    Raises:
        UnknownModel: nothing goes by that name.
        UnfitSize: the model cannot film that size.
        BackboneError: an incomplete or unreachable model.
    """
    name, folder = _locate(model, story_folder or Path.cwd(), dry, tell)
    family = check_folder(folder)
    configs = read_configs(folder, family)
    try:
        return _described(name, folder, family, configs, size, dry)
    except (KeyError, TypeError, ZeroDivisionError) as error:
        raise BackboneError(f"{folder} has an incomplete config ({error}); download the model again") from None


def comes_from_hub(model: str, story_folder: Path | None = None) -> bool:
    """Whether the model of a name is one of the hub, as :func:`describe` finds it."""
    if model in TABLE:
        return TABLE[model].hub_id is not None
    return is_hub_id(model) and not ((story_folder or Path.cwd()) / Path(model).expanduser()).is_dir()


def _locate(model: str, base: Path, dry: bool, tell: Callable[[str], None]) -> tuple[str, Path]:
    if model in TABLE:
        hub_id = TABLE[model].hub_id
        if hub_id is not None:
            return model, fetch(hub_id, revision=TABLE[model].revision, dry=dry, tell=tell)
        if not (BUNDLED[model] / "model_index.json").is_file():
            raise BackboneError(f"the bundled model is missing from {BUNDLED[model]}; install dreamrunner again")
        return model, BUNDLED[model]
    folder = (base / Path(model).expanduser()).resolve() if model else base
    if model and folder.is_dir():
        if not (folder / "model_index.json").is_file():
            raise UnknownModel(f"{folder} has no model_index.json, so it is no model folder in diffusers' layout")
        return folder.name, folder
    if is_hub_id(model):
        return model, fetch(model, dry=dry, tell=tell)
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
        low_guidance=row.low_guidance,
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
