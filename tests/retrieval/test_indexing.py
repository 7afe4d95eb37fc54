"""Catalogs on disk: what is read again, what broken videos and rows do, and processes that are killed or meet."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dreamrunner.datasets import VideoError, open_source
from dreamrunner.retrieval import Catalog, CatalogError, Indexed, index_source, indexing
from dreamrunner.retrieval import catalog as catalog_module
from dreamrunner.retrieval.caption_index import MemoryCaptions
from dreamrunner.retrieval.indexing import broken_rows
from tests.material.tables import by_id, found_by, table, take
from tests.material.videos import ffmpeg, stripes, write


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything beyond 100 clips is searched on disk."""
    monkeypatch.setattr(indexing, "IN_MEMORY", 100)


def test_a_folder_is_read_once_and_then_only_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    for name in ("walking", "dancing"):
        write(videos / f"{name}.mp4", stripes(24))
    (videos / "walking.txt").write_text("a man walks")
    assert take(videos, tmp_path / "catalog") == Indexed(new=2, kept=0, gone=0, broken=0)

    opened: list[Path] = []
    real = sys.modules["dreamrunner.retrieval.catalog"].read_attributes
    monkeypatch.setattr("dreamrunner.retrieval.catalog.read_attributes", lambda file: opened.append(file) or real(file))
    assert take(videos, tmp_path / "catalog") == Indexed(new=0, kept=2, gone=0, broken=0)
    (videos / "walking.txt").write_text("a woman strolls")
    (videos / "copy.mp4").write_bytes((videos / "dancing.mp4").read_bytes())
    (videos / "dancing.mp4").unlink()
    assert take(videos, tmp_path / "catalog") == Indexed(new=2, kept=0, gone=2, broken=0)
    assert opened == []  # the same contents as before, under another name or caption
    assert found_by(tmp_path / "catalog", "man walks dancing") == []
    (clip,) = Catalog(tmp_path / "catalog").search("strolling", 5)
    assert (clip.name, clip.width, clip.height, clip.start) == ("walking.mp4", 96, 64, 0.0)
    assert clip.rate == pytest.approx(8) and clip.end == pytest.approx(3)


def test_an_unchanged_table_of_ids_is_not_even_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = table(tmp_path / "clips.jsonl", by_id(30))
    take(clips, tmp_path / "catalog")
    with monkeypatch.context() as patch:
        patch.setattr("dreamrunner.datasets.tables.read_row", None)
        assert take(clips, tmp_path / "catalog") == Indexed(0, 30, 0, 0)
    table(clips, by_id(20, first=15))
    assert take(clips, tmp_path / "catalog") == Indexed(new=5, kept=15, gone=15, broken=0)


def test_sources_live_side_by_side(tmp_path: Path) -> None:
    take(table(tmp_path / "a.jsonl", by_id(3)), tmp_path / "catalog")
    take(table(tmp_path / "b.jsonl", by_id(3, first=3)), tmp_path / "catalog")
    assert len(Catalog(tmp_path / "catalog")) == 6
    take(table(tmp_path / "a.jsonl", []), tmp_path / "catalog")
    assert sorted(found_by(tmp_path / "catalog", "person")) == ["v3", "v4", "v5"]


def test_beyond_the_threshold_the_disk_gives_what_memory_would(tmp_path: Path, small: None) -> None:
    clips = by_id(150)
    take(table(tmp_path / "clips.jsonl", clips), tmp_path / "catalog")
    assert (tmp_path / "catalog" / "captions").is_dir()
    expected = MemoryCaptions((number, clip["caption"]) for number, clip in enumerate(clips, 1)).search("stirring", 150)
    catalog = Catalog(tmp_path / "catalog")
    found = catalog.search("person is stirring", 400)
    assert len(found) == 150
    stirring = [clip for clip in found if "stirring" in clip.caption]
    assert found[: len(stirring)] == tuple(stirring) and len(stirring) == len(expected)
    # Taking out and adding keeps the two in step, and below the threshold the index goes.
    take(table(tmp_path / "clips.jsonl", by_id(149, first=10)), tmp_path / "catalog")
    assert "v3" not in found_by(tmp_path / "catalog", "3") and found_by(tmp_path / "catalog", "158") == ["v158"]
    take(table(tmp_path / "clips.jsonl", by_id(20)), tmp_path / "catalog")
    assert not (tmp_path / "catalog" / "captions").exists()
    assert len(found_by(tmp_path / "catalog", "person")) == 20


def broken_videos(videos: Path) -> dict[str, str]:
    """Files that are no videos and what must be said of them; ``odd`` and ``unsteady`` are videos all the same."""
    good = write(videos / "good.mp4", stripes(24))
    (videos / "truncated.mp4").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (videos / "empty.mp4").write_bytes(b"")
    (videos / "codec.mp4").write_bytes(good.read_bytes().replace(b"avc1", b"zzz9").replace(b"avcC", b"zzzC"))
    from PIL import Image

    Image.fromarray(np.zeros((64, 96, 3), np.uint8)).save(videos / "image.png")
    (videos / "image.png").rename(videos / "image.mp4")
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", videos / "sound.mp4")
    ffmpeg("-f", "lavfi", "-i", "color=s=96x64:d=0", "-f", "avi", videos / "none.avi")
    write(videos / "odd.mp4", stripes(24, (97, 65)))
    write(videos / "unsteady.mkv", stripes(6), times=[0, 0.1, 0.9, 1.0, 1.1, 2.5])
    return {
        "truncated.mp4": "",
        "empty.mp4": "",
        "codec.mp4": "",
        "image.mp4": "",
        "sound.mp4": "only sound",
        "none.avi": "",
    }


def test_files_that_are_no_videos_are_skipped_and_named(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    expected = broken_videos(videos)
    found = take(videos, tmp_path / "catalog")
    said = {broken.place: broken.why for _, broken in broken_rows(tmp_path / "catalog")}
    assert said.keys() == expected.keys() and found.broken == len(expected)
    assert all(said[name] and expected[name] in said[name] for name in expected)
    assert sorted(found_by(tmp_path / "catalog", "good odd unsteady")) == ["good.mp4", "odd.mp4", "unsteady.mkv"]
    # A second run names them again, once.
    assert take(videos, tmp_path / "catalog") == Indexed(0, 3, 0, len(expected))
    assert len(broken_rows(tmp_path / "catalog")) == len(expected)


def test_ten_thousand_rows_of_which_half_are_broken(tmp_path: Path, small: None) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    videos = tmp_path / "videos"
    videos.mkdir()
    bad = [
        b"{",
        b'{"id": "../../outside/a", "caption": "pot"}',
        b'{"id": "a;rm -rf ../outside", "caption": "pot"}',
        b'{"path": "../outside/a.mp4", "caption": "pot"}',
        b'{"id": "a", "caption": "\xff"}',
        b'{"id": "a", "start": 4, "end": 2, "caption": "pot"}',
    ]
    lines = []
    for number, row in enumerate(by_id(5000)):
        lines += [json.dumps(row).encode(), bad[number % len(bad)]]
    (tmp_path / "clips.jsonl").write_bytes(b"\n".join(lines))
    told = []
    source = open_source(tmp_path / "clips.jsonl", videos)
    found = index_source(source, tmp_path / "catalog", on_broken=lambda broken: told.append(broken.place))
    assert found == Indexed(new=5000, kept=0, gone=0, broken=5000)
    assert told == [f"line {number}" for number in range(2, 10_001, 2)]
    assert [broken.place for _, broken in broken_rows(tmp_path / "catalog")] == told
    assert len(found_by(tmp_path / "catalog", "person", 9999)) == 5000
    assert list(outside.iterdir()) == [] and list(videos.iterdir()) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["catalog", "clips.jsonl", "outside", "videos"]


INDEX = """
import sys
from pathlib import Path
from dreamrunner.datasets import open_source
from dreamrunner.retrieval import index_source, indexing
indexing.BATCH, indexing.IN_MEMORY, indexing.CAPTIONS_AT_A_TIME = 100, 100, 400
print("ready", flush=True)
print(index_source(open_source(Path(sys.argv[1])), Path(sys.argv[2])).new, flush=True)
"""


def process(*arguments: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", INDEX, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def rows_in(folder: Path) -> int:
    try:
        with sqlite3.connect(folder / "catalog.sqlite", timeout=10) as database:
            return database.execute("select count(*) from clips").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_a_killed_process_loses_no_more_than_its_batch(tmp_path: Path) -> None:
    clips = table(tmp_path / "clips.jsonl", by_id(6_000))
    kept = 0
    for wanted in (1, 1_000, 3_000):
        running = process(clips, tmp_path / "catalog")
        while rows_in(tmp_path / "catalog") < wanted and running.poll() is None:
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert rows_in(tmp_path / "catalog") >= max(kept, wanted)
        kept = rows_in(tmp_path / "catalog")
    assert kept % 100 == 0
    last = process(clips, tmp_path / "catalog")
    assert last.communicate(timeout=300)[0].split() == ["ready", str(6_000 - kept)]
    assert_whole(tmp_path / "catalog", 6_000)


def test_a_process_killed_while_it_writes_captions(tmp_path: Path) -> None:
    clips = table(tmp_path / "clips.jsonl", by_id(6_000))
    running = process(clips, tmp_path / "catalog")
    segments = tmp_path / "catalog" / "captions"
    while not any(segments.glob("*.term")) and running.poll() is None:
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert process(clips, tmp_path / "catalog").communicate(timeout=300)[0].split() == ["ready", "0"]
    assert_whole(tmp_path / "catalog", 6_000)


def test_two_processes_at_once(tmp_path: Path) -> None:
    one, other = (table(tmp_path / f"{name}.jsonl", by_id(2_000, first)) for name, first in (("a", 0), ("b", 2_000)))
    running = [process(source, tmp_path / "catalog") for source in (one, other, one)]
    said = [each.communicate(timeout=300)[0].split() for each in running]
    assert all(each.returncode == 0 for each in running)
    assert sorted(int(new) for _, new in said) == [0, 2_000, 2_000]
    assert_whole(tmp_path / "catalog", 4_000)


def assert_whole(folder: Path, count: int) -> None:
    """Every row is there once, in the table and in the captions."""
    with sqlite3.connect(folder / "catalog.sqlite") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        assert database.execute("select count(distinct video), count(*) from clips").fetchone() == (count, count)
    catalog = Catalog(folder)
    numbers = [number for number, _ in catalog._captions.search("person", 2 * count)]
    assert len(numbers) == count == len(set(numbers))
    catalog.close()


def test_attributes_are_kept_by_content_broken_ones_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(table(tmp_path / "clips.jsonl", by_id(1)), tmp_path / "catalog")
    good, bad = write(tmp_path / "good.mp4", stripes(24)), tmp_path / "bad.mp4"
    bad.write_bytes(b"nothing")
    catalog = Catalog(tmp_path / "catalog")
    first = catalog.attributes(good)
    with pytest.raises(VideoError) as told:
        catalog.attributes(bad)
    monkeypatch.setattr("dreamrunner.retrieval.catalog.read_attributes", None)
    assert catalog.attributes(good.rename(tmp_path / "moved.mp4")) == first
    with pytest.raises(VideoError) as again:
        catalog.attributes(bad)
    assert str(again.value) == str(told.value)


def test_damaged_captions_are_named_and_made_anew(tmp_path: Path, small: None) -> None:
    clips = table(tmp_path / "clips.jsonl", by_id(150))
    take(clips, tmp_path / "catalog")
    for pattern in ("*.term", "meta.json"):
        damaged = next((tmp_path / "catalog" / "captions").glob(pattern))
        damaged.write_bytes(damaged.read_bytes()[:10])
        with pytest.raises(CatalogError, match="indexing once more makes it anew"):
            found_by(tmp_path / "catalog", "person")
        take(clips, tmp_path / "catalog")
        assert len(found_by(tmp_path / "catalog", "person", 200)) == 150


def test_a_catalog_that_may_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(table(tmp_path / "clips.jsonl", by_id(5)), tmp_path / "catalog")
    clip = write(tmp_path / "clip.mp4", stripes(24))
    before = sorted(file.name for file in (tmp_path / "catalog").iterdir())
    monkeypatch.setattr("dreamrunner.retrieval.catalog.os.access", lambda folder, mode: False)
    catalog = Catalog(tmp_path / "catalog")
    assert len(catalog.search("person", 9)) == 5
    assert catalog.attributes(clip)[1].frames == 24
    catalog.remember("key", b"value")
    assert catalog.recall("key") is None
    assert sorted(file.name for file in (tmp_path / "catalog").iterdir()) == before


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_search_for_more_than_there_is_gives_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_disk: bool
) -> None:
    if on_disk:
        monkeypatch.setattr(indexing, "IN_MEMORY", 100)
    monkeypatch.setattr(catalog_module, "_MARKS", 50)
    take(table(tmp_path / "clips.jsonl", by_id(120)), tmp_path / "catalog")
    for count in (121, 4_000_000_000, 10**18, 10**30):
        assert len(found_by(tmp_path / "catalog", "person", count)) == 120
    for count in (0, -1, -(10**30)):
        assert found_by(tmp_path / "catalog", "person", count) == []
