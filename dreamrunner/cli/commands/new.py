"""``new``: make a folder with a story that films."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dreamrunner.cli.console.output import refuse
from dreamrunner.cli.exits import DONE, STEP_FAILED, USAGE_ERROR
from dreamrunner.cli.options import path_argument
from dreamrunner.files.text import printable
from dreamrunner.files.wording import reason
from dreamrunner.language.template import as_argument, new_story, title_of


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "folder", type=path_argument, metavar="FOLDER", help="the folder to make; its name becomes the title"
    )


def run(arguments: Namespace) -> int:
    """Make the folder, and say how to film its story."""
    folder: Path = arguments.folder
    try:
        story = new_story(folder)
    except FileExistsError:
        return refuse(f"{folder} is there already and not empty; choose another name", USAGE_ERROR)
    except ValueError as error:
        return refuse(str(error), USAGE_ERROR)
    except OSError as error:
        return refuse(f"{folder} can't be made: {reason(error)}", STEP_FAILED)
    print(printable(f"made {folder}: {title_of(folder)}\nfilm it with: dreamrunner build {as_argument(str(story))}"))
    return DONE
