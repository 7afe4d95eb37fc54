"""The build: from a story file to a film, doing again only what changed.

The front door is :func:`build`, or its two halves :func:`understand` and :func:`film`. A build is a graph of tasks
(``graph``) whose results are kept in a store that all stories on the machine share (``store``); ``pipeline`` says which
tasks a film takes, ``outputs`` delivers what they made, and ``progress`` shows how far it is. Importing this package
does not import PyTorch.
"""

from dreamrunner.build.graph import StepFailed
from dreamrunner.build.manifest import Manifest
from dreamrunner.build.pipeline import Built, Options, Understood, UnknownScene, build, default_folder, film, understand
from dreamrunner.build.progress import BarProgress, LineProgress, Progress, for_stream
from dreamrunner.build.store import Store

__all__ = [
    "BarProgress",
    "Built",
    "LineProgress",
    "Manifest",
    "Options",
    "Progress",
    "StepFailed",
    "Store",
    "Understood",
    "UnknownScene",
    "build",
    "default_folder",
    "film",
    "for_stream",
    "understand",
]
