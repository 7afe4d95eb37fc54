"""The commands of motion retrieval: ``catalog index``, ``catalog search`` and ``retrieve``.

Each takes parsed arguments, something that hears how far long work is, and who tells of it to the user, and returns an
exit code: 0 done, 1 an error in a catalog, source or story, 3 a part that cannot be used.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dreamrunner.datasets.captions import Broken
from dreamrunner.datasets.tables import SourceError
from dreamrunner.files.text import reason
from dreamrunner.pipeline.adapters.catalogs import MINIATURE, catalog_for, open_catalog
from dreamrunner.retrieval.catalog import CatalogError, Clip

if TYPE_CHECKING:
    from dreamrunner.datasets.segments import Retrieved
    from dreamrunner.retrieval.models import Parts

DONE, REFUSED, STEP_FAILED = 0, 1, 3

SHOWN = 20
"""Broken rows and found clips that are printed; the rest is in a file, or there on request."""

BROKEN = "broken.csv"
"""The file in a catalog's folder that lists every row that was skipped."""

Progress = Callable[[str, int, int], None]


class Teller(Protocol):
    """Tells the user of the work."""

    def say(self, line: str) -> None:
        """How it goes."""
        ...

    def result(self, made: Path | str) -> None:
        """What came of it."""
        ...

    def refuse(self, why: str, code: int) -> int:
        """Why it is not done; gives back the exit code."""
        ...


def index(arguments: Namespace, on_progress: Progress, tell: Teller) -> int:
    """``catalog index SOURCE -o DIR [--videos DIR]``."""
    from dreamrunner.datasets.tables import open_source
    from dreamrunner.retrieval.indexing import index_source

    shown = 0

    def skipped(broken: Broken) -> None:
        nonlocal shown
        shown += 1
        if shown <= SHOWN:
            tell.say(f"skipped {_plain(broken.place)}: {_plain(broken.why)}")

    def wait() -> None:
        tell.say(_plain(f"another process is indexing into {arguments.out}; waiting for it"))

    try:
        source = open_source(arguments.source, arguments.videos)
        found = index_source(source, arguments.out, on_progress=on_progress, on_broken=skipped, on_wait=wait)
        listed = _list_broken(arguments.out)
    except (SourceError, CatalogError) as error:
        return tell.refuse(_plain(str(error)), REFUSED)
    if shown > SHOWN:
        tell.say(_plain(f"... and {shown - SHOWN:,} more; {listed} lists them all"))
    parts = [f"{found.new:,} new", f"{found.kept:,} as before", f"{found.gone:,} gone", f"{found.broken:,} skipped"]
    tell.result(_plain(f"{arguments.out}: {found.new + found.kept:,} clips from {source.path} ({', '.join(parts)})"))
    return DONE


def search(arguments: Namespace, on_progress: Progress, tell: Teller) -> int:
    """``catalog search DIR QUERY [-n N]``."""
    try:
        catalog = open_catalog(_named(arguments.catalog), on_progress)
        found = catalog.search(arguments.query, arguments.count)
    except (CatalogError, SourceError) as error:
        return tell.refuse(_plain(str(error)), REFUSED)
    for clip in found:
        tell.result(f"{clip.score:7.3f}  {_where(clip)}  {_plain(clip.caption)}")
    if not found:
        tell.say(f"no caption shares a word with {_plain(arguments.query)!r}")
    return DONE


def retrieve(arguments: Namespace, on_progress: Progress, tell: Teller) -> int:
    """``retrieve MOTION [--catalog DIR] [--story STORY] [-o FILE] ...``."""
    from dreamrunner.retrieval.contact_sheet import draw_sheet, scores
    from dreamrunner.retrieval.retrieve import RetrievalOptions, query_for
    from dreamrunner.retrieval.retrieve import retrieve as search_and_watch
    from dreamrunner.retrieval.similarity import SimilarityError
    from dreamrunner.retrieval.yolo import DetectorError

    query, named, home = query_for(arguments.motion), "", Path()
    if arguments.story is not None:
        from dreamrunner.language import read_story
        from dreamrunner.language.story import motion_query

        home = arguments.story.parent
        story = read_story(arguments.story, allow_outside=arguments.allow_outside).story
        if story is None:
            why = f"{arguments.story} has errors: see `dreamrunner check {arguments.story}`"
            return tell.refuse(_plain(why), REFUSED)
        named = story.catalog
        query = next((motion_query(motion) for motion in story.motions if motion.name == arguments.motion), query)
    try:
        which = catalog_for(named, home, allow_outside=arguments.allow_outside)
        if arguments.catalog is not None:
            which = _named(arguments.catalog)
        catalog = open_catalog(which, on_progress)
        parts = _parts(which, arguments)
        found = search_and_watch(
            query,
            catalog,
            people=parts.people,
            image_similarity=parts.image_similarity,
            video_similarity=parts.video_similarity,
            options=RetrievalOptions(candidates=arguments.candidates, keep=arguments.keep),
            on_progress=on_progress,
        )
    except (CatalogError, SourceError) as error:
        return tell.refuse(_plain(str(error)), REFUSED)
    except (DetectorError, SimilarityError) as error:
        return tell.refuse(_plain(str(error)), STEP_FAILED)
    sheet = arguments.out or Path(f"{_file_name(query)}.png")
    try:
        draw_sheet(found, sheet)
    except OSError as error:
        return tell.refuse(_plain(f"{sheet} can't be written: {reason(error)}"), STEP_FAILED)
    tell.result(funnel(found))
    for number, segment in enumerate(found.segments, 1):
        place = f"{segment.file} {segment.start:.2f}..{segment.end:.2f}"
        tell.result(f"{number:3}  {scores(segment)}  {_plain(place)}  {_plain(segment.caption)}")
    tell.result(sheet)
    return DONE


def funnel(found: Retrieved) -> str:
    """The steps as a table: what went in, what came out, what was dropped and why."""
    lines = [f"{'step':<12}{'in':>10}{'out':>8}  dropped"]
    for step in found.funnel:
        dropped = "; ".join(f"{count:,} {why}" for why, count in step.dropped.items()) or "-"
        lines.append(f"{step.name:<12}{step.into:>10,}{step.out:>8,}  {dropped}")
    return "\n".join(lines)


def _parts(which: str | Path, arguments: Namespace) -> Parts:
    from dreamrunner.retrieval.models import load_parts

    return load_parts(
        "miniature" if which == MINIATURE else "real",
        detector=arguments.detector,
        image_model=arguments.image_model,
        video_model=arguments.video_model,
        trust_weights=arguments.trust_weights,
        allow_code=arguments.allow_code,
    )


def _named(catalog: str) -> str | Path:
    return MINIATURE if catalog == MINIATURE else Path(catalog)


def _list_broken(folder: Path) -> Path:
    """Write the skipped rows into the catalog's folder, as a whole; returns the file."""
    from dreamrunner.retrieval.indexing import broken_rows

    rows, listed = broken_rows(folder), folder / BROKEN
    try:
        if not rows:
            listed.unlink(missing_ok=True)
            return listed
        handle, partial = tempfile.mkstemp(dir=folder, prefix=".broken-")
        with open(handle, "w", encoding="utf-8", newline="") as content:
            table = csv.writer(content)
            table.writerow(["source", "place", "why"])
            table.writerows(_spelt([source, broken.place, broken.why]) for source, broken in rows)
        os.chmod(partial, 0o644)
        os.replace(partial, listed)
    except OSError as error:
        raise CatalogError(f"{listed} can't be written: {reason(error)}") from error
    return listed


def _spelt(cells: Iterable[str]) -> list[str]:
    return [_plain(cell) for cell in cells]


def _where(clip: Clip) -> str:
    end = "" if clip.end is None else f"{clip.end:.2f}"
    return f"{_plain(clip.name)} {clip.start:.2f}..{end}"


def _plain(text: str) -> str:
    """Names and captions are strangers' words: nothing in them may steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _file_name(query: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", query.lower()).strip("-")[:60] or "retrieved"
