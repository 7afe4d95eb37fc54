"""What several commands share: exit codes, options, and what keeps a story from being filmed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from dreamrunner.backbones.table import TABLE
from dreamrunner.cli.console.output import refuse

DONE, STORY_ERROR, USAGE_ERROR, STEP_FAILED, INTERRUPTED, READER_GONE, TERMINATED = 0, 1, 2, 3, 130, 141, 143

MODELS = ", ".join(TABLE)
"""The models that are known by name."""

FLAGS = {"speedups": "--speedup"}
"""What options are called on the command line, where that is not their name."""

Commands = argparse._SubParsersAction
"""What a family of commands adds its own to."""


def add_overrides(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="M", help=f"{MODELS}, a folder or a hub id")
    command.add_argument("--seed", type=natural, metavar="N", help="the story's seed")
    add_allow_outside(command)


def add_learning(command: argparse.ArgumentParser) -> None:
    command.add_argument("--adapters", type=Path, metavar="DIR", help="LoRAs trained before, to be used where they fit")
    command.add_argument(
        "--train-steps", type=positive, metavar="N", help="training steps of a LoRA (default: the model's)"
    )


def add_log(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--log", choices=("text", "json"), default="text", help="how standard error tells of the work (default: text)"
    )


def add_allow_outside(command: argparse.ArgumentParser) -> None:
    command.add_argument("--allow-outside", action="store_true", help="let paths leave the story's folder")


def if_filmable(work: Callable[[], int], story: Path) -> int:
    """Do the work; say what it is where the story or the way to film it keeps it from being done."""
    from dreamrunner.pipeline import StoryError, UsageError

    try:
        return work()
    except UsageError as error:
        # A scene is one of the story's; all else is the command line's.
        where = story if error.option == "scene" else FLAGS.get(error.option, f"--{error.option.replace('_', '-')}")
        return refuse(f"{where}: {error.why}", USAGE_ERROR)
    except StoryError as error:
        # Diagnostics were shown as they were noticed.
        return refuse(f"{story}: {error.why}", STORY_ERROR) if error.why else STORY_ERROR


def positive(text: str) -> int:
    number = natural(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def port(text: str) -> int:
    number = natural(text)
    if number > 65535:
        raise argparse.ArgumentTypeError("a port is at most 65535")
    return number


def natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
