"""The site that `make docs` built, for tests of its pages; they are skipped where it is not, or is of other sources."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).parents[2]
SITE = REPOSITORY / "build" / "site"


def module_at(path: Path) -> ModuleType:
    """A Python file that belongs to no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def is_fresh() -> bool:
    sources = module_at(REPOSITORY / "docs" / "making" / "sources.py")
    made_from = SITE / sources.NAME
    return made_from.is_file() and made_from.read_text(encoding="utf-8") == sources.digest()
