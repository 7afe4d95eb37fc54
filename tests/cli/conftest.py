"""A model folder with random weights to film with."""

from pathlib import Path

import pytest

from tests.models import build_miniature


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_miniature(tmp_path_factory.mktemp("models") / "tiny")
