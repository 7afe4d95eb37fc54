"""``schema``: print the JSON schema of what programs read."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from dreamrunner.cli.console.output import document
from dreamrunner.cli.exits import DONE

WHAT = ("plan", "manifest", "log")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "what",
        choices=WHAT,
        metavar="WHAT",
        help="plan (a story without a gap), manifest (manifest.json beside a film) or log (a line of --log json)",
    )


def run(arguments: Namespace) -> int:
    """Print it."""
    from dreamrunner.cli.serving.schemas import SCHEMAS

    document(json.dumps(SCHEMAS[arguments.what](), indent=2, ensure_ascii=False) + "\n")
    return DONE
