"""``mcp``: the server that programs speak to by the Model Context Protocol."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dreamrunner.cli.console.output import refuse
from dreamrunner.cli.exits import DONE, USAGE_ERROR
from dreamrunner.cli.options import path_argument
from dreamrunner.files.wording import reason


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "--root",
        type=path_argument,
        default=Path("."),
        metavar="DIR",
        help="the folder that it is held to: nothing of yours outside is read or written (default: this one)",
    )


def run(arguments: Namespace) -> int:
    """Serve one program over standard input and output."""
    from dreamrunner.cli.serving.server import serve

    try:
        serve(arguments.root)
    except OSError as error:
        return refuse(f"--root: {arguments.root} can't be used: {reason(error)}", USAGE_ERROR)
    return DONE
