"""The manifest of a production once its tasks are done."""

from __future__ import annotations

from collections.abc import Mapping

from dreamrunner.engine.graph import Done
from dreamrunner.engine.software import software_versions
from dreamrunner.files.digest import digest_json
from dreamrunner.pipeline.adapters.resolve import Choice
from dreamrunner.pipeline.adapters.tasks import unfit
from dreamrunner.pipeline.manifest import (
    AdapterRecord,
    Manifest,
    ModelRecord,
    PriorRecord,
    SceneRecord,
    TakeRecord,
    TaskRecord,
)
from dreamrunner.pipeline.outputs import Outputs
from dreamrunner.pipeline.prepare import Production
from dreamrunner.pipeline.story import Understood, planners
from dreamrunner.pipeline.tasks.check import read_marks
from dreamrunner.pipeline.tasks.makers.render import RenderJob, ToTrain, holds_lora, learnt_by
from dreamrunner.priors import Adapter
from dreamrunner.rendering.speedups import inexact


def manifest_of(
    understood: Understood,
    production: Production,
    results: Mapping[str, Done],
    outputs: Outputs,
    takes: Mapping[str, tuple[TakeRecord, ...]],
) -> Manifest:
    """What was filmed, from what, and what has been delivered."""
    story, plan, backbone, options = production.story, production.plan, production.backbone, production.options
    return Manifest(
        title=story.title,
        draft=options.draft,
        burnt_subtitles=options.burn_subtitles,
        voice=production.voice,
        style=plan.style,
        planner=", ".join(planners(understood)),
        seed=story.seed,
        versions=software_versions(),
        model=ModelRecord(
            name=backbone.name,
            digest=backbone.digest,
            width=backbone.width,
            height=backbone.height,
            frames=backbone.frames,
        ),
        priors=tuple(_prior_record(choice, results) for choice in production.resolved.choices),
        scenes=tuple(_record(job, results, takes.get(job.scene.name, ())) for job in production.jobs),
        tasks={name: TaskRecord(key=done.key, reads=done.task.summary()) for name, done in results.items()},
        outputs=dict(sorted(outputs.delivered.items())),
    )


def _record(job: RenderJob, results: Mapping[str, Done], takes: tuple[TakeRecord, ...]) -> SceneRecord:
    return SceneRecord(
        plan=job.scene,
        region_program=digest_json(job.program_json()),
        steps=job.steps,
        guidance=job.guidance,
        attention=job.attention,
        speedups=inexact(job.speedups),
        adapters=tuple(
            AdapterRecord(
                name=prior.name,
                digest=digest,
                scale=prior.scale,
                expert=prior.expert if isinstance(prior, Adapter) else learnt_by(results[prior.task].entry.path),
            )
            for prior in job.priors
            if (digest := _digest(prior, results))
        ),
        frames=results[f"render {job.scene.name}"].entry.digest,
        film=results[f"encode {job.scene.name}"].entry.digest,
        marks=read_marks(checked.entry.path) if (checked := results.get(f"check {job.scene.name}")) else None,
        takes=takes,
    )


def _prior_record(choice: Choice, results: Mapping[str, Done]) -> PriorRecord:
    adapter, search = (
        "" if choice.prior is None else _digest(choice.prior, results),
        results.get(f"retrieve {choice.of}"),
    )
    how = choice.how if adapter or choice.prior is None else "alone"
    why = unfit(search.entry.path) if search is not None and not adapter else choice.why
    return PriorRecord(of=choice.of, how=how, adapter=adapter, why=why)


def _digest(prior: Adapter | ToTrain, results: Mapping[str, Done]) -> str:
    """The sha256 of the LoRA's file; "" for one that came out empty."""
    if isinstance(prior, Adapter):
        return prior.digest
    entry = results[prior.task].entry
    return entry.digest if holds_lora(entry.path) else ""
