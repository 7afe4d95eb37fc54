"""Showing a build's progress on a stream, in the way that suits it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from dreamrunner.cli.console.bars import Bars
from dreamrunner.cli.console.lines import Lines


@contextmanager
def shown_on(stream: TextIO = sys.stderr) -> Iterator[Lines]:
    """A listener that shows what it hears: bars on a terminal, plain lines elsewhere."""
    view = Bars(stream) if stream.isatty() and os.environ.get("TERM") != "dumb" else Lines(stream)
    try:
        yield view
    finally:
        view.close()
