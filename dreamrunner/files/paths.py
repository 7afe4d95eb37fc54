"""Where things that outlast a build are kept, and what comes with the package."""

from __future__ import annotations

import os
import re
from pathlib import Path

MINIATURE = "miniature"
"""The name of the small world that comes with the package: of its model, and of its catalog of drawn clips."""

NO_CATALOG = "none"
"""What the catalog is called of those who want no videos to be searched."""

MINIATURE_WEIGHTS = Path(__file__).resolve().parents[1] / "miniature" / "weights"
"""The folder of its trained networks."""

SECOND = "miniature-2"
"""The name of the model of the small world's second edition."""

SECOND_WEIGHTS = Path(__file__).resolve().parents[1] / "miniature" / "second" / "weights"
"""The folder of its trained networks."""

BUNDLED = {MINIATURE: MINIATURE_WEIGHTS, SECOND: SECOND_WEIGHTS}
"""The folders of the models that come with the package, by name."""

KEY = "key"
"""Where the metadata of a file of tensors that is kept says what it is called, without its ending."""

FILLED = ".plan.story"
"""How the name of a filled story ends, which lies beside its author's."""

LONGEST_NAME = 200
"""Bytes of a name that files are called by: file systems take 255, with endings and marks of what is unfinished."""

TOP_FOLDER = "DREAMRUNNER_TOP"
"""The environment variable that names a folder above which no project's settings are looked for, for stories in it."""

VARIABLES = {"adapters": "DREAMRUNNER_ADAPTERS", "catalog": "DREAMRUNNER_CATALOG"}
"""The environment variables that are a user's settings, by the settings' names."""


def cache_folder() -> Path:
    """Where things that outlast a build are kept: ``DREAMRUNNER_CACHE``, or the user's cache folder."""
    if named := os.environ.get("DREAMRUNNER_CACHE"):
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("dreamrunner", appauthor=False))


def settings_file() -> Path:
    """Where the user's own settings lie, there or not: ``DREAMRUNNER_SETTINGS``, or a file in the user's folder."""
    if named := os.environ.get("DREAMRUNNER_SETTINGS"):
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("dreamrunner", appauthor=False)) / "settings.toml"


def is_below(name: str) -> bool:
    """Whether a relative path, as it is written, stays below the folder that it counts from."""
    return bool(name) and not set(name.split("/")) & {"", ".", ".."} and not re.search(r"[\\\x00-\x1f]", name)
