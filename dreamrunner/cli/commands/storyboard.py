"""``storyboard``: draw the plan's boxes, without filming."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dreamrunner.cli.console.output import result, show, warn
from dreamrunner.cli.console.waiting import waiting
from dreamrunner.cli.exits import DONE
from dreamrunner.cli.options import add_allow_outside, add_story, if_filmable, path_argument


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_story(parser)
    parser.add_argument(
        "-o",
        "--out",
        type=path_argument,
        metavar="FILE",
        help="picture, with the page beside it (default: build/STORY/boxes.png)",
    )
    add_allow_outside(parser)


def run(arguments: Namespace) -> int:
    """Draw the boxes."""
    return draw_boxes(arguments.story, arguments.out, allow_outside=arguments.allow_outside)


def draw_boxes(story: Path, picture: Path | None, *, allow_outside: bool, planner: str | None = None) -> int:
    """Draw the plan of ``story``, and say where it is; returns the exit code."""
    from dreamrunner.pipeline import draw_boxes as drawing

    def work() -> int:
        with waiting():
            drawn = drawing.draw_boxes(
                story, picture, allow_outside=allow_outside, planner=planner, notice=show, say=warn
            )
        result(drawn.picture)
        result(drawn.page)
        return DONE

    return if_filmable(work, story)
