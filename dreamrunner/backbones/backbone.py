"""A backbone: the video model that films, as plain facts. No torch here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.errors import BackboneError, UnfitSize, UnknownModel
from dreamrunner.backbones.folder import check_folder, model_files, read_json
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.hub import fetch
from dreamrunner.backbones.table import MINIATURE_FOLDER, TABLE, Precision, recipe_for
from dreamrunner.backbones.training import Training
from dreamrunner.files.digest import digest_files
from dreamrunner.files.spelling import closest

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class Backbone(BaseModel):
    """One model at one size.

    ``source`` is its folder on this machine; ``digest`` is a sha256 over config, tokenizer and weights, which stands
    for it in every key. ``width`` and ``height`` are pixels, ``frames`` pixel frames a clip, ``text_tokens`` the padded
    length of one prompt. ``steps`` and ``guidance`` are what it is sampled with unless told; ``dtype`` is its precision
    on a GPU (float32 on a CPU); ``scheduler`` is ``dpm`` for CogVideoX's DPM sampler, ``own`` for the folder's.
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
    scheduler: Literal["own", "dpm"] = "own"
    text_tokens: int
    digest: str

    @property
    def training(self) -> Training:
        """How priors are trained for it.

        Raises:
            BackboneError: its config went away.
        """
        return recipe_for(read_json(self.source / "transformer" / "config.json")).training


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
    check_folder(folder)
    transformer, vae = (read_json(folder / part / "config.json") for part in ("transformer", "vae"))
    try:
        return _described(name, folder, transformer, vae, size, dry)
    except (KeyError, TypeError, ZeroDivisionError) as error:
        raise BackboneError(f"{folder} has an incomplete config ({error}); download the model again") from None


def _locate(model: str, base: Path, dry: bool) -> tuple[str, Path]:
    if model in TABLE:
        hub_id = TABLE[model].hub_id
        if hub_id is not None:
            return model, fetch(hub_id, dry=dry)
        if not (MINIATURE_FOLDER / "model_index.json").is_file():
            raise BackboneError(f"the bundled model is missing from {MINIATURE_FOLDER}; install dreamrunner again")
        return model, MINIATURE_FOLDER
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
    hint = f"did you mean {near}?" if near else f"choose {', '.join(TABLE)}, a folder, or a hub id (owner/name)"
    raise UnknownModel(f"unknown model {model!r}; {hint}")


def _described(
    name: str,
    folder: Path,
    transformer: dict[str, Any],
    vae: dict[str, Any],
    size: tuple[int, int] | None,
    dry: bool,
) -> Backbone:
    recipe = recipe_for(transformer)
    scale = 2 ** (len(vae["block_out_channels"]) - 1)
    patch, patch_time = transformer["patch_size"], transformer.get("patch_size_t") or 1
    compression = int(vae["temporal_compression_ratio"])
    configured = (transformer["sample_width"] * scale, transformer["sample_height"] * scale)
    width, height = size or recipe.size or configured
    frames = recipe.frames or transformer["sample_frames"]
    _check_size(name, width, height, scale * patch, configured if patch_time > 1 else None)
    latents = (frames - 1) // compression + 1
    grid = Grid(
        frames=frames,
        steps=-(-latents // patch_time),
        rows=height // (scale * patch),
        columns=width // (scale * patch),
        temporal_compression=compression,
        temporal_patch=patch_time,
    )
    return Backbone(
        name=name,
        source=folder,
        width=width,
        height=height,
        frames=frames,
        grid=grid,
        steps=recipe.steps,
        guidance=recipe.guidance,
        dtype=recipe.dtype,
        scheduler=recipe.scheduler,
        text_tokens=transformer["max_text_seq_length"],
        digest=digest_files(model_files(folder), folder, remember=not dry),
    )


def _check_size(name: str, width: int, height: int, token: int, largest: tuple[int, int] | None) -> None:
    # the stock pipeline wants multiples of 8 whatever the model's own token is
    unit = token if token % 8 == 0 else token * 8
    if width < unit or height < unit or width % unit or height % unit:
        near = "x".join(str(max(unit, round(side / unit) * unit)) for side in (width, height))
        raise UnfitSize(f"{name} cannot film {width}x{height}: both must be multiples of {unit}; the nearest is {near}")
    if largest and (width > largest[0] or height > largest[1]):
        raise UnfitSize(f"{name} cannot film {width}x{height}: at most {largest[0]}x{largest[1]}")
