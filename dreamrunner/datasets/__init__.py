"""Datasets: what is read of videos, captions and tables of clips. Importing this opens no video library."""

from dreamrunner.datasets.captions import Broken, SourceError
from dreamrunner.datasets.clips import given_clips
from dreamrunner.datasets.segments import Retrieved, Segment, Step
from dreamrunner.datasets.tables import Source, open_source
from dreamrunner.datasets.video import Attributes, VideoError

__all__ = [
    "Attributes",
    "Broken",
    "Retrieved",
    "Segment",
    "Source",
    "SourceError",
    "Step",
    "VideoError",
    "given_clips",
    "open_source",
]
