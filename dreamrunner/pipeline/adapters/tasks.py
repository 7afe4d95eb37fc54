"""The tasks that teach a backbone what it does not know: finding clips that show a motion, and learning LoRAs from clips
and photos. They stand before the scenes that need what was learnt."""

from __future__ import annotations

import dataclasses
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.device import Device, compute_device
from dreamrunner.backbones.folder import read_json
from dreamrunner.backbones.resident import loaded
from dreamrunner.backbones.training import TrainingRecipe
from dreamrunner.datasets import Segment
from dreamrunner.engine.graph import Advance, Task
from dreamrunner.engine.measurements import Effort
from dreamrunner.engine.software import code_digest, library_versions
from dreamrunner.files.digest import digest_json
from dreamrunner.files.text import counted
from dreamrunner.pipeline.adapters.catalogs import MINIATURE, catalogued, open_catalog
from dreamrunner.pipeline.tasks.render import checkpoint_key, precision
from dreamrunner.priors import PhotoFile
from dreamrunner.priors.adapters import sidecar_file
from dreamrunner.retrieval import Catalog, Parts, RetrievalOptions, load_parts

if TYPE_CHECKING:
    from dreamrunner.priors import Preview, StepReport, TrainingClip

SEED = 0
"""What LoRAs are trained with in a build. Not the story's: another take of a film is no reason to learn everything anew."""

MOST_OF_SEARCH = 100_000
"""Bytes that what a search found has at most."""

MEAN_OF = 20
"""Steps whose mean loss is shown; that of a single step says little, since each has its own noise."""


@dataclass(frozen=True)
class Search:
    """A search for clips that show a motion: ``query`` in ``catalog``, a folder or :data:`MINIATURE`."""

    query: str
    catalog: str | Path
    options: RetrievalOptions = RetrievalOptions()

    @property
    def at_home(self) -> bool:
        """Whether the videos lie on this machine alone."""
        return self.catalog != MINIATURE

    def parts(self) -> Parts:
        """What looks at the catalog's videos.

        Raises:
            DetectorError, SimilarityError: there is none that suits them.
        """
        return load_parts("miniature" if self.catalog == MINIATURE else "real")

    def reads(self, catalog: Catalog, parts: Parts, device: Device) -> dict[str, Any]:
        """All that the search's result depends on: of the catalog, the clips that it begins with."""
        fields = {"start", "end", "caption", "width", "height", "rate"}
        begins = [
            [digest, *(value for name, value in sorted(dataclasses.asdict(clip).items()) if name in fields)]
            for clip, _, digest in catalogued(self.query, catalog, self.options)
        ]
        return {
            "query": self.query,
            "options": dataclasses.asdict(self.options),
            "clips": begins,
            "parts": [parts.people.key, parts.image_similarity.key, parts.video_similarity.key],
            "device": device,
            "code": code_digest("datasets", "retrieval"),
        }

    def found(self, result: Path) -> list[Segment]:
        """What the search's task wrote down, with where the videos lie on this machine; a video that is gone is left out.

        Raises:
            CatalogError: the catalog cannot be used.
        """
        rows = found_rows(result)
        wanted = {row["digest"] for row in rows}
        files: dict[str, Path] = {}
        for _, file, digest in catalogued(self.query, open_catalog(self.catalog), self.options):
            if digest in wanted:
                files.setdefault(digest, file)
            if len(files) == len(wanted):
                break
        return [Segment(file=files[row["digest"]], **row) for row in rows if row["digest"] in files]

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        """Search, and write down what was found: content, stretch, window, caption and scores of each clip."""
        from dreamrunner.retrieval import retrieve

        steps = ("clips", "people", "similarity")

        def on_progress(step: str, done: int, total: int) -> None:
            advance((steps.index(step) + (done / total if total else 1.0)) / len(steps))

        parts = self.parts()
        found = retrieve(
            self.query,
            open_catalog(self.catalog),
            people=parts.people,
            image_similarity=parts.image_similarity,
            video_similarity=parts.video_similarity,
            options=self.options,
            on_progress=on_progress,
        )
        segments = [segment.model_dump(mode="json", exclude={"file"}) for segment in found.segments]
        path.write_text(json.dumps({"query": self.query, "segments": segments}, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Lesson:
    """What every training has: the motion or character ``of``, the recipe, and what it is computed with.

    ``preview`` shows clips on the way; it changes nothing and stands in no key.
    """

    of: str
    backbone: Backbone
    device: Device
    recipe: TrainingRecipe
    seed: int = SEED
    preview: Preview | None = None

    def reads(self) -> dict[str, Any]:
        """What the LoRA depends on, apart from what it is learnt from."""
        backbone = self.backbone
        return {
            "of": self.of,
            "model": [backbone.digest, backbone.width, backbone.height, backbone.frames],
            "device": self.device,
            "precision": precision(backbone, self.device),
            "recipe": dataclasses.asdict(self.recipe),
            "seed": self.seed,
            "libraries": library_versions() | {name: version(name) for name in ("av", "opencv-python", "pillow")},
            "code": code_digest("backbones", "priors", "datasets/video.py"),
        }

    def effort(self) -> Effort:
        """Every step takes as long; the LoRA has at most its rank in all layers of all blocks, in float32."""
        backbone, transformer = self.backbone, read_json(self.backbone.source / "transformer" / "config.json")
        width = transformer["num_attention_heads"] * transformer["attention_head_dim"]
        # Four projections of the attention, and two layers of which one side is four times as wide.
        most = transformer["num_layers"] * (4 * 2 + 2 * 5) * width * self.recipe.rank * 4
        like = f"{backbone.digest[:12]} {backbone.width}x{backbone.height} {self.device} rank {self.recipe.rank}"
        return Effort(like, self.recipe.steps, most)

    def train(
        self, train: Callable[..., object], samples: Sequence[object], path: Path, checkpoint: Path, advance: Advance
    ) -> None:
        """Train into ``path``, going on from ``checkpoint``; the sidecar is the one in the file itself."""
        lately: deque[float] = deque(maxlen=MEAN_OF)

        def on_step(report: StepReport) -> None:
            lately.append(next(iter(report.losses.values())))
            note = f"loss {sum(lately) / len(lately):.3f}"
            advance(report.step / report.steps, step=report.step, steps=report.steps, note=note)

        try:
            train(
                loaded(self.backbone, self.device),
                samples,
                self.recipe,
                of=self.of,
                file=path,
                seed=self.seed,
                checkpoint=checkpoint,
                on_step=on_step,
                preview=self.preview,
            )
        finally:
            sidecar_file(path).unlink(missing_ok=True)


@dataclass(frozen=True)
class Learn:
    """A training. ``reads`` is the digest of all that the LoRA depends on, apart from what is in the files needed."""

    lesson: Lesson
    reads: str

    def forget(self, needed: Mapping[str, Path]) -> None:
        self._checkpoint(needed).unlink(missing_ok=True)

    def _checkpoint(self, needed: Mapping[str, Path]) -> Path:
        from dreamrunner.priors.training import checkpoint_file

        return checkpoint_file(checkpoint_key(self.reads, needed))


@dataclass(frozen=True)
class LearnMotion(Learn):
    """Trains a motion's LoRA on ``clips``, or on what ``search`` found before. Clips are read at ``rate`` frames a second.

    Where a search found nothing that can be learnt from, the file that it makes holds no tensors: nothing to add.
    """

    rate: float
    clips: tuple[Segment, ...] = ()
    search: Search | None = None

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.priors import train_motion

        clips = self._found(needed) if self.search else self._given(needed)
        if not clips:
            from safetensors.numpy import save

            path.write_bytes(save({}))
            return
        source = "catalog" if self.search else "hand"
        self.lesson.train(partial(train_motion, source=source), clips, path, self._checkpoint(needed), advance)

    def _given(self, needed: Mapping[str, Path]) -> list[TrainingClip]:
        from dreamrunner.priors import read_clip

        here = [clip.model_copy(update={"file": needed[f"clip {at}"]}) for at, clip in enumerate(self.clips)]
        return [read_clip(clip, self.lesson.backbone, self.rate) for clip in here]

    def gather(self, needed: Mapping[str, Path]) -> Mapping[str, Path]:
        """The videos that the search found, by their content; those that are gone since are left out."""
        if self.search is None:
            return {}
        found = self.search.found(needed[f"retrieve {self.lesson.of}"])
        return {f"video {segment.digest}": segment.file for segment in found}

    def _found(self, needed: Mapping[str, Path]) -> list[TrainingClip]:
        from dreamrunner.datasets import VideoError
        from dreamrunner.priors import read_clip

        clips = []
        for row in found_rows(needed[f"retrieve {self.lesson.of}"]):
            try:
                if (file := needed.get(f"video {row['digest']}")) is not None:
                    clips.append(read_clip(Segment(file=file, **row), self.lesson.backbone, self.rate))
            except VideoError:
                continue  # found and scored a while ago, and broken since
        return clips


@dataclass(frozen=True)
class LearnSubject(Learn):
    """Trains a character's LoRA on ``photos``."""

    photos: tuple[PhotoFile, ...]

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.priors import read_photo, train_subject

        here = [photo.model_copy(update={"file": needed[f"photo {at}"]}) for at, photo in enumerate(self.photos)]
        read = [read_photo(photo, self.lesson.backbone) for photo in here]
        self.lesson.train(train_subject, read, path, self._checkpoint(needed), advance)


def found_rows(result: Path) -> list[dict[str, Any]]:
    """What a search's task wrote down: the facts of each segment but for where its video lies."""
    return json.loads(result.read_bytes())["segments"]


def found_line(of: str, result: Path) -> str:
    """What a search's task found, in words."""
    found = json.loads(result.read_bytes())
    clips = found["segments"]
    if not clips:
        return f"{of}: no clip shows {found['query']!r}, so the model is on its own with it"
    lowest, highest = clips[-1]["score"], clips[0]["score"]
    doubt = "" if highest > RetrievalOptions().threshold else ", so none shows it well"
    count = counted(len(clips), "clip")
    return f"{of}: {count} found, scores {lowest:.2f} to {highest:.2f}{doubt}"


def retrieve_task(of: str, search: Search, device: Device, catalog: Catalog | None) -> Task:
    """The search for clips of the motion ``of``, in ``catalog``, the search's own, opened. ``device`` is what tasks are
    computed on that may run elsewhere.

    Without it, when a build is only tried, what would be read is not known; nor is there a result.

    Raises:
        CatalogError, DetectorError, SimilarityError: nothing can be searched.
    """
    parts = search.parts()
    if search.at_home:
        device = compute_device()  # this machine's, whatever a cluster has
    reads = {"query": search.query} if catalog is None else search.reads(catalog, parts, device)
    effort = Effort(device, most=MOST_OF_SEARCH)
    return Task("retrieve", of, reads, search, suffix=".json", accelerated=True, at_home=search.at_home, effort=effort)


def motion_task(lesson: Lesson, rate: float, clips: Sequence[Segment]) -> Task:
    """Learning a motion from clips that somebody brings."""
    reads = lesson.reads() | {"rate": rate, "clips": [[clip.content, clip.caption] for clip in clips]}
    return Task(
        "train-motion",
        lesson.of,
        reads,
        LearnMotion(lesson, digest_json(reads), rate, clips=tuple(clips)),
        suffix=".safetensors",
        files={f"clip {at}": clip.file for at, clip in enumerate(clips)},
        accelerated=True,
        effort=lesson.effort(),
    )


def found_motion_task(lesson: Lesson, rate: float, search: Search) -> Task:
    """Learning a motion from what its retrieve task finds."""
    reads = lesson.reads() | {"rate": rate}
    return Task(
        "train-motion",
        lesson.of,
        reads,
        LearnMotion(lesson, digest_json(reads), rate, search=search),
        (f"retrieve {lesson.of}",),
        ".safetensors",
        accelerated=True,
        effort=lesson.effort(),
    )


def subject_task(lesson: Lesson, photos: Sequence[PhotoFile]) -> Task:
    """Learning a character from photos."""
    reads = lesson.reads() | {"photos": [[photo.digest, photo.caption] for photo in photos]}
    return Task(
        "train-subject",
        lesson.of,
        reads,
        LearnSubject(lesson, digest_json(reads), tuple(photos)),
        suffix=".safetensors",
        files={f"photo {at}": photo.file for at, photo in enumerate(photos)},
        accelerated=True,
        effort=lesson.effort(),
    )
