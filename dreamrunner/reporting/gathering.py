"""What is known of a film: its manifest, the pictures beside it, and what this machine noted when it was made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.datasets.video import VideoError, frames_one_by_one
from dreamrunner.engine.measurements import Measurements
from dreamrunner.engine.store import Store
from dreamrunner.files.made import MANIFEST
from dreamrunner.files.paths import cache_folder
from dreamrunner.pipeline.adapters.makers.found_segments import found_segments
from dreamrunner.pipeline.last_film import film_folder, takes_of
from dreamrunner.pipeline.manifest import (
    STORYBOARD,
    Manifest,
    SceneRecord,
    read_film,
    read_manifest,
    scene_film,
    take_manifest,
)

if TYPE_CHECKING:
    from PIL import Image

PICTURES = 6
"""Pictures of a scene, at the middles of as many equal parts of it."""

WIDTH = 320
"""Pixels across of a scene's picture."""

BOARD = 1800
"""Pixels across of the storyboard, at most."""

_QUALITY = 85

_PATH = re.compile(r"(?<![\w./])(?:~|[A-Za-z]:)?[/\\](?:[^\s/\\:;,'\"()<>]+[/\\])+([^\s/\\:;,'\"()<>]*)")
"""Where something lies on a machine: a path from the root or from somebody's home on."""


class NoFilm(Exception):
    """There is nothing to report. ``str()`` is one line: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class FoundClip:
    """A clip that a search found: its ``caption``, from where to where it was taken, in seconds, and its ``score``;
    None where that is not known."""

    caption: str
    start: float
    end: float
    score: float | None


@dataclass(frozen=True)
class Cost:
    """What a task took: its ``kind``, what it is ``of``, and its ``seconds``, its process's peak of ``memory`` and of
    the card's, ``gpu``, in bytes; 0 where that was not used, None for all where this machine has not noted it."""

    kind: str
    of: str
    seconds: float | None
    memory: int | None
    gpu: int | None


@dataclass(frozen=True)
class Report:
    """What is known of a film.

    ``name``: what it is called on disk.
    ``manifest``: what it was made from.
    ``storyboard``: a JPEG; b"" where there is none.
    ``pictures``: by scene, JPEGs of it in order; none where its film is gone.
    ``clips``: by motion, the clips that a search found for it; None where they are not kept any more.
    ``costs``: one for each task, in their order.
    """

    name: str
    manifest: Manifest
    storyboard: bytes
    pictures: Mapping[str, tuple[bytes, ...]]
    clips: Mapping[str, tuple[FoundClip, ...] | None]
    costs: tuple[Cost, ...]


def gather(film: Path) -> Report:
    """The report of ``film``: a film's folder, a file in it, or a story that was filmed.

    Raises:
        NoFilm: there is no film that was made here.
    """
    folder = folder_of(film)
    manifest = read_film(folder)
    if manifest is None:
        raise NoFilm(f"{folder} has no {MANIFEST}, so that no film of it is known; `dreamrunner build` films a story")
    return Report(
        name=film.stem if film.suffix else folder.resolve().name,
        manifest=manifest,
        storyboard=_storyboard(folder),
        pictures={record.plan.name: _pictures(folder, record) for record in manifest.scenes},
        clips=_clips(manifest),
        costs=tuple(_costs(folder, manifest)),
    )


def folder_of(film: Path) -> Path:
    """The folder of the film that somebody named.

    Raises:
        NoFilm: nothing is there, or it lies in the folder of no film.
    """
    if film.suffix == ".story":
        if not film.exists():
            raise NoFilm(f"there is no {film}")
        return film_folder(film)
    if film.is_dir():
        return film
    if not film.exists():
        raise NoFilm(f"there is no {film}")
    for folder in list(film.absolute().parents)[:2]:
        if read_film(folder) is not None:
            return folder
    raise NoFilm(f"{film} lies in the folder of no film that was made here: it has no {MANIFEST}")


def without_places(text: str) -> str:
    """A text that a program made, with files by their names alone: the page says nothing of where they lie."""
    return _PATH.sub(lambda found: found[1] or "...", text)


def _storyboard(folder: Path) -> bytes:
    from dreamrunner.datasets.image_file import open_image
    from dreamrunner.datasets.image_pixels import on_white

    try:
        with open_image(folder / STORYBOARD) as opened:
            picture = on_white(opened)
    except (OSError, ValueError):
        return b""
    if picture.width > BOARD:
        picture = picture.resize((BOARD, max(1, round(picture.height * BOARD / picture.width))))
    return _jpeg(picture)


def _pictures(folder: Path, record: SceneRecord) -> tuple[bytes, ...]:
    from PIL import Image

    try:
        return tuple(
            _jpeg(Image.fromarray(frame).resize((WIDTH, max(1, round(frame.shape[0] * WIDTH / frame.shape[1])))))
            for frame in frames_one_by_one(scene_film(folder, record.plan.name), count=PICTURES)
        )
    except VideoError:
        return ()


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _clips(manifest: Manifest) -> dict[str, tuple[FoundClip, ...] | None]:
    store = Store(cache_folder())
    found: dict[str, tuple[FoundClip, ...] | None] = {}
    for name, task in manifest.tasks.items():
        kind, _, of = name.partition(" ")
        if kind != "retrieve":
            continue
        try:
            entry = store.find(task.key)
            rows = None if entry is None else found_segments(entry.path)
            found[of] = (
                None
                if rows is None
                else tuple(
                    FoundClip(str(row.get("caption", "")), float(row["start"]), float(row["end"]), row.get("score"))
                    for row in rows
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            found[of] = None
    return found


def _costs(folder: Path, manifest: Manifest) -> Iterator[Cost]:
    """What the film's tasks took, then what those of the takes took that are not in it."""
    noted = {each.key: each for each in Measurements(cache_folder()).read() if each.key}
    told: set[str] = set()
    takes = [(take, scene.plan.name) for scene in manifest.scenes for take in takes_of(folder, scene.plan.name)]
    others = [(read_manifest(take.parent, take_manifest(take).name), scene) for take, scene in takes]
    for whole, only in ((manifest, ""), *others):
        for name, task in (whole.tasks if whole is not None else {}).items():
            kind, _, of = name.partition(" ")
            if task.key in told or (only and of != only):
                continue
            told.add(task.key)
            took = noted.get(task.key)
            seed = "" if not only or whole is None else f" (seed {whole.scenes[0].plan.seed})"
            facts = (took.seconds, took.memory, took.gpu) if took is not None else (None, None, None)
            yield Cost(kind, of + seed, *facts)
