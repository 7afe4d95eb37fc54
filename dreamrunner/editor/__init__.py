"""In the editor: what answers while a story is typed.

:func:`serve_language` is the language server, which speaks the Language Server Protocol over standard input and
output. Importing this imports neither pygls nor any learning library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


def serve_language(learnt: Callable[[], Iterable[Path]] = tuple) -> int:
    """Serve one editor over standard input and output until it says goodbye.

    ``learnt`` gives the files of the LoRAs that builds have kept, the oldest first. Returns the exit code of the
    protocol: 1 where the editor says goodbye without having asked to shut down, else 0.
    """
    from dreamrunner.editor.server import serve

    return serve(learnt)


__all__ = ["serve_language"]
