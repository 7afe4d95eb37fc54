"""Motions: from a phrase to the clips that show it (paper 3.2, A.1).

Importing this loads no model's library and no video's; what needs one imports it when it is first used.
"""

from dreamrunner.motions.catalog import Catalog, CatalogError, Clip
from dreamrunner.motions.given import given_clips
from dreamrunner.motions.indexing import Indexed, index_source
from dreamrunner.motions.opening import MINIATURE, SETTING, catalog_for, kept_catalog, open_catalog
from dreamrunner.motions.parts import Parts, load_parts
from dreamrunner.motions.people import PeopleTracker, Track
from dreamrunner.motions.retrieve import RetrievalOptions, query_for, retrieve
from dreamrunner.motions.rows import Broken
from dreamrunner.motions.segments import Retrieved, Segment, Step
from dreamrunner.motions.sheet import draw_sheet
from dreamrunner.motions.similarity import Similarity, SimilarityError
from dreamrunner.motions.sources import Source, SourceError, open_source
from dreamrunner.motions.video import Attributes, VideoError
from dreamrunner.motions.yolo import DetectorError

__all__ = [
    "MINIATURE",
    "SETTING",
    "Attributes",
    "Broken",
    "Catalog",
    "CatalogError",
    "Clip",
    "DetectorError",
    "Indexed",
    "Parts",
    "PeopleTracker",
    "RetrievalOptions",
    "Retrieved",
    "Segment",
    "Similarity",
    "SimilarityError",
    "Source",
    "SourceError",
    "Step",
    "Track",
    "VideoError",
    "catalog_for",
    "draw_sheet",
    "given_clips",
    "index_source",
    "kept_catalog",
    "load_parts",
    "open_catalog",
    "open_source",
    "query_for",
    "retrieve",
]
