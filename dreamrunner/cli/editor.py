"""`lsp`, `preview`: a story in the editor, and beside it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from dreamrunner.cli.console.output import refuse, show
from dreamrunner.cli.options import DONE, STEP_FAILED, STORY_ERROR, Commands, add_allow_outside, port
from dreamrunner.files.text import reason


def add(commands: Commands) -> None:
    """Add them to the command line."""
    lsp = commands.add_parser(
        "lsp", help="the language server: run by an editor, speaks over standard input and output", allow_abbrev=False
    )
    lsp.set_defaults(command=_lsp)
    # Some editors' clients say so; there is no other way.
    lsp.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)

    preview = commands.add_parser(
        "preview", help="a page that shows the storyboard anew on every save, and moves its boxes", allow_abbrev=False
    )
    preview.set_defaults(command=_preview)
    preview.add_argument("story", type=Path, metavar="STORY", help="the .story file")
    preview.add_argument("--port", type=port, default=0, metavar="N", help="port on the loopback (default: any)")
    preview.add_argument("--no-open", action="store_true", help="don't open the page in a browser")
    preview.add_argument("-o", "--out", type=Path, metavar="DIR", help="the film's folder (default: build/STORY)")
    add_allow_outside(preview)


def _lsp(_: argparse.Namespace) -> int:
    from dreamrunner.editor import EditorMissing, serve_language

    try:
        serve_language(_learnt)
    except EditorMissing as error:
        return refuse(str(error), STEP_FAILED)
    return DONE


def _learnt() -> Iterable[Path]:
    """The LoRAs in the user's store."""
    from dreamrunner.backbones import cache_folder
    from dreamrunner.engine import Store

    return Store(cache_folder()).contents(".safetensors")


def _preview(arguments: argparse.Namespace) -> int:
    from dreamrunner.language import Diagnostic, Story
    from dreamrunner.pipeline import default_folder
    from dreamrunner.pipeline.last_film import FilmedScene, film_files, filmed_scenes
    from dreamrunner.planning import Plan
    from dreamrunner.preview.board import read_analysis
    from dreamrunner.preview.serve import serve_preview

    story = arguments.story
    if isinstance(missing := read_analysis(story), Diagnostic):
        show([missing])
        return STORY_ERROR
    folder = arguments.out or default_folder(story)

    def films(plan: Plan, told: Story) -> dict[str, FilmedScene]:
        return filmed_scenes(folder, plan, told)

    def outputs(scenes: Iterable[str]) -> list[Path]:
        return film_files(folder, scenes)

    def ready(url: str) -> None:
        print(url, flush=True)

    try:
        serve_preview(
            story,
            films,
            outputs,
            allow_outside=arguments.allow_outside,
            port=arguments.port,
            open_browser=not arguments.no_open,
            ready=ready,
        )
    except OSError as error:
        where = f"port {arguments.port}" if arguments.port else "a port"
        return refuse(f"{where} can't be had: {reason(error)}", STEP_FAILED)
    return DONE
