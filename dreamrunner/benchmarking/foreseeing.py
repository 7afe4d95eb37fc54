"""What filming a benchmark would take, and how much of it the plans understand, without filming anything."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.backbones.memory_plan import MemoryPlan
from dreamrunner.benchmarking.filming import FILMS, put_story
from dreamrunner.benchmarking.works import Benchmark, Work
from dreamrunner.engine import StepFailed
from dreamrunner.files.wording import reason
from dreamrunner.pipeline import StoryError, Understood
from dreamrunner.pipeline.forecast import Forecast, forecast, understand_offline
from dreamrunner.pipeline.options import Options


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a call would do.

    ``films``: how many stories have something to be filmed; ``kept``: how many are there as they would be.
    ``scenes``: how many scenes would be rendered.
    ``unread``: by work, the clauses that its plan films nothing of, a sentence each, and what was mended.
    ``impossible``: the stories that can't be filmed, and why.
    ``seconds``: how long it takes, one after the other, of what was measured on this machine; the kinds of task in
    ``unmeasured`` are not in it.
    ``disk``: bytes in the cache folder at most.
    ``calls``, ``tokens_in``, ``tokens_out``: what a chat model named ``asked`` would be asked.
    ``model``: what films, and its size. ``memory``: how the largest film lies on the GPU, where there is one.
    """

    films: int
    kept: int
    scenes: int
    unread: tuple[tuple[Work, tuple[str, ...]], ...]
    impossible: tuple[tuple[Work, str], ...]
    seconds: float
    unmeasured: tuple[str, ...]
    disk: int
    asked: str
    calls: int
    tokens_in: int
    tokens_out: int
    model: str
    memory: MemoryPlan | None


def foresee_all(
    benchmark: Benchmark,
    out: Path,
    options: Options = Options(),
    heard: Callable[[int, int], None] = lambda done, all: None,
) -> Foreseen:
    """Say what :func:`~dreamrunner.benchmarking.filming.film_all` with the same arguments would do.

    Nothing is written but stories into a folder that is taken away again, and nobody is asked. ``heard`` is told how
    many works of how many are done.

    Raises:
        UsageError: an option can't be used, which is so for every story.
    """
    seen: list[tuple[Work, Forecast]] = []
    unread: list[tuple[Work, tuple[str, ...]]] = []
    impossible: list[tuple[Work, str]] = []
    with tempfile.TemporaryDirectory(prefix="dreamrunner-bench-") as folder:
        for number, work in enumerate(benchmark.works, 1):
            try:
                story = put_story(work, Path(folder))
                if said := _unread(work, understand_offline(story, options)[0]):
                    unread.append((work, said))
                seen.append((work, forecast(story, out=out / FILMS / work.name, options=options)))
            except (StepFailed, StoryError) as error:
                impossible.append((work, str(error).replace(folder, str(out / "stories"))))
            except OSError as error:
                impossible.append((work, reason(error)))
            heard(number, len(benchmark.works))
    running = [each for _, each in seen if not all(task.kept for task in each.tasks)]
    asked = [each.asking for _, each in seen if each.asking is not None]
    backbone = seen[0][1].production.backbone if seen else None
    return Foreseen(
        films=len(running),
        kept=len(seen) - len(running),
        scenes=sum(task.task.kind == "render" and not task.kept for each in running for task in each.tasks),
        unread=tuple(unread),
        impossible=tuple(impossible),
        seconds=sum(each.needs.seconds for each in running),
        unmeasured=tuple(dict.fromkeys(kind for each in running for kind in each.needs.unmeasured)),
        disk=sum(each.needs.disk for each in running),
        asked=asked[0].model if asked else "",
        calls=sum(each.estimate.calls for each in asked),
        tokens_in=sum(each.estimate.tokens_in for each in asked),
        tokens_out=sum(each.estimate.tokens_out for each in asked),
        model=f"{backbone.name} ({backbone.width}x{backbone.height})" if backbone else "",
        memory=max(
            (each.memory for each in running if each.memory is not None),
            key=lambda plan: (bool(plan.refused), max(plan.needs.values(), default=0)),
            default=None,
        ),
    )


def _unread(work: Work, understood: Understood) -> tuple[str, ...]:
    """What is not understood of a work: as its reader has it, and as its planner does."""
    told = [*work.remarks, *(each.message for each in understood.diagnostics if each.code == "not-understood")]
    return tuple(dict.fromkeys(told))
