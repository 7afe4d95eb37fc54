"""Running a graph of tasks: what is ready runs, each task at most once for what it reads, and its result is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from itertools import groupby

from dreamrunner.engine.executor import Executor
from dreamrunner.engine.graph import Done, Job, StepFailed, Task, look_up
from dreamrunner.engine.lanes import InProcess
from dreamrunner.engine.lease import Lease, leased
from dreamrunner.engine.measurements import Measurements
from dreamrunner.engine.progress import BuildStarted, Progress, Said, Stages
from dreamrunner.engine.ready import Ready
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
) -> Generator[Done]:
    """Bring every task's result into the store, and yield each as soon as it is there: first what is kept from before.

    Each of ``tasks`` stands after those that it needs. ``executor`` runs what is missing, by default in this process,
    in the order of :mod:`~dreamrunner.engine.ready`, and with it the tasks for which ``again`` is true, whatever is
    kept. An optional task that fails is told, and what needs it is made without its result. With
    ``keep_going`` a task that fails keeps only those from being run that need its result. ``lease`` is held on the
    store already. Tasks run on while a result is looked at: close the iterator to give them up.

    Raises:
        StepFailed: a result could not be made, kept or read back; with ``keep_going``, at the end, all of them. Results
            that were made stay in the store.
    """
    remember_code()
    with nullcontext(lease) if lease else leased(store.root) as lease:
        # Files of the store itself that tasks were given, named by what they hold.
        lease.pin(file.stem for task in tasks for file in task.files.values() if file.is_relative_to(store.root))
        store = store.owned_by(lease.name)
        build = _Build(tasks, store, lease, progress, executor or InProcess(), again)
        yield from build.run(keep_going)


class _Build:
    """One run of a graph: what is done, what waits for something, and what can be run."""

    def __init__(
        self,
        tasks: Sequence[Task],
        store: Store,
        lease: Lease,
        progress: Progress,
        executor: Executor,
        again: Callable[[Task], bool],
    ) -> None:
        self.store, self.lease, self.progress, self.executor, self.again = store, lease, progress, executor, again
        self.waiting = list(tasks)
        self.entries: dict[str, Entry] = {}
        self.lost: set[str] = set()
        self.left_out: set[str] = set()
        self.ready = Ready(tasks)
        self.kept = _kept(tasks, store, lease, again)
        time_left = _time_left([task for task in tasks if task.name not in self.kept], store, executor)
        in_all = time_left.in_all()
        kinds = Counter(task.kind for task in tasks)
        kept = [(task.kind, task.of) for task in tasks if task.name in self.kept]
        self.stages = Stages([(task.kind, task.of) for task in tasks], kept, progress, time_left)
        progress(BuildStarted(tuple(kinds.items()), in_all.seconds, in_all.unmeasured))

    def run(self, keep_going: bool) -> Iterator[Done]:
        failures: list[StepFailed] = []
        yield from self._settle()
        if self.ready:
            with closing(self.executor.run(self.ready, self.store, self.stages, self._say)) as results:
                for job, made in results:
                    task = job.task
                    self.stages.end(task.kind, task.of, None if isinstance(made, Entry) else str(made))
                    if isinstance(made, Entry):
                        self.entries[task.name] = made
                        yield Done(task, job.key, made, kept=False)
                    elif task.optional:
                        self.left_out.add(task.name)
                        self._say(f"warning: {made}")
                    elif keep_going:
                        self.lost.add(task.name)
                        failures.append(made)
                        self._say(f"{made}; the rest goes on")
                    else:
                        # The executor hears why it ends: what is being paid for is let end, too.
                        results.throw(made)
                    self.stages.finish(task.kind)
                    yield from self._settle()
        if failures:
            raise StepFailed("\nerror: ".join(dict.fromkeys(map(str, failures))))

    def _settle(self) -> Iterator[Done]:
        """See what becomes of the tasks that wait, now that more is done: kept ones are yielded, and others ready."""
        waiting, self.waiting = self.waiting, []
        used: list[str] = []
        for task in waiting:
            if any(name in self.lost for name in task.needs):
                self.lost.add(task.name)
                self.stages.skip(task.kind, task.of)
                self.stages.finish(task.kind)
            elif not all(name in self.entries or name in self.left_out for name in task.needs):
                self.waiting.append(task)
            else:
                key, entry = self._look_up(task)
                if entry is None:
                    needed = {name: self.entries[name] for name in task.needs if name in self.entries}
                    self.ready.add(Job(task, key, needed, self.again(task)))
                    continue
                used.append(key)
                self.entries[task.name] = entry
                self.stages.keep(task.kind, task.of)
                yield Done(task, key, entry, kept=True)
                self.stages.finish(task.kind)
        self.store.mark_used(used)

    def _look_up(self, task: Task) -> tuple[str, Entry | None]:
        """A task's key, and what is kept under it, where that may be used."""
        if task.name in self.kept:
            return self.kept[task.name]
        digests = {name: entry.digest for name, entry in self.entries.items()} | dict.fromkeys(self.left_out, "")
        key = task.key(digests)
        self.lease.pin([key])
        return key, None if self.again(task) else look_up(self.store, key)

    def _say(self, line: str) -> None:
        self.progress(Said(line))


def _kept(
    tasks: Sequence[Task], store: Store, lease: Lease, again: Callable[[Task], bool]
) -> Mapping[str, tuple[str, Entry]]:
    """What the store has, by task name, that is made of nothing which has to be made first, each with its key."""
    kept: dict[str, tuple[str, Entry]] = {}
    for _, group in groupby(tasks, key=lambda task: task.kind):
        digests = {name: entry.digest for name, (_, entry) in kept.items()}
        able = [task for task in group if digests.keys() >= set(task.needs) and not again(task)]
        keys = {task.name: task.key(digests) for task in able}
        lease.pin(keys.values())
        kept |= {name: (key, entry) for name, key in keys.items() if (entry := look_up(store, key)) is not None}
    return kept


def _time_left(tasks: Sequence[Task], store: Store, executor: Executor) -> TimeLeft:
    time_left = TimeLeft()
    measured = Measurements(store.root.parent).read() if tasks else []
    for (kind, lane), group in groupby(tasks, key=lambda task: (task.kind, executor.lane(task))):
        time_left.expect(kind, [(task.of, task.effort) for task in group], measured, lane)
    return time_left
