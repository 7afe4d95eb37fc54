"""Which software a result depends on."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from dreamrunner.files.digest import digest_json
from dreamrunner.version import __version__

LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "peft", "safetensors", "numpy")
"""Libraries whose version takes part in what the frames look like."""


@cache
def library_versions() -> dict[str, str]:
    """DreamRunner's own version and those of :data:`LIBRARIES`, read without importing any of them."""
    return {"dreamrunner": __version__} | {name: version(name) for name in LIBRARIES}


@cache
def code_digest(*stages: str) -> str:
    """The sha256 of the source of some stages, or single files of them, so that a result made by other code is never
    taken for this code's."""
    package = Path(__file__).parent.parent
    places = [package / stage for stage in stages]
    sources = sorted(path for place in places for path in ([place] if place.is_file() else place.rglob("*.py")))
    named = {path.relative_to(package).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
    return digest_json(named)
