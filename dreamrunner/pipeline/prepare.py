"""A production: everything that filming a planned story takes, decided before any of it is done."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from dreamrunner.backbones import Backbone, BackboneError, describe
from dreamrunner.backbones.describing import comes_from_hub
from dreamrunner.backbones.device import Card, Device
from dreamrunner.backbones.fitness import unfit
from dreamrunner.backbones.memory_plan import plan_for
from dreamrunner.backbones.table import TABLE
from dreamrunner.checking.choosing import NONE, watcher_for
from dreamrunner.checking.seen import WatcherError
from dreamrunner.engine.graph import StepFailed, Task
from dreamrunner.engine.progress import Progress, Said, silent
from dreamrunner.engine.store import Store
from dreamrunner.files.text import shortened
from dreamrunner.language import Diagnostic, Story
from dreamrunner.language.ignoring import unanswered
from dreamrunner.language.project.finding import project_of
from dreamrunner.language.story import LoraFile
from dreamrunner.pipeline.adapters.pictures import FAST_GUIDANCE, OptionRefused, fast_steps, lora_of
from dreamrunner.pipeline.adapters.resolve import Resolved, Resources, adapters_folder, resolve
from dreamrunner.pipeline.manifest import MANIFEST, STORYBOARD, TAKES, is_film, take_file
from dreamrunner.pipeline.options import Options, why_nothing_is_learnt
from dreamrunner.pipeline.outputs import spare
from dreamrunner.pipeline.prompt_length import cut_texts
from dreamrunner.pipeline.story import Understood, files_of
from dreamrunner.pipeline.tasks.check import check_tasks
from dreamrunner.pipeline.tasks.film import cut_tasks, encode_tasks, join_task, storyboard_task
from dreamrunner.pipeline.tasks.makers.render import RenderJob, ToTrain
from dreamrunner.pipeline.tasks.render import render_tasks
from dreamrunner.pipeline.tasks.speech import MUSIC, music_task, sound_file, speech_tasks
from dreamrunner.pipeline.voices import voices_of
from dreamrunner.pipeline.wanted_takes import wanted
from dreamrunner.planning import Plan, PlannedScene
from dreamrunner.planning.noticed import undrawn_by
from dreamrunner.priors import Adapter
from dreamrunner.regions import lower, placeholders
from dreamrunner.rendering.speedups import DRAFT, draft_steps, find


@dataclass(frozen=True)
class Production:
    """What is filmed, with what, by which tasks, and where it is delivered.

    ``folder`` is the film's, ``name`` its file's without the ending. ``scenes`` has, by scene, the name in the folder
    of its own film, ``inputs`` the files that the story and options bring. ``noticed`` is what shows only now that the
    model is known, ``remarks`` what else is to say of how it is filmed, ``resolved`` where what it lacks comes from.
    ``tasks`` stand in the order in which they can be done. ``voice`` names the voices.
    """

    story: Story
    plan: Plan
    options: Options
    backbone: Backbone
    resolved: Resolved
    jobs: tuple[RenderJob, ...]
    tasks: tuple[Task, ...]
    noticed: tuple[Diagnostic, ...]
    folder: Path
    name: str
    voice: str | None
    scenes: Mapping[str, str]
    inputs: tuple[Path, ...]
    remarks: tuple[str, ...] = ()

    def kept_by(self) -> str | None:
        """Which line of the story keeps what was filmed with a seed of its own; None where there is none to write."""
        seed, scene = self.options.seed, self.options.scene
        if seed is None:
            return None
        if scene is None:
            return f"the line `seed {seed}` under the story's title keeps this film"
        if any(each.name == scene and each.seed == seed for each in self.story.scenes):
            return None
        return f"the line `seed {seed}` in scene {scene} keeps this take"


class UnknownScene(Exception):
    """A scene was asked for that the story does not have. ``str()`` names it and those there are."""


def prepare(
    understood: Understood,
    *,
    out: Path | None,
    options: Options,
    device: Device,
    store: Store,
    card: Card | None = None,
    progress: Progress = silent,
    dry: bool = False,
    seeds: Mapping[str, int] = MappingProxyType({}),
) -> Production:
    """Decide on everything; nothing is written into ``out``, by default :func:`default_folder`.

    ``device`` is what scenes are computed on, ``card`` the GPU where one is known; ``store`` may hold what was learnt
    before; ``progress`` hears of a catalog that is drawn first. A ``dry`` preparation fetches no model and remembers
    nothing. ``seeds`` are other ones for some scenes, by name: those of takes.

    Raises:
        AdapterError: a LoRA file that the story brings can't be used.
        BackboneError: the model is not known (UnknownModel), can't film the story's size (UnfitSize), or can't be had.
        CatalogError: the catalog of videos that the story names can't be used.
        FilmError: subtitles are to be burnt in, and no font on this machine has a sign of the narration; or music is
            no sound.
        InTheWay: the film would take the place of a file that the story brings.
        OptionRefused: a LoRA file that an option names can't be used.
        NothingToLearn: none of the clips or photos that the story brings for something can be used.
        StepFailed: a speed-up can't be used for a scene.
        UnknownScene: ``options.scene`` names no scene of the story.
        ValueError: the story has no plan.
        VoiceError: ``options.voice`` names no voice.
    """
    story, plan = understood.story, understood.plan
    if story is None or plan is None:
        raise ValueError(f"{understood.path} has errors and can't be filmed")
    chosen = [scene.model_copy(update={"seed": seeds.get(scene.name, scene.seed)}) for scene in _chosen(plan, options)]
    folder, name = out or default_folder(understood.path), understood.path.stem
    if options.draft:
        # A draft never takes a film's place, whatever folder was asked for, nor passes for it when it is sent around.
        folder, name = folder / "draft", f"{name}-draft"
    alone = options.scene is not None and is_film(folder)
    files = {scene.name: _take(scene.name, options.seed) if alone else f"scenes/{scene.name}.mp4" for scene in chosen}
    loras, fast = (tuple(map(lora_of, texts)) for texts in (options.loras, options.fast))
    inputs = (*files_of(story), *(lora.path for lora in (*loras, *fast)))
    spare(folder, _names(name, files, plan, whole=options.scene is None), inputs)
    model = options.model or story.model
    if model in TABLE:
        _require_fit(card, model, TABLE[model].dtype)
    backbone = describe(
        model,
        size=story.size or None,
        story_folder=None if options.model else story.path.parent,
        dry=dry,
        tell=lambda line: progress(Said(line)),
    )
    _require_fit(card, backbone.name, backbone.dtype)
    resources = Resources(
        backbone=backbone,
        device=device,
        card=card,
        store=store,
        adapters=adapters_folder(options.adapters, understood.path),
        steps=options.train_steps,
        allow_outside=options.allow_outside,
        dry=dry,
        unlearnt=why_nothing_is_learnt(options) or backbone.untrainable,
        detector=Path(options.detector) if options.detector is not None else None,
        trust_weights=options.trust_weights,
        loras=loras,
        fast=fast,
    )
    resolved = resolve(chosen, story, resources, progress)
    jobs = [_within(job, backbone, card) for job in _jobs(chosen, plan, backbone, options, resolved.priors, fast)]
    # Spoken while the first scene is filmed: what it fails on is known before scenes are filmed for hours.
    voices = voices_of(story, plan, options.voice)
    spoken = speech_tasks(chosen, plan, voices.spoken)
    checks, unchecked = _checks(jobs, story, backbone, options, dry=dry, progress=progress)
    tasks = [
        *spoken,
        *resolved.tasks,
        *render_tasks(jobs, backbone, device, card),
        *checks,
    ]
    whole = options.scene is None
    tasks += [
        *([storyboard_task(plan, checked=[task.of for task in checks])] if whole else []),
        *encode_tasks(jobs, smooth=options.smooth),
    ]
    if whole:
        names = [task.of for task in spoken if task.kind == "fit"]
        burn = options.burn_subtitles
        music = music_task(plan, story, names)
        tasks += [music] if music is not None else []
        tasks += cut_tasks(plan, backbone, burn_subtitles=burn, spoken=names)
        tasks += [join_task(plan, subtitles=not burn, spoken=names, music=music is not None)]
    if whole:
        from dreamrunner.film import letters_lacking

        if letters := letters_lacking(plan):
            advice = "the page that `dreamrunner storyboard` draws has them"
            progress(Said(f"{STORYBOARD} will show boxes for {letters}, which its typeface lacks; {advice}"))
    if options.burn_subtitles:
        from dreamrunner.film.burning import check_letters

        check_letters(plan)
    called, plain = placeholders(resolved.priors), options.attention == "plain"
    cut = cut_texts(chosen, story, plan.style, backbone, called=called, plain=plain)
    noticed, _ = unanswered((*resolved.diagnostics, *cut), story.ignores)
    if model != story.model:
        noticed = (*undrawn_by(story, model), *noticed)
    return Production(
        story,
        plan,
        options,
        backbone,
        resolved,
        tuple(jobs),
        tuple(tasks),
        noticed,
        folder,
        name,
        voices.shown,
        files,
        inputs,
        (*voices.remarks, *_remarks(jobs, options), *unchecked),
    )


def _require_fit(card: Card | None, model: str, dtype: str) -> None:
    """Refuse a GPU that can't compute a model, before that is fetched or loaded.

    Raises:
        BackboneError: the GPU can't.
    """
    if why := unfit(card, model, dtype):
        raise BackboneError(why)


def default_folder(story_path: Path) -> Path:
    """Where a film goes by default: ``build/<name of the story file>`` under the current folder, or where its project
    says, with the folders between the project's and the story's, so that no two stories of one share a folder."""
    project = project_of(story_path)
    out = project.path("out")
    if out is None:
        return Path("build") / story_path.stem
    home = Path(os.path.abspath(project.own.path)).parent if project.own is not None else None
    place = Path(os.path.abspath(story_path)).parent
    between = place.relative_to(home) if home is not None and place.is_relative_to(home) else Path()
    folder = out / (between if between.name == story_path.stem else between / story_path.stem)
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _jobs(
    scenes: Sequence[PlannedScene],
    plan: Plan,
    backbone: Backbone,
    options: Options,
    priors: Sequence[Adapter | ToTrain],
    fast: Sequence[LoraFile],
) -> list[RenderJob]:
    usual = draft_steps(backbone.steps) if options.draft else backbone.steps
    guidance = backbone.guidance
    if fast:
        usual, guidance = min(fast_steps(fast), usual) if options.draft else fast_steps(fast), FAST_GUIDANCE
    # A draft's cache can't film a scene longer than a clip, which then has fewer steps only.
    asked = tuple(dict.fromkeys(options.speedups))
    cache = next((name for name in asked if find(name).cache), None)
    drafted = asked if cache or fast else (*asked, *DRAFT)  # of few steps a cache can leave out none
    jobs = []
    for scene in scenes:
        program = lower(scene, backbone.grid.spanning(scene.duration), style=plan.style, adapters=priors)
        if cache and program.grid != backbone.grid:
            long = f"scene {scene.name} is longer than a clip, which {cache} can't film"
            raise StepFailed(f"{long}; split the scene, or leave {cache} out")
        called = {lora.adapter for lora in program.lora_maps}
        jobs.append(
            RenderJob(
                scene=scene,
                program=program,
                priors=tuple(prior for prior in priors if prior.name in called or prior.kind == "picture"),
                steps=options.steps if options.steps is not None else usual,
                guidance=options.guidance if options.guidance is not None else guidance,
                attention=options.attention,
                speedups=drafted if options.draft and program.grid == backbone.grid else asked,
            )
        )
    return jobs


def _remarks(jobs: Sequence[RenderJob], options: Options) -> Iterator[str]:
    """What is to say of how scenes are filmed."""
    unguided = [job for job in jobs if job.guidance <= 1 and job.scene.avoid.strip()]
    if unguided:
        names = shortened(", ".join(job.scene.name for job in unguided), 80)
        yield f"at guidance {unguided[0].guidance:g} `avoid` has no effect ({names})"
    if several := wanted([job.scene for job in jobs], options).takes:
        names = shortened(", ".join(f"{count} of {name}" for name, count in several.items()), 80)
        yield f"up to so many takes are filmed: {names}; what is foreseen is for one of each"


def _checks(
    jobs: Sequence[RenderJob],
    story: Story,
    backbone: Backbone,
    options: Options,
    *,
    dry: bool,
    progress: Progress,
) -> tuple[list[Task], tuple[str, ...]]:
    """The tasks that check the scenes, none of a draft's; or why there are none.

    Raises:
        OptionRefused: the option names no checker.
    """
    if options.draft:
        return [], ()
    try:
        watcher = watcher_for(
            backbone,
            options.checker,
            from_hub=comes_from_hub(options.model or story.model, None if options.model else story.path.parent),
            dry=dry,
            tell=lambda line: progress(Said(line)),
        )
    except WatcherError as error:
        if options.checker is not None and not dry:
            raise OptionRefused("checker", str(error)) from error
        return [], (f"films are not checked: {error}; --checker {NONE} does without",)
    return (check_tasks(jobs, story, watcher), ()) if watcher is not None else ([], ())


def _within(job: RenderJob, backbone: Backbone, card: Card | None) -> RenderJob:
    """The job with what changes its picture and has to be, since the card is too small for it otherwise."""
    memory = plan_for(backbone, card, job.work(backbone))
    added = [name for name in memory.changing if name not in job.speedups] if memory is not None else []
    return replace(job, speedups=(*job.speedups, *added)) if added else job


def _chosen(plan: Plan, options: Options) -> Sequence[PlannedScene]:
    """The scenes to film; a seed that is asked for with one scene is that scene's, as if it was written in it."""
    name = options.scene
    if name is None:
        return plan.scenes
    chosen = [scene for scene in plan.scenes if scene.name == name]
    if not chosen:
        raise UnknownScene(f"the story has no scene {name}; it has {', '.join(scene.name for scene in plan.scenes)}")
    return [scene.model_copy(update={"seed": options.seed}) for scene in chosen] if options.seed is not None else chosen


def _take(scene: str, seed: int | None) -> str:
    """Where a scene goes that is filmed alone beside a film, whose own scenes stay what the film was joined of."""
    return f"{TAKES}/{scene}.mp4" if seed is None else take_file(scene, seed)


def _names(name: str, scenes: Mapping[str, str], plan: Plan, *, whole: bool) -> Iterator[str]:
    """The names of all files that may be delivered."""
    from dreamrunner.film.utterances import utterances

    yield from scenes.values()
    yield from (sound_file(each.of, scenes) for each in utterances(plan) if each.scene in scenes)
    if whole:
        yield from (MUSIC, MANIFEST, STORYBOARD, *(f"{name}.{form}" for form in ("mp4", "srt", "vtt", "otio")))
