"""The drawn catalog: the same on every drawing, since what is found in it and learnt from it is."""

from pathlib import Path

import pytest

from dreamrunner.miniature import catalog


def test_a_catalog_drawn_twice_has_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "CLIPS", 10)
    monkeypatch.setattr(catalog, "FAVOURED", 2)
    first, *others = (catalog.drawn_catalog(tmp_path / str(time)) for time in range(4))
    files = sorted(first.iterdir())
    assert len(files) == 2 * 10
    for other in others:
        assert {file.name for file in files if (other / file.name).read_bytes() != file.read_bytes()} == set()
