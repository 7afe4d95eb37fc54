"""The ``dreamrunner`` command: :mod:`.commands` has a module for each, of which only the one asked for is imported.

Exit codes stand in :mod:`.exits`. Nothing that a user can do ends in a traceback; ``DREAMRUNNER_DEBUG=1`` shows it
where something failed.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from dreamrunner.cli.console import output, streams
from dreamrunner.cli.exits import NOT_INSTALLED, STEP_FAILED, USAGE_ERROR
from dreamrunner.cli.stopping import Stop
from dreamrunner.log_option import asks_for_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` default to the process's own."""
    stop, debug = Stop(), os.environ.get("DREAMRUNNER_DEBUG") == "1"
    given = sys.argv[1:] if arguments is None else list(arguments)
    json = asks_for_json(given)
    try:
        stop.listen()
        streams.prepare()
        output.begin(json)
        code = _run(given, json, debug)
        streams.flush()
    except BrokenPipeError:
        code = streams.reader_gone()
    except streams.UnwritableOutput as error:
        streams.give_up()
        code = output.refuse(str(error), STEP_FAILED)
    except BaseException as error:
        if debug:
            raise
        if stop.signal is not None or isinstance(error, KeyboardInterrupt):
            code = stop.farewell(json)
        else:
            code = output.refuse(_why(error, given), NOT_INSTALLED if _lacks_extra(error) else STEP_FAILED)
    return output.end(code)


def _why(error: BaseException, given: Sequence[str]) -> str:
    """Why a command failed: as it is foreseen, else with what was being done."""
    from dreamrunner.engine.graph import StepFailed
    from dreamrunner.files.trouble import foreseen, unforeseen

    if isinstance(error, StepFailed):
        return str(error)
    what = next((word for word in given if not word.startswith("-")), "")
    return foreseen(error) or f"{f'dreamrunner {what}'.rstrip()} broke off: {unforeseen(error)}"


def _lacks_extra(error: BaseException) -> bool:
    """Whether a command failed since an extra of the package is not installed."""
    from dreamrunner.files.extras import NotInstalled, extra_of

    return isinstance(error, NotInstalled) or (
        isinstance(error, ModuleNotFoundError) and bool(extra_of(error.name or ""))
    )


def _run(given: Sequence[str], json: bool, debug: bool) -> int:
    from dreamrunner.cli.parsing import parse

    if not debug:
        from dreamrunner.cli.quiet import silence

        silence(json)
    try:
        arguments = parse(given)
        if arguments.needs:
            from dreamrunner.files.extras import require

            require(arguments.needs)
        if not gc.isenabled():  # as `__main__` begins
            gc.freeze()
            gc.enable()
        return int(arguments.command(arguments))
    except SystemExit as exit:
        return exit.code if isinstance(exit.code, int) else USAGE_ERROR
