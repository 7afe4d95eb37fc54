"""`build`: film a story."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console.output import result, show, shown
from dreamrunner.cli.options import DONE, Commands, add_learning, add_log, add_overrides, if_filmable, positive
from dreamrunner.rendering.kinds import ATTENTION_KINDS, DEFAULT_ATTENTION

if TYPE_CHECKING:
    from dreamrunner.engine import Progress
    from dreamrunner.pipeline import Options


def add(commands: Commands) -> None:
    """Add them to the command line."""
    build = commands.add_parser("build", help="film a story", allow_abbrev=False)
    build.set_defaults(command=_build)
    build.add_argument("story", type=Path, metavar="STORY", help="the .story file")
    add_options(build)


def add_options(build: argparse.ArgumentParser) -> None:
    """Add what says how to film."""
    build.add_argument("-o", "--out", type=Path, metavar="DIR", help="folder for the film (default: build/STORY)")
    add_overrides(build)
    add_log(build)
    build.add_argument("--steps", type=positive, metavar="N", help="denoising steps (default: the model's)")
    build.add_argument("--scene", metavar="NAME", help="film this scene alone")
    build.add_argument("--force", action="store_true", help="film anew what is kept: everything, or the --scene")
    build.add_argument("--keep-going", action="store_true", help="finish the rest when a scene fails")
    build.add_argument("--dry-run", action="store_true", help="say what would be done, why, and what it takes")
    build.add_argument("--draft", action="store_true", help="a quick look, in a fifth of the steps, into DIR/draft")
    build.add_argument(
        "--speedup",
        action="append",
        default=[],
        metavar="NAME",
        help="make rendering cheaper, some at the price of exactness (the README has a table)",
    )
    add_learning(build)
    build.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="film on a Ray cluster: HOST:PORT, or auto for this machine's, which is started where there is none",
    )
    build.add_argument("--smooth", action="store_true", help="interpolate motion between the model's frames")
    build.add_argument("--burn-subtitles", action="store_true", help="draw the narration into the picture")
    build.add_argument(
        "--voice",
        metavar="VOICE",
        help="speak the narration: a Piper voice's .onnx file, or VOICE or MODEL:VOICE of a speech server",
    )
    build.add_argument(
        "--attention",
        choices=ATTENTION_KINDS,
        default=DEFAULT_ATTENTION,
        help=f"region attention as in the paper, with hard borders, or none (default: {DEFAULT_ATTENTION})",
    )


def _build(arguments: argparse.Namespace) -> int:
    with shown() as progress:
        return build(arguments, progress)


def build(arguments: argparse.Namespace, progress: Progress) -> int:
    """Film a story as the command line says; returns the exit code. Raises StepFailed."""
    options = _options(arguments)
    if arguments.dry_run:
        from dreamrunner.cli.graph import dry_run

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


def _options(arguments: argparse.Namespace) -> Options:
    from dreamrunner.pipeline import Options

    return Options(
        model=arguments.model,
        seed=arguments.seed,
        steps=arguments.steps,
        scene=arguments.scene,
        attention=arguments.attention,
        smooth=arguments.smooth,
        burn_subtitles=arguments.burn_subtitles,
        voice=arguments.voice,
        draft=arguments.draft,
        speedups=tuple(arguments.speedup),
        force=arguments.force,
        keep_going=arguments.keep_going,
        adapters=arguments.adapters,
        train_steps=arguments.train_steps,
        allow_outside=arguments.allow_outside,
    )
