"""What commands have made is known by its content, and nobody's own file is taken for it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from dreamrunner.files.digest import digest_file
from dreamrunner.files.made import is_output, known, putting
from dreamrunner.files.regular import NotAFile


def put(target: Path, content: bytes) -> list[str]:
    told: list[str] = []
    with putting(target, told.append) as fresh:
        fresh.write_bytes(content)
    return [line.rpartition(" it is kept as ")[2] for line in told]


def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on another machine, or after the cache was lost."""
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "another cache"))


def test_what_was_made_is_replaced_and_all_else_kept_aside(tmp_path: Path) -> None:
    film = tmp_path / "two.mp4"
    assert put(film, b"first") == [] and known(film) and is_output(film)
    assert put(film, b"second") == []
    film.write_bytes(b"mine")
    assert not known(film) and put(film, b"third") == ["two.kept.mp4"]
    film.write_bytes(b"mine too")
    assert put(film, b"fourth") == ["two.kept2.mp4"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "two.mp4": b"fourth", "two.kept.mp4": b"mine", "two.kept2.mp4": b"mine too",
    }  # fmt: skip


def test_the_same_content_is_nobodys_loss_and_what_fails_moves_nothing(tmp_path: Path) -> None:
    film = tmp_path / "two.mp4"
    film.write_bytes(b"the same")
    with pytest.raises(ValueError, match="broken off"), putting(film, print) as fresh:
        fresh.write_bytes(b"half")
        raise ValueError("broken off")
    with putting(film, print):
        pass
    assert put(film, b"the same") == [] and [path.name for path in tmp_path.iterdir()] == ["two.mp4"]


@pytest.mark.parametrize("there", ["pipe", "link to a pipe", "link to a device"])
def test_where_a_pipe_or_a_device_is_nothing_is_put(tmp_path: Path, there: str) -> None:
    target = tmp_path / "plans.jsonl"
    os.mkfifo(tmp_path / "pipe")
    if there == "pipe":
        (tmp_path / "pipe").rename(target)
    else:
        target.symlink_to("/dev/null" if there.endswith("device") else "pipe")
    before = target.lstat()
    with pytest.raises(NotAFile, match="it is a"):
        put(target, b"made")
    assert target.lstat().st_ino == before.st_ino
    assert {path.name for path in tmp_path.iterdir()} <= {"plans.jsonl", "pipe"}


@pytest.mark.parametrize("to", ["a film of mine", "nowhere", "two.mp4"])
def test_a_link_that_somebody_put_there_is_kept_with_what_it_leads_to(tmp_path: Path, to: str) -> None:
    if to == "a film of mine":
        (tmp_path / to).write_bytes(b"mine")
    (tmp_path / "two.mp4").symlink_to(to)
    assert put(tmp_path / "two.mp4", b"made") == ["two.kept.mp4"]
    assert os.readlink(tmp_path / "two.kept.mp4") == to and (tmp_path / "two.mp4").read_bytes() == b"made"
    assert to != "a film of mine" or (tmp_path / to).read_bytes() == b"mine"


def test_a_copy_elsewhere_was_made_but_is_no_output(tmp_path: Path) -> None:
    film, copy = tmp_path / "two.mp4", tmp_path / "clips" / "two.mp4"
    put(film, b"made")
    copy.parent.mkdir()
    shutil.copy(film, copy)
    assert known(copy) and not is_output(copy) and is_output(film)


def test_a_manifest_goes_where_its_film_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = tmp_path / "film" / "scenes" / "garden.mp4"
    scene.parent.mkdir(parents=True)
    scene.write_bytes(b"made")
    outputs = {"scenes/garden.mp4": digest_file(scene)}
    (tmp_path / "film" / "manifest.json").write_text(json.dumps({"outputs": outputs}))
    elsewhere(monkeypatch, tmp_path)
    (tmp_path / "film").rename(tmp_path / "moved")
    scene = tmp_path / "moved" / "scenes" / "garden.mp4"
    assert is_output(scene) and not known(scene)


def test_what_a_manifest_alone_lists_is_kept_aside(tmp_path: Path) -> None:
    mine = tmp_path / "two.mp4"
    mine.write_bytes(b"mine")
    (tmp_path / "manifest.json").write_text(json.dumps({"outputs": {"two.mp4": digest_file(mine)}}))
    assert put(mine, b"made") == ["two.kept.mp4"] and (tmp_path / "two.kept.mp4").read_bytes() == b"mine"
    assert put(mine, b"made anew") == []


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{", '{"outputs": []}', '{"outputs": {"two.mp4": 5}}', '{"outputs": {"two.mp4": "x"}}',
                 "[" * 100_000, '{"a": ' * 100_000, "\xff"],
)  # fmt: skip
def test_a_manifest_of_another_form_lists_nothing(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_bytes(manifest.encode("latin-1"))
    (tmp_path / "two.mp4").write_bytes(b"mine")
    assert not is_output(tmp_path / "two.mp4")


def test_a_memory_of_another_form_knows_nothing_and_is_added_to(tmp_path: Path, monkeypatch) -> None:
    elsewhere(monkeypatch, tmp_path)
    film, memory = tmp_path / "two.mp4", tmp_path / "another cache" / "made" / "4"
    memory.parent.mkdir(parents=True)
    memory.write_bytes(b"4 \xff\n4\n4 4 4 4\n\x00")
    film.write_bytes(b"mine")
    assert not known(film) and not is_output(film)
    assert put(tmp_path / "other.mp4", b"made") == [] and not known(film)


def test_nothing_that_is_no_file_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "two.mp4")
    put(tmp_path / "empty", b"")
    assert not known(tmp_path / "two.mp4") and not is_output(tmp_path / "two.mp4")
