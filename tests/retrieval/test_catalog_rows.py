"""A catalog's rows are read from disk: none names a video outside of its source's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.retrieval.catalog import Clip


def clip(videos: Path, name: str, by_id: bool = False) -> Clip:
    return Clip(1, videos, name, by_id, 0.0, None, "a cat", None, None, None)


@pytest.mark.parametrize("by_id", [False, True])
@pytest.mark.parametrize("name", ["../secret", "{outside}/secret", "a/../../secret", "out/secret", "link"])
def test_a_row_that_leads_out_of_the_folder_has_no_video(name: str, by_id: bool, tmp_path: Path) -> None:
    videos, outside = tmp_path / "videos", tmp_path
    (videos / "a").mkdir(parents=True)
    for secret in ("secret", "secret.mp4"):
        (outside / secret).write_text("dear")
    (videos / "out").symlink_to(outside)
    for link in ("link", "link.mp4"):
        (videos / link).symlink_to(outside / "secret.mp4")
    assert clip(videos, name.format(outside=outside), by_id).file is None


def test_a_row_names_a_video_in_the_folder_or_under_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.mp4").touch()
    assert clip(tmp_path, "a/b.mp4").file == clip(tmp_path, "a/b", by_id=True).file == tmp_path / "a" / "b.mp4"
