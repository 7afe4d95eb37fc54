"""Which catalog of videos a story uses, and opening it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from dreamrunner.backbones import cache_folder
from dreamrunner.datasets.tables import open_source
from dreamrunner.datasets.video import VideoError
from dreamrunner.files.paths import MINIATURE, NO_CATALOG, VARIABLES
from dreamrunner.files.wording import reason
from dreamrunner.retrieval.catalog import Catalog, CatalogError, Clip
from dreamrunner.retrieval.indexing import index_source
from dreamrunner.retrieval.retrieve import RetrievalOptions

SETTING = VARIABLES["catalog"]
"""The environment variable that names the catalog of stories that name none."""


def catalog_for(named: str, home: Path, *, allow_outside: bool = False, usual: str = "") -> str | Path | None:
    """The catalog for a story in the folder ``home`` whose header says ``catalog`` ``named`` ("" when it says nothing):
    :data:`MINIATURE`, a folder, or None where it is to be none. Without a header's word the user's setting holds, and
    without that the miniature's. ``usual`` is the one of the story's project, which may lie elsewhere.

    Raises :class:`CatalogError` when the path leaves the story's folder and that is not allowed.
    """
    if not named:
        setting = os.environ.get(SETTING, "")
        if setting == NO_CATALOG:
            return None
        return Path(setting).expanduser() if setting and setting != MINIATURE else MINIATURE
    if named in (MINIATURE, NO_CATALOG):
        return MINIATURE if named == MINIATURE else None
    folder = home / named
    if not allow_outside and named != usual and not folder.resolve().is_relative_to(home.resolve()):
        raise CatalogError(
            f'catalog "{named}" leaves the story\'s folder: allow it (--allow-outside), or set {SETTING} instead'
        )
    return folder


def named_catalog(named: str) -> str | Path:
    """The catalog that a command or a call names: :data:`MINIATURE`, or a folder."""
    return MINIATURE if named == MINIATURE else Path(named)


def open_catalog(
    catalog: str | Path, on_progress: Callable[[str, int, int], None] = lambda stage, done, total: None
) -> Catalog:
    """Open the catalog in a folder, or the drawn one, which is made in the cache folder at first use.

    ``on_progress`` hears of the stages ``drawing``, ``rows`` and ``captions``: how much is done, of how much.
    Interrupted, the next call goes on.

    Raises :class:`CatalogError` when there is none, or it cannot be used.
    """
    if catalog != MINIATURE:
        return Catalog(Path(catalog))
    from dreamrunner.miniature.catalog import EDITION, drawn_catalog

    place = cache_folder() / "catalogs"
    try:
        videos = drawn_catalog(place, lambda done, total: on_progress("drawing", done, total))
    except OSError as error:
        raise CatalogError(f"the miniature's catalog cannot be drawn into {place}: {reason(error)}") from error
    folder = _drawn_index(EDITION)
    index_source(open_source(videos), folder, on_progress=on_progress)
    return Catalog(folder)


def kept_catalog(catalog: str | Path) -> Catalog:
    """Open a catalog without drawing anything.

    Raises :class:`CatalogError` as :func:`open_catalog` does, and where the drawn one was not drawn yet.
    """
    from dreamrunner.miniature.catalog import EDITION

    return Catalog(_drawn_index(EDITION) if catalog == MINIATURE else Path(catalog))


def _drawn_index(edition: str) -> Path:
    return cache_folder() / "catalogs" / f"{MINIATURE}-{edition}.index"


def catalogued(
    query: str, catalog: Catalog, options: RetrievalOptions = RetrievalOptions()
) -> Iterator[tuple[Clip, Path, str]]:
    """The clips that a search for ``query`` begins with: each with where its video lies and the hash of that.

    Clips whose videos are not here or cannot be read are left out. Raises :class:`CatalogError` as
    :func:`dreamrunner.retrieval.retrieve.retrieve` does.
    """
    for clip in catalog.search(query, options.candidates):
        if (file := clip.file) is not None:
            with suppress(VideoError):
                yield clip, file, catalog.attributes(file)[0]
