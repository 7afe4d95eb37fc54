"""``watch``: check, plan and draw a story on every save, and film what changed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.commands.build import add_filming, build
from dreamrunner.cli.commands.storyboard import draw_boxes
from dreamrunner.cli.console.output import refuse, say, show, shown
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR
from dreamrunner.cli.options import add_story
from dreamrunner.files.wording import counted

if TYPE_CHECKING:
    from dreamrunner.preview.watching import Watch


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_story(parser)
    parser.add_argument("--build", action="store_true", help="film what changed, too; the options below are build's")
    add_filming(parser)


def run(arguments: Namespace) -> int:
    """Watch until Ctrl-C."""
    from dreamrunner.language import Diagnostic
    from dreamrunner.pipeline.last_film import film_folder
    from dreamrunner.preview.board import read_analysis
    from dreamrunner.preview.watching import Watch

    story: Path = arguments.story
    if isinstance(missing := read_analysis(story), Diagnostic):
        show([missing])
        return STORY_ERROR
    arguments.out = arguments.out or film_folder(story)
    watch = Watch(story, allow_outside=arguments.allow_outside)
    while True:
        done = _draw(arguments)
        watch.renew()
        if done == DONE and arguments.build and not watch.changed():
            _film(arguments, watch)
        if not watch.changed():
            say(f"watching {counted(len(watch.stamps), 'file')}; Ctrl-C ends it")
        say(f"changed: {', '.join(path.name for path in watch.wait())}")


def _draw(arguments: Namespace) -> int:
    from dreamrunner.engine import StepFailed

    try:
        return draw_boxes(
            arguments.story,
            arguments.out / "boxes.png",
            allow_outside=arguments.allow_outside,
            planner=arguments.planner,
        )
    except StepFailed as error:
        return refuse(str(error), STEP_FAILED)


def _film(arguments: Namespace, watch: Watch) -> None:
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
