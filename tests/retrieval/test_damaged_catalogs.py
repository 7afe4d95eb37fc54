"""Catalogs that are none, or that somebody has changed: told in a line, never taken for what they are not."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from dreamrunner.retrieval import Catalog, CatalogError
from dreamrunner.retrieval.indexing import broken_rows
from tests.material.tables import by_id, found_by, table, take
from tests.material.videos import stripes, write


def test_what_is_no_catalog(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="is not a catalog: make one"):
        Catalog(tmp_path)
    (tmp_path / "catalog.sqlite").write_bytes(b"something else entirely" * 100)
    with pytest.raises(CatalogError, match="cannot be used"):
        Catalog(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogError, match="cannot be used"):
        take(table(tmp_path / "clips.jsonl", by_id(1)), tmp_path / "file")


@pytest.mark.parametrize("content", ["", "create table notes (text)"], ids=["empty", "another's"])
@pytest.mark.parametrize("writable", [True, False])
def test_a_database_without_a_catalogs_tables_is_no_empty_catalog(
    tmp_path: Path, content: str, writable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "catalog.sqlite"
    with sqlite3.connect(file) as database:
        database.execute(content or "select 1")
    before = file.read_bytes()
    assert bool(before) == bool(content)
    why = "is another program's" if content else "is empty"
    with monkeypatch.context() as patched:
        patched.setattr("dreamrunner.retrieval.catalog.os.access", lambda *_: writable)
        for read in (Catalog, broken_rows):
            with pytest.raises(CatalogError, match=f"the file catalog.sqlite in it {why}; take it away and index"):
                read(tmp_path)
    clips = table(tmp_path / "clips.jsonl", by_id(3))
    if content:
        with pytest.raises(CatalogError, match=why):
            take(clips, tmp_path)
        assert file.read_bytes()[:16] == before[:16] and sqlite3.connect(file).execute("select * from notes")
    else:  # as an index leaves it that was killed before it had begun
        take(clips, tmp_path)
        assert len(Catalog(tmp_path)) == 3


EDITS = {
    "a caption of bytes": "update clips set caption = x'ff00'",
    "a start in words": "update clips set start = 'soon'",
    "a start before all": "update clips set start = -5",
    "an end without end": "update clips set end = 9e999",
    "a width in words": "update clips set width = 'wide'",
    "a video elsewhere": "update clips set video = '../../etc/passwd'",
    "a video by its whole path": "update clips set video = '/etc/passwd'",
    "videos of bytes": "update sources set videos = x'ff'",
    "no clips": "drop table clips",
    "clips of another form": "alter table clips rename column caption to words",
    "no sources": "drop table sources",
    "another edition": "update about set value = '99'",
    "no edition": "delete from about",
}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    take(table(folder / "clips.jsonl", by_id(3)), folder / "catalog")
    return folder / "catalog"


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS.keys())
def test_a_catalog_that_somebody_has_edited_is_told(one: Path, tmp_path: Path, statement: str) -> None:
    folder = shutil.copytree(one, tmp_path / "catalog")
    database = sqlite3.connect(folder / "catalog.sqlite", isolation_level=None)
    database.execute(statement)
    database.close()
    with pytest.raises(CatalogError) as told:
        found_by(folder, "person walking")
    assert "\n" not in str(told.value) and str(folder) in str(told.value) and "anew" in str(told.value)


ENDLESS = "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r"


@pytest.mark.parametrize(
    "statement",
    [f"create view more as {ENDLESS}", "create trigger t after insert on clips begin delete from clips; end"],
)
def test_a_catalog_with_views_or_triggers_is_not_asked(one: Path, tmp_path: Path, statement: str) -> None:
    folder = shutil.copytree(one, tmp_path / "catalog")
    with sqlite3.connect(folder / "catalog.sqlite", isolation_level=None) as database:
        database.execute(statement)
    for use in (lambda: found_by(folder, "walking"), lambda: take(one.parent / "clips.jsonl", folder)):
        with pytest.raises(CatalogError, match="more in it than DreamRunner's tables; take it away"):
            use()


@pytest.mark.parametrize("place", [0, 16, 100, 4096, 4200, 8192])
@pytest.mark.parametrize("damage", [b"\xff" * 64, b"\0" * 64])
def test_a_catalog_that_is_damaged_works_or_is_told(one: Path, tmp_path: Path, place: int, damage: bytes) -> None:
    folder = shutil.copytree(one, tmp_path / "catalog")
    content = (folder / "catalog.sqlite").read_bytes()
    (folder / "catalog.sqlite").write_bytes(content[:place] + damage + content[place + len(damage) :])
    try:
        found_by(folder, "person walking")
        take(one.parent / "clips.jsonl", folder)
        broken_rows(folder)
    except CatalogError as told:
        assert "\n" not in str(told) and "anew" in str(told)


@pytest.mark.parametrize("attributes", ["null", "x'ff'", "5", "'{'", "'{\"width\": -1}'", "'[]'"])
def test_attributes_that_somebody_has_edited_are_read_anew(tmp_path: Path, attributes: str) -> None:
    file = write(tmp_path / "walking.mp4", stripes(8))
    take(table(tmp_path / "clips.jsonl", by_id(1)), tmp_path / "catalog")
    catalog = Catalog(tmp_path / "catalog")
    expected = catalog.attributes(file)
    database = sqlite3.connect(tmp_path / "catalog" / "catalog.sqlite", isolation_level=None)
    database.execute(f"update videos set attributes = {attributes}")
    assert catalog.attributes(file) == expected
    database.close()
    catalog.close()
