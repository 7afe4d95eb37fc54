"""From a story file to a film: the stages in order, the expensive ones as tasks of the build's graph.

Reading, planning, describing the backbone and lowering take milliseconds and are done anew in every build, since keys
are made of what they return. Rendering, encoding, joining and the storyboard are tasks. PyTorch is imported only when
a scene has to be rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.backbones import Backbone, cache_folder, describe
from dreamrunner.build.graph import Done, Executor, InProcess, StepFailed, Task, digest_json, run
from dreamrunner.build.manifest import AdapterRecord, Manifest, ModelRecord, SceneRecord, library_versions
from dreamrunner.build.outputs import Outputs
from dreamrunner.build.progress import Progress
from dreamrunner.build.store import Store
from dreamrunner.build.tasks import Attention, Take, encode_tasks, join_task, render_tasks, storyboard_task
from dreamrunner.build.texts import cut_texts
from dreamrunner.language import Diagnostic, Story, read_story
from dreamrunner.planning import Ask, Plan, PlannedFile, PlannedScene, filled_path, plan_file, plan_story, write_story
from dreamrunner.priors import declared_adapters
from dreamrunner.regions import lower
from dreamrunner.rendering.speedups import DRAFT, draft_steps, find, inexact


@dataclass(frozen=True)
class Options:
    """How to film, where it is not the story's to say. ``None`` leaves it to the story or to the backbone.

    ``scene`` films that scene alone; ``steps`` and ``guidance`` are the sampler's; ``attention`` chooses region
    attention (paper 3.3) or one of its ablations; ``smooth`` lets ffmpeg interpolate motion between the frames.
    ``draft`` takes a quick look into a folder of its own, with fewer steps and a cache; ``speedups`` are names of what
    makes rendering cheaper, of which those that change the picture are only ever used when named here.
    ``burn_subtitles`` draws the narration into the film in place of its subtitle track. A ``model`` that
    is a folder is looked up from the current folder, one in a story's header from the story's.
    """

    model: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    scene: str | None = None
    attention: Attention = "sr3ai"
    smooth: bool = False
    burn_subtitles: bool = False
    draft: bool = False
    speedups: tuple[str, ...] = ()
    allow_outside: bool = False


@dataclass(frozen=True)
class Understood:
    """A story file, read and planned. ``plan`` is None where an error among ``diagnostics`` kept it from being made."""

    path: Path
    diagnostics: tuple[Diagnostic, ...]
    story: Story | None = None
    plan: Plan | None = None


@dataclass(frozen=True)
class Built:
    """What a build came to.

    ``film`` is the film, or the scene's own film when only that was asked for; None when the story has an error, which
    then is among ``diagnostics``. ``manifest`` is None where no whole film was made.
    """

    diagnostics: tuple[Diagnostic, ...]
    film: Path | None = None
    manifest: Manifest | None = None


class UnknownScene(Exception):
    """A scene was asked for that the story does not have. ``str()`` names it and those there are."""


def build(
    story_path: Path,
    *,
    out: Path | None = None,
    options: Options = Options(),
    store: Store | None = None,
    progress: Progress = Progress(),
    executor: Executor | None = None,
) -> Built:
    """Read, plan and film a story: :func:`understand`, then :func:`film` unless the story has an error."""
    understood = understand(story_path, options, progress)
    if understood.plan is None:
        return Built(understood.diagnostics)
    return film(understood, out=out, options=options, store=store, progress=progress, executor=executor)


def understand(
    story_path: Path, options: Options = Options(), progress: Progress = Progress(), ask: Ask | None = None
) -> Understood:
    """Read a story, let ``options`` override its header, and fill its gaps. Problems come back as diagnostics.

    A filled story beside it (``NAME.plan.story``) gives the fills of all scenes that still say what they were filled
    from. ``ask`` fills the rest where the planner is a chat model; its answers are kept in the filled story.

    Raises:
        StepFailed: ``ask`` could not fill a scene, or its answers could not be kept.
    """
    checked = read_story(story_path, allow_outside=options.allow_outside)
    story = checked.story
    if story is None:
        return Understood(story_path, checked.diagnostics)
    progress.say(f"read {story_path}")
    diagnostics, beside = checked.diagnostics, filled_path(story_path)
    kept = beside != story_path and beside.exists()
    if kept or ask is not None and story.planner not in ("offline", "none"):
        filled = _filled(story_path, options, ask)
        if filled.plan is None:
            return Understood(story_path, filled.diagnostics, story)
        story, diagnostics = filled.story, filled.diagnostics
    if options.seed is not None:
        story = replace(story, seed=options.seed)
    planned = plan_story(story)
    if planned.plan is not None:
        source = f", {beside.name}" if kept else ""
        progress.say(f"planned {_scenes(len(planned.plan.scenes))} (planner {story.planner}{source})")
    return Understood(story_path, (*diagnostics, *planned.diagnostics), story, planned.plan)


def _filled(story_path: Path, options: Options, ask: Ask | None) -> PlannedFile:
    try:
        filled = plan_file(story_path, allow_outside=options.allow_outside, ask=ask, save=write_story)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StepFailed(f"{filled_path(story_path)} can't be written: {why}") from None
    if filled.failures:
        raise StepFailed("\nerror: ".join(map(str, filled.failures)))
    return filled


def film(
    understood: Understood,
    *,
    out: Path | None = None,
    options: Options = Options(),
    store: Store | None = None,
    progress: Progress = Progress(),
    notice: Callable[[Sequence[Diagnostic]], None] = lambda _: None,
    executor: Executor | None = None,
) -> Built:
    """Film a planned story into the folder ``out``, by default ``build/<name of its file>`` under the current folder.

    What was made before and reads the same now is taken from ``store`` (by default the user's cache folder). What is
    noticed about the story now that its model is known is told to ``notice`` before the work begins. ``executor`` runs
    the tasks, by default in this process.

    Raises:
        AdapterError: a LoRA file that the story brings can't be used.
        BackboneError: the model is not known (UnknownModel), can't film the story's size (UnfitSize), or can't be had.
        FilmError: subtitles are to be burnt in, and no font on this machine has a sign of the narration.
        StepFailed: a step could not be done; what was finished before it is kept.
        UnknownScene: ``options.scene`` names no scene of the story.
        ValueError: the story has no plan.
    """
    story, plan = understood.story, understood.plan
    if story is None or plan is None:
        raise ValueError(f"{understood.path} has errors and can't be filmed")
    scenes = _chosen(plan, options.scene)
    backbone = describe(
        options.model or story.model,
        size=story.size or None,
        story_folder=None if options.model else story.path.parent,
    )
    takes = _takes(scenes, story, plan, backbone, options)
    folder, name = out or default_folder(understood.path), understood.path.stem
    if options.draft:
        # A draft never takes a film's place, whatever folder was asked for, nor passes for it when it is sent around.
        folder, name = folder / "draft", f"{name}-draft"
    outputs = Outputs(folder)
    outputs.prepare()
    noticed = cut_texts(scenes, story, plan.style, backbone, plain=options.attention == "plain")
    notice(noticed)
    diagnostics = (*understood.diagnostics, *noticed)
    if options.burn_subtitles:
        from dreamrunner.film.burning import check_letters

        check_letters(plan)
    progress.say(f"filming {_scenes(len(takes))} with {backbone.name} ({backbone.width}x{backbone.height})")

    executor = executor or InProcess()
    tasks = [*render_tasks(takes, backbone, executor.device()), *encode_tasks(takes, smooth=options.smooth)]
    if options.scene is None:
        tasks += [join_task(plan, burn_subtitles=options.burn_subtitles), storyboard_task(plan)]
    results: dict[str, str] = {}
    for done in run(tasks, store or Store(cache_folder()), progress, executor):
        results[done.task.name] = done.entry.digest
        _deliver(done, name, outputs)
    if options.scene is not None:
        return Built(diagnostics, outputs.folder / f"scenes/{options.scene}.mp4")

    from dreamrunner.film.subtitles import srt, vtt

    outputs.write(f"{name}.srt", srt(plan).encode())
    outputs.write(f"{name}.vtt", vtt(plan).encode())
    manifest = Manifest(
        title=story.title,
        draft=options.draft,
        burnt_subtitles=options.burn_subtitles,
        style=plan.style,
        planner=plan.planner,
        seed=story.seed,
        versions=library_versions(),
        model=ModelRecord(
            name=backbone.name,
            digest=backbone.digest,
            width=backbone.width,
            height=backbone.height,
            frames=backbone.frames,
        ),
        scenes=tuple(_record(take, results) for take in takes),
        outputs=dict(sorted(outputs.delivered.items())),
    )
    outputs.finish(manifest)
    return Built(diagnostics, outputs.folder / f"{name}.mp4", manifest)


def default_folder(story_path: Path) -> Path:
    """Where a film goes unless told otherwise: ``build/<name of the story file>`` under the current folder."""
    return Path("build") / story_path.stem


def _takes(
    scenes: Sequence[PlannedScene], story: Story, plan: Plan, backbone: Backbone, options: Options
) -> list[Take]:
    declared = declared_adapters(story)
    usual = draft_steps(backbone.steps) if options.draft else backbone.steps
    # A draft's cache can't film a scene longer than a clip, which then has fewer steps only.
    asked = tuple(dict.fromkeys(options.speedups))
    cache = next((name for name in asked if find(name).cache), None)
    drafted = asked if cache else (*asked, *DRAFT)
    takes = []
    for scene in scenes:
        program = lower(scene, backbone.grid.spanning(scene.duration), style=plan.style, adapters=declared)
        if cache and program.grid != backbone.grid:
            long = f"scene {scene.name} is longer than a clip, which {cache} can't film"
            raise StepFailed(f"{long}; split the scene, or leave {cache} out")
        called = {lora.adapter for lora in program.lora_maps}
        takes.append(
            Take(
                scene=scene,
                program=program,
                adapters=tuple(adapter for adapter in declared if adapter.name in called),
                steps=options.steps if options.steps is not None else usual,
                guidance=options.guidance if options.guidance is not None else backbone.guidance,
                attention=options.attention,
                speedups=drafted if options.draft and program.grid == backbone.grid else asked,
            )
        )
    return takes


def _chosen(plan: Plan, name: str | None) -> Sequence[PlannedScene]:
    if name is None:
        return plan.scenes
    chosen = [scene for scene in plan.scenes if scene.name == name]
    if not chosen:
        raise UnknownScene(f"the story has no scene {name}; it has {', '.join(scene.name for scene in plan.scenes)}")
    return chosen


def _deliver(done: Done, film_name: str, outputs: Outputs) -> None:
    task: Task = done.task
    if task.kind == "encode":
        outputs.deliver(f"scenes/{task.of}.mp4", done.entry)
    elif task.kind == "join":
        outputs.deliver(f"{film_name}.mp4", done.entry)
    elif task.kind == "storyboard":
        outputs.deliver("storyboard.png", done.entry)


def _record(take: Take, results: Mapping[str, str]) -> SceneRecord:
    return SceneRecord(
        plan=take.scene,
        region_program=digest_json(take.program_json()),
        steps=take.steps,
        guidance=take.guidance,
        attention=take.attention,
        speedups=inexact(take.speedups),
        adapters=tuple(
            AdapterRecord(name=adapter.name, digest=adapter.digest, scale=adapter.scale) for adapter in take.adapters
        ),
        frames=results[f"render {take.scene.name}"],
        film=results[f"encode {take.scene.name}"],
    )


def _scenes(count: int) -> str:
    return f"{count} scene{'' if count == 1 else 's'}"
