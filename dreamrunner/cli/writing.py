"""`check`, `fmt`, `explain`, `new`: while a story is written."""

from __future__ import annotations

import argparse
from pathlib import Path

from dreamrunner.cli.options import Commands, add_allow_outside


def add(commands: Commands) -> None:
    """Add them to the command line."""
    check = commands.add_parser("check", help="say what is wrong in stories", allow_abbrev=False)
    check.set_defaults(command=_check)
    check.add_argument("stories", type=Path, nargs="+", metavar="PATH", help="stories, or folders of them")
    check.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="form of the report (default: text)",
    )
    add_allow_outside(check)

    fmt = commands.add_parser("fmt", help="write stories in their one layout", allow_abbrev=False)
    fmt.set_defaults(command=_fmt)
    fmt.add_argument("stories", type=Path, nargs="+", metavar="PATH", help="stories, folders of them, or - for stdin")
    fmt.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file would change")
    fmt.add_argument("--diff", action="store_true", help="change nothing; show what would change")

    explain = commands.add_parser("explain", help="say what a diagnostic means and how to mend it", allow_abbrev=False)
    explain.set_defaults(command=_explain_code)
    explain.add_argument("code", nargs="?", metavar="CODE", help="such as unknown-entity (default: list them all)")

    new = commands.add_parser("new", help="make a folder with a story to begin with", allow_abbrev=False)
    new.set_defaults(command=_new)
    new.add_argument("folder", type=Path, metavar="FOLDER")


def _check(arguments: argparse.Namespace) -> int:
    from dreamrunner.cli import check_commands

    return check_commands.check(arguments)


def _fmt(arguments: argparse.Namespace) -> int:
    from dreamrunner.cli import check_commands

    return check_commands.fmt(arguments)


def _explain_code(arguments: argparse.Namespace) -> int:
    from dreamrunner.cli import check_commands

    return check_commands.explain(arguments)


def _new(arguments: argparse.Namespace) -> int:
    from dreamrunner.cli import check_commands

    return check_commands.new(arguments)
