from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.film import encode, encode_scene
from tests.material.films import COLOURS, plain
from tests.material.small_films import TRUE_HEIGHT


@pytest.fixture(scope="session")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One-second scene files, by the name of their colour."""
    folder = tmp_path_factory.mktemp("scenes")
    return {colour: encode_scene(plain(colour), folder / f"{colour}.mp4") for colour in COLOURS}


@pytest.fixture
def as_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films are as large as those that people watch."""
    monkeypatch.setattr(encode, "SHOWN_HEIGHT", TRUE_HEIGHT)
