"""What the site is made from, as one digest: a site that was built of other sources is no longer worth a look."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "grammar/diagnostics", "dreamrunner")
FILES = ("mkdocs.yml", "constraints.txt", "grammar/reference.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
LEFT_OUT = (".pyc", ".safetensors")
NAME = "sources.txt"
"""The site's file that has the digest."""


def digest() -> str:
    """The sha256 of all files that the site's pages and its playground are made from, weights left out."""
    paths = [ROOT / name for name in FILES]
    for folder in FOLDERS:
        paths += [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix not in LEFT_OUT]
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(f"{path.relative_to(ROOT)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
