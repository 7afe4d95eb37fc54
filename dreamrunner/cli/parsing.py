"""The command line's grammar, and what is said of a mistake in it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn, cast

from dreamrunner.cli.command_table import COMMANDS, module
from dreamrunner.cli.console import output
from dreamrunner.cli.exits import USAGE_ERROR
from dreamrunner.cli.options import path_argument
from dreamrunner.version import __version__

PROGRAM = "dreamrunner"


class Parser(argparse.ArgumentParser):
    """Reports a mistake in the form that the command reports in, with the word that was probably meant."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        more.setdefault("allow_abbrev", False)
        super().__init__(*arguments, **more)
        self.given: list[str] = []

    def error(self, message: str) -> NoReturn:
        if "unrecognized" not in message:
            message += self._misspelt()
        message += self._dashed_file()
        if output.is_json():
            self.exit(output.refuse(message, USAGE_ERROR))
        super().error(message)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        found, unknown = self.parse_known_args(args, namespace)
        if unknown and not any(word.startswith("-") for word in unknown):
            unknown = self._taken(found, unknown)
        if unknown:
            # What stands behind an unknown option was taken for a file, or a file for what is too much.
            options = [word for word in unknown if word.startswith("-")]
            chosen = self._chosen(found)
            option = options[0].partition("=")[0] if options else ""
            near = _meant(option, [*self._option_string_actions, *chosen._option_string_actions])
            chosen.error(f"unrecognized arguments: {' '.join(options or unknown)}{near}")
        return found

    def _misspelt(self) -> str:
        """What was likely meant by the first option that there is none of; "" where there is none, or nothing near."""
        before = self.given[: self.given.index("--")] if "--" in self.given else self.given
        options = [word.partition("=")[0] for word in before if word.startswith("--")]
        odd = next((word for word in options if word not in self._option_string_actions), "")
        near = _meant(odd, self._option_string_actions)
        return f" (there is no {odd}{near})" if near else ""

    def _taken(self, found: argparse.Namespace, words: list[str]) -> list[str]:
        """What is left of words behind an option when an argument that takes any number has taken those that it can:
        ``check a.story --format json b.story``."""
        for action in self._get_positional_actions():
            if action.nargs in (argparse.ONE_OR_MORE, argparse.ZERO_OR_MORE):
                try:
                    values = [self._get_value(action, word) for word in words]
                except argparse.ArgumentError as error:
                    self.error(str(error))
                setattr(found, action.dest, [*(getattr(found, action.dest) or []), *values])
                return []
        return words

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self.given = list(args or ())
        return super().parse_known_args(self._after_dashes(args), namespace)

    def _after_dashes(self, words: Sequence[str] | None) -> Sequence[str] | None:
        """A command that takes files takes options after ``-- -FILE`` too, as it does after ``FILE``.

        Behind the ``--`` the first word is a file whatever it looks like, and so are others that are no options.
        """
        if words is None or "--" not in words:
            return words
        files = self._get_positional_actions()
        if not files or any(action.type not in (Path, path_argument) for action in files):
            return words
        place = list(words).index("--")
        named = words[place + 1 :]
        if not named or (self._is_option(named[0]) and not Path(named[0]).exists()):
            return words
        rest = [f"./{named[0]}" if named[0].startswith("-") else named[0]]
        for word in named[1:]:
            is_file = word.startswith("-") and word != "-" and not self._is_option(word)
            rest.append(f"./{word}" if is_file and Path(word).suffix == ".story" else word)
        return [*words[:place], *rest]

    def _is_option(self, word: str) -> bool:
        return word.partition("=")[0] in self._option_string_actions

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError:
            near = _meant(str(value), map(str, action.choices or ()))
            if not near:
                raise
            raise argparse.ArgumentError(action, f"there is no {value}{near}") from None

    def _chosen(self, found: argparse.Namespace) -> Parser:
        """The parser of the action that was chosen; this one where there are no actions."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return cast(Parser, action.choices.get(getattr(found, action.dest, ""), self))
        return self

    def _dashed_file(self) -> str:
        """How to name the first file whose name begins with -, where one was given as if it were an option."""
        before = self.given[: self.given.index("--")] if "--" in self.given else self.given
        for word in before:
            named = word.endswith(".story") or os.path.isfile(word)
            if named and word.startswith("-") and len(word) > 1 and word not in self._option_string_actions:
                return f"; a file of that name is written -- {word}, or ./{word}"
        return ""


def parse(given: Sequence[str]) -> argparse.Namespace:
    """The arguments of a command line, among them the ``command`` to run with them. Exits where there is a mistake."""
    words = list(given[1:] if given[:1] == ["--"] else given)
    if not words or words[0].startswith("-"):
        top_parser().parse_args(words[:1])
        top_parser().error("the following arguments are required: COMMAND")
    read: argparse.Namespace = parser_of(words[0]).parse_args(words[1:])
    return read


def parser() -> Parser:
    """The grammar as a whole, every command's module imported: for completion."""
    top = top_parser()
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS.values():
        _fill(commands.add_parser(command.name, help=command.help, description=_sentence(command.help)), command.name)
    return top


def top_parser() -> Parser:
    """The grammar of what stands before a command; its help lists the commands."""
    lines = []
    width = max(map(len, COMMANDS)) + 2
    for group, commands in groupby(COMMANDS.values(), key=lambda command: command.group):
        lines += [f"{group}:", *(f"  {command.name:<{width}}{command.help}" for command in commands), ""]
    top = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [-h] [--version] COMMAND ...",
        description="Films stories: text in, film out.",
        epilog="\n".join([*lines, f"{PROGRAM} help COMMAND says how one is used."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    return top


def parser_of(name: str) -> Parser:
    """The grammar of one command. Exits where there is none of that name, saying which was probably meant."""
    if name not in COMMANDS:
        top_parser().error(f"there is no command {name}{_meant(name, COMMANDS)}")
    command = COMMANDS[name]
    return _fill(Parser(prog=f"{PROGRAM} {name}", description=_sentence(command.help)), name)


def _fill(parser: Parser, name: str) -> Parser:
    found = module(name)
    found.add_arguments(parser)
    parser.set_defaults(command=found.run, needs=COMMANDS[name].needs)
    return parser


def _sentence(help: str) -> str:
    return f"{help[0].upper()}{help[1:]}."


def _meant(word: str, known: Iterable[str]) -> str:
    from dreamrunner.files.spelling import closest, did_you_mean

    hint = did_you_mean(closest(word, [each for each in known if len(each) > 2]))  # -h is near to every letter
    return f"; {hint}" if hint else ""
