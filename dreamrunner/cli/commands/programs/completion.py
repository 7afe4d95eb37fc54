"""``completion``: print what lets a shell complete these commands."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace

from dreamrunner.cli.command_table import COMMANDS
from dreamrunner.cli.console import output
from dreamrunner.cli.exits import DONE
from dreamrunner.cli.options import path_argument
from dreamrunner.cli.parsing import parser
from dreamrunner.language.story import PLANNERS

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    parser.epilog = (
        'For the shell that runs: eval "$(dreamrunner completion bash)", the same with zsh, or in fish: dreamrunner'
        " completion fish | source. Put that line into the shell's start file to keep it."
    )


def run(arguments: Namespace) -> int:
    """Print the script of a shell."""
    import shtab

    whole = parser()
    _complete_paths(whole)
    output.document(shtab.complete(whole, shell=arguments.shell).rstrip("\n") + "\n")
    return DONE


def _complete_paths(parser: ArgumentParser) -> None:
    """Say which arguments are files, and after ``help`` commands."""
    import shtab

    from dreamrunner.planning.local.folder import LOCAL

    stories = shtab.glob("*.story")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                _complete_paths(each)
        elif action.dest == "words":
            action.choices = tuple(COMMANDS)
        elif action.dest in ("planner", "compare"):
            action.choices = (*PLANNERS, LOCAL)
        elif action.metavar in ("STORY", "PATH") and action.type is path_argument:
            action.complete = stories  # type: ignore[attr-defined]
        elif str(action.metavar).startswith("FILE["):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.type is path_argument:
            action.complete = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE  # type: ignore[attr-defined]
