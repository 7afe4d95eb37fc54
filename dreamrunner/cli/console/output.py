"""What a command writes on standard error: text for people, or with ``--log json`` an object a line for programs.

Which of the two is said once, before the command runs; results go to standard output either way.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console.streams import giving

if TYPE_CHECKING:
    from dreamrunner.cli.console.lines import Lines
    from dreamrunner.cli.console.log import Log
    from dreamrunner.language import Diagnostic

_log: Log | None = None
_view: Lines | None = None


def begin(json: bool) -> None:
    """Write everything from now on as text, or as JSON."""
    global _log
    _log = None
    if json:
        from dreamrunner.cli.console.log import Log

        _log = Log(sys.stderr)


def end(code: int) -> int:
    """The command ends with this exit code, which is given back."""
    if _log is not None:
        _log.write("ended", {"exit_code": code})
    return code


def is_json() -> bool:
    """Whether standard error is written as JSON."""
    return _log is not None


@contextmanager
def shown() -> Iterator[Lines | Log]:
    """A listener that shows a build's progress; lines that are written meanwhile stand above it."""
    global _view
    if _log is not None:
        yield _log
        return
    from dreamrunner.cli.console.choose import shown_on

    with shown_on(sys.stderr) as view:
        _view = view
        try:
            yield view
        finally:
            _view = None


def say(line: str) -> None:
    """Write a line for people."""
    if _log is not None:
        _log.say(line)
    else:
        from dreamrunner.files.text import printable

        _write(printable(line))


def result(made: Path | str) -> None:
    """Print a result, a file or a line, on standard output, with nothing drawn around it."""
    if _view is not None:
        _view.close()
    if isinstance(made, Path):
        from dreamrunner.files.text import printable

        # To a program a path is what it is, to a terminal something that can't steer it.
        print(printable(str(made)) if sys.stdout.isatty() else made, flush=True)
    else:
        print(made)


def document(text: str) -> None:
    """A text for programs, such as JSON, on standard output: in UTF-8, whatever the encoding of the terminal is."""
    sys.stdout.flush()
    with giving():
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()


def warn(why: str) -> None:
    """Write what the user should know of work that is done all the same."""
    if _log is not None:
        _log.say(f"warning: {why}")
    else:
        from dreamrunner.files.text import printable

        _write(printable(f"warning: {why}"))


def show(diagnostics: Sequence[Diagnostic]) -> None:
    """Write the diagnostics of a story."""
    if _log is not None:
        _log.show(diagnostics)
    elif diagnostics:
        from dreamrunner.language.report import in_color, render

        _write(render(diagnostics, in_color(sys.stderr)).removesuffix("\n"))


def refuse(why: str, code: int) -> int:
    """Write why the command does not do what it was asked; gives back the exit code."""
    if _log is not None:
        for each in why.split("\nerror: "):  # several scenes may have failed
            _log.write("error", {"message": each})
    else:
        from dreamrunner.files.text import printable

        _write(f"error: {printable(why)}")
    return code


def farewell(line: str) -> None:
    """Write the last line of a command that the user stopped."""
    if _log is not None:
        _log.write("stopped", {"message": line})
    else:
        _write(f"\n{line}")


def _write(text: str) -> None:
    if _view is not None:
        _view.write(text)
    else:
        print(text, file=sys.stderr, flush=True)
