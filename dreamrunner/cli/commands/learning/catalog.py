"""``catalog``: index captioned videos, and search them."""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console import output
from dreamrunner.cli.console.output import shown
from dreamrunner.cli.exits import DONE, STORY_ERROR
from dreamrunner.cli.options import add_log, path_argument, positive
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.text import printable_line
from dreamrunner.files.wording import reason

if TYPE_CHECKING:
    from dreamrunner.retrieval.catalog import Clip

SHOWN = 20
"""Broken rows that are printed; the rest is in a file."""

BROKEN = "broken.csv"
"""The file in a catalog's folder that lists every row that was skipped."""

_FORMULAS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""Signs with which a cell begins that a spreadsheet would run; an apostrophe before one makes it a text."""

Count = Callable[[str, int, int], None]
"""Hears what is done, how many of how many."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    actions = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="action")
    made = actions.add_parser("index", help="bring a catalog up to date with a source")
    made.add_argument(
        "source", type=path_argument, metavar="SOURCE", help="a folder of videos, or a table (.jsonl, .csv, .parquet)"
    )
    made.add_argument("-o", "--out", type=path_argument, metavar="DIR", required=True, help="the catalog's folder")
    made.add_argument(
        "--videos", type=path_argument, metavar="DIR", help="where a table's videos lie (default: beside it)"
    )
    add_log(made)
    searched = actions.add_parser("search", help="find clips by their captions")
    searched.add_argument("catalog", metavar="DIR", help="the catalog's folder, or miniature")
    searched.add_argument("query", metavar="QUERY", help='such as "person is stirring a pot"')
    searched.add_argument("-n", "--count", type=positive, default=20, metavar="N", help="clips to show (default: 20)")


def run(arguments: Namespace) -> int:
    """Index or search, and show how far that is."""
    from dreamrunner.engine.progress import counting

    with shown() as progress, counting(progress) as on_progress:
        return (index if arguments.action == "index" else search)(arguments, on_progress)


def index(arguments: Namespace, on_progress: Count) -> int:
    """``catalog index SOURCE -o DIR [--videos DIR]``."""
    from dreamrunner.datasets.captions import Broken, SourceError
    from dreamrunner.datasets.tables import open_source
    from dreamrunner.retrieval.catalog import CatalogError
    from dreamrunner.retrieval.indexing import index_source

    shown = 0

    def skipped(broken: Broken) -> None:
        nonlocal shown
        shown += 1
        if shown <= SHOWN:
            output.say(f"skipped {printable_line(broken.place)}: {printable_line(broken.why)}")

    def wait() -> None:
        output.say(printable_line(f"another process is indexing into {arguments.out}; waiting for it"))

    try:
        source = open_source(arguments.source, arguments.videos)
        if source.unread:
            output.say(printable_line(f"{source.path}: nothing is read of {', '.join(source.unread)}"))
        found = index_source(source, arguments.out, on_progress=on_progress, on_broken=skipped, on_wait=wait)
        listed = _list_broken(arguments.out)
    except (SourceError, CatalogError) as error:
        return output.refuse(printable_line(str(error)), STORY_ERROR)
    if shown > SHOWN:
        output.say(printable_line(f"... and {shown - SHOWN:,} more; {listed} lists them all"))
    parts = [f"{found.new:,} new", f"{found.kept:,} as before", f"{found.gone:,} gone", f"{found.broken:,} skipped"]
    count = found.new + found.kept
    clips = "1 clip" if count == 1 else f"{count:,} clips"
    output.result(printable_line(f"{arguments.out}: {clips} from {source.path} ({', '.join(parts)})"))
    return DONE


def search(arguments: Namespace, on_progress: Count) -> int:
    """``catalog search DIR QUERY [-n N]``."""
    from dreamrunner.datasets.captions import SourceError
    from dreamrunner.pipeline.adapters.catalogs import named_catalog, open_catalog
    from dreamrunner.retrieval.catalog import CatalogError

    try:
        catalog = open_catalog(named_catalog(arguments.catalog), on_progress)
        found = catalog.search(arguments.query, arguments.count)
    except (CatalogError, SourceError) as error:
        return output.refuse(printable_line(str(error)), STORY_ERROR)
    for clip in found:
        output.result(f"{clip.score:7.3f}  {_where(clip)}  {printable_line(clip.caption)}")
    if not found:
        output.say(f"no caption shares a word with {printable_line(arguments.query)!r}")
    return DONE


def _list_broken(folder: Path) -> Path:
    """Write the skipped rows into the catalog's folder, as a whole; returns the file."""
    from dreamrunner.retrieval.catalog import CatalogError
    from dreamrunner.retrieval.indexing import broken_rows

    rows, listed = broken_rows(folder), folder / BROKEN
    try:
        if not rows:
            listed.unlink(missing_ok=True)
            return listed
        content = io.StringIO(newline="")
        table = csv.writer(content)
        table.writerow(["source", "place", "why"])
        table.writerows(_spelt([source, broken.place, broken.why]) for source, broken in rows)
        write_whole(listed, content.getvalue().encode())
    except OSError as error:
        raise CatalogError(f"{listed} can't be written: {reason(error)}") from error
    return listed


def _spelt(cells: Iterable[str]) -> list[str]:
    """Strangers' words as cells that a spreadsheet shows and does not run."""
    lines = [printable_line(cell) for cell in cells]
    return [f"'{line}" if line.lstrip("' ?")[:1] in _FORMULAS and line.strip() else line for line in lines]


def _where(clip: Clip) -> str:
    end = "" if clip.end is None else f"{clip.end:.2f}"
    return f"{printable_line(clip.name)} {clip.start:.2f}..{end}"
