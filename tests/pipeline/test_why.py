"""Why a task is done again: reasons are true, whatever came from where, and whoever upgraded meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from dreamrunner.engine import Store
from dreamrunner.engine.store import Entry
from dreamrunner.pipeline import Options, prepare, understand
from dreamrunner.pipeline.manifest import AdapterRecord, Manifest, ModelRecord, SceneRecord, TaskRecord
from dreamrunner.pipeline.prepare import Production
from dreamrunner.pipeline.tasks.makers.render import ToTrain
from dreamrunner.pipeline.tasks.render import RenderTask
from dreamrunner.pipeline.why import why
from dreamrunner.priors import Adapter
from tests.material.two_scenes import STORY


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Production:
    """The story as it would be filmed."""
    root = tmp_path_factory.mktemp("why")
    (root / "two.story").write_text(STORY)
    return prepared(root, Options(model=str(model), steps=1))


def prepared(root: Path, options: Options) -> Production:
    understood = understand(root / "two.story", options)
    return prepare(understood, out=root / "film", options=options, device="cpu", store=Store(root / "cache"))


def manifest(production: Production) -> Manifest:
    """What a film that was made so would say of itself."""
    backbone = production.backbone
    scenes = [
        SceneRecord(
            plan=job.scene,
            region_program="",
            steps=job.steps,
            guidance=job.guidance,
            attention=job.attention,
            adapters=(),
            frames="",
            film="",
        )
        for job in production.jobs
    ]
    return Manifest(
        title=production.story.title,
        style=production.plan.style,
        planner="",
        seed=3,
        versions={},
        model=ModelRecord(
            name=backbone.name,
            digest=backbone.digest,
            width=backbone.width,
            height=backbone.height,
            frames=backbone.frames,
        ),
        scenes=tuple(scenes),
        tasks={task.name: TaskRecord(key="former", reads=task.summary()) for task in production.tasks},
        outputs={},
    )


def rendering(production: Production, *priors: Adapter | ToTrain) -> RenderTask:
    """The first scene's task, in two steps, with these priors."""
    task = next(task for task in production.tasks if isinstance(task, RenderTask))
    told = [prior.task if isinstance(prior, ToTrain) else prior.digest for prior in priors]
    return replace(task, reads={**task.reads, "steps": 2, "adapters": told}, priors=priors)


LEARNT = ToTrain(name="motion-waving", kind="motion", of="waving", task="train-motion waving")
BROUGHT = Adapter(name="motion-waving", kind="motion", of="waving", file=Path("waving.safetensors"), digest="a" * 64)


@pytest.mark.parametrize(
    ("was", "now", "reasons"),
    [
        ("a" * 64, BROUGHT, ()),  # learnt by that build, and found by its motion's name since
        ("a" * 64, LEARNT, ()),
        ("b" * 64, BROUGHT, ("the LoRA of waving changed",)),
        ("b" * 64, LEARNT, ("the LoRA of waving changed",)),
        (None, BROUGHT, ("the LoRA of waving is new",)),
        ("a" * 64, None, ("the LoRA of waving is gone",)),
    ],
)
def test_a_lora_changed_where_its_content_did(
    production: Production,
    tmp_path: Path,
    was: str | None,
    now: Adapter | ToTrain | None,
    reasons: tuple[str, ...],
) -> None:
    file = tmp_path / "waving.safetensors"
    save_file({"x": np.zeros(1, np.float32)}, file)
    former = manifest(production)
    records = (AdapterRecord(name="motion-waving", digest=was, scale=1.0),) if was else ()
    scenes = [scene.model_copy(update={"adapters": records}) for scene in former.scenes]
    former = former.model_copy(update={"scenes": tuple(scenes)})
    name = next(task.name for task in production.tasks if isinstance(task, RenderTask))
    reads = {**former.tasks[name].reads, "adapters": "as it was told then"}
    former.tasks[name] = TaskRecord(key="former", reads=reads)
    made = {LEARNT.task: Entry(file, "a" * 64, 1)}
    told = why(rendering(production, *([now] if now else [])), "new", production, former, made)
    assert set(told) == {"steps 2, was 1", *reasons}


def test_subtitles_in_the_picture_are_told_and_not_their_font(production: Production, model: Path) -> None:
    burning = prepared(production.folder.parent, Options(model=str(model), steps=1, burn_subtitles=True))
    for before, after, told in (
        (production, burning, "subtitles are part of the picture now"),
        (burning, production, "subtitles are no part of the picture now"),
    ):
        former = manifest(before).model_copy(update={"burnt_subtitles": before.options.burn_subtitles})
        task = next(task for task in after.tasks if task.kind == "cut")
        assert why(task, "new", after, former, {}) == (told,)


def test_another_model_another_size_and_another_use_of_it_are_told_apart(production: Production) -> None:
    former, name = manifest(production), next(task.name for task in production.tasks if task.kind == "render")
    former.tasks[name] = TaskRecord(key="former", reads={**former.tasks[name].reads, "model": "0"})
    task = next(task for task in production.tasks if task.name == name)
    for change, told in (
        ({}, f"what is known of {production.backbone.name} changed"),
        ({"digest": "0"}, f"the model is {production.backbone.name}"),
        ({"width": 8}, f"the size is {production.backbone.width}x{production.backbone.height}"),
    ):
        then = former.model_copy(update={"model": former.model.model_copy(update=change)})
        assert why(task, "new", production, then, {}) == (told,)


def test_what_was_taken_away_is_no_longer_kept_whatever_it_read(production: Production) -> None:
    former = manifest(production)
    for task in production.tasks:
        assert why(task, "former", production, former, {}) == ("what it made is no longer kept",)
