"""Whether a command line asks for ``--log json``: found out before the imports, so that Ctrl-C is told in JSON too."""

from collections.abc import Sequence
from itertools import pairwise


def asks_for_json(given: Sequence[str]) -> bool:
    """Whether a command line, even one with a mistake in it, asks for JSON."""
    return "--log=json" in given or ("--log", "json") in pairwise(given)
