"""The store keeps what it was given, and never hands out anything else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.engine.store import Entry, Store
from dreamrunner.files.atomic import replacing
from dreamrunner.files.digest import digest_file

KEY = "ab" * 32
OTHER = "cd" * 32


def keep(store: Store, key: str, content: bytes, suffix: str = ".bin") -> Entry:
    with store.room(suffix) as path:
        path.write_bytes(content)
        return store.keep(key, "render", path)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_kept_result_is_found_with_its_bytes_and_its_ending(tmp_path: Path) -> None:
    kept = keep(Store(tmp_path), KEY, b"frames", ".npz")
    found = Store(tmp_path).find(KEY)
    assert found == kept
    assert found.path.read_bytes() == b"frames"
    assert found.path.suffix == ".npz"
    assert found.digest == digest_file(found.path)
    assert found.size == 6


def test_an_unknown_key_is_a_miss_and_looking_writes_nothing(tmp_path: Path) -> None:
    assert Store(tmp_path / "none").find(KEY) is None
    assert not (tmp_path / "none").exists()


def test_what_one_edition_of_the_code_made_is_told_from_the_rest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number, code in enumerate(("one", "two", "one", "")):
        with store.room(".bin") as path:
            path.write_bytes(bytes([number]))
            store.keep(f"{number:064}", "render", path, code)
    (tmp_path / "v1" / "results" / "00" / "one.json").write_text('"one"')
    assert [path.read_bytes() for path in store.made_by("one", ".bin")] == [b"\0", b"\2"]
    assert list(store.made_by("one", ".txt")) == list(store.made_by("three", ".bin")) == []


def test_equal_content_is_stored_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert keep(store, KEY, b"same").path == keep(store, OTHER, b"same").path


@settings(max_examples=40, deadline=None)
@given(content=st.binary(min_size=1, max_size=200), data=st.data())
def test_any_flipped_or_missing_byte_is_a_miss_and_can_be_made_again(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    entry = keep(store, KEY, content)
    position = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        damaged = content[:position]
    else:
        damaged = (
            content[:position] + bytes([content[position] ^ data.draw(st.integers(1, 255))]) + content[position + 1 :]
        )
    entry.path.write_bytes(damaged)
    assert store.find(KEY) is None
    assert keep(store, KEY, content) == entry
    assert store.find(KEY) == entry
    assert entry.path.read_bytes() == content


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"task": "render"}', b"\xff\xfe"])
def test_a_damaged_record_is_a_miss(tmp_path: Path, damage: bytes) -> None:
    store = Store(tmp_path)
    keep(store, KEY, b"frames")
    (record,) = [path for path in files(tmp_path) if path.suffix == ".json"]
    record.write_bytes(damage)
    assert store.find(KEY) is None


def test_content_that_is_gone_is_a_miss(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, KEY, b"frames").path.unlink()
    assert store.find(KEY) is None


def test_what_fails_while_it_is_made_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(KeyboardInterrupt), store.room(".mp4") as path:
        path.write_bytes(b"half a fi")
        raise KeyboardInterrupt
    assert files(tmp_path) == []


def test_two_processes_may_keep_the_same_result_at_once(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from dreamrunner.engine.store import Store
store = Store(Path(sys.argv[1]))
for turn in range(40):
    with store.room(".bin") as path:
        path.write_bytes(b"frames" * 1000)
        entry = store.keep("ab" * 32, "render", path)
    found = store.find("ab" * 32)
    assert found == entry, (turn, found)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    results = [(writer.communicate()[1], writer.returncode) for writer in writers]
    assert results == [("", 0), ("", 0)]
    kept = [file.parts[-3] for file in files(tmp_path) if file.parent.parent.parent.name == "v1"]
    assert kept == ["content", "results"]


def test_replacing_is_all_or_nothing(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as temporary:
        temporary.write_text("new, but")
        raise RuntimeError
    assert target.read_text() == "old"
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["film.mp4"]


def test_records_hold_no_time_and_no_place(tmp_path: Path) -> None:
    keep(Store(tmp_path / "a"), KEY, b"frames")
    keep(Store(tmp_path / "b"), KEY, b"frames")
    (one,) = (tmp_path / "a").rglob("*.json")
    (two,) = (tmp_path / "b").rglob("*.json")
    assert one.read_bytes() == two.read_bytes()
    assert set(json.loads(one.read_text())) == {"key", "task", "digest", "size", "suffix", "code"}


def test_what_was_broken_off_leaves_no_lock_and_no_half_made_file(tmp_path: Path) -> None:
    store, key = Store(tmp_path, "0123456789ab-1-01234567"), "ab" * 32
    making = store.root / "making"
    making.mkdir(parents=True)
    (making / f"{key}.lock").touch()
    (making / ".0123456789ab-1-01234567-half.mp4").touch()
    (making / "0123456789ab-2-01234567-others.mp4").touch()
    with Store(tmp_path).claim("cd" * 32):
        store.give_up([key, "cd" * 32])
        assert {path.name for path in making.iterdir()} == {
            f"{'cd' * 32}.lock",
            "0123456789ab-2-01234567-others.mp4",
        }
