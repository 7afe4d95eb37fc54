"""The manifest: what a film was made from, written beside it.

It holds no time, absolute path or fact of the machine beyond library versions and whether a GPU filmed, so the same
build writes the same manifest and two manifests can be compared line by line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from dreamrunner.checking.marks import SceneMarks
from dreamrunner.files.made import MANIFEST
from dreamrunner.files.paths import is_below
from dreamrunner.files.regular import read_regular
from dreamrunner.planning.plan import PlannedScene

STORYBOARD = "storyboard.png"
"""The name of the storyboard in a film's folder."""

TAKES = "takes"
"""The folder, in a film's, of scenes that were filmed alone since, each with a manifest of its own beside it."""


def _below(name: str) -> str:
    if not is_below(name):
        raise ValueError("it leads out of the folder")
    return name


Below = Annotated[str, AfterValidator(_below)]
"""A file's path, relative to the manifest, which never leads out of its folder."""


class ModelRecord(BaseModel):
    """The backbone: ``digest`` stands for its configuration and weights; ``width`` and ``height`` in pixels."""

    model_config = ConfigDict(frozen=True)

    name: str
    digest: str
    width: int
    height: int
    frames: int


class AdapterRecord(BaseModel):
    """A LoRA that a scene was filmed with; ``digest`` is the sha256 of its file, or of that and of what peft's
    ``adapter_config.json`` beside it says. One for the whole picture is called ``picture-1`` and so on; it may be for
    one ``expert`` of a model with two alone."""

    model_config = ConfigDict(frozen=True)

    name: str
    digest: str
    scale: float
    expert: str = ""


class PriorRecord(BaseModel):
    """Where what the film knows of a motion or a character, or of pictures as a whole, comes from.

    ``how`` is ``lora`` (a file that the story or an option names), ``clips`` or ``photos`` (that it names), ``trained``
    (a file of the user's folder of LoRAs), ``catalog`` (clips found in one), ``known`` (to the model) or ``alone``
    (nothing taught it). ``adapter`` is the sha256 of the LoRA's file, "" where there is none; ``why`` is then why
    nothing was learnt, if there is more to say.
    """

    model_config = ConfigDict(frozen=True)

    of: str
    how: str
    adapter: str
    why: str = ""


class TakeRecord(BaseModel):
    """A take of a scene: its ``seed``, and its ``score``, the share of what was judged that is right; None where
    nothing could be."""

    model_config = ConfigDict(frozen=True)

    seed: int
    score: float | None


class SceneRecord(BaseModel):
    """One scene: what it was made from, and the sha256 of what came out.

    ``speedups`` are those that changed the picture, ``region_program`` is the digest of the scene as lowered to the
    backbone's grid, ``frames`` that of the rendered frames, ``film`` that of the encoded scene. ``marks`` says how far
    it shows what was planned, where it was checked. Of several ``takes``, of which the first one's seed is the scene's
    own, it is the best one.
    """

    model_config = ConfigDict(frozen=True)

    plan: PlannedScene
    region_program: str
    steps: int
    guidance: float
    attention: str
    speedups: tuple[str, ...] = ()
    adapters: tuple[AdapterRecord, ...]
    frames: str
    film: str
    marks: SceneMarks | None = None
    takes: tuple[TakeRecord, ...] = ()


class TaskRecord(BaseModel):
    """A task of the build: its key, and what it read, by name: plain values as they are, of others a digest."""

    model_config = ConfigDict(frozen=True)

    key: str
    reads: dict[str, str | int | float | bool | None]


class Manifest(BaseModel):
    """Everything that a film was made from.

    ``tasks`` maps each task of the build to what it read, ``outputs`` each file, relative to the manifest, to its
    sha256.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    draft: bool = False
    burnt_subtitles: bool = False
    voice: str | None = None
    style: str
    planner: str
    seed: int
    versions: dict[str, str]
    model: ModelRecord
    priors: tuple[PriorRecord, ...] = ()
    scenes: tuple[SceneRecord, ...]
    tasks: dict[str, TaskRecord] = {}
    outputs: dict[Below, str]

    def text(self) -> str:
        """The manifest as it is written: JSON, two spaces, a newline at the end."""
        return self.model_dump_json(indent=2) + "\n"


def read_manifest(folder: Path, name: str = MANIFEST) -> Manifest | None:
    """The manifest of the film in a folder, or of a take; None where there is none that can be read."""
    try:
        return Manifest.model_validate_json(read_regular(folder / name))
    except (OSError, ValidationError):
        return None


def scene_film(folder: Path, scene: str) -> Path:
    """Where the film of one scene lies in its film's folder."""
    return folder / "scenes" / f"{scene}.mp4"


def read_film(folder: Path) -> Manifest | None:
    """The manifest of the film in a folder, or, of scenes that were filmed alone before there is a whole film, theirs
    together; None where there is neither."""
    if (whole := read_manifest(folder)) is not None:
        return whole
    found = [
        manifest
        for film in sorted((folder / "scenes").glob("*.mp4"))
        if (manifest := read_manifest(film.parent, take_manifest(film).name)) is not None
    ]
    if not found:
        return None
    # those of another model than the last one filmed with would be another film
    newest = max(found, key=lambda each: max(_age(scene_film(folder, one.plan.name)) for one in each.scenes))
    alike = [each for each in found if each.model == newest.model]
    return newest.model_copy(
        update={
            "scenes": tuple(one for each in alike for one in each.scenes),
            "tasks": {name: task for each in alike for name, task in each.tasks.items()},
            "priors": tuple(dict.fromkeys(one for each in alike for one in each.priors)),
            "outputs": {name: digest for each in alike for name, digest in each.outputs.items()},
        }
    )


def _age(file: Path) -> float:
    return file.stat().st_mtime if file.exists() else 0.0


def is_film(folder: Path) -> bool:
    """Whether there is a whole film in a folder."""
    return read_manifest(folder) is not None


def take_manifest(take: Path) -> Path:
    """Where the manifest of a take stands: beside its film."""
    return take.with_suffix(".json")


def take_file(scene: str, seed: int) -> str:
    """Where a take lies in its film's folder."""
    return f"{TAKES}/{scene}.seed{seed}.mp4"
