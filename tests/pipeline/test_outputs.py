"""The folder of a film: whole files, and nothing left of builds that were killed."""

import os
from pathlib import Path

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
