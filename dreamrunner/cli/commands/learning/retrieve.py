"""``retrieve``: find the clips that show a motion."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.commands.learning.catalog import Count
from dreamrunner.cli.console import output
from dreamrunner.cli.console.output import shown
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR
from dreamrunner.cli.options import add_allow_outside, add_log, path_argument, positive
from dreamrunner.files.text import printable_line
from dreamrunner.files.wording import reason

if TYPE_CHECKING:
    from dreamrunner.datasets.segments import Retrieved
    from dreamrunner.retrieval.models import Parts


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("motion", metavar="MOTION", help='such as stirring, or "person is stirring a pot"')
    parser.add_argument(
        "--catalog", metavar="DIR", help="a catalog's folder, or miniature (default: STORY's, or yours)"
    )
    parser.add_argument(
        "--story", type=path_argument, metavar="STORY", help="a story that knows the motion and the catalog"
    )
    parser.add_argument("-o", "--out", type=path_argument, metavar="FILE", help="contact sheet (default: QUERY.png)")
    parser.add_argument("--candidates", type=positive, default=400, metavar="N", help="clips by caption (default: 400)")
    parser.add_argument("--keep", type=positive, default=20, metavar="N", help="clips to choose (default: 20)")
    parser.add_argument("--detector", type=path_argument, metavar="FILE", help="YOLO weights (.onnx, .pt or a folder)")
    parser.add_argument("--image-model", metavar="M", help="what open_clip loads: a folder, or a name/tag")
    parser.add_argument("--video-model", metavar="M", help="an X-CLIP (folder or hub id), viclip-b or viclip-l")
    parser.add_argument("--trust-weights", action="store_true", help="read a detector that is a pickle (.pt)")
    parser.add_argument("--allow-code", action="store_true", help="run ViCLIP's code from the hub")
    add_allow_outside(parser)
    add_log(parser)


def run(arguments: Namespace) -> int:
    """Find the clips, and show how far that is."""
    from dreamrunner.backbones import cache_folder
    from dreamrunner.engine import Store
    from dreamrunner.engine.lease import leased
    from dreamrunner.engine.progress import counting

    # Looking into clips takes a while, in which nobody is to clean the drawn catalog away.
    with leased(Store(cache_folder()).root), shown() as progress, counting(progress) as on_progress:
        return retrieve(arguments, on_progress)


def retrieve(arguments: Namespace, on_progress: Count) -> int:
    """``retrieve MOTION [--catalog DIR] [--story STORY] [-o FILE] ...``."""
    from dreamrunner.datasets.captions import SourceError
    from dreamrunner.pipeline.adapters.catalogs import catalog_for, named_catalog, open_catalog
    from dreamrunner.retrieval.catalog import CatalogError
    from dreamrunner.retrieval.contact_sheet import draw_sheet, scores
    from dreamrunner.retrieval.retrieve import RetrievalOptions, query_for
    from dreamrunner.retrieval.retrieve import retrieve as search_and_watch
    from dreamrunner.retrieval.similarity import SimilarityError
    from dreamrunner.retrieval.yolo import DetectorError

    query, named, usual, home = query_for(arguments.motion), "", "", Path()
    if arguments.story is not None:
        from dreamrunner.language import read_story
        from dreamrunner.language.project.finding import project_of
        from dreamrunner.language.story import motion_query

        home = arguments.story.parent
        story = read_story(arguments.story, allow_outside=arguments.allow_outside).story
        if story is None:
            why = f"{arguments.story} has errors: see `dreamrunner check {arguments.story}`"
            return output.refuse(printable_line(why), STORY_ERROR)
        named, usual = story.catalog, project_of(arguments.story).text("catalog")
        query = next((motion_query(motion) for motion in story.motions if motion.name == arguments.motion), query)
    try:
        which = catalog_for(named, home, allow_outside=arguments.allow_outside, usual=usual)
        if arguments.catalog is not None:
            which = named_catalog(arguments.catalog)
        if which is None:
            raise CatalogError("no catalog is to be searched (`catalog none`); name one with --catalog")
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
        return output.refuse(printable_line(str(error)), STORY_ERROR)
    except (DetectorError, SimilarityError) as error:
        return output.refuse(printable_line(str(error)), STEP_FAILED)
    sheet = arguments.out or Path(f"{_file_name(query)}.png")
    try:
        draw_sheet(found, sheet, output.warn)
    except OSError as error:
        return output.refuse(printable_line(f"{sheet} can't be written: {reason(error)}"), STEP_FAILED)
    output.result(funnel(found))
    for number, segment in enumerate(found.segments, 1):
        place = f"{segment.file} {segment.start:.2f}..{segment.end:.2f}"
        output.result(f"{number:3}  {scores(segment)}  {printable_line(place)}  {printable_line(segment.caption)}")
    output.result(sheet)
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
        which,
        detector=arguments.detector,
        image_model=arguments.image_model,
        video_model=arguments.video_model,
        trust_weights=arguments.trust_weights,
        allow_code=arguments.allow_code,
    )


def _file_name(query: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", query.lower()).strip("-")[:60] or "retrieved"
