"""``check``: say what is wrong in stories."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dreamrunner.cli.console import output
from dreamrunner.cli.console.waiting import waiting
from dreamrunner.cli.exits import DONE, STORY_ERROR, USAGE_ERROR
from dreamrunner.cli.options import add_allow_outside, add_stories
from dreamrunner.cli.paths import STDIN, read_input, stories_in
from dreamrunner.files.heard import through
from dreamrunner.files.text import printable
from dreamrunner.files.wording import counted
from dreamrunner.language.checker import Checked, check_text, read_story
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.fixing.fixes import likely
from dreamrunner.language.report import FORMATS, as_text, in_color, records
from dreamrunner.language.story import Story
from dreamrunner.planning.learning import learning
from dreamrunner.planning.noticed import noticed


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_stories(parser)
    parser.add_argument(
        "--format", choices=("text", *FORMATS), default="text", help="form of the report (default: text)"
    )
    parser.add_argument("--fix", action="store_true", help="mend what can be mended safely, then report on the rest")
    parser.add_argument("--unsafe", action="store_true", help="with --fix: mend the rest that can be mended, too")
    parser.add_argument("--diff", action="store_true", help="with --fix: change nothing; show what would change")
    add_allow_outside(parser)


def run(arguments: Namespace) -> int:
    """Report on every story of the paths; an error in one of them gives STORY_ERROR."""
    sound: list[Story] = []
    if arguments.fix:
        from dreamrunner.cli import mending

        if (refused := mending.refused(arguments)) is not None:
            return refused
        done = mending.mend_stories(arguments)
        if arguments.diff or done != DONE:
            return done
    elif arguments.unsafe or arguments.diff:
        return output.refuse("--unsafe and --diff go with --fix", USAGE_ERROR)
    with waiting():
        found, sources = check_paths(arguments.stories, allow_outside=arguments.allow_outside, sound=sound.append)
    shown = records(found)
    if arguments.format == "text":
        sys.stdout.write(as_text(shown, in_color(sys.stdout), sources))
        if found:
            sys.stdout.write(_counted(found) + "\n")
            sys.stdout.flush()
            _tell_mendable(found)
        for story in sound:
            sys.stdout.write(_learnt(story))
    else:
        output.document(FORMATS[arguments.format](shown))
    return STORY_ERROR if any(item.severity == "error" for item in found) else DONE


def check_paths(
    paths: Iterable[Path], *, allow_outside: bool = False, sound: Callable[[Story], object] = lambda story: None
) -> tuple[list[Diagnostic], dict[Path, str]]:
    """What is found in files and, for a folder, in every story of it and the folders under it, and what is no file.

    What two stories share is reported once. ``sound`` is called with each file's story that has no error.
    """
    found: dict[Diagnostic, None] = {}
    sources: dict[Path, str] = {}
    for path in paths:
        if path == STDIN:
            text = sources.get(STDIN) or read_input()
            if isinstance(text, Diagnostic):
                found[text] = None
                continue
            sources[STDIN] = text
            found.update(dict.fromkeys(_noticed(check_text(text, STDIN, allow_outside=allow_outside))))
            continue
        stories, missing = stories_in(path)
        found.update(dict.fromkeys(missing))
        for story in through(stories, "checking the stories"):
            checked = read_story(story, allow_outside=allow_outside)
            found.update(dict.fromkeys(_noticed(checked)))
            if checked.story is not None:
                sound(checked.story)
    return list(found), sources


def _noticed(checked: Checked) -> tuple[Diagnostic, ...]:
    """What is found in a story, what its planner would film nothing of, and what its model can't draw."""
    return checked.diagnostics if checked.story is None else (*checked.diagnostics, *noticed(checked.story))


def _tell_mendable(found: Sequence[Diagnostic]) -> None:
    """Say how what can be mended of the problems is, on standard error."""
    mendable = {likely(item) for item in found}
    if "safe" in mendable:
        print("`dreamrunner check --fix` mends what is safe; with --diff it shows that", file=sys.stderr)
    elif "unsafe" in mendable:
        print("`dreamrunner check --fix --unsafe --diff` shows what would mend some of these", file=sys.stderr)


def _counted(found: Sequence[Diagnostic]) -> str:
    counts = [(kind, sum(item.severity == kind for item in found)) for kind in ("error", "warning")]
    return ", ".join(counted(count, kind) for kind, count in counts if count)


def _learnt(story: Story) -> str:
    """A line on what a first build learns, where that takes longer than filming."""
    first = learning(story)
    if first is None:
        return ""
    steps = f"up to {counted(first.steps, 'training step')}, and {first.filmed} to film"
    how = f"dreamrunner build {story.path} --dry-run says how long, and what is kept"
    return printable(f"{story.path}: a first build learns {', '.join(first.names)}: {steps} ({how})\n")
