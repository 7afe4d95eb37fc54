"""Where lemminflect's tables and networks lie, which are read without importing it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def resource(name: str) -> Path:
    """A file among the library's resources."""
    spec = find_spec("lemminflect")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "resources", name)
