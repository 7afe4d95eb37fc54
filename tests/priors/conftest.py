"""One small backbone for the tests of training."""

import pytest

from dreamrunner.backbones import Loaded
from tests.material.tiny_training import load_four_blocks


@pytest.fixture(scope="session")
def four_blocks(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load_four_blocks(tmp_path_factory.mktemp("models") / "four-blocks")
