"""``check --fix``: mends stories in place, or shows what that would change. Each function returns an exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from dreamrunner.cli.console.changes import show_changes
from dreamrunner.cli.console.output import refuse
from dreamrunner.cli.exits import DONE, STEP_FAILED, USAGE_ERROR
from dreamrunner.cli.paths import STDIN, inside, start_of, stories_in
from dreamrunner.files.in_place import ROUNDS, replace_text
from dreamrunner.files.text import printable
from dreamrunner.files.wording import counted, reason
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.files import read_text
from dreamrunner.planning.mending import mended


def refused(arguments: Namespace) -> int | None:
    """The exit code where options don't go together; that is said. None where they do."""
    if STDIN in arguments.stories:
        return refuse("--fix mends files, and - is standard input", USAGE_ERROR)
    if arguments.diff and arguments.format != "text":
        return refuse("--diff shows changes, so it has no --format", USAGE_ERROR)
    return None


def mend_stories(arguments: Namespace) -> int:
    """Mend every story of the paths, and say what was mended; STEP_FAILED where one can't be written."""
    code, problems, files = DONE, 0, 0
    for path in arguments.stories:
        stories, _ = stories_in(path)  # that there is none is reported with what is wrong
        for story in inside(path, stories):
            count = _mend_one(story, arguments)
            if count is None:
                code = STEP_FAILED
            elif count:
                problems, files = problems + count, files + 1
    done = "would be mended" if arguments.diff else "mended"
    print(f"{counted(problems, 'problem')} {done} in {counted(files, 'file')}", file=sys.stderr)
    return code


def _mend_one(path: Path, arguments: Namespace) -> int | None:
    """How many problems of a story were mended; None, and why is said, where it can't be written."""
    for _ in range(ROUNDS):
        text = read_text(path, start_of(path))
        if isinstance(text, Diagnostic):
            return 0
        done = mended(text, path, allow_outside=arguments.allow_outside, unsafe=arguments.unsafe)
        if done.text == text:
            return 0
        if arguments.diff:
            show_changes(path, text, done.text, "mended")
            return len(done.fixes)
        try:
            if replace_text(path, text, done.text):
                return len(done.fixes)
        except OSError as error:
            print(printable(f"error: {path} can't be written: {reason(error)}"), file=sys.stderr)
            return None
    print(printable(f"error: {path} is being saved again and again; mend it once more"), file=sys.stderr)
    return None
