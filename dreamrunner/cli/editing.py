"""`lsp`: a story in the editor."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from dreamrunner.cli.conventions import DONE, STEP_FAILED, Commands, refuse


def add(commands: Commands) -> None:
    """Add it to the command line."""
    lsp = commands.add_parser(
        "lsp", help="the language server: run by an editor, speaks over standard input and output", allow_abbrev=False
    )
    lsp.set_defaults(command=_lsp)
    # Some editors' clients say so; there is no other way.
    lsp.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)


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
    from dreamrunner.build import Store

    return Store(cache_folder()).contents(".safetensors")
