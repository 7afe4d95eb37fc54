"""What a film's folder holds of each scene, and whether it shows the scene as the story has it now."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from dreamrunner.checking.marks import JUDGED, SceneMarks
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.digest import digest_bytes, digest_now
from dreamrunner.files.paths import cache_folder
from dreamrunner.files.regular import read_regular
from dreamrunner.language.story import Character, LoraFile, Motion, Setting, Story
from dreamrunner.pipeline.manifest import (
    MANIFEST,
    TAKES,
    Manifest,
    SceneRecord,
    read_manifest,
    scene_film,
    take_manifest,
)
from dreamrunner.pipeline.prepare import default_folder
from dreamrunner.planning.plan import Plan, PlannedScene
from dreamrunner.priors.adapters import digest_of
from dreamrunner.priors.lora_settings import BESIDE, settings_beside
from dreamrunner.priors.values import AdapterError, Kind, adapter_name
from dreamrunner.rendering.kinds import DEFAULT_ATTENTION

State = Literal["never", "current", "changed", "unknown"]
"""Never filmed; filmed as the story has it now; changed since; filmed, but the manifest does not say from what."""

_LONGEST_PATH = 2**16  # bytes
_NOT_SEEN = {"narration", "transition", "takes"}  # what frames don't depend on


@dataclass(frozen=True, slots=True)
class FilmedScene:
    """A scene in the build, or one take of it.

    ``film``: its own film, None where there is none.
    ``digest``: the sha256 of that file.
    ``seed``: what it was filmed with; None where that is not known.
    ``marks``: how well it shows what it should, by the name of what was looked at; empty where nobody looked.
    ``takes``: of a scene all takes, each once, by their seeds, the one that is shown among them; of a take none.
    """

    state: State
    film: Path | None = None
    digest: str = ""
    seed: int | None = None
    marks: Mapping[str, float] = field(default_factory=dict)
    takes: tuple[FilmedScene, ...] = ()


def remember_folder(story: Path, folder: Path) -> None:
    """Note where a story is filmed into. Where the cache can't be written, only the usual folder is found later."""
    memory = folder_memory(story)
    place = os.fsencode(os.path.abspath(folder))
    with suppress(OSError):
        with suppress(OSError):
            if read_regular(memory, _LONGEST_PATH) == place:
                return
        write_whole(memory, place)


def film_folder(story: Path) -> Path:
    """The folder into which a story was filmed last, wherever from; else the one where it would be."""
    usual = default_folder(story)
    with suppress(OSError, ValueError):
        last = Path(os.fsdecode(read_regular(folder_memory(story), _LONGEST_PATH)))
        if last.is_absolute() and last.is_dir():
            here = Path.cwd()
            return last.relative_to(here) if last.is_relative_to(here) else last
    beside = story.parent / usual
    return beside if beside.is_dir() and not usual.is_dir() else usual


def folder_memory(story: Path) -> Path:
    """The file in the cache folder that holds where a story was filmed last."""
    name = digest_bytes(os.fsencode(os.path.realpath(story)))
    return cache_folder() / "films" / name


def filmed_scenes(folder: Path, plan: Plan, story: Story) -> dict[str, FilmedScene]:
    """Look for the scenes of ``plan``, made from ``story``, in the ``folder`` of its film. Renders and loads nothing.

    Links that lead out of the folder are not followed.
    """
    manifest = read_manifest(folder)
    return {scene.name: _filmed(folder, manifest, scene, plan, story) for scene in plan.scenes}


def _filmed(folder: Path, manifest: Manifest | None, scene: PlannedScene, plan: Plan, story: Story) -> FilmedScene:
    """A scene's part of the film, or a take of it that shows it as it is told now where that does not."""
    own = scene_film(folder, scene.name)
    if manifest is None:  # it may have been filmed alone
        manifest = read_manifest(own.parent, take_manifest(own).name)
    found = [_look(folder, own, manifest, scene, plan, story)]
    for take in takes_of(folder, scene.name):
        its = read_manifest(take.parent, take_manifest(take).name)
        found.append(_look(folder, take, its, scene, plan, story))
    shown = next((filmed for filmed in found if filmed.state == "current"), found[0])
    # The one in the film lies among the takes as well; they are told in the order of `dreamrunner takes`.
    takes = {filmed.digest: filmed for filmed in reversed(found) if filmed.film is not None}
    ordered = sorted(takes.values(), key=lambda filmed: (filmed.seed is None, filmed.seed or 0))
    return replace(shown, takes=tuple(ordered))


def _look(
    folder: Path, file: Path, manifest: Manifest | None, scene: PlannedScene, plan: Plan, story: Story
) -> FilmedScene:
    film = file.resolve()
    digest = digest_now(film) if film.is_relative_to(folder.resolve()) else ""
    if not digest:
        return FilmedScene("never")
    records = {record.plan.name: record for record in manifest.scenes} if manifest is not None else {}
    record = records.get(scene.name)
    if manifest is None or record is None or record.film != digest:
        return FilmedScene("unknown", film, digest)
    same = _same_film(manifest, plan, story) and _same_scene(record, scene, story)
    return FilmedScene("current" if same else "changed", film, digest, record.plan.seed, _shares(record.marks))


def _shares(marks: SceneMarks | None) -> dict[str, float]:
    """By entity, the share of the seconds in which it was judged that are right."""
    if marks is None:
        return {}
    judged = {each.entity: [mark for mark in each.marks if mark in JUDGED] for each in marks.entities}
    return {entity: row.count("right") / len(row) for entity, row in judged.items() if row}


def film_files(folder: Path, scenes: Iterable[str]) -> list[Path]:
    """The files that :func:`filmed_scenes` looks at, there or not, and what is said in them; the takes' folder too."""
    files = [folder / MANIFEST, folder / TAKES]  # in the folder one sees takes come that have no name yet
    for name in scenes:
        takes = dict.fromkeys((folder / TAKES / f"{name}.mp4", *takes_of(folder, name)))
        films = [scene_film(folder, name), *takes]
        files += [*films, *(film.with_suffix(".wav") for film in films), *map(take_manifest, films)]
    return files


def takes_of(folder: Path, scene: str) -> list[Path]:
    """The takes of a scene that lie in the folder of its film."""
    return sorted(file for file in (folder / TAKES).glob(f"{scene}.*mp4") if file.name.split(".")[0] == scene)


def _same_film(manifest: Manifest, plan: Plan, story: Story) -> bool:
    model = manifest.model
    size = model.width, model.height
    named = model.name in (story.model, Path(story.model).name)
    return named and manifest.style == plan.style and (story.size or size) == size


def _same_scene(record: SceneRecord, scene: PlannedScene, story: Story) -> bool:
    if record.attention != DEFAULT_ATTENTION or record.speedups:
        return False
    # of several takes the film has the best one, whose seed need not be the scene's
    filmed = record.plan.model_copy(update={"seed": record.takes[0].seed}) if record.takes else record.plan
    if filmed.model_dump(exclude=_NOT_SEEN) != scene.model_dump(exclude=_NOT_SEEN):
        return False
    known = {(adapter.name, adapter.digest, adapter.scale, adapter.expert) for adapter in record.adapters}
    whole = [adapter for adapter in record.adapters if adapter.name.startswith(adapter_name("picture", ""))]
    if len(whole) != len(story.loras):
        return False
    return all((name, _digest(lora.path), lora.scale, lora.expert) in known for name, lora in _loras(scene, story))


def _loras(scene: PlannedScene, story: Story) -> list[tuple[str, LoraFile]]:
    """The LoRA files that the story brings for the whole picture, for whoever is in a scene, for what they do, and for
    where they are."""
    present = {beat.entity for beat in scene.beats}, {beat.motion for beat in scene.beats}
    kinds: tuple[tuple[Kind, Sequence[Character | Setting | Motion], set[Any]], ...] = (
        ("subject", story.characters, present[0]),
        ("subject", story.settings, {scene.setting}),
        ("motion", story.motions, present[1]),
    )
    return [(adapter_name("picture", str(number)), lora) for number, lora in enumerate(story.loras, 1)] + [
        (adapter_name(kind, one.name, lora.expert), lora)
        for kind, things, there in kinds
        for one in things
        if one.name in there
        for lora in one.loras
    ]


def _digest(file: Path) -> str:
    """What stands for a LoRA in a manifest, worked out once for each state of it; empty where it can't be read."""
    states = []
    for one in (file, file.parent / BESIDE):
        try:
            facts = one.stat()
            states.append((facts.st_mtime_ns, facts.st_size, facts.st_ino))
        except OSError:
            states.append((0, 0, 0))
    try:
        return _digest_of(file, *states)
    except (OSError, AdapterError):
        return ""


@lru_cache(maxsize=256)
def _digest_of(file: Path, *_: object) -> str:
    return digest_of(file, settings_beside(file))
