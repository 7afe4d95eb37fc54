"""``lsp``: the language server, run by an editor."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    # Some editors' clients say so; there is no other way.
    parser.add_argument("--stdio", action="store_true", help=SUPPRESS)


def run(_: Namespace) -> int:
    """Serve one editor over standard input and output."""
    from dreamrunner.editor import serve_language

    return serve_language(_learnt)


def _learnt() -> Iterable[Path]:
    """The LoRAs in the user's store."""
    from dreamrunner.backbones import cache_folder
    from dreamrunner.engine import Store

    return Store(cache_folder()).contents(".safetensors")
