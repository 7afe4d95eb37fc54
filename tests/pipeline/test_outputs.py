"""The folder of a film: whole files, and nothing left of builds that were killed."""

import os
from pathlib import Path

import pytest

from dreamrunner.engine.graph import StepFailed
from dreamrunner.pipeline.outputs import Outputs


def test_what_killed_builds_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "scenes").mkdir()
    left = [tmp_path / f".two.{'0a' * 16}.mp4", tmp_path / "scenes" / f".kitchen.{'0a' * 16}.mp4"]
    mine = [tmp_path / ".gitignore", tmp_path / f".two.{'0b' * 16}.mp4"]
    for path in (*left, *mine):
        path.write_bytes(b"half")
    for path in (*left, mine[0]):
        os.utime(path, (0, 0))
    Outputs(tmp_path).prepare()
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in mine)  # the one is none of ours, the other may be written just now


@pytest.mark.parametrize("out", ["file", "file/film", "file/a/b", "locked/film"])
def test_a_dry_run_sees_that_the_folder_can_not_be_written(
    tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "locked").mkdir()
    if out.startswith("locked"):  # a superuser may write into a folder whatever its permissions say
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path / "locked")
    else:
        with pytest.raises(StepFailed) as failed:
            Outputs(tmp_path / out).prepare()
    with pytest.raises(StepFailed) as foreseen:
        Outputs(tmp_path / out).look()
    wanted = "permission denied" if out.startswith("locked") else str(failed.value).rpartition(": ")[2]
    assert str(foreseen.value) == f"can't write {tmp_path / out}: {wanted}"


def test_a_dry_run_leaves_a_folder_that_can_be_made_alone(tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "film", tmp_path / "a" / "b" / "c"):
        Outputs(out).look()
    assert not any(tmp_path.iterdir())
