"""How much a download is, whether there is room for it, and how far it is, in words."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.footprint import GB
from dreamrunner.files.trouble import free_at
from dreamrunner.log_option import asks_for_json

STANDARD_ERROR = 2
"""Where the hub's own bars go."""

EVERY = 30.0
"""Seconds between two lines of how far a download is."""

USUAL = 10e6
"""Bytes a second by which a download's time is told before its own pace is known."""

SPARE = GB
"""Bytes that stay free on the disk."""


@contextlib.contextmanager
def announced(
    hub_id: str, files: Sequence[tuple[int, bool]], tell: Callable[[str], None], *, bars: bool | None = None
) -> Iterator[None]:
    """Say what is to be downloaded of a model, and how far that is while it is done.

    ``files`` has the size in bytes of each, and whether it is still to be fetched. With ``bars`` the hub's own show how
    far it is, by default where standard error is a terminal and not JSON; without, ``tell`` is told in lines.

    Raises:
        BackboneError: there is no room for it.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    folder = Path(constants.HF_HUB_CACHE)
    blobs = folder / f"models--{hub_id.replace('/', '--')}" / "blobs"
    begun = sum(_taken(file) for file in blobs.glob("*.incomplete"))
    missing = max(0, sum(size for size, lacking in files if lacking) - begun)
    free = free_at(folder)
    if missing + SPARE > free:
        raise BackboneError(
            f"{hub_id} takes {_gb(missing)} more on the disk, and of {folder} {_gb(free)} are free: make room, or name"
            " a folder that has it (HF_HOME)"
        )
    there = " that an earlier download left to do" if begun or not all(lacking for _, lacking in files) else ""
    tell(f"fetching {hub_id}: {_gb(missing)}{there}, {_left(missing, USUAL)} at 10 MB a second; {_gb(free)} are free")
    if bars is None:
        bars = os.isatty(STANDARD_ERROR) and not asks_for_json(sys.argv[1:])
    off, done = are_progress_bars_disabled(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(blobs, _all(blobs), missing, done, tell), daemon=True)
    if not bars:
        disable_progress_bars()
        watcher.start()
    try:
        yield
    finally:
        done.set()
        if not bars:
            watcher.join()
            if not off:
                enable_progress_bars()
    tell(f"fetched {hub_id}")


def _watch(blobs: Path, at_first: int, missing: int, done: threading.Event, tell: Callable[[str], None]) -> None:
    """Tell how far it is until it is done, by the files that grow, which had so many bytes ``at_first``."""
    begun = time.monotonic()
    while not done.wait(EVERY):
        fetched = max(0, _all(blobs) - at_first)
        pace = fetched / (time.monotonic() - begun)
        left = (
            f"{pace / 1e6:.0f} MB a second, {_left(missing - fetched, pace)} left" if fetched else "nothing comes yet"
        )
        tell(f"fetched {_gb(fetched)} of {_gb(missing)}: {left}")


def _all(blobs: Path) -> int:
    return sum(_taken(file) for file in blobs.glob("*"))


def _taken(file: Path) -> int:
    """Bytes that a file holds; one that is written may be laid out larger than that."""
    try:
        told = file.stat()
    except OSError:
        return 0  # it was renamed meanwhile
    return min(told.st_size, 512 * told.st_blocks) if hasattr(told, "st_blocks") else told.st_size


def _left(size: float, pace: float) -> str:
    minutes = size / pace / 60
    return f"some {minutes:.0f} min" if minutes >= 1 else "less than a minute"


def _gb(size: float) -> str:
    return f"{size / GB:.1f} GB"
