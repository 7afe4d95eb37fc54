"""Where things that outlast a build are kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Where things that outlast a build are kept: ``DREAMRUNNER_CACHE``, or the user's cache folder."""
    named = os.environ.get("DREAMRUNNER_CACHE")
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("dreamrunner", appauthor=False))
