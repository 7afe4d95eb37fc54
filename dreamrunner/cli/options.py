"""What several commands share: arguments, and what keeps a story from being filmed.

The options of a build are those of :class:`~dreamrunner.pipeline.options.Options`, which is read when a command that
films is asked for.
"""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Container
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamrunner.cli.console.output import refuse
from dreamrunner.cli.exits import STORY_ERROR, USAGE_ERROR

if TYPE_CHECKING:
    from dreamrunner.pipeline.options import About, Options


def add_story(parser: ArgumentParser) -> None:
    """Add the story that a command is about."""
    parser.add_argument("story", type=path_argument, metavar="STORY", help="the .story file")


def add_stories(parser: ArgumentParser) -> None:
    """Add the stories that a command is about."""
    help = "stories, folders of them, or - for standard input"
    parser.add_argument("stories", type=path_argument, nargs="+", metavar="PATH", help=help)


def add_film_folder(parser: Any) -> None:
    """Add the option for the film's folder."""
    parser.add_argument(
        "-o", "--out", type=path_argument, metavar="DIR", help="the film's folder (default: where it was filmed last)"
    )


def add_log(parser: Any) -> None:
    """Add the option for the form of standard error."""
    parser.add_argument(
        "--log", choices=("text", "json"), default="text", help="how standard error tells of the work (default: text)"
    )


def add_ray(parser: ArgumentParser) -> None:
    """Add the option that films on a cluster, under its heading."""
    parser.add_argument_group("where it runs").add_argument(
        "--ray",
        type=_address,
        metavar="ADDRESS",
        help="film on a Ray cluster: HOST:PORT, or auto for this machine's, which is started where there is none",
    )


def _address(text: str) -> str:
    """A cluster's address, which is not empty, without blanks round it."""
    if not (address := text.strip()):
        raise argparse.ArgumentTypeError("it is empty, as where a variable is not set; name HOST:PORT, or auto")
    return address


def add_allow_outside(parser: ArgumentParser) -> None:
    """Add the option that lets paths leave the story's folder."""
    parser.add_argument("--allow-outside", action="store_true", help="let paths leave the story's folder")


def add_build_options(parser: ArgumentParser, without: Container[str] = ()) -> dict[str, Any]:
    """Add the options of a build but for those of some names, in groups; gives the groups by their titles."""
    from dataclasses import fields

    from dreamrunner.pipeline.options import Options, about, flag

    groups: dict[str, Any] = {}
    for option in fields(Options):
        if option.name in without:
            continue
        known = about(option)
        if known.group not in groups:
            groups[known.group] = parser.add_argument_group(known.group)
        more: dict[str, Any] = {"dest": option.name, "help": known.help}
        if known.form is bool:
            more["action"] = "store_true"
        else:
            repeated = isinstance(option.default, tuple)
            more |= {"metavar": known.metavar, "type": _reader(known), "choices": known.choices or None}
            more |= {"action": "append", "default": []} if repeated else {"default": option.default}
        groups[known.group].add_argument(flag(option.name), **more)
    return groups


def build_options(arguments: Namespace, **more: Any) -> Options:
    """The options of a build as the command line has them; those that it does not have are left as they are."""
    from dataclasses import fields

    from dreamrunner.pipeline.options import Options

    said: dict[str, Any] = {}
    for option in fields(Options):
        if option.name in arguments:
            value = getattr(arguments, option.name)
            said[option.name] = tuple(value) if isinstance(value, list) else value
    return Options(**said, **more)


def add_model(parser: ArgumentParser, default: str) -> None:
    """Add ``--model`` as a build has it."""
    from dreamrunner.pipeline.options import about_named

    known = about_named("model")
    parser.add_argument("--model", default=default, metavar=known.metavar, help=known.help)


def if_filmable(work: Callable[[], int], story: Path) -> int:
    """Do the work and return its exit code; report a story or an option that can't be used."""
    from dreamrunner.pipeline import StoryError, UsageError
    from dreamrunner.pipeline.options import flag

    try:
        return work()
    except UsageError as error:
        # A scene is one of the story's; all else is the command line's.
        where = story if error.option == "scene" else flag(error.option)
        return refuse(f"{where}: {error.why}", USAGE_ERROR)
    except StoryError as error:
        # Diagnostics were shown as they were noticed.
        return refuse(f"{story}: {error.why}", STORY_ERROR) if error.why else STORY_ERROR


def _reader(known: About) -> Callable[[str], Any]:
    """Reads a value of an option. Blanks round a name are none of it."""
    if known.form is PathLike:
        return path_argument
    if known.choices:
        return str.strip
    reads: Callable[[str], Any] = {int: natural, float: _number}.get(known.form, str.strip)

    def read(text: str) -> Any:
        value = reads(text)
        if why := known.wrong(value):
            raise argparse.ArgumentTypeError(why)
        return value

    return read


def path_argument(text: str) -> Path:
    """A path. The empty text is none: a shell's variable without a value would stand for the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return Path(text)


def natural(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 0 on")
    from dreamrunner.pipeline.options import MOST_DIGITS

    if len(text.lstrip("0")) > MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{text[:20]}... is too large a number")
    return int(text)


def positive(text: str) -> int:
    """A whole number from 1 on."""
    number = natural(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
