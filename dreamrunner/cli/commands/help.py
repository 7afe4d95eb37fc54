"""``help``: say how a command is used."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from dreamrunner.cli.exits import DONE
from dreamrunner.cli.parsing import parser_of, top_parser


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("words", nargs="*", metavar="COMMAND", help="such as build, or cache gc (default: list them)")


def run(arguments: Namespace) -> int:
    """Print what ``COMMAND --help`` prints; without a command, the list of them."""
    if not arguments.words:
        top_parser().print_help()
        return DONE
    name, *more = arguments.words
    parser_of(name).parse_args([*more, "--help"])
    return DONE
