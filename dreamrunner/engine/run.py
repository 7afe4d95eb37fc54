"""Running a graph of tasks: each at most once for what it reads, stage by stage, its result kept in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from itertools import groupby

from dreamrunner.engine.graph import Done, Executor, InProcess, Job, StepFailed, Task, look_up
from dreamrunner.engine.lease import Lease, leased
from dreamrunner.engine.measurements import Measurements
from dreamrunner.engine.progress import BuildStarted, Progress, Said, Stage
from dreamrunner.engine.software import remember_code
from dreamrunner.engine.store import Entry, Store
from dreamrunner.engine.time_left import TimeLeft


def run(
    tasks: Sequence[Task],
    store: Store,
    progress: Progress,
    executor: Executor | None = None,
    *,
    again: Callable[[Task], bool] = lambda _: False,
    keep_going: bool = False,
    lease: Lease | None = None,
) -> Iterator[Done]:
    """Bring every task's result into the store, stage by stage, and yield each as soon as it is there.

    Tasks of one kind stand together and need only tasks of kinds before them; what a stage will have to make is
    therefore known when it begins, and its time left counts that work alone. ``executor`` runs what is missing, by
    default in this process, and with it the tasks for which ``again`` is true, whatever is kept. With ``keep_going``
    a task that fails keeps only those from being run that need its result. ``lease`` is held on the store already.

    Raises:
        StepFailed: a result could not be made, kept or read back; with ``keep_going``, at the end, all of them. Results
            that were made stay in the store.
    """
    remember_code()
    with nullcontext(lease) if lease else leased(store.root) as lease:
        # Files of the store itself that tasks were given, named by what they hold.
        lease.pin(file.stem for task in tasks for file in task.files.values() if file.is_relative_to(store.root))
        yield from _run(tasks, store.owned_by(lease.name), lease, progress, executor or InProcess(), again, keep_going)


def _run(
    tasks: Sequence[Task],
    store: Store,
    lease: Lease,
    progress: Progress,
    executor: Executor,
    again: Callable[[Task], bool],
    keep_going: bool,
) -> Iterator[Done]:
    entries: dict[str, Entry] = {}
    failures: list[StepFailed] = []
    before = _kept(tasks, store, lease, again)
    time_left = _time_left([task for task in tasks if task.name not in before], store)
    in_all = time_left.in_all()
    stages = Counter(task.kind for task in tasks)
    progress(BuildStarted(tuple(stages.items()), in_all.seconds, in_all.unmeasured))
    for group in _together(tasks, executor.abreast):
        ready = []
        for task in group:
            if all(name in entries for name in task.needs):
                ready.append(task)
            else:
                time_left.end(task.kind, task.of)
        if not ready:
            continue
        digests = {name: entry.digest for name, entry in entries.items()}
        keys = {task.name: task.key(digests) for task in ready}
        lease.pin(keys.values())
        found = {
            task.name: None if again(task) else before.get(task.name) or look_up(store, keys[task.name])
            for task in ready
        }
        store.mark_used(keys[name] for name, entry in found.items() if entry is not None)
        jobs = [
            Job(task, keys[task.name], {name: entries[name] for name in task.needs}, again(task))
            for task in ready
            if found[task.name] is None
        ]
        missing = Counter(job.task.kind for job in jobs)
        under_way = {
            kind: Stage(kind, total, missing[kind], progress, time_left)
            for kind, total in Counter(task.kind for task in ready).items()
        }
        for task in ready:
            entry = found[task.name]
            if entry is not None:
                entries[task.name] = entry
                under_way[task.kind].keep(task.of)
                yield Done(task, keys[task.name], entry, kept=True)
        for kind, reported in under_way.items():
            if not missing[kind]:
                reported.finish()
        if not jobs:
            continue
        with closing(executor.run(jobs, store, under_way, lambda line: progress(Said(line)))) as results:
            for job, made in results:
                reported = under_way[job.task.kind]
                reported.end(job.task.of, None if isinstance(made, Entry) else str(made))
                if isinstance(made, Entry):
                    entries[job.task.name] = made
                    yield Done(job.task, job.key, made, kept=False)
                elif keep_going:
                    failures.append(made)
                    progress(Said(f"{made}; the rest goes on"))
                else:
                    raise made
                missing[job.task.kind] -= 1
                if not missing[job.task.kind]:
                    reported.finish()
    if failures:
        raise StepFailed("\nerror: ".join(dict.fromkeys(map(str, failures))))


def _together(tasks: Sequence[Task], abreast: bool) -> Iterator[list[Task]]:
    """Tasks that do not need each other, in their order: those of one kind, or where ``abreast`` of as many as can be."""
    together: list[Task] = []
    for _, group in groupby(tasks, key=lambda task: task.kind):
        alike, names = list(group), {task.name for task in together}
        if together and not (abreast and all(names.isdisjoint(task.needs) for task in alike)):
            yield together
            together = []
        together = together + alike
    if together:
        yield together


def _kept(tasks: Sequence[Task], store: Store, lease: Lease, again: Callable[[Task], bool]) -> dict[str, Entry]:
    """What the store has, by task name, that is made of nothing which has to be made first."""
    kept: dict[str, Entry] = {}
    for _, group in groupby(tasks, key=lambda task: task.kind):
        digests = {name: entry.digest for name, entry in kept.items()}
        able = [task for task in group if digests.keys() >= set(task.needs) and not again(task)]
        keys = {task.name: task.key(digests) for task in able}
        lease.pin(keys.values())
        kept |= {name: entry for name, key in keys.items() if (entry := look_up(store, key)) is not None}
    return kept


def _time_left(tasks: Sequence[Task], store: Store) -> TimeLeft:
    time_left = TimeLeft()
    measured = Measurements(store.root.parent).read() if tasks else []
    for kind, group in groupby(tasks, key=lambda task: task.kind):
        time_left.expect(kind, [(task.of, task.effort) for task in group], measured)
    return time_left
