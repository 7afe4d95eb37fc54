"""``report``: gather all that is known of a film into one page to send to somebody."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from dreamrunner.cli.console import output
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR
from dreamrunner.cli.options import path_argument


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "film", type=path_argument, metavar="FILM", help="a film's folder, a file in it, or a story that was filmed"
    )
    parser.add_argument(
        "-o", "--out", type=path_argument, metavar="FILE", help="the page (default: report.html in the film's folder)"
    )


def run(arguments: Namespace) -> int:
    """Write the page, and say where it is."""
    from dreamrunner.reporting.gathering import NoFilm
    from dreamrunner.reporting.report import NotWritten, write_report

    try:
        output.result(write_report(arguments.film, arguments.out, say=output.warn))
    except NoFilm as error:
        return output.refuse(str(error), STORY_ERROR)
    except NotWritten as error:
        return output.refuse(str(error), STEP_FAILED)
    return DONE
