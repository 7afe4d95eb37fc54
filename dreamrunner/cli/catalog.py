"""`catalog` and `retrieve`: video to learn motions from."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path

from dreamrunner.cli.console import output
from dreamrunner.cli.console.output import shown
from dreamrunner.cli.options import Commands, add_allow_outside, add_log, positive


def add(commands: Commands) -> None:
    """Add them to the command line."""
    _add_catalog(commands.add_parser("catalog", help="index captioned videos, and search them", allow_abbrev=False))
    _add_retrieve(commands.add_parser("retrieve", help="find the clips that show a motion", allow_abbrev=False))


def _add_catalog(catalog: argparse.ArgumentParser) -> None:
    actions = catalog.add_subparsers(title="commands", required=True, metavar="COMMAND")
    index = actions.add_parser("index", help="bring a catalog up to date with a source", allow_abbrev=False)
    index.set_defaults(command=_motions, action="index")
    index.add_argument(
        "source", type=Path, metavar="SOURCE", help="a folder of videos, or a table (.jsonl, .csv, .parquet)"
    )
    index.add_argument("-o", "--out", type=Path, metavar="DIR", required=True, help="the catalog's folder")
    index.add_argument("--videos", type=Path, metavar="DIR", help="where a table's videos lie (default: beside it)")
    add_log(index)
    search = actions.add_parser("search", help="find clips by their captions", allow_abbrev=False)
    search.set_defaults(command=_motions, action="search")
    search.add_argument("catalog", metavar="DIR", help="the catalog's folder, or miniature")
    search.add_argument("query", metavar="QUERY", help='such as "person is stirring a pot"')
    search.add_argument("-n", "--count", type=positive, default=20, metavar="N", help="clips to show (default: 20)")


def _add_retrieve(retrieve: argparse.ArgumentParser) -> None:
    retrieve.set_defaults(command=_motions, action="retrieve")
    retrieve.add_argument("motion", metavar="MOTION", help='such as stirring, or "person is stirring a pot"')
    retrieve.add_argument(
        "--catalog", metavar="DIR", help="a catalog's folder, or miniature (default: STORY's, or yours)"
    )
    retrieve.add_argument("--story", type=Path, metavar="STORY", help="a story that knows the motion and the catalog")
    retrieve.add_argument("-o", "--out", type=Path, metavar="FILE", help="contact sheet (default: QUERY.png)")
    retrieve.add_argument(
        "--candidates", type=positive, default=400, metavar="N", help="clips by caption (default: 400)"
    )
    retrieve.add_argument("--keep", type=positive, default=20, metavar="N", help="clips to choose (default: 20)")
    retrieve.add_argument("--detector", type=Path, metavar="FILE", help="YOLO weights (.onnx, .pt or a folder)")
    retrieve.add_argument("--image-model", metavar="M", help="what open_clip loads: a folder, or a name/tag")
    retrieve.add_argument("--video-model", metavar="M", help="an X-CLIP (folder or hub id), viclip-b or viclip-l")
    retrieve.add_argument("--trust-weights", action="store_true", help="read a detector that is a pickle (.pt)")
    retrieve.add_argument("--allow-code", action="store_true", help="run ViCLIP's code from the hub")
    add_allow_outside(retrieve)
    add_log(retrieve)


def _motions(arguments: argparse.Namespace) -> int:
    from dreamrunner.backbones import cache_folder
    from dreamrunner.cli import catalog_commands as commands
    from dreamrunner.engine import Store
    from dreamrunner.engine.lease import leased
    from dreamrunner.engine.progress import counting

    # Looking into clips takes a while, in which nobody is to clean the drawn catalog away.
    lease = leased(Store(cache_folder()).root) if arguments.action == "retrieve" else nullcontext()
    with lease, shown() as progress, counting(progress) as on_progress:
        return getattr(commands, arguments.action)(arguments, on_progress, output)
