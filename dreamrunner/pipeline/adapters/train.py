"""Training the LoRA of one motion or character: the tasks of a build, without a story around them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.device import Card, Device
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.datasets import Broken, given_clips
from dreamrunner.engine.graph import StepFailed, Task, why_failed
from dreamrunner.engine.lease import Lease
from dreamrunner.engine.progress import Progress, Said
from dreamrunner.engine.run import run
from dreamrunner.engine.store import Store
from dreamrunner.files.digest import digest_file
from dreamrunner.files.made import putting, require_place
from dreamrunner.pipeline.adapters.catalogs import open_catalog
from dreamrunner.pipeline.adapters.makers.retrieve import Search
from dreamrunner.pipeline.adapters.makers.training import SEED, TrainingSpec
from dreamrunner.pipeline.adapters.resolve import NothingToLearn, least_seconds
from dreamrunner.pipeline.adapters.tasks import (
    found_line,
    found_motion_task,
    motion_task,
    retrieve_task,
    subject_task,
    unfit,
)
from dreamrunner.pipeline.memory import memory_for
from dreamrunner.pipeline.outputs import Outputs
from dreamrunner.pipeline.tasks.makers.render import holds_lora
from dreamrunner.planning.english.word_forms import name_with_article
from dreamrunner.priors import given_photos, read_sidecar
from dreamrunner.priors.values import sidecar_file

if TYPE_CHECKING:
    import numpy as np

    from dreamrunner.priors import Preview


@dataclass(frozen=True)
class Order:
    """A training that was asked for: the motion or character ``of``, for ``backbone``, into the file ``out``.

    ``card`` is the GPU, where one is known. ``recipe`` is how; every ``preview`` steps a clip is written beside
    ``out``, 0 for never.
    """

    of: str
    backbone: Backbone
    device: Device
    recipe: TrainingRecipe
    out: Path
    seed: int = SEED
    preview: int = 0
    card: Card | None = None

    def spec(self, prompt: str) -> TrainingSpec:
        """The training; ``prompt`` is what previews show."""
        shown = _preview(self, prompt) if self.preview else None
        return TrainingSpec(self.of, self.backbone, self.device, self.recipe, self.seed, shown, self.card)


def motion_from_clips(order: Order, files: Sequence[Path], progress: Progress) -> tuple[Task, ...]:
    """The task of learning a motion from clips.

    Raises:
        NothingToLearn: no clip can be used.
    """
    training = order.backbone.training
    clips, broken = given_clips(files, least_seconds=least_seconds(order.backbone))
    _skip(broken, progress)
    if not clips:
        raise NothingToLearn(f"no clip can be used: {broken[0].place} {broken[0].why}")
    return (motion_task(order.spec(clips[0].caption), training.rate, clips),)


def motion_from_catalog(order: Order, search: Search, on_progress: Callable[[str, int, int], None]) -> tuple[Task, ...]:
    """The tasks of finding clips and learning from them. ``on_progress`` hears of a catalog that is drawn first.

    Raises:
        CatalogError, DetectorError, SimilarityError: nothing can be searched.
    """
    catalog = open_catalog(search.catalog, on_progress)
    spec = order.spec(search.query)
    found = found_motion_task(spec, order.backbone.training.rate, search)
    return retrieve_task(order.of, search, order.device, catalog), found


def subject_from_photos(order: Order, files: Sequence[Path], looks: str, progress: Progress) -> tuple[Task, ...]:
    """The task of learning a character from photos; ``looks`` captions those that say nothing themselves,
    the name where it is empty.

    Raises:
        NothingToLearn: no photo can be used.
    """
    photos, broken = given_photos(files, of=order.of, looks=looks or name_with_article(order.of))
    _skip(broken, progress)
    if not photos:
        raise NothingToLearn(f"no photo can be used: {broken[0].place} {broken[0].why}")
    return (subject_task(order.spec(photos[0].caption), photos),)


def learn(order: Order, tasks: Sequence[Task], store: Store, lease: Lease, progress: Progress) -> Path:
    """Run the tasks, of which the last one trains, and put a copy of its LoRA at ``order.out``, its sidecar beside it.

    What was trained before, in the same way from the same clips or photos, is taken from ``store``; a training that was
    cut short goes on from its last checkpoint. ``lease`` is held on ``store``.

    Raises:
        NothingToLearn: the catalog has no clip that shows the motion.
        StepFailed: it could not be done.
    """
    Outputs(order.out.parent).prepare()
    try:
        require_place(order.out)
    except OSError as error:
        raise StepFailed(f"can't write {order.out}: {why_failed(error, order.out)}") from error
    memory = memory_for(tasks, (), order.backbone, order.card, preview=bool(order.preview))
    if memory is not None and not memory.refused:
        progress(Said(memory.said()))
    with closing(run(tasks, store, progress, lease=lease)) as finished:
        for done in finished:
            if done.task.kind == "retrieve":
                if why := unfit(done.entry.path):
                    raise NothingToLearn(f"nothing is learnt for {order.of}: {why}; say it in other words (--query)")
                progress(Said(found_line(order.of, done.entry.path)))
    if not holds_lora(done.entry.path):
        raise NothingToLearn(f"nothing was found to learn {order.of} from")

    def say(line: str) -> None:
        progress(Said(line))

    try:
        with putting(sidecar_file(order.out), say) as temporary:
            sidecar = read_sidecar(done.entry.path)
            assert sidecar is not None, "what has just been trained holds its own"
            temporary.write_text(sidecar.model_dump_json(indent=2) + "\n", encoding="utf-8")
        if not order.out.is_file() or digest_file(order.out) != done.entry.digest:
            with putting(order.out, say) as temporary:
                shutil.copyfile(done.entry.path, temporary)
    except OSError as error:
        raise StepFailed(f"can't write {order.out}: {why_failed(error, order.out)}") from error
    return order.out


def _preview(order: Order, prompt: str) -> Preview:
    from dreamrunner.film import encode_scene
    from dreamrunner.priors import Preview
    from dreamrunner.rendering import Frames

    def write(step: int, frames: np.ndarray) -> None:
        shown = Frames(frames, len(frames) / order.backbone.training.rate)
        target = order.out.with_name(f"{order.out.stem}-{step:05}.mp4")
        with putting(target, lambda _: None) as temporary:
            encode_scene(shown, temporary)

    return Preview(every=order.preview, prompt=prompt, write=write)


def _skip(broken: Sequence[Broken], progress: Progress) -> None:
    for one in broken:
        progress(Said(f"skipped {one.place}: {one.why}"))
