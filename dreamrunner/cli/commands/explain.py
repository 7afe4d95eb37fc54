"""``explain``: say what a diagnostic means and how to mend it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from dreamrunner.cli.console.output import refuse
from dreamrunner.cli.exits import DONE, USAGE_ERROR
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.language.diagnostics import codes, entry


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="such as unknown-entity (default: list them all)")


def run(arguments: Namespace) -> int:
    """Print the text about a code; without a code, a line about each."""
    if arguments.code is None:
        width = max(map(len, codes()))
        for code in codes():
            print(f"{code:{width}}  {entry(code).summary}")
        return DONE
    code = arguments.code.strip().lower()
    try:
        print(explanation(code), end="")
    except KeyError:
        hint = did_you_mean(closest(code, codes())) or "`dreamrunner explain` lists them all"
        return refuse(f"there is no diagnostic {arguments.code!r}; {hint}", USAGE_ERROR)
    return DONE


def explanation(code: str) -> str:
    """The text about one code. Raises KeyError when there is none."""
    from dreamrunner.language.examples import example

    item = entry(code)
    parts = [f"{item.severity}[{code}]", item.section("Cause"), item.section("Remedy")]
    if item.fix:
        parts.append(f"`dreamrunner check --fix{' --unsafe' * (item.fix == 'unsafe')}` mends it where it can.")
    for heading in ("Wrong", "Mended"):
        shown = [f"{heading}:"]
        for file in example(item, heading).files:
            shown += [f"  -- {file.name}"] if file.named else []
            shown += ["    " + line if line else "" for line in file.shown]
        parts.append("\n".join(shown))
    return "\n\n".join(parts) + "\n"
