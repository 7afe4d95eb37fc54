"""The ``plan`` command: from a story to the filled story beside it. Takes parsed arguments, returns an exit code.

0: done. 1: an error in the story. 2: wrong usage. 3: a scene that the planner could not fill, or a file that could not
be written.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from dreamrunner.language.files import replace_text
from dreamrunner.language.reports import in_color, render
from dreamrunner.planning.filling import PlannedFile, fill_in, plan_file

DONE, STORY_ERROR, USAGE_ERROR, STEP_FAILED = 0, 1, 2, 3


def plan(arguments: Namespace) -> int:
    """``plan STORY [--write] [--allow-outside]``: fill the gaps of a story."""
    path: Path = arguments.story
    planned = plan_file(path, allow_outside=arguments.allow_outside)
    sys.stderr.write(render(planned.diagnostics, in_color(sys.stderr)))
    for failure in planned.failures:
        print(f"error: {failure}", file=sys.stderr)
    if planned.plan is None:
        return STEP_FAILED if planned.failures else STORY_ERROR
    text, target = planned.text, planned.target
    if arguments.write:
        target = path
        text = fill_in(planned, allow_outside=arguments.allow_outside)
        if not isinstance(text, str):
            scenes = ", ".join(f"`{name}`" for name in text)
            print(
                f"error: in {planned.target} the beats of {scenes} are others than {path} has;"
                f" make them the same in both, or take {planned.target.name} away",
                file=sys.stderr,
            )
            return STORY_ERROR
    try:
        write_story(target, text)
    except OSError as error:
        print(f"error: {target} can't be written: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return STEP_FAILED
    print(_account(planned), file=sys.stderr)
    print(target)
    return DONE


def write_story(path: Path, text: str) -> None:
    """Write a story's text, whole or not at all; a file that says the same already is left alone. Raises OSError."""
    try:
        same = path.read_bytes() == text.encode()
    except OSError:
        same = False
    if not same:
        replace_text(path, text)


def _account(planned: PlannedFile) -> str:
    parts = []
    if planned.filled:
        parts.append(f"filled {', '.join(planned.filled)} (planner {planned.story.planner})")
    if planned.taken:
        parts.append(f"kept {', '.join(planned.taken)}")
    return "; ".join(parts) or "there was no gap to fill"
