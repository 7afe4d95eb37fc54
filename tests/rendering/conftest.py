"""A loaded miniature with random weights, built once for all tests here."""

import pytest

from dreamrunner.backbones import describe, load
from tests.material.models import build_miniature


@pytest.fixture(scope="session")
def miniature_folder(tmp_path_factory):
    return build_miniature(tmp_path_factory.mktemp("models") / "miniature")


@pytest.fixture(scope="session")
def loaded(miniature_folder):
    return load(describe(str(miniature_folder)))
