"""Several takes of a scene: filmed one after another with seeds of their own, marked, and the best one taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from dreamrunner.checking.said import share
from dreamrunner.engine.graph import Done, Task
from dreamrunner.files.text import shortened
from dreamrunner.pipeline.manifest import TakeRecord
from dreamrunner.pipeline.prepare import Production
from dreamrunner.pipeline.tasks.check import read_marks
from dreamrunner.pipeline.wanted_takes import Wanted

SHOOTING = frozenset({"render", "check", "encode"})
"""The kinds of task that every take of a scene has of its own."""


TRY = 4
"""Takes that are advised where a scene has not come out."""


def seed_of_take(first: int, number: int) -> int:
    """The seed of take ``number``, counted from 0, of a scene whose own seed is ``first``: the first take's is that."""
    return first + number


def shoot(
    wanted: Wanted,
    seeds: Mapping[str, int],
    prepared: Callable[[Mapping[str, int]], Production],
    work: Callable[[Sequence[Task]], Mapping[str, Done]],
    keep: Callable[[Production, str, Mapping[str, Done]], None],
    say: Callable[[str], None],
) -> dict[str, tuple[TakeRecord, ...]]:
    """Film the takes of all scenes, the first of each before the second of any, and give their records in order.

    ``seeds`` are the scenes' own, by name. ``prepared`` makes a production with other seeds for some scenes, ``work``
    does its tasks, ``keep`` delivers a take of a scene.
    """
    records: dict[str, list[TakeRecord]] = {name: [] for name in wanted.takes}
    for number in range(max(wanted.takes.values())):
        still = [
            name
            for name, count in wanted.takes.items()
            if number < count and not any(good_enough(record, wanted.until) for record in records[name])
        ]
        if not still:
            break
        say(f"take {number + 1} of {shortened(', '.join(still), 80)}")
        production = prepared({name: seed_of_take(seeds[name], number) for name in still})
        results = work([*production.resolved.tasks, *own_tasks(production, still)])
        for name in still:
            checked = results.get(f"check {name}")
            score = read_marks(checked.entry.path).score if checked is not None else None
            records[name].append(TakeRecord(seed=seed_of_take(seeds[name], number), score=score))
            keep(production, name, results)
    return {name: tuple(rows) for name, rows in records.items()}


def advice(scene: str, wanted: Wanted) -> str:
    """What stands behind the first line of a build that tells what is wrong in a scene; "" where several takes of it
    are filmed already."""
    return "" if scene in wanted.takes else f"; try --takes {TRY}"


def own_tasks(production: Production, scenes: Iterable[str]) -> list[Task]:
    """The tasks that are a scene's take, of some scenes."""
    chosen = frozenset(scenes)
    return [task for task in production.tasks if task.kind in SHOOTING and task.of in chosen]


def good_enough(take: TakeRecord, until: float | None) -> bool:
    """Whether no further take is needed."""
    return until is not None and take.score is not None and take.score >= until


def best(takes: Sequence[TakeRecord]) -> TakeRecord:
    """The take with the highest score, of equal ones the first; one that could not be marked only where none was."""
    return max(takes, key=lambda take: -1.0 if take.score is None else take.score)


def chosen(scene: str, takes: Sequence[TakeRecord]) -> str:
    """What is told of a scene's takes: which one the film has, and how it is kept."""
    taken = best(takes)
    number = takes.index(taken) + 1
    if taken.score is None:
        return f"{scene}: the takes could not be told apart; the film has take 1 of {len(takes)}"
    scores = ", ".join("not marked" if take.score is None else share(take.score) for take in takes)
    keeps = "" if number == 1 else f"; the line `seed {taken.seed}` in the scene keeps it"
    return f"{scene}: the film has take {number} of {len(takes)} (right: {scores}){keeps}"
