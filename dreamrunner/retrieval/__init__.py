"""Retrieval: from a phrase to the clips that show it (paper 3.2, A.1).

Importing this loads no model's library and no video's; what needs one imports it when it is first used.
"""

from dreamrunner.retrieval.catalog import Catalog, CatalogError, Clip
from dreamrunner.retrieval.contact_sheet import draw_sheet
from dreamrunner.retrieval.indexing import Indexed, index_source
from dreamrunner.retrieval.models import Parts, load_parts
from dreamrunner.retrieval.people import PeopleTracker, Track
from dreamrunner.retrieval.retrieve import RetrievalOptions, query_for, retrieve
from dreamrunner.retrieval.similarity import Similarity, SimilarityError
from dreamrunner.retrieval.yolo import DetectorError

__all__ = [
    "Catalog",
    "CatalogError",
    "Clip",
    "DetectorError",
    "Indexed",
    "Parts",
    "PeopleTracker",
    "RetrievalOptions",
    "Similarity",
    "SimilarityError",
    "Track",
    "draw_sheet",
    "index_source",
    "load_parts",
    "query_for",
    "retrieve",
]
