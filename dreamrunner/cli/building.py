"""`build`: film a story."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.conventions import (
    DONE,
    STORY_ERROR,
    USAGE_ERROR,
    Commands,
    add_learning,
    add_overrides,
    positive,
    refuse,
    show,
)

if TYPE_CHECKING:
    from dreamrunner.build import Options, Progress
    from dreamrunner.build.graph import Executor


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
    build.add_argument("--ray", metavar="ADDRESS", help="film on a Ray cluster: HOST:PORT, or auto for this machine's")
    build.add_argument("--smooth", action="store_true", help="interpolate motion between the model's frames")
    build.add_argument("--burn-subtitles", action="store_true", help="draw the narration into the picture")
    build.add_argument(
        "--voice",
        metavar="VOICE",
        help="speak the narration: a Piper voice's .onnx file, or VOICE or MODEL:VOICE of a speech server",
    )
    build.add_argument(
        "--attention",
        choices=("sr3ai", "hard", "plain"),
        default="sr3ai",
        help="region attention as in the paper, with hard borders, or none (default: sr3ai)",
    )


def _build(arguments: argparse.Namespace) -> int:
    from dreamrunner.build import shown_on

    with shown_on(sys.stderr) as progress:
        return build(arguments, progress)


def build(arguments: argparse.Namespace, progress: Progress) -> int:
    """Film a story as the command line says; returns the exit code. Raises StepFailed."""
    from dreamrunner.build import film, understand
    from dreamrunner.planning.commands import Chat

    if (refused := _speedups(arguments.speedup)) is not None:
        return refused
    if arguments.burn_subtitles and arguments.scene is not None:
        return refuse("--burn-subtitles goes with the whole film, not with --scene", USAGE_ERROR)
    options = _options(arguments)
    if arguments.dry_run:
        from dreamrunner.cli.foreseeing import dry_run

        return dry_run(arguments.story, arguments.out, options)
    chat = Chat()
    try:
        understood = understand(arguments.story, options, progress, chat)
    finally:
        chat.account()
    show(understood.diagnostics)
    if understood.plan is None:
        return STORY_ERROR

    def work() -> int:
        with _executor(arguments.ray) as executor:
            built = film(
                understood, out=arguments.out, options=options, progress=progress, notice=show, executor=executor
            )
        print(built.film)
        return DONE

    return if_filmable(work, arguments.story, options)


def _executor(ray: str | None) -> AbstractContextManager[Executor | None]:
    if ray is None:
        return nullcontext()
    from dreamrunner.build.cluster import on_cluster

    return on_cluster(ray)


def if_filmable(work: Callable[[], int], story: Path, options: Options) -> int:
    """Do the work; say what it is where the story or the way to film it keeps it from being done."""
    from dreamrunner.backbones import UnfitSize, UnknownModel
    from dreamrunner.build import NothingToLearn, UnknownScene
    from dreamrunner.motions import CatalogError, SourceError
    from dreamrunner.priors import AdapterError
    from dreamrunner.voices import VoiceError

    try:
        return work()
    except UnknownScene as error:
        return refuse(f"{story}: {error}", USAGE_ERROR)
    except VoiceError as error:
        return refuse(f"--voice: {error}", USAGE_ERROR)
    except UnknownModel as error:
        if options.model is not None:
            return refuse(f"--model: {error}", USAGE_ERROR)
        return refuse(f"{story}: {error}", STORY_ERROR)
    except (AdapterError, CatalogError, NothingToLearn, SourceError, UnfitSize) as error:
        return refuse(f"{story}: {error}", STORY_ERROR)


def _speedups(names: Sequence[str]) -> int | None:
    """Refuse a name that there is none of, and two caches at once; None when all is well."""
    if not names:
        return None
    from dreamrunner.rendering.speedups import SPEEDUPS

    unknown = next((name for name in names if name not in SPEEDUPS), None)
    if unknown is not None:
        return refuse(f"--speedup: there is no {unknown}; there are {', '.join(SPEEDUPS)}", USAGE_ERROR)
    if len(caches := [name for name in names if SPEEDUPS[name].cache]) > 1:
        return refuse(f"--speedup: {' and '.join(caches)} can't be used together; choose one cache", USAGE_ERROR)
    return None


def _options(arguments: argparse.Namespace) -> Options:
    from dreamrunner.build import Options

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
