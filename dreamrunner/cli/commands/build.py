"""``build``: film a story."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from dreamrunner.cli.console.output import result, show, shown
from dreamrunner.cli.exits import DONE
from dreamrunner.cli.options import (
    add_build_options,
    add_log,
    add_ray,
    add_story,
    build_options,
    if_filmable,
    path_argument,
)

if TYPE_CHECKING:
    from dreamrunner.engine import Progress


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_story(parser)
    add_filming(parser)


def add_filming(parser: ArgumentParser) -> None:
    """Add a build's options: how to film, where to, and what to report."""
    groups = add_build_options(parser)
    groups["what is filmed"].add_argument(
        "-o", "--out", type=path_argument, metavar="DIR", help="folder for the film (default: build/STORY)"
    )
    add_ray(parser)
    told = parser.add_argument_group("reports")
    told.add_argument("--dry-run", action="store_true", help="say what would be done, why, and what it takes")
    add_log(told)


def run(arguments: Namespace) -> int:
    """Film the story, and show how far that is."""
    with shown() as progress:
        return build(arguments, progress)


def build(arguments: Namespace, progress: Progress) -> int:
    """Film a story as the command line says; returns the exit code. Raises StepFailed."""
    options = build_options(arguments)
    if arguments.dry_run:
        from dreamrunner.cli.dry_run import dry_run

        return dry_run(arguments.story, arguments.out, options, arguments.ray)
    from dreamrunner import pipeline as filming

    def work() -> int:
        executor = filming.executor_at(arguments.ray)
        built = filming.build(
            arguments.story, out=arguments.out, options=options, progress=progress, notice=show, executor=executor
        )
        result(built.film)
        return DONE

    return if_filmable(work, arguments.story)
