"""What builds have learnt so far: the LoRAs of motions and characters that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamrunner.priors import Sidecar

Files = Callable[[], Iterable[Path]]
"""Gives the files of all LoRAs that are kept, the oldest first. A file never changes, but may come and go."""


class Learnt:
    """Knows of every kept LoRA what it is; each file is read once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[Path, Sidecar | None] = {}

    def of(self, kind: str, name: str) -> list[Sidecar]:
        """The LoRAs of a ``motion`` or ``subject``: for each backbone that it was trained for the latest."""
        found: dict[str, Sidecar] = {}
        try:
            for file in self._files():
                sidecar = self._read(file)
                if sidecar is not None and (sidecar.kind, sidecar.of) == (kind, name):
                    found[sidecar.backbone] = sidecar
        except OSError:
            pass  # nothing is kept where nothing can be read
        return list(found.values())

    def _read(self, file: Path) -> Sidecar | None:
        from dreamrunner.priors import read_sidecar

        if file not in self._known:
            self._known[file] = read_sidecar(file)
        return self._known[file]
