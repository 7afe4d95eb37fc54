"""`watch`: check, plan and draw a story on every save, and film what changed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.build import add_options, build
from dreamrunner.cli.console.output import refuse, say, show, shown
from dreamrunner.cli.options import DONE, STEP_FAILED, STORY_ERROR, Commands
from dreamrunner.cli.plan import draw_boxes
from dreamrunner.files.text import counted

if TYPE_CHECKING:
    from dreamrunner.preview.watching import Watch


def add(commands: Commands) -> None:
    """Add it to the command line."""
    watch = commands.add_parser(
        "watch", help="check, plan and draw a story anew on every save, until Ctrl-C", allow_abbrev=False
    )
    watch.set_defaults(command=_watch)
    watch.add_argument("story", type=Path, metavar="STORY", help="the .story file")
    watch.add_argument("--build", action="store_true", help="film what changed, too; the options below are build's")
    add_options(watch)


def _watch(arguments: argparse.Namespace) -> int:
    from dreamrunner.language import Diagnostic
    from dreamrunner.preview.board import read_analysis
    from dreamrunner.preview.watching import Watch

    story: Path = arguments.story
    if isinstance(missing := read_analysis(story), Diagnostic):
        show([missing])
        return STORY_ERROR
    watch = Watch(story)
    while True:
        done = _draw(arguments)
        watch.renew()
        if done == DONE and arguments.build and not watch.changed():
            _film(arguments, watch)
        if not watch.changed():
            say(f"watching {counted(len(watch.stamps), 'file')}; Ctrl-C ends it")
        say(f"changed: {', '.join(path.name for path in watch.wait())}")


def _draw(arguments: argparse.Namespace) -> int:
    from dreamrunner.engine import StepFailed
    from dreamrunner.pipeline import default_folder

    folder = arguments.out or default_folder(arguments.story)
    try:
        return draw_boxes(arguments.story, folder / "boxes.png", allow_outside=arguments.allow_outside)
    except StepFailed as error:
        return refuse(str(error), STEP_FAILED)


def _film(arguments: argparse.Namespace, watch: Watch) -> None:
    """Film until it is done, has failed or the story is saved again; what was finished is kept for the next time."""
    from dreamrunner.engine import StepFailed
    from dreamrunner.engine.cancel import Overtakable, Overtaken

    try:
        with shown() as progress:
            build(arguments, Overtakable(progress, watch.changed))
    except StepFailed as error:
        refuse(str(error), STEP_FAILED)
    except Overtaken:
        say("saved while filming: what is finished is kept")
