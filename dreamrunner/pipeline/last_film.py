"""What a film's folder holds of each scene, and whether it shows the scene as the story has it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from dreamrunner.language.story import LoraFile, Story
from dreamrunner.pipeline.manifest import MANIFEST, Manifest, SceneRecord, read_manifest
from dreamrunner.planning.plan import Plan, PlannedScene
from dreamrunner.priors.adapters import digest_of
from dreamrunner.priors.lora_settings import BESIDE, settings_beside
from dreamrunner.priors.values import AdapterError
from dreamrunner.rendering.kinds import DEFAULT_ATTENTION

State = Literal["never", "current", "changed", "unknown"]
"""Never filmed; filmed as the story has it now; changed since; filmed, but the manifest does not say from what."""

_NOT_SEEN = {"narration", "transition"}  # what frames don't depend on


@dataclass(frozen=True, slots=True)
class FilmedScene:
    """A scene in the build. ``film`` is its own film, None where there is none; ``digest`` is that file's sha256."""

    state: State
    film: Path | None = None
    digest: str = ""


def filmed_scenes(folder: Path, plan: Plan, story: Story) -> dict[str, FilmedScene]:
    """Look for the scenes of ``plan``, made from ``story``, in the ``folder`` of its film. Renders and loads nothing.

    Links that lead out of the folder are not followed.
    """
    manifest = read_manifest(folder)
    records = {record.plan.name: record for record in manifest.scenes} if manifest is not None else {}
    found = {}
    for scene in plan.scenes:
        film = scene_film(folder, scene.name).resolve()
        digest, record = _digest(film) if film.is_relative_to(folder.resolve()) else "", records.get(scene.name)
        if not digest:
            found[scene.name] = FilmedScene("never")
            continue
        state: State = "unknown"
        if manifest is not None and record is not None and record.film == digest:
            same = _same_film(manifest, plan, story) and _same_scene(record, scene, story)
            state = "current" if same else "changed"
        found[scene.name] = FilmedScene(state, film, digest)
    return found


def film_files(folder: Path, scenes: Iterable[str]) -> list[Path]:
    """The files that :func:`filmed_scenes` looks at, there or not."""
    return [folder / MANIFEST, *(scene_film(folder, name) for name in scenes)]


def scene_film(folder: Path, scene: str) -> Path:
    """Where the film of one scene lies."""
    return folder / "scenes" / f"{scene}.mp4"


def _same_film(manifest: Manifest, plan: Plan, story: Story) -> bool:
    model = manifest.model
    size = model.width, model.height
    named = model.name in (story.model, Path(story.model).name)
    return named and manifest.style == plan.style and (story.size or size) == size


def _same_scene(record: SceneRecord, scene: PlannedScene, story: Story) -> bool:
    if record.attention != DEFAULT_ATTENTION or record.speedups:
        return False
    if record.plan.model_dump(exclude=_NOT_SEEN) != scene.model_dump(exclude=_NOT_SEEN):
        return False
    known = {(adapter.name, adapter.digest, adapter.scale) for adapter in record.adapters}
    return all((name, _digest(lora.path), lora.scale) in known for name, lora in _loras(scene, story))


def _loras(scene: PlannedScene, story: Story) -> list[tuple[str, LoraFile]]:
    """The LoRA files that the story brings for whoever is in a scene and what they do."""
    present = {beat.entity for beat in scene.beats}, {beat.motion for beat in scene.beats}
    subjects = [(f"subject-{one.name}", one.lora) for one in story.characters if one.name in present[0]]
    motions = [(f"motion-{one.name}", one.lora) for one in story.motions if one.name in present[1]]
    return [(name, lora) for name, lora in (*subjects, *motions) if lora is not None]


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
