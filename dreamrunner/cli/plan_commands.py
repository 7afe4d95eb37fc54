"""The ``plan`` command: from a story to the filled story beside it. Takes parsed arguments, returns an exit code.

0: done. 1: an error in the story. 2: wrong usage. 3: a scene that the planner could not fill, or a file that could not
be written.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from dreamrunner.files.text import printable, reason, tell_path
from dreamrunner.language import gaps, read_story
from dreamrunner.language.report import in_color, render
from dreamrunner.planning.chat.costs import PriceError, dollars, estimate, prices
from dreamrunner.planning.chat.planner import Chat
from dreamrunner.planning.written.file import filled_path
from dreamrunner.planning.written.plan_file import (
    PlannedFile,
    backup_path,
    begin,
    fill_in,
    keep_edited,
    plan_file,
    write_story,
)

DONE, STORY_ERROR, USAGE_ERROR, STEP_FAILED = 0, 1, 2, 3
ALL = ""
"""What ``--again`` gives when no scene is named."""


def plan(arguments: Namespace) -> int:
    """``plan STORY [--write] [--dry-run] [--jobs N] [--timeout S] [--prices FILE] [--again [SCENE]]``: fill gaps."""
    path: Path = arguments.story
    try:
        table = prices(arguments.prices)
    except PriceError as error:
        print(printable(f"error: --prices: {error}"), file=sys.stderr)
        return USAGE_ERROR
    wanted = frozenset(arguments.again or ())

    def again(scene: str) -> bool:
        return ALL in wanted or scene in wanted

    named = wanted - {ALL}
    if unknown := sorted(named - _scene_names(path, arguments.allow_outside)) if named else []:
        scenes = ", ".join(f"`{name}`" for name in unknown)
        print(printable(f"error: --again: {path} has no scene {scenes}"), file=sys.stderr)
        return USAGE_ERROR
    if arguments.dry_run:
        return _foresee(path, arguments.allow_outside, table, again)
    chat = Chat(arguments.jobs, arguments.timeout, table)
    try:
        planned = plan_file(path, allow_outside=arguments.allow_outside, ask=chat, save=write_story, again=again)
    except OSError as error:
        return _unwritable(filled_path(path), error)
    finally:
        if used := chat.account():
            print(used, file=sys.stderr)
    sys.stderr.write(render(planned.diagnostics, in_color(sys.stderr)))
    for failure in planned.failures:
        print(f"error: {printable(str(failure))}", file=sys.stderr)
    if planned.plan is None:
        return STEP_FAILED if planned.failures else STORY_ERROR
    text, target = planned.text, planned.target
    if arguments.write:
        target = path
        text = fill_in(planned)
        if not isinstance(text, str):
            scenes = ", ".join(f"`{name}`" for name in text)
            print(
                printable(
                    f"error: in {planned.target} the beats of {scenes} are others than {path} has;"
                    f" make them the same in both, or take {planned.target.name} away"
                ),
                file=sys.stderr,
            )
            return STORY_ERROR
    try:
        if planned.replaced:
            # A chat model's answers are saved as they come, and the copy was made before the first of them.
            backup = backup_path(path) if chat.planner is not None else keep_edited(path)
            scenes = ", ".join(f"`{name}`" for name in planned.replaced)
            why = "it was asked for again" if wanted else f"its text in {path.name} changed since"
            print(
                printable(
                    f"warning: the fill of {scenes} was edited by hand, and {why}:"
                    f" it is filled anew, and what it was is kept in {backup.name}"
                ),
                file=sys.stderr,
            )
        write_story(target, text)
    except OSError as error:
        return _unwritable(target, error)
    print(printable(_account(planned)), file=sys.stderr)
    tell_path(target)
    return DONE


def _scene_names(path: Path, allow_outside: bool) -> frozenset[str]:
    """The scenes of a story and of the filled story beside it; none where one has an error, which planning tells."""
    files = (each for each in (path, filled_path(path)) if each.exists())
    stories = [read_story(file, allow_outside=allow_outside).story for file in files]
    return frozenset(scene.name for story in stories if story for scene in story.scenes)


def _foresee(
    path: Path, allow_outside: bool, table: Mapping[str, tuple[float, float]], again: Callable[[str], bool]
) -> int:
    """Print which gaps there are and what filling them would take. Asks nobody, writes nothing."""
    begun = begin(path, allow_outside=allow_outside, again=again)
    if isinstance(begun, PlannedFile):
        sys.stderr.write(render(begun.diagnostics, in_color(sys.stderr)))
        return STORY_ERROR
    story = begun.story
    for gap in gaps(story):
        print(gap)
    if story.planner in ("offline", "none"):
        print(printable(f"planner {story.planner}: no calls"))
        return DONE
    foreseen = estimate(story, begun.open_scenes)
    cost = dollars(table, story.planner, foreseen.tokens_in, foreseen.tokens_out)
    tokens = f"about {foreseen.tokens_in} tokens in, {foreseen.tokens_out} out"
    print(printable(f"planner {story.planner}: {foreseen.calls} calls, {tokens}: {cost}"))
    return DONE


def _unwritable(path: Path, error: OSError) -> int:
    print(printable(f"error: {path} can't be written: {reason(error)}"), file=sys.stderr)
    return STEP_FAILED


def _account(planned: PlannedFile) -> str:
    parts = []
    if planned.filled:
        parts.append(f"filled {', '.join(planned.filled)} (planner {planned.story.planner})")
    if planned.taken:
        parts.append(f"kept {', '.join(planned.taken)}")
    by = {scene.name: scene.filled_by for scene in planned.story.scenes}
    others = [name for name in planned.taken if by[name] and by[name].split()[0] != planned.story.planner]
    if others:
        names = ", ".join(f"{name} by {by[name]}" for name in others)
        parts.append(f"of these, {names}: --again has planner {planned.story.planner} fill them")
    return "; ".join(parts) or "there was no gap to fill"
