"""Files that are there whole or not at all."""

from pathlib import Path

import pytest

from dreamrunner.files.atomic import replacing, write_whole


def test_a_block_that_fails_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_bytes(b"old")
    with pytest.raises(ValueError, match="no film"), replacing(target) as fresh:
        fresh.write_bytes(b"half of the n")
        raise ValueError("no film")
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"] and target.read_bytes() == b"old"


def test_a_file_keeps_its_permissions_and_a_new_one_has_the_usual_ones(tmp_path: Path) -> None:
    target, fresh, usual = tmp_path / "a.story", tmp_path / "b.story", tmp_path / "c.story"
    target.touch(mode=0o640)
    target.chmod(0o640)
    usual.touch()
    write_whole(target, b"new")
    write_whole(fresh, b"new")
    assert target.stat().st_mode & 0o777 == 0o640 and fresh.stat().st_mode == usual.stat().st_mode


def test_what_a_killed_process_leaves_tells_whose_it_is(tmp_path: Path) -> None:
    with replacing(tmp_path / "0123456789ab-77-01234567-deadbeef.mp4") as fresh:
        assert fresh.name.startswith(".0123456789ab-77-01234567-") and fresh.suffix == ".mp4"
    for long in ("n" * 240, "女" * 80):
        with replacing(tmp_path / f"{long}.mp4") as fresh:
            fresh.write_bytes(b"a name as long as file systems take")
        assert (tmp_path / f"{long}.mp4").is_file()
