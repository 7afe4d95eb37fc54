"""The build: from a story file to a film, doing again only what changed.

The front door is :func:`build`, or its two halves :func:`understand_asking` and :func:`film`. A build is a graph of tasks
(``graph``) whose results are kept in a store that all stories on the machine share (``store``); ``production`` says
which tasks a film takes, ``outputs`` delivers what they made, ``progress`` has what is reported on the way, and
``refusals`` the errors that come out. Importing this package does not import PyTorch.
"""

from dreamrunner.build.graph import StepFailed
from dreamrunner.build.manifest import Manifest
from dreamrunner.build.options import Options
from dreamrunner.build.pipeline import Built, build, executor_at, film
from dreamrunner.build.production import Production, UnknownScene, default_folder, prepare
from dreamrunner.build.progress import Event, Progress, silent
from dreamrunner.build.refusals import StoryError, UsageError
from dreamrunner.build.resolving import NothingToLearn
from dreamrunner.build.showing import shown_on
from dreamrunner.build.store import Store
from dreamrunner.build.understanding import Understood, understand, understand_asking

__all__ = [
    "Built",
    "Event",
    "Manifest",
    "NothingToLearn",
    "Options",
    "Production",
    "Progress",
    "StepFailed",
    "Store",
    "StoryError",
    "Understood",
    "UnknownScene",
    "UsageError",
    "build",
    "default_folder",
    "executor_at",
    "film",
    "prepare",
    "shown_on",
    "silent",
    "understand",
    "understand_asking",
]
