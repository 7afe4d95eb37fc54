"""A small model folder to film with, and a store that is not the user's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.two_scenes import build_tiny


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep out of the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DREAMRUNNER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny(tmp_path_factory.mktemp("models") / "tiny")
