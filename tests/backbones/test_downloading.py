"""A download, told before it begins, in lines where there is no terminal, and refused where there is no room."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dreamrunner.backbones import BackboneError, downloading, hub
from dreamrunner.backbones.downloading import announced

GB = 10**9


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(downloading, "free_at", lambda folder: 20 * GB)
    blobs = tmp_path / "models--a--b" / "blobs"
    blobs.mkdir(parents=True)
    return blobs


def test_size_room_and_time_are_told_before_and_lines_while_it_comes(cache: Path, monkeypatch) -> None:
    from huggingface_hub.utils import are_progress_bars_disabled

    monkeypatch.setattr(downloading, "EVERY", 0.02)
    told: list[str] = []
    before = are_progress_bars_disabled()
    with announced("a/b", [(12 * GB, True), (GB, True)], told.append, bars=False):
        assert are_progress_bars_disabled()
        assert told[0] == "fetching a/b: 13.0 GB, some 22 min at 10 MB a second; 20.0 GB are free"
        (cache / "x.incomplete").write_bytes(bytes(10**6))
        for _ in range(1000):
            if any("MB a second," in line for line in told[1:]):
                break
            time.sleep(0.01)
    assert are_progress_bars_disabled() == before
    assert told[-1] == "fetched a/b" and " of 13.0 GB: " in told[-2]


def test_bars_leave_lines_out(cache: Path, monkeypatch) -> None:
    monkeypatch.setattr(downloading, "EVERY", 0.001)
    told: list[str] = []
    with announced("a/b", [(1, True)], told.append, bars=True):
        time.sleep(0.01)
    assert len(told) == 2


def test_what_is_there_already_is_not_counted(cache: Path) -> None:
    (cache / "x.incomplete").write_bytes(bytes(3 * 10**8))
    told: list[str] = []
    with announced("a/b", [(12 * GB, False), (GB, True)], told.append, bars=True):
        pass
    assert told[0].startswith("fetching a/b: 0.7 GB that an earlier download left to do, some 1 min")


def test_without_room_nothing_is_begun(cache: Path) -> None:
    why = r"a/b takes 19.5 GB more on the disk, .* 20.0 GB are free: make room"
    files = [(195 * GB // 10, True)]
    with pytest.raises(BackboneError, match=why), announced("a/b", files, lambda line: None, bars=False):
        raise AssertionError("begun")


class Hub:
    """The hub's own download, as far as it is asked here: nothing is on this machine, and a folder comes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, []

    def __call__(self, hub_id: str, *, local_files_only: bool = False, dry_run: bool = False, **how: object) -> object:
        from huggingface_hub.errors import LocalEntryNotFoundError

        self.asked.append(("here" if local_files_only else "size" if dry_run else "all", how["revision"]))
        if local_files_only:
            raise LocalEntryNotFoundError("not here")
        return [] if dry_run else str(self.folder)


def test_a_pinned_commit_is_what_is_fetched_and_the_newest_that_is_here_does(cache, tmp_path, monkeypatch) -> None:
    import huggingface_hub

    asked = Hub(tmp_path)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", asked)
    told: list[str] = []
    assert hub.fetch("a/b", revision="c" * 40, tell=told.append) == tmp_path
    assert asked.asked == [("here", "c" * 40), ("here", None), ("size", "c" * 40), ("all", "c" * 40)]
    assert told[0].startswith("fetching a/b: 0.0 GB") and told[-1] == "fetched a/b"
    with pytest.raises(BackboneError, match="a build fetches it"):
        hub.fetch("a/b", dry=True)


def test_models_of_the_hub_are_pinned_to_whole_commits() -> None:
    from dreamrunner.backbones.table import TABLE

    pinned = {row.name: row.revision for row in TABLE.values() if row.hub_id}
    assert len(pinned) == 7 and len({*pinned.values()}) == 7
    assert all(len(revision) == 40 and int(revision, 16) for revision in pinned.values())
