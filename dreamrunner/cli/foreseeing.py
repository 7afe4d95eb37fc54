"""`graph`, and `build --dry-run`: what a build would do, without doing it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.conventions import DONE, STORY_ERROR, Commands, add_learning, add_overrides, positive, show

if TYPE_CHECKING:
    from dreamrunner.build import Options
    from dreamrunner.build.foresight import Asking, Needs, Outlook
    from dreamrunner.build.production import Production


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


def dry_run(story: Path, out: Path | None, options: Options) -> int:
    """Print what a build would do and what that takes; nothing is written, and nothing asked of the network."""

    def work() -> int:
        found = _foreseen(story, out, options)
        if found is None:
            return STORY_ERROR
        production, asking, outlooks = found
        from dreamrunner.backbones import cache_folder
        from dreamrunner.backbones.device import compute_device
        from dreamrunner.build.foresight import needs
        from dreamrunner.build.measurements import Measurements

        measured = Measurements(cache_folder()).read()
        print("\n".join(_told(production, asking, outlooks)))
        if not all(outlook.kept for outlook in outlooks):
            print("\n".join(_costs(needs(outlooks, measured, production.backbone, compute_device()))))
        return DONE

    from dreamrunner.cli.building import if_filmable

    return if_filmable(work, story, options)


def _graph(arguments: argparse.Namespace) -> int:
    from dreamrunner.build import Options
    from dreamrunner.cli.building import if_filmable

    options = Options(
        model=arguments.model,
        seed=arguments.seed,
        steps=arguments.steps,
        adapters=arguments.adapters,
        train_steps=arguments.train_steps,
        allow_outside=arguments.allow_outside,
    )

    def work() -> int:
        found = _foreseen(arguments.story, arguments.out, options)
        if found is None:
            return STORY_ERROR
        print(FORMATS[arguments.format](found[2]))
        return DONE

    return if_filmable(work, arguments.story, options)


def _foreseen(
    story: Path, out: Path | None, options: Options
) -> tuple[Production, Asking | None, tuple[Outlook, ...]] | None:
    """What would be done; None where an error in the story, which is shown, forbids it."""
    from dreamrunner.backbones import cache_folder
    from dreamrunner.backbones.device import compute_device
    from dreamrunner.build import Store, prepare
    from dreamrunner.build.foresight import foresee, understand_alone
    from dreamrunner.build.tasks import FILMING

    understood, asking = understand_alone(story, options)
    show(understood.diagnostics)
    if understood.plan is None:
        return None
    store = Store(cache_folder())
    production = prepare(understood, out=out, options=options, device=compute_device(), store=store, dry=True)
    show(production.noticed)
    outlooks = foresee(production, store, asking, again=lambda task: options.force and task.kind in FILMING)
    return production, asking, outlooks


def _told(production: Production, asking: Asking | None, outlooks: Sequence[Outlook]) -> list[str]:
    """What would be asked of a chat model, and every task that would run, with why."""
    lines = []
    if asking is not None:
        from dreamrunner.planning.costs import dollars, prices

        guess = asking.estimate
        cost = dollars(prices(), asking.model, guess.tokens_in, guess.tokens_out)
        tokens = f"about {guess.tokens_in} tokens in, {guess.tokens_out} out"
        of = ", ".join(asking.scenes) or "the scenes of the story, which it invents"
        calls = f"{guess.calls} call{'' if guess.calls == 1 else 's'}"
        lines.append(f"{asking.model} would plan {of}: {calls}, {tokens}: {cost}")
    running = [outlook for outlook in outlooks if not outlook.kept]
    width = max((len(outlook.task.name) for outlook in running), default=0)
    lines += [f"{outlook.task.name:<{width}}  {'; '.join(outlook.why)}" for outlook in running]
    kept = len(outlooks) - len(running)
    size = f"{production.backbone.name} ({production.backbone.width}x{production.backbone.height})"
    if running:
        lines.append(f"{len(running)} of {len(outlooks)} tasks would run, with {size}, and {kept} are kept")
    else:
        lines.append(f"nothing would run: all {kept} tasks are kept, with {size}")
    return lines


def _costs(needs: Needs) -> list[str]:
    import shutil

    from dreamrunner.backbones import cache_folder
    from dreamrunner.build.wording import clock
    from dreamrunner.cli.caching import size

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
