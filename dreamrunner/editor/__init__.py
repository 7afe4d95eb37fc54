"""In the editor: what answers while a story is typed.

:func:`serve_language` is the language server, which speaks the Language Server Protocol over standard input and
output. Importing this imports neither pygls nor any learning library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


class EditorMissing(Exception):
    """What the editor's tools need is not installed. Its text says how to install it."""


def serve_language(learnt: Callable[[], Iterable[Path]] = tuple) -> int:
    """Serve one editor over standard input and output until it says goodbye.

    ``learnt`` gives the files of the LoRAs that builds have kept, the oldest first. Returns the exit code of the
    protocol: 1 where the editor says goodbye without having asked to shut down, else 0.

    Raises :class:`EditorMissing` where pygls is not installed.
    """
    try:
        from dreamrunner.editor.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        raise EditorMissing(
            "the language server needs pygls, which is not installed: pip install 'dreamrunner[editor]'"
        ) from None
    return serve(learnt)


__all__ = ["EditorMissing", "serve_language"]
