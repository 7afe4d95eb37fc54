"""What a build would do and take, in words: ``build --dry-run``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console.output import show
from dreamrunner.cli.exits import DONE
from dreamrunner.cli.options import if_filmable
from dreamrunner.files.wording import clock, counted, size

if TYPE_CHECKING:
    from dreamrunner.pipeline import Options
    from dreamrunner.pipeline.forecast import Forecast, Needs
    from dreamrunner.planning.local.needs import LocalNeeds


def dry_run(story: Path, out: Path | None, options: Options, ray: str | None = None) -> int:
    """Print what a build would do and what that takes.

    Nothing is written, and nothing asked of the network, thus not of the cluster at ``ray`` either.
    """

    def work() -> int:
        from dreamrunner.pipeline.forecast import forecast

        foreseen = forecast(story, out=out, options=options, notice=show)
        print("\n".join(_told(foreseen)))
        if not all(forecast.kept for forecast in foreseen.tasks):
            print("\n".join(_costs(foreseen.needs)))
        if (memory := foreseen.memory) is not None:
            from dreamrunner.backbones.memory_plan import said_of_models

            print(f"refused {memory.refused}" if memory.refused else memory.said())
            print(said_of_models(memory.card))
        if ray is not None:
            print(_elsewhere(ray))
        return DONE

    return if_filmable(work, story)


def _told(foreseen: Forecast) -> list[str]:
    """What would be asked of a chat model, and every task that would run, with why."""
    asking, forecasts, backbone = foreseen.asking, foreseen.tasks, foreseen.production.backbone
    lines = []
    if asking is not None:
        from dreamrunner.planning.chat.costs import dollars, prices

        guess = asking.estimate
        if asking.local is not None:
            cost = local_cost(asking.local)
        else:
            cost = dollars(prices(), asking.model, guess.tokens_in, guess.tokens_out)
        tokens = f"about {guess.tokens_in} tokens in, {guess.tokens_out} out"
        of = ", ".join(asking.scenes) or "the scenes of the story, which it invents"
        calls = counted(guess.calls, "call")
        lines.append(f"{asking.model} would plan {of}: {calls}, {tokens}: {cost}")
    running = [forecast for forecast in forecasts if not forecast.kept]
    width = max((len(forecast.task.name) for forecast in running), default=0)
    lines += [f"{forecast.task.name:<{width}}  {'; '.join(forecast.why)}" for forecast in running]
    resolved = foreseen.production.resolved
    lines += [f"{choice.of}  {choice.said}" for choice in (*resolved.pictures, *resolved.unlearnt)]
    lines += foreseen.production.remarks
    kept = len(forecasts) - len(running)
    size = f"{backbone.name} ({backbone.width}x{backbone.height})"
    if running:
        lines.append(f"{len(running)} of {len(forecasts)} tasks would run, with {size}, and {kept} are kept")
    else:
        lines.append(f"nothing would run: all {kept} tasks are kept, with {size}")
    return lines


def local_cost(needs: LocalNeeds) -> str:
    """What asking a model on this machine takes, in words."""
    if needs.why:
        return f"but {needs.why}"
    where = "GPU" if needs.device == "cuda" else "processor"
    time = "how long has not been measured on this machine yet"
    if needs.seconds is not None:
        time = f"about {clock(needs.seconds)}, as measured before"
    return f"on this machine's {where}, {size(needs.memory)} of memory for its weights, {time}"


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
    from dreamrunner.backbones import cache_folder

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
