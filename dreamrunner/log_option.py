"""Whether a command line asks for ``--log json``: asked before anything else is imported, for who stops it then."""

from collections.abc import Sequence
from itertools import pairwise


def asks_for_json(given: Sequence[str]) -> bool:
    """Whether a command line, even one with a mistake in it, asks for JSON."""
    return "--log=json" in given or ("--log", "json") in pairwise(given)
