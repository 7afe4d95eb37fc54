"""The ``dreamrunner`` command. Each subcommand imports the stages that it needs, and nothing before it runs.

Exit codes: 0 done, 1 an error in the story, 2 wrong usage, 3 a step that failed, 130 interrupted. Nothing that a user
can do ends in a traceback; ``DREAMRUNNER_DEBUG=1`` shows it where something failed.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from itertools import pairwise
from types import FrameType
from typing import NoReturn

from dreamrunner.cli import build, cache, catalog, editor, graph, plan, train, watch, writing
from dreamrunner.cli.console import output
from dreamrunner.cli.options import INTERRUPTED, READER_GONE, STEP_FAILED, TERMINATED, USAGE_ERROR
from dreamrunner.version import __version__

QUIET_ENVIRONMENT = {
    "DIFFUSERS_VERBOSITY": "error",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_VERBOSITY": "error",
    "PYTHONWARNINGS": "ignore",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "TORCH_LOGS": "-all",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "YOLO_OFFLINE": "true",
    "YOLO_VERBOSE": "false",
}
"""Settings that keep libraries from chattering and from calling home; what the user has set stays."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` default to the process's own."""
    debug = os.environ.get("DREAMRUNNER_DEBUG") == "1"
    if not debug:
        warnings.simplefilter("ignore")
        logging.getLogger().addHandler(logging.NullHandler())  # else Python prints warnings that nothing handles
        for name, value in QUIET_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
    given = sys.argv[1:] if arguments is None else list(arguments)
    output.begin(json=_asks_for_json(given))
    if not debug and (output.is_json() or not sys.stderr.isatty()):
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # else a bar is drawn while a model is fetched
    return output.end(_run(given, debug))


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether a command line says ``--log json``, even if there is an error in it that keeps it from being parsed."""
    return "--log=json" in arguments or ("--log", "json") in pairwise(arguments)


def _run(arguments: Sequence[str], debug: bool) -> int:
    stop = _Stop()
    try:
        stop.listen()
        parsed = parser().parse_args(arguments)
        return int(parsed.command(parsed))
    except SystemExit as exit:
        return exit.code if isinstance(exit.code, int) else USAGE_ERROR
    except BrokenPipeError:
        # The reader of our output has gone, as in `dreamrunner check ... | head`. Python would complain once more
        # when it flushes at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
        return READER_GONE
    except BaseException as error:
        if debug:
            raise
        if stop.signal is not None or isinstance(error, KeyboardInterrupt):
            return stop.farewell()
        from dreamrunner.engine.graph import reason

        return output.refuse(reason(error), STEP_FAILED)


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = _Parser(prog="dreamrunner", description="Films stories: text in, film out.", allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"dreamrunner {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for family in (build, graph, writing, plan, catalog, train, cache, editor, watch):
        family.add(commands)
    return top


class _Parser(argparse.ArgumentParser):
    """Tells of a mistake in the command line as the command would have told of its work."""

    def error(self, message: str) -> NoReturn:
        if output.is_json():
            self.exit(output.refuse(message, USAGE_ERROR))
        super().error(message)


class _Stop:
    """Remembers that the user asked to stop, since a library may turn the interruption into an error of its own."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def listen(self) -> None:
        """Take Ctrl-C and a plain kill alike: clean up, then leave."""
        signal.signal(signal.SIGINT, self._asked)
        signal.signal(signal.SIGTERM, self._asked)

    def farewell(self) -> int:
        """Say how to go on; returns the exit code."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        output.farewell("Stopped. What is finished is kept: run the same command again to go on.")
        return TERMINATED if self.signal == signal.SIGTERM else INTERRUPTED

    def _asked(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        raise KeyboardInterrupt
