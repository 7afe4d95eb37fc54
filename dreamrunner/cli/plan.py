"""`plan` and `storyboard`: before a story is filmed."""

from __future__ import annotations

import argparse
from pathlib import Path

from dreamrunner.cli.console.output import refuse, show
from dreamrunner.cli.options import DONE, USAGE_ERROR, Commands, add_allow_outside, if_filmable, positive


def add(commands: Commands) -> None:
    """Add them to the command line."""
    plan = commands.add_parser("plan", help="fill the gaps of a story, to review and commit", allow_abbrev=False)
    plan.set_defaults(command=_plan)
    plan.add_argument("stories", type=Path, nargs="*", metavar="STORY", help="one story; with --export, one or more")
    plan.add_argument(
        "--write", action="store_true", help="write into STORY itself, not into NAME.plan.story beside it"
    )
    plan.add_argument("--dry-run", action="store_true", help="say which gaps there are and what filling them costs")
    plan.add_argument(
        "--again",
        nargs="?",
        const="",
        action="append",
        metavar="SCENE",
        help="fill SCENE anew, or without a name all scenes; stands after STORY and can be repeated",
    )
    plan.add_argument("--prices", type=Path, metavar="FILE", help="dollars for a million tokens, by model, as JSON")
    exchange = plan.add_mutually_exclusive_group()
    exchange.add_argument(
        "--import", type=Path, metavar="FILE", dest="import_plans", help="make stories of published plans (JSON Lines)"
    )
    exchange.add_argument("--export", action="store_true", help="write plans in the published form (JSON Lines)")
    plan.add_argument("-o", "--out", type=Path, metavar="PATH", help="folder for --import, file for --export")
    plan.add_argument("--jobs", type=positive, default=4, metavar="N", help="scenes asked for at a time (default: 4)")
    plan.add_argument("--timeout", type=positive, metavar="S", help="seconds to wait for each reply (default: 90)")
    add_allow_outside(plan)

    storyboard = commands.add_parser(
        "storyboard",
        help="draw the plan's boxes, without filming: a picture and a page that plays them",
        allow_abbrev=False,
    )
    storyboard.set_defaults(command=_storyboard)
    storyboard.add_argument("story", type=Path, metavar="STORY")
    storyboard.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FILE",
        help="picture, with the page beside it (default: build/STORY/boxes.png)",
    )
    add_allow_outside(storyboard)


def _plan(arguments: argparse.Namespace) -> int:
    if arguments.import_plans is not None or arguments.export:
        if arguments.write or arguments.dry_run:
            return refuse("--import and --export go with neither --write nor --dry-run", USAGE_ERROR)
        from dreamrunner.cli import exchange

        if arguments.export:
            if not arguments.stories:
                return refuse("--export needs a story, or a folder of them", USAGE_ERROR)
            return exchange.export_plans(arguments)
        if arguments.stories or arguments.out is None:
            return refuse("--import takes no story and needs a folder to write to (-o DIR)", USAGE_ERROR)
        return exchange.import_plans(arguments)
    if len(arguments.stories) != 1 or arguments.out is not None:
        return refuse("plan takes one story; -o goes with --import or --export", USAGE_ERROR)
    from dreamrunner.cli import plan_commands as commands

    arguments.story = arguments.stories[0]
    return commands.plan(arguments)


def _storyboard(arguments: argparse.Namespace) -> int:
    return draw_boxes(arguments.story, arguments.out, allow_outside=arguments.allow_outside)


def draw_boxes(story: Path, picture: Path | None, *, allow_outside: bool) -> int:
    """Draw the plan of ``story``, and say where it is; returns the exit code."""
    from dreamrunner.files.text import tell_path
    from dreamrunner.pipeline import storyboard

    def work() -> int:
        drawn = storyboard.draw_boxes(story, picture, allow_outside=allow_outside, notice=show)
        tell_path(drawn.picture)
        tell_path(drawn.page)
        return DONE

    return if_filmable(work, story)
