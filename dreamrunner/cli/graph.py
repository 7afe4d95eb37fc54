"""`graph`, and `build --dry-run`: what a build would do, without doing it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console.output import show
from dreamrunner.cli.options import DONE, Commands, add_learning, add_overrides, if_filmable, positive
from dreamrunner.files.text import counted

if TYPE_CHECKING:
    from dreamrunner.pipeline import Options
    from dreamrunner.pipeline.forecast import Forecast, Needs, Outlook


def add(commands: Commands) -> None:
    """Add it to the command line."""
    graph = commands.add_parser("graph", help="print a build's tasks, and which of them would run", allow_abbrev=False)
    graph.set_defaults(command=_graph)
    graph.add_argument("story", type=Path, metavar="STORY")
    graph.add_argument("-o", "--out", type=Path, metavar="DIR", help="the film's folder (default: build/STORY)")
    graph.add_argument("--format", choices=tuple(FORMATS), default="text", help="form of the graph (default: text)")
    add_overrides(graph)
    graph.add_argument("--steps", type=positive, metavar="N", help="denoising steps (default: the model's)")
    add_learning(graph)


def dry_run(story: Path, out: Path | None, options: Options, ray: str | None = None) -> int:
    """Print what a build would do and what that takes; nothing is written, and nothing asked of the network, thus not of
    the cluster at ``ray`` either."""

    def work() -> int:
        from dreamrunner.pipeline.forecast import forecast

        foreseen = forecast(story, out=out, options=options, notice=show)
        print("\n".join(_told(foreseen)))
        if not all(outlook.kept for outlook in foreseen.tasks):
            print("\n".join(_costs(foreseen.needs)))
        if ray is not None:
            print(_elsewhere(ray))
        return DONE

    return if_filmable(work, story)


def _graph(arguments: argparse.Namespace) -> int:
    from dreamrunner.pipeline import Options

    options = Options(
        model=arguments.model,
        seed=arguments.seed,
        steps=arguments.steps,
        adapters=arguments.adapters,
        train_steps=arguments.train_steps,
        allow_outside=arguments.allow_outside,
    )

    def work() -> int:
        from dreamrunner.pipeline.forecast import forecast

        print(
            FORMATS[arguments.format](forecast(arguments.story, out=arguments.out, options=options, notice=show).tasks)
        )
        return DONE

    return if_filmable(work, arguments.story)


def _told(foreseen: Forecast) -> list[str]:
    """What would be asked of a chat model, and every task that would run, with why."""
    asking, outlooks, backbone = foreseen.asking, foreseen.tasks, foreseen.production.backbone
    lines = []
    if asking is not None:
        from dreamrunner.planning.chat.costs import dollars, prices

        guess = asking.estimate
        cost = dollars(prices(), asking.model, guess.tokens_in, guess.tokens_out)
        tokens = f"about {guess.tokens_in} tokens in, {guess.tokens_out} out"
        of = ", ".join(asking.scenes) or "the scenes of the story, which it invents"
        calls = counted(guess.calls, "call")
        lines.append(f"{asking.model} would plan {of}: {calls}, {tokens}: {cost}")
    running = [outlook for outlook in outlooks if not outlook.kept]
    width = max((len(outlook.task.name) for outlook in running), default=0)
    lines += [f"{outlook.task.name:<{width}}  {'; '.join(outlook.why)}" for outlook in running]
    kept = len(outlooks) - len(running)
    size = f"{backbone.name} ({backbone.width}x{backbone.height})"
    if running:
        lines.append(f"{len(running)} of {len(outlooks)} tasks would run, with {size}, and {kept} are kept")
    else:
        lines.append(f"nothing would run: all {kept} tasks are kept, with {size}")
    return lines


def _elsewhere(ray: str) -> str:
    """What was not foreseen of a build on the cluster at an address."""
    from dreamrunner.backbones.device import compute_device

    here = "GPU" if compute_device() == "cuda" else "processor"
    cluster = "this machine's cluster" if ray == "auto" else f"the cluster at {ray}"
    return (
        f"all this is for this machine and its {here}: {cluster} is not asked. What another kind of device computes is"
        " kept apart, so where the cluster has GPUs and this machine none, or the other way round, more may run"
    )


def _costs(needs: Needs) -> list[str]:
    import shutil

    from dreamrunner.backbones import cache_folder
    from dreamrunner.cli.cache import size
    from dreamrunner.cli.console.words import clock

    if not needs.unmeasured:
        time = f"about {clock(needs.seconds)}, as builds took on this machine"
    elif needs.seconds:
        time = f"about {clock(needs.seconds)} and, not measured on this machine yet: {', '.join(needs.unmeasured)}"
    else:
        time = "nothing like it has been measured on this machine yet"
    if needs.memory_measured:
        memory = f"{size(needs.memory)} at the peak, as measured before" if needs.memory else "little"
    else:
        memory = f"{size(needs.memory)} for the model's weights alone; its peak has not been measured yet"
    store = cache_folder()
    there = next((folder for folder in (store, *store.parents) if folder.exists()), Path("/"))
    free = size(shutil.disk_usage(there).free)
    how = "as measured before" if needs.disk_measured else "at most, by the sizes of the pictures"
    return [f"time    {time}", f"memory  {memory}", f"disk    {size(needs.disk)} in {store}, {how}; {free} are free"]


def _as_text(outlooks: Sequence[Outlook]) -> str:
    width = max(len(outlook.task.name) for outlook in outlooks)
    lines = []
    for outlook in outlooks:
        state = "kept" if outlook.kept else f"would run: {'; '.join(outlook.why)}"
        needs = f"  (needs {', '.join(outlook.task.needs)})" if outlook.task.needs else ""
        lines.append(f"{outlook.task.name:<{width}}  {state}{needs}")
    return "\n".join(lines)


def _as_mermaid(outlooks: Sequence[Outlook]) -> str:
    names = {outlook.task.name: f"t{number}" for number, outlook in enumerate(outlooks)}
    styles = {"run": "fill:#fde8c8,stroke:#c8590a", "kept": "fill:#e3f1ee,stroke:#00776f"}
    lines = ["flowchart LR", *(f"  classDef {state} {style}" for state, style in styles.items())]
    lines += [f'  {names[one.task.name]}["{one.task.name}"]:::{"kept" if one.kept else "run"}' for one in outlooks]
    lines += [f"  {names[need]} --> {names[one.task.name]}" for one in outlooks for need in one.task.needs]
    return "\n".join(lines)


def _as_json(outlooks: Sequence[Outlook]) -> str:
    tasks = [
        {
            "task": outlook.task.name,
            "kind": outlook.task.kind,
            "of": outlook.task.of,
            "needs": list(outlook.task.needs),
            "key": outlook.key,
            "kept": outlook.kept,
            "why": list(outlook.why),
        }
        for outlook in outlooks
    ]
    return json.dumps({"tasks": tasks}, indent=2, ensure_ascii=False)


FORMATS = {"text": _as_text, "mermaid": _as_mermaid, "json": _as_json}
"""The forms that a graph is printed in."""
