"""The commands: their names, what they do in a line, and under which heading they are listed.

Each is a module of :mod:`dreamrunner.cli.commands` with its name: ``add_arguments(parser)`` adds its arguments to a
parser, ``run(arguments)`` does its work and returns an exit code. A module is imported when its command is asked for,
and no other is.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table."""

    name: str
    """What is typed, and the module's name."""

    help: str
    """What it does, without a full stop."""

    group: str
    """The heading under which it is listed."""

    needs: str = ""
    """The extra of the package without which it does nothing; none where the plain one is enough for something."""

    folder: str = ""
    """The folder of :mod:`dreamrunner.cli.commands` that its module is in, if any."""


class Module(Protocol):
    """What a command's module has."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments of the command to its parser."""
        ...

    def run(self, arguments: Namespace) -> int:
        """Do the work of the command; returns the exit code."""
        ...


_WRITE, _PLAN, _FILM, _LEARN, _SERVE, _HELP = "write", "plan", "film", "learn", "for programs", "help"

COMMANDS = {
    command.name: command
    for command in (
        Command("new", "make a folder with a story to begin with", _WRITE),
        Command("import", "make a story of prose: plain text, Markdown, or a screenplay", _WRITE),
        Command("check", "say what is wrong in stories", _WRITE),
        Command("fmt", "write stories in their one layout", _WRITE),
        Command("words", "list what a model can draw, where that is known", _WRITE),
        Command("config", "say which settings hold, and where each comes from", _WRITE),
        Command("explain", "say what a diagnostic means and how to mend it", _WRITE),
        Command("plan", "fill the gaps of a story, to review and commit", _PLAN),
        Command("storyboard", "draw the plan's boxes, without filming: a picture and a page that plays them", _PLAN),
        Command("preview", "a page that shows the storyboard anew on every save, and moves its boxes", _PLAN),
        Command("build", "film a story", _FILM, needs="film"),
        Command("takes", "show the takes of a film's scenes side by side, and choose one", _FILM),
        Command("bench", "film a public benchmark, and lay its videos out for its scorers", _FILM, needs="film"),
        Command("evaluate", "measure films as the paper does, its numbers beside theirs", _FILM, needs="film"),
        Command("report", "gather all that is known of a film into one page to send to somebody", _FILM, needs="film"),
        Command("watch", "check, plan and draw a story anew on every save, until Ctrl-C", _FILM),
        Command("graph", "print a build's tasks, and which of them would run", _FILM, needs="film"),
        Command("cache", "what is kept between builds: list, check, make room", _FILM),
        Command("catalog", "index captioned videos, and search them", _LEARN, needs="motions", folder="learning"),
        Command("retrieve", "find the clips that show a motion", _LEARN, needs="motions", folder="learning"),
        Command("train", "learn a motion from clips, a character from photos", _LEARN, needs="film", folder="learning"),
        Command(
            "lsp",
            "the language server: run by an editor, speaks over standard input and output",
            _SERVE,
            folder="programs",
        ),
        Command(
            "mcp", "the server for agents: speaks the Model Context Protocol", _SERVE, needs="mcp", folder="programs"
        ),
        Command("schema", "print the JSON schema of plans, manifests or the log", _SERVE, folder="programs"),
        Command("help", "say how a command is used", _HELP),
        Command("completion", "print what lets a shell complete these commands", _HELP, folder="programs"),
    )
}
"""All commands by their names, in the order in which they are listed."""


def module(name: str) -> Module:
    """The module of a command."""
    folder = COMMANDS[name].folder
    return cast(Module, import_module(f"dreamrunner.cli.commands.{f'{folder}.' if folder else ''}{name}"))
