"""The story of two scenes, filmed once for all tests of the build."""

import shutil
from pathlib import Path

import pytest

from dreamrunner.engine import Store
from dreamrunner.pipeline import Options, build
from tests.material.place import Place
from tests.material.two_scenes import STORY


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """A folder where the story was filmed once: the story, ``build/two`` and ``cache``. Copy it, leave it alone."""
    root = tmp_path_factory.mktemp("first")
    (root / "two.story").write_text(STORY)
    built = build(
        root / "two.story",
        out=root / "build" / "two",
        options=Options(model=str(model), steps=1),
        store=Store(root / "cache"),
    )
    assert built.film == root / "build" / "two" / "two.mp4"
    return root


@pytest.fixture
def place(tmp_path: Path, first: Path, model: Path) -> Place:
    shutil.copytree(first, tmp_path / "copy")
    return Place(tmp_path / "copy", model)
