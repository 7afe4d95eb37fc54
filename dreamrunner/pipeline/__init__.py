"""The build: from a story file to a film, doing again only what changed.

The front door is :func:`build`, or its two halves :func:`understand_asking` and :func:`film`. A build is a graph of
tasks (:mod:`dreamrunner.engine`); ``prepare`` says which tasks a film takes, ``outputs`` delivers what they made, and
``errors`` has the errors that a build raises. Importing this package does not import PyTorch.
"""

from dreamrunner.pipeline.adapters.resolve import NothingToLearn
from dreamrunner.pipeline.build import Built, build, executor_at, film
from dreamrunner.pipeline.errors import StoryError, UsageError
from dreamrunner.pipeline.manifest import Manifest
from dreamrunner.pipeline.options import Options
from dreamrunner.pipeline.prepare import Production, UnknownScene, default_folder, prepare
from dreamrunner.pipeline.story import Understood, understand, understand_asking
from dreamrunner.pipeline.tasks.kinds import KINDS as _KINDS  # which are registered by that

__all__ = [
    "Built",
    "Manifest",
    "NothingToLearn",
    "Options",
    "Production",
    "StoryError",
    "Understood",
    "UnknownScene",
    "UsageError",
    "build",
    "default_folder",
    "executor_at",
    "film",
    "prepare",
    "understand",
    "understand_asking",
]
