"""The site, for tests of its pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.material.built_site import SITE, is_fresh


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The folder of the site that `make docs` built."""
    if not is_fresh():
        pytest.skip("build/site is not there, or of other sources: `make docs` builds it")
    return SITE
