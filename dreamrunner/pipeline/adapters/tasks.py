"""The tasks that teach a backbone what it does not know: finding clips that show a motion, and learning LoRAs from
clips and photos. They stand before the scenes that need what was learnt."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.device import Device, compute_device
from dreamrunner.backbones.memory_plan import plan_for
from dreamrunner.datasets import Segment
from dreamrunner.engine.graph import Task
from dreamrunner.engine.measurements import Effort
from dreamrunner.engine.software import code_digest
from dreamrunner.files.digest import digest_json
from dreamrunner.files.json import parse
from dreamrunner.files.regular import read_regular
from dreamrunner.files.wording import counted
from dreamrunner.pipeline.adapters.catalogs import catalogued
from dreamrunner.pipeline.adapters.makers.motion import LearnMotion
from dreamrunner.pipeline.adapters.makers.retrieve import Search
from dreamrunner.pipeline.adapters.makers.subject import LearnSubject
from dreamrunner.pipeline.adapters.makers.training import Training, TrainingSpec
from dreamrunner.pipeline.tasks.render import computed_on, precision
from dreamrunner.priors import PhotoFile
from dreamrunner.priors.adapters import most_bytes
from dreamrunner.retrieval import Catalog, Parts, RetrievalOptions

MOST_OF_SEARCH = 100_000
"""Bytes that the result of a search has at most."""


def search_reads(search: Search, catalog: Catalog, parts: Parts, device: Device) -> dict[str, Any]:
    """All that a search's result depends on: of the catalog, the clips that it begins with."""
    fields = {"start", "end", "caption", "width", "height", "rate"}
    begins = [
        [digest, *(value for name, value in sorted(dataclasses.asdict(clip).items()) if name in fields)]
        for clip, _, digest in catalogued(search.query, catalog, search.options)
    ]
    return {
        "query": search.query,
        "options": dataclasses.asdict(search.options),
        "clips": begins,
        "parts": [parts.people.key, parts.image_similarity.key, parts.video_similarity.key],
        "device": device,
        "code": code_digest(Search),
    }


def training_code(backbone: Backbone, maker: type[Training]) -> str:
    """The digest of the code that trains for a backbone."""
    return code_digest(maker, *backbone.family_modules)


def training_reads(spec: TrainingSpec, maker: type[Training]) -> dict[str, Any]:
    """What a LoRA depends on, apart from what it is learnt from.

    Not the versions of libraries, which its sidecar records: a newer one is no reason to spend hours of a GPU again.
    """
    backbone = spec.backbone
    return {
        "of": spec.of,
        "model": [
            *(backbone.digest, backbone.width, backbone.height, backbone.frames),
            *(backbone.text_tokens, backbone.scheduler),
        ],
        **computed_on(spec.device, spec.card),
        **({"encoding": "tiled"} if _tiled(spec) else {}),
        "precision": precision(backbone, spec.device),
        "recipe": dataclasses.asdict(spec.recipe),
        "seed": spec.seed,
        "code": training_code(backbone, maker),
    }


def _tiled(spec: TrainingSpec) -> bool:
    """Whether clips are encoded by tiles, since the card is too small for a whole one."""
    memory = plan_for(spec.backbone, spec.card, spec.work(0))
    return memory is not None and "encoding" in memory.tiled


def training_effort(spec: TrainingSpec) -> Effort:
    """The work of a training, counted in steps: each takes as long as the others."""
    backbone, most = spec.backbone, most_bytes(spec.backbone, spec.recipe.rank)
    like = f"{backbone.digest[:12]} {backbone.width}x{backbone.height} {spec.device} rank {spec.recipe.rank}"
    return Effort(like, spec.recipe.steps, most)


def found_line(of: str, result: Path) -> str:
    """What a search's task found, in words."""
    if why := unfit(result):
        return f"{of}: {why}, so nothing is learnt"
    clips = parse(read_regular(result))["segments"]
    lowest, highest = clips[-1]["score"], clips[0]["score"]
    return f"{of}: {counted(len(clips), 'clip')} found, scores {lowest:.2f} to {highest:.2f}"


def unfit(result: Path) -> str:
    """Why nothing is learnt from what a search's task found; "" where clips fit."""
    found = parse(read_regular(result))
    return "" if found["segments"] else f"no clip fits {found['query']!r}{best_score(found)}"


def best_score(found: Mapping[str, Any]) -> str:
    """The best score of a search that found no clip that fits, in words that follow what was searched for."""
    best, least = found.get("best"), RetrievalOptions().threshold
    return "" if best is None else f" (the best scores {best:.2f}, and more than {least:.2f} is needed)"


def retrieve_task(of: str, search: Search, device: Device, catalog: Catalog | None) -> Task:
    """The search for clips of the motion ``of``, in ``catalog``, the search's own, opened. ``device`` is what tasks are
    computed on that may run elsewhere.

    Without it, when a build is only tried, what would be read is not known; nor is there a result.

    Raises:
        CatalogError, DetectorError, SimilarityError: nothing can be searched.
    """
    parts = search.parts()
    if search.local_only:
        device = compute_device()  # this machine's, whatever a cluster has
    reads = {"query": search.query} if catalog is None else search_reads(search, catalog, parts, device)
    effort = Effort(device, most=MOST_OF_SEARCH)
    return Task(
        "retrieve", of, reads, search, suffix=".json", accelerated=True, local_only=search.local_only, effort=effort
    )


def motion_task(spec: TrainingSpec, rate: float, clips: Sequence[Segment]) -> Task:
    """The task of learning a motion from ``clips`` that an author names."""
    reads = training_reads(spec, LearnMotion) | {
        "rate": rate,
        "clips": [[clip.content, clip.caption] for clip in clips],
    }
    return Task(
        "train-motion",
        spec.of,
        reads,
        LearnMotion(spec, digest_json(reads), rate, clips=tuple(clips)),
        suffix=".safetensors",
        files={f"clip {at}": clip.file for at, clip in enumerate(clips)},
        accelerated=True,
        effort=training_effort(spec),
    )


def found_motion_task(spec: TrainingSpec, rate: float, search: Search) -> Task:
    """The task of learning a motion from what its retrieve task finds."""
    reads = training_reads(spec, LearnMotion) | {"rate": rate}
    return Task(
        "train-motion",
        spec.of,
        reads,
        LearnMotion(spec, digest_json(reads), rate, search=search),
        (f"retrieve {spec.of}",),
        ".safetensors",
        accelerated=True,
        effort=training_effort(spec),
    )


def subject_task(spec: TrainingSpec, photos: Sequence[PhotoFile]) -> Task:
    """The task of learning a character from photos."""
    reads = training_reads(spec, LearnSubject) | {"photos": [[photo.digest, photo.caption] for photo in photos]}
    return Task(
        "train-subject",
        spec.of,
        reads,
        LearnSubject(spec, digest_json(reads), tuple(photos)),
        suffix=".safetensors",
        files={f"photo {at}": photo.file for at, photo in enumerate(photos)},
        accelerated=True,
        effort=training_effort(spec),
    )
