"""Tables of clips for tests, and catalogs that are made from them."""

from __future__ import annotations

import json
from pathlib import Path

from dreamrunner.datasets import open_source
from dreamrunner.retrieval import Catalog, Indexed, index_source


def take(source: Path, folder: Path, videos: Path | None = None) -> Indexed:
    return index_source(open_source(source, videos), folder)


def table(file: Path, rows: list[dict]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def by_id(count: int, first: int = 0) -> list[dict]:
    words = ["walking", "dancing", "stirring a pot", "reading"]
    return [
        {"id": f"v{number}", "start": 0, "end": 4, "caption": f"person {number} is {words[number % 4]}"}
        for number in range(first, first + count)
    ]


def found_by(folder: Path, query: str, count: int = 50) -> list[str]:
    catalog = Catalog(folder)
    try:
        return [clip.name for clip in catalog.search(query, count)]
    finally:
        catalog.close()
