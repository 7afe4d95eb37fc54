"""``preview``: a page that shows the storyboard anew on every save."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable
from pathlib import Path

from dreamrunner.cli.console.output import refuse, show
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR
from dreamrunner.cli.options import add_allow_outside, add_film_folder, add_story, natural
from dreamrunner.files.wording import reason


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_story(parser)
    parser.add_argument("--port", type=port, default=0, metavar="N", help="port on the loopback (default: any)")
    parser.add_argument("--no-open", action="store_true", help="don't open the page in a browser")
    add_film_folder(parser)
    add_allow_outside(parser)


def port(text: str) -> int:
    """The number of a port."""
    number = natural(text)
    if number > 65535:
        raise ArgumentTypeError("a port is at most 65535")
    return number


def run(arguments: Namespace) -> int:
    """Serve the page until Ctrl-C."""
    from dreamrunner.language import Diagnostic, Story
    from dreamrunner.pipeline.last_film import FilmedScene, film_files, film_folder, filmed_scenes, folder_memory
    from dreamrunner.planning import Plan
    from dreamrunner.preview.board import read_analysis
    from dreamrunner.preview.serve import serve_preview

    story = arguments.story
    if isinstance(missing := read_analysis(story), Diagnostic):
        show([missing])
        return STORY_ERROR

    def folder() -> Path:
        # It may be filmed into another one while the page is open.
        return arguments.out or film_folder(story)

    def films(plan: Plan, told: Story) -> dict[str, FilmedScene]:
        return filmed_scenes(folder(), plan, told)

    def outputs(scenes: Iterable[str]) -> list[Path]:
        return [folder_memory(story), *film_files(folder(), scenes)]

    def ready(url: str) -> None:
        print(url, flush=True)

    try:
        serve_preview(
            story,
            films,
            outputs,
            allow_outside=arguments.allow_outside,
            port=arguments.port,
            open_browser=not arguments.no_open,
            ready=ready,
        )
    except OSError as error:
        where = f"port {arguments.port}" if arguments.port else "a port"
        return refuse(f"{where} can't be had: {reason(error)}", STEP_FAILED)
    return DONE
