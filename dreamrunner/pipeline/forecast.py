"""What a build would do, and what that would take, without doing any of it: nothing is written, nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from dreamrunner.backbones import Backbone, BackboneError, cache_folder
from dreamrunner.backbones.device import Device, card, compute_device
from dreamrunner.backbones.folder import weights as part_weights
from dreamrunner.backbones.memory_plan import MemoryPlan
from dreamrunner.engine.graph import Task, look_up
from dreamrunner.engine.measurements import Measurement, Measurements, seconds, size
from dreamrunner.engine.store import Entry, Store
from dreamrunner.files.extras import require
from dreamrunner.language import Diagnostic
from dreamrunner.language.story import PLANNERS
from dreamrunner.pipeline.errors import StoryError, check, refusals
from dreamrunner.pipeline.last_film import film_folder
from dreamrunner.pipeline.manifest import read_manifest
from dreamrunner.pipeline.memory import memory_for
from dreamrunner.pipeline.options import Options
from dreamrunner.pipeline.outputs import Outputs
from dreamrunner.pipeline.prepare import Production, prepare
from dreamrunner.pipeline.story import Understood
from dreamrunner.pipeline.tasks.kinds import FILMING
from dreamrunner.pipeline.why import why
from dreamrunner.planning import plan_story
from dreamrunner.planning.chat.costs import Estimate, estimate
from dreamrunner.planning.local.folder import is_local
from dreamrunner.planning.local.needs import LocalNeeds, local_needs
from dreamrunner.planning.written.plan_file import PlannedFile, begin, plan_draft


@dataclass(frozen=True)
class Asking:
    """What a model would be asked first: its name, the scenes to fill (none where it invents them), how much; ``local``
    is what one on this machine takes, None for a server's."""

    model: str
    scenes: tuple[str, ...]
    estimate: Estimate
    local: LocalNeeds | None = None


@dataclass(frozen=True)
class TaskForecast:
    """A task of a build to come. ``key`` is None where something that it needs has to be made first, ``entry`` where
    it has to be made itself; then ``why`` says what for, in the words of :mod:`dreamrunner.pipeline.why`."""

    task: Task
    key: str | None
    entry: Entry | None
    why: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether its result is there."""
        return self.entry is not None


@dataclass(frozen=True)
class Needs:
    """What the tasks to run take, as far as it is known.

    ``seconds`` one after the other, without the tasks of the kinds ``unmeasured``. ``memory`` in bytes, on the GPU
    where there is one, is ``memory_measured`` or that of the weights alone. ``disk`` in bytes in the store is
    ``disk_measured`` or at most so much.
    """

    seconds: float
    unmeasured: tuple[str, ...]
    memory: int
    memory_measured: bool
    disk: int
    disk_measured: bool


@dataclass(frozen=True)
class Forecast:
    """What a build would do: its ``tasks`` in the order in which they can be done, and what those that would run take.

    ``asking`` is what a chat model would be asked first. ``diagnostics`` are warnings. ``memory`` is the plan
    for the GPU of those that would run, where there is one.
    """

    production: Production
    tasks: tuple[TaskForecast, ...]
    needs: Needs
    asking: Asking | None
    diagnostics: tuple[Diagnostic, ...]
    memory: MemoryPlan | None = None


def forecast(
    story_path: Path,
    *,
    out: Path | None = None,
    options: Options = Options(),
    store: Store | None = None,
    notice: Callable[[Sequence[Diagnostic]], None] = lambda _: None,
) -> Forecast:
    """Say what :func:`~dreamrunner.pipeline.build` with the same arguments would do in this process.

    Raises:
        NotInstalled, StepFailed, StoryError, UsageError: as it would.
    """
    require("film")
    check(options)
    understood, asking = understand_offline(story_path, options)
    notice(understood.diagnostics)
    if understood.plan is None:
        raise StoryError(understood.diagnostics)
    device, gpu, store = compute_device(), card(), store or Store(cache_folder())
    with refusals(options):
        production = prepare(understood, out=out, options=options, device=device, card=gpu, store=store, dry=True)
        notice(production.noticed)
        Outputs(production.folder).look()
        tasks = foresee(production, store, asking, again=lambda task: options.force and task.kind in FILMING)
        running = [each.task for each in tasks if not each.kept]
        memory = memory_for(running, production.jobs, production.backbone, gpu)
    taken = needs(tasks, Measurements(store.root.parent).read(), production.backbone, device)
    return Forecast(production, tasks, taken, asking, (*understood.diagnostics, *production.noticed), memory)


def understand_offline(story_path: Path, options: Options) -> tuple[Understood, Asking | None]:
    """Read and plan a story without asking a chat model: what that would fill, the offline planner does for now."""
    begun = begin(story_path, allow_outside=options.allow_outside, planner=options.planner)
    if isinstance(begun, PlannedFile):
        return Understood(story_path, begun.diagnostics, begun.authored), None
    story, scenes = begun.story, begun.open_scenes
    if story.planner in PLANNERS or (story.scenes and not scenes):
        file = plan_draft(begun, seed=options.seed)
        shown = file.story if begun.kept is not None and file.plan is not None else file.authored
        return Understood(story_path, file.diagnostics, shown, file.plan), None
    guess = estimate(story, scenes)
    local = local_needs(story, guess) if is_local(story.planner) else None
    asking = Asking(story.planner, scenes, guess, local)
    stand_in = replace(story, planner="offline", seed=story.seed if options.seed is None else options.seed)
    planned = plan_story(stand_in)
    return Understood(story_path, (*begun.checked.diagnostics, *planned.diagnostics), stand_in, planned.plan), asking


def foresee(
    production: Production,
    store: Store,
    asking: Asking | None = None,
    again: Callable[[Task], bool] = lambda _: False,
) -> tuple[TaskForecast, ...]:
    """Foresee of every task whether it would run, and why.

    Raises:
        StepFailed: the store can't be read.
    """
    former = read_manifest(production.folder)
    if former is None and not production.options.draft:
        former = read_manifest(film_folder(production.story.path))
    made: dict[str, Entry] = {}
    found: list[TaskForecast] = []
    for task in production.tasks:
        missing = [name for name in task.needs if name not in made]
        if asking is not None and task.kind == "render" and (not asking.scenes or task.of in asking.scenes):
            found.append(TaskForecast(task, None, None, (f"{asking.model} plans it first",)))
        elif missing:
            found.append(TaskForecast(task, None, None, (f"after {', '.join(missing)}",)))
        else:
            key = task.key({name: entry.digest for name, entry in made.items()})
            entry = look_up(store, key)
            if again(task):
                found.append(TaskForecast(task, key, None, ("asked for with --force",)))
            elif entry is not None:
                made[task.name] = entry
                found.append(TaskForecast(task, key, entry))
            elif former is None:
                found.append(TaskForecast(task, key, None, ("never made",)))
            else:
                found.append(TaskForecast(task, key, None, why(task, key, production, former, made)))
    return tuple(found)


def needs(
    forecasts: Sequence[TaskForecast], measured: Sequence[Measurement], backbone: Backbone, device: Device
) -> Needs:
    """Add up what the tasks take that would run."""
    tasks = [each.task for each in forecasts if not each.kept]
    total, unmeasured = 0.0, []
    for (kind, _), group in groupby(tasks, key=lambda task: (task.kind, task.effort.like)):
        took = seconds(measured, kind, [task.effort for task in group])
        if took is None:
            unmeasured.append(kind)
        else:
            total += took
    sizes = [size(measured, task.kind, task.effort) for task in tasks]
    alike = {(task.kind, task.effort.like) for task in tasks}
    memories = [one.gpu if device == "cuda" else one.memory for one in measured if (one.kind, one.like) in alike]
    films = any(task.accelerated for task in tasks)
    known = films and not set(unmeasured) & {task.kind for task in tasks if task.accelerated}
    return Needs(
        seconds=total,
        unmeasured=tuple(dict.fromkeys(unmeasured)),
        memory=max(memories, default=0) if known or not films else weights(backbone, device),
        memory_measured=known or not films,
        disk=sum(task.effort.most if known is None else known for task, known in zip(tasks, sizes, strict=True)),
        disk_measured=None not in sizes,
    )


def weights(backbone: Backbone, device: Device) -> int:
    """Bytes that a backbone's weights take while it works: half precision on a GPU, float32 on a CPU."""
    width = 2 if device == "cuda" and backbone.dtype != "float32" else 4
    numbers = 0
    for part in (*backbone.family.networks, *backbone.family.optional_networks):
        with suppress(BackboneError):
            numbers += part_weights(backbone.source, part)
    return numbers * width
