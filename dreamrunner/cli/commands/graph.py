"""``graph``: print a build's tasks, and which of them would run."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from dreamrunner.cli.console import output
from dreamrunner.cli.exits import DONE
from dreamrunner.cli.options import add_build_options, add_film_folder, add_story, build_options, if_filmable

if TYPE_CHECKING:
    from dreamrunner.pipeline.forecast import Forecast


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command: a build's options, but for those that matter only once it runs."""
    add_story(parser)
    add_film_folder(parser)
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="form of the graph (default: text)")
    add_build_options(parser, without=("keep_going",))


def run(arguments: Namespace) -> int:
    """Print the tasks."""
    options = build_options(arguments)

    def work() -> int:
        from dreamrunner.pipeline.forecast import forecast

        foreseen = forecast(arguments.story, out=arguments.out, options=options, notice=output.show)
        text = FORMATS[arguments.format](foreseen) + "\n"
        if arguments.format == "json":
            output.document(text)
        else:
            print(text, end="")
        return DONE

    return if_filmable(work, arguments.story)


def _as_text(foreseen: Forecast) -> str:
    forecasts = foreseen.tasks
    width = max(len(forecast.task.name) for forecast in forecasts)
    lines = []
    for forecast in forecasts:
        state = "kept" if forecast.kept else f"would run: {'; '.join(forecast.why)}"
        needs = f"  (needs {', '.join(forecast.task.needs)})" if forecast.task.needs else ""
        lines.append(f"{forecast.task.name:<{width}}  {state}{needs}")
    return "\n".join([*lines, *(f"{choice.of}: {choice.said}" for choice in foreseen.production.resolved.unlearnt)])


def _as_mermaid(foreseen: Forecast) -> str:
    forecasts = foreseen.tasks
    names = {forecast.task.name: f"t{number}" for number, forecast in enumerate(forecasts)}
    styles = {"run": "fill:#fde8c8,stroke:#c8590a", "kept": "fill:#e3f1ee,stroke:#00776f"}
    lines = ["flowchart LR", *(f"  classDef {state} {style}" for state, style in styles.items())]
    lines += [f'  {names[one.task.name]}["{one.task.name}"]:::{"kept" if one.kept else "run"}' for one in forecasts]
    lines += [f"  {names[need]} --> {names[one.task.name]}" for one in forecasts for need in one.task.needs]
    lines += [f"  %% {choice.of}: {choice.said}" for choice in foreseen.production.resolved.unlearnt]
    return "\n".join(lines)


def _as_json(foreseen: Forecast) -> str:
    tasks = [
        {
            "task": forecast.task.name,
            "kind": forecast.task.kind,
            "of": forecast.task.of,
            "needs": list(forecast.task.needs),
            "key": forecast.key,
            "kept": forecast.kept,
            "why": list(forecast.why),
        }
        for forecast in foreseen.tasks
    ]
    unlearnt = [{"of": choice.of, "why": choice.why} for choice in foreseen.production.resolved.unlearnt]
    return json.dumps({"tasks": tasks, "unlearnt": unlearnt}, indent=2, ensure_ascii=False)


FORMATS = {"text": _as_text, "mermaid": _as_mermaid, "json": _as_json}
"""The forms that a graph is printed in."""
