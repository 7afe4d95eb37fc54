"""From a story file to a film: the stages in order, the expensive ones as tasks of the build's graph.

Reading, planning, describing the backbone, choosing what teaches it and lowering take milliseconds and are done anew in
every build, since keys are made of what they return. Finding clips, training, rendering, encoding, joining and the
storyboard are tasks. PyTorch is imported only when a LoRA has to be trained or a scene to be rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from dreamrunner.backbones import cache_folder
from dreamrunner.backbones.device import Device, idle_gpu
from dreamrunner.backbones.memory_plan import require
from dreamrunner.checking.marks import SceneMarks
from dreamrunner.checking.said import said
from dreamrunner.engine.executor import Executor
from dreamrunner.engine.graph import Done, Task
from dreamrunner.engine.lanes import InProcess
from dreamrunner.engine.lease import Lease, leased
from dreamrunner.engine.progress import Progress, Said, silent
from dreamrunner.engine.run import run
from dreamrunner.engine.store import Store
from dreamrunner.files.extras import require as require_extras
from dreamrunner.language import Diagnostic
from dreamrunner.language.ignoring import unanswered
from dreamrunner.pipeline.adapters.makers.retrieve import Search
from dreamrunner.pipeline.adapters.tasks import found_line, unfit
from dreamrunner.pipeline.adapters.unlearnt import no_clip
from dreamrunner.pipeline.errors import StoryError, UsageError, check, refusals
from dreamrunner.pipeline.forecast import foresee
from dreamrunner.pipeline.last_film import remember_folder
from dreamrunner.pipeline.manifest import (
    STORYBOARD,
    Manifest,
    TakeRecord,
    take_file,
    take_manifest,
)
from dreamrunner.pipeline.memory import memory_for
from dreamrunner.pipeline.options import Options
from dreamrunner.pipeline.outputs import Outputs
from dreamrunner.pipeline.prepare import Production, prepare
from dreamrunner.pipeline.recording import manifest_of
from dreamrunner.pipeline.story import Understood, scenes, understand_asking
from dreamrunner.pipeline.takes import SHOOTING, advice, best, chosen, shoot
from dreamrunner.pipeline.tasks.check import read_marks
from dreamrunner.pipeline.tasks.kinds import FILMING
from dreamrunner.pipeline.tasks.speech import MUSIC, music_heard, sound_file, sounds_heard
from dreamrunner.pipeline.wanted_takes import wanted

NO_SEEDS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Built:
    """The result of a build.

    ``film`` is the film, or the scene's own film when only that was asked for; ``scenes`` has the film of every scene
    that was asked for, by its name. ``made`` names the tasks that were done, ``kept`` those whose results were there
    from before (``render garden``), in their order. ``diagnostics`` are warnings. ``marks`` says of every scene that
    was checked how far it shows what was planned. Where no whole film was made there are no
    ``subtitles`` (SubRip, WebVTT), ``timeline`` (OpenTimelineIO), ``storyboard`` and ``manifest``.
    """

    film: Path
    scenes: Mapping[str, Path]
    made: tuple[str, ...]
    kept: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    subtitles: tuple[Path, ...] = ()
    timeline: Path | None = None
    storyboard: Path | None = None
    manifest: Manifest | None = None
    marks: Mapping[str, SceneMarks] = field(default_factory=dict)


def build(
    story_path: Path,
    *,
    out: Path | None = None,
    options: Options = Options(),
    store: Store | None = None,
    progress: Progress = silent,
    notice: Callable[[Sequence[Diagnostic]], None] = lambda _: None,
    executor: AbstractContextManager[Executor] | None = None,
) -> Built:
    """Read, plan and film a story: :func:`understand_asking`, then :func:`film`.

    ``notice`` is called with the story's diagnostics as soon as there are any. ``executor`` is entered once the
    story is known to have no error, and runs the tasks, by default in this process.

    Raises:
        NotInstalled: what films is not installed.
        StepFailed: a step could not be done; what was finished before it is kept.
        StoryError: the story has an error, or brings a file that can't be used.
        UsageError: an option is out of range, or names what there is none of.
    """
    require_extras("film")
    check(options)
    understood = understand_asking(story_path, options, progress)
    notice(understood.diagnostics)
    if understood.plan is None:
        raise StoryError(understood.diagnostics)
    with refusals(options), executor or executor_at(None) as entered:
        return film(
            understood, out=out, options=options, store=store, progress=progress, notice=notice, executor=entered
        )


def executor_at(ray: str | None) -> AbstractContextManager[Executor]:
    """What runs tasks on the Ray cluster at an address, connected to once something must run; None: in this process.

    Raises:
        UsageError: the address is empty.
    """
    if ray is None:
        return nullcontext(InProcess())
    if not (address := ray.strip()):
        raise UsageError("ray", "it is empty, as where a variable is not set; name HOST:PORT, or auto")
    from dreamrunner.engine.ray.executor import on_cluster

    return on_cluster(address)


def film(
    understood: Understood,
    *,
    out: Path | None = None,
    options: Options = Options(),
    store: Store | None = None,
    progress: Progress = silent,
    notice: Callable[[Sequence[Diagnostic]], None] = lambda _: None,
    executor: Executor | None = None,
) -> Built:
    """Film a planned story into the folder ``out``, by default ``build/<name of its file>`` under the current folder.

    What was made before and reads the same now is taken from ``store`` (by default the user's cache folder). What is
    noticed about the story now that its model is known is given to ``notice`` before the work begins. ``executor`` runs
    the tasks, by default in this process.

    Raises:
        StepFailed: a step could not be done; what was finished before it is kept. With ``options.keep_going``, all that
            failed, after the rest is done.
        AdapterError, BackboneError, CatalogError, FilmError, NothingToLearn, UnknownScene, ValueError: as
            :func:`~dreamrunner.pipeline.prepare.prepare`.
    """
    store = store or Store(cache_folder())
    # Until its tasks say what they need, the build needs all there is: what is chosen from the store must stay there.
    with leased(store.root) as lease:
        return _film(understood, out, options, store, lease, progress, notice, executor or InProcess())


def _film(
    understood: Understood,
    out: Path | None,
    options: Options,
    store: Store,
    lease: Lease,
    progress: Progress,
    notice: Callable[[Sequence[Diagnostic]], None],
    executor: Executor,
) -> Built:
    def prepared(device: Device, seeds: Mapping[str, int] = NO_SEEDS) -> Production:
        gpu = executor.card() if device == "cuda" else None
        return prepare(
            understood,
            out=out,
            options=options,
            device=device,
            card=gpu,
            store=store,
            progress=progress,
            seeds=seeds,
        )

    def again(task: Task) -> bool:
        return options.force and task.kind in FILMING

    def kept(device: Device) -> bool:
        return all(forecast.kept for forecast in foresee(prepared(device), store, again=again))

    device = executor.device(kept)
    production, card = prepared(device), executor.card() if device == "cuda" else None
    plan, backbone, jobs = production.plan, production.backbone, production.jobs
    memory = None
    if card is not None:
        missing = [each.task for each in foresee(production, store, again=again) if not each.kept]
        memory = memory_for(missing, jobs, backbone, card)
        require(memory)
    outputs = Outputs(production.folder, lambda line: progress(Said(line)), production.inputs)
    outputs.prepare()
    notice(production.noticed)
    progress(Said(f"filming {scenes(len(jobs))} with {backbone.name} ({backbone.width}x{backbone.height})"))
    if device == "cpu" and not production.options.draft and backbone.memory is not None and (idle := idle_gpu()):
        progress(Said(f"warning: {idle}"))
    if card is not None and backbone.unknown:
        progress(Said(f"{backbone.name} is no model that is known here: it computes in {backbone.dtype}"))
    if memory is not None:
        progress(Said(memory.said()))
    for line in (*production.resolved.said(), *production.remarks):
        progress(Said(line))

    noticed = list(production.noticed)
    made: set[str] = set()

    def work(tasks: Sequence[Task], deliver: Callable[[Done], None] = lambda _: None) -> dict[str, Done]:
        results: dict[str, Done] = {}

        def anew(task: Task) -> bool:
            return again(task) and task.name not in made

        running = run(tasks, store, progress, executor, again=anew, keep_going=options.keep_going, lease=lease)
        with closing(running) as finished:
            for done in finished:
                results[done.task.name] = done
                if done.task.kind == "retrieve" and done.task.name not in told:
                    told.add(done.task.name)
                    progress(Said(found_line(done.task.of, done.entry.path)))
                    if found := _unfit(done, production, noticed):
                        noticed.append(found)
                        notice((found,))
                if done.task.kind == "check" and (line := said(read_marks(done.entry.path))) and line not in told:
                    told.add(line)
                    more = "" if advised else advice(done.task.of, several)
                    advised.extend([more] if more else [])
                    progress(Said(line + more))
                deliver(done)
        return results

    told: set[str] = set()
    advised: list[str] = []
    takes: dict[str, tuple[TakeRecord, ...]] = {}
    if (several := wanted([job.scene for job in jobs], options)).takes:
        aside = Outputs(production.folder, lambda line: progress(Said(line)), production.inputs)

        def keep(shot: Production, scene: str, results: Mapping[str, Done]) -> None:
            one = replace(shot, jobs=tuple(job for job in shot.jobs if job.scene.name == scene))
            film = take_file(scene, one.jobs[0].scene.seed)
            aside.deliver(film, results[f"encode {scene}"].entry)
            manifest = manifest_of(understood, one, results, Outputs(production.folder), {})
            aside.write(take_manifest(Path(film)).as_posix(), manifest.text().encode())

        own = {job.scene.name: job.scene.seed for job in jobs}
        takes = shoot(several, own, partial(prepared, device), work, keep, lambda line: progress(Said(line)))
        made = {f"{kind} {name}" for kind in SHOOTING for name in takes}
        production = prepared(device, {name: best(each).seed for name, each in takes.items()})
        for name, each in takes.items():
            progress(Said(chosen(name, each)))

    def deliver(done: Done) -> None:
        _deliver(done, production, outputs)
        if done.task.kind == "encode" and not options.draft:
            remember_folder(understood.path, outputs.folder)

    results = work(production.tasks, deliver)
    results = {task.name: results[task.name] for task in production.tasks if task.name in results}
    files = production.scenes
    sounds = sounds_heard(plan, results, files, progress)
    built = Built(
        film=outputs.folder / (f"{production.name}.mp4" if options.scene is None else files[options.scene]),
        scenes={name: outputs.folder / file for name, file in files.items()},
        made=tuple(name for name, done in results.items() if not done.kept),
        kept=tuple(name for name, done in results.items() if done.kept),
        diagnostics=(*understood.diagnostics, *noticed),
        marks={done.task.of: read_marks(done.entry.path) for done in results.values() if done.task.kind == "check"},
    )
    if (kept_by := production.kept_by()) is not None:
        progress(Said(kept_by))
    if options.scene is not None:
        manifest = manifest_of(understood, production, results, outputs, takes)
        outputs.write(take_manifest(Path(files[options.scene])).as_posix(), manifest.text().encode())
        return built

    from dreamrunner.film.opentimeline import otio
    from dreamrunner.film.subtitles import cues, srt, vtt

    shown = cues(plan, {of: sound.lasts for of, sound in sounds.items()})
    outputs.write(f"{production.name}.srt", srt(shown).encode())
    outputs.write(f"{production.name}.vtt", vtt(shown).encode())
    outputs.write(f"{production.name}.otio", otio(plan, files, sounds, music_heard(results)).encode())
    manifest = manifest_of(understood, production, results, outputs, takes)
    outputs.finish(manifest)
    return replace(
        built,
        subtitles=tuple(outputs.folder / f"{production.name}.{form}" for form in ("srt", "vtt")),
        timeline=outputs.folder / f"{production.name}.otio",
        storyboard=outputs.folder / STORYBOARD,
        manifest=manifest,
    )


def _unfit(done: Done, production: Production, noticed: Sequence[Diagnostic]) -> Diagnostic | None:
    """The warning of a search whose clips don't fit, unless it was given before or is answered."""
    search = done.task.make
    if not isinstance(search, Search) or not unfit(done.entry.path):
        return None
    found = no_clip(done.task.of, done.entry.path, production.story, production.backbone, search.catalog)
    told, _ = unanswered((found,), production.story.ignores)
    return found if told and found not in noticed else None


def _deliver(done: Done, production: Production, outputs: Outputs) -> None:
    task: Task = done.task
    if task.kind == "encode":
        outputs.deliver(production.scenes[task.of], done.entry)
    elif task.kind == "fit":
        outputs.deliver(sound_file(task.of, production.scenes), done.entry)
    elif task.kind == "play":
        outputs.deliver(MUSIC, done.entry)
    elif task.kind == "join":
        outputs.deliver(f"{production.name}.mp4", done.entry)
    elif task.kind == "storyboard":
        outputs.deliver(STORYBOARD, done.entry)
