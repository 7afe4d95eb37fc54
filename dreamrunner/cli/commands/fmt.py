"""``fmt``: write stories in their one layout."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from enum import Enum, auto
from pathlib import Path

from dreamrunner.cli.console import output
from dreamrunner.cli.console.changes import show_changes
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR
from dreamrunner.cli.options import add_stories
from dreamrunner.cli.paths import STDIN, inside, read_input, start_of, stories_in
from dreamrunner.files.in_place import ROUNDS, replace_text
from dreamrunner.files.text import printable
from dreamrunner.files.wording import counted, reason
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.files import read_text
from dreamrunner.language.formatter import UnsafeFormat, format_text
from dreamrunner.language.report import in_color, render


class _Outcome(Enum):
    """What became of a file that was to be formatted."""

    SAME = auto()
    CHANGED = auto()
    BROKEN = auto()
    FAILED = auto()


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_stories(parser)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")


def run(arguments: Namespace) -> int:
    """Format every story of the paths, in place; ``-`` formats standard input to standard output."""
    outcomes: list[_Outcome] = []
    for path in arguments.stories:
        stories, missing = stories_in(path) if path != STDIN else ([path], [])
        sys.stderr.write(render(missing, in_color(sys.stderr)))
        outcomes += [_Outcome.BROKEN] * len(missing)
        outcomes += [_fmt_one(story, arguments.check, arguments.diff) for story in inside(path, stories)]
    changed, same = outcomes.count(_Outcome.CHANGED), outcomes.count(_Outcome.SAME)
    if arguments.stories != [STDIN]:
        done = "would be reformatted" if arguments.check or arguments.diff else "reformatted"
        parts = [f"{_files(changed)} {done}"] if changed else []
        parts += [f"{_files(same)} left unchanged"] if same else []
        print(", ".join(parts), file=sys.stderr)
    if _Outcome.FAILED in outcomes:
        return STEP_FAILED
    return STORY_ERROR if _Outcome.BROKEN in outcomes or (arguments.check and changed) else DONE


def _fmt_one(path: Path, check: bool, diff: bool) -> _Outcome:
    for _ in range(ROUNDS):
        outcome = _try(path, check, diff)
        if outcome is not None:
            return outcome
    print(printable(f"error: {path} is being saved again and again; format it once more"), file=sys.stderr)
    return _Outcome.FAILED


def _try(path: Path, check: bool, diff: bool) -> _Outcome | None:
    """One attempt; None where the file was saved by somebody else meanwhile."""
    text = read_input(empty=True) if path == STDIN else read_text(path, start_of(path), empty=True)
    if isinstance(text, Diagnostic):
        sys.stderr.write(render([text], in_color(sys.stderr)))
        return _Outcome.BROKEN
    try:
        result = format_text(text, path)
    except UnsafeFormat as error:
        print(printable(f"error: {error}; it is left as it is. Please report this."), file=sys.stderr)
        return _Outcome.FAILED
    if result.text is None:
        sys.stderr.write(render(result.diagnostics, in_color(sys.stderr), {path: text}))
        return _Outcome.BROKEN
    if diff:
        show_changes(path, text, result.text, "formatted")
    elif path == STDIN and not check:
        output.document(result.text)
    if result.text == text:
        return _Outcome.SAME
    if check:
        print(printable(f"would reformat {path}"), file=sys.stderr)
    elif not diff and path != STDIN:
        try:
            if not replace_text(path, text, result.text):
                return None
        except OSError as error:
            why = reason(error)
            print(printable(f"error: {path} can't be written: {why}"), file=sys.stderr)
            return _Outcome.FAILED
    return _Outcome.CHANGED


def _files(count: int) -> str:
    return counted(count, "file")
