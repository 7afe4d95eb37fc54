"""The cache folder: what is in it, what is wrong with it, and what may be taken away while builds run."""

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.engine.collect import LEFT_BEHIND, collect, contents, verify
from dreamrunner.engine.lease import LIFETIME, held, leased
from dreamrunner.engine.store import LAYOUT, Store

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32


def keep(root: Path, key: str, content: bytes = b"frames" * 100, kind: str = "render") -> Path:
    store = Store(root)
    with store.room(".npz") as path:
        path.write_bytes(content)
        return store.keep(key, kind, path).path


def kept(root: Path, *keys: str) -> list[str]:
    return [key for key in keys if Store(root).find(key) is not None]


class Builder:
    """Another process that holds a lease on a store and needs some of its results, until it is told to end."""

    SCRIPT = """
import sys
from pathlib import Path
from dreamrunner.engine.lease import leased
from dreamrunner.engine.store import LAYOUT, Store
root, *keys = sys.argv[1:]
with leased(Path(root) / LAYOUT) as lease:
    lease.pin(keys)
    with Store(Path(root)).owned_by(lease.name).room(".mp4") as half:
        half.write_bytes(b"half a film")
        print("needs", flush=True)
        sys.stdin.read()
"""

    def __init__(self, root: Path, *keys: str) -> None:
        command = [sys.executable, "-c", self.SCRIPT, str(root), *keys]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "needs\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Builder]:
    keep(tmp_path, A)
    keep(tmp_path, B, b"other frames")
    builder = Builder(tmp_path, A, C)
    yield builder
    builder.kill()


def test_what_a_running_build_needs_is_never_taken(tmp_path: Path, builder: Builder) -> None:
    keep(tmp_path, C, b"made while it runs")
    freed = collect(tmp_path, keep=0)
    assert kept(tmp_path, A, B, C) == [A, C]
    assert [item.names for item in freed.items] == [frozenset({B, *freed.items[0].names})]
    assert freed.running == 1 and freed.needed == freed.left > 0
    builder.end()
    assert collect(tmp_path, keep=0).running == 0
    assert kept(tmp_path, A, C) == []


def test_a_lease_ends_with_its_process_however_that_ends(tmp_path: Path, builder: Builder) -> None:
    assert len(held(tmp_path / LAYOUT)) == 1
    builder.kill()
    assert held(tmp_path / LAYOUT) == ()
    freed = collect(tmp_path, keep=0)
    assert kept(tmp_path, A, B) == []
    assert freed.litter == len(b"half a film")
    left = [path for path in (tmp_path / LAYOUT).rglob("*") if path.is_file()]
    assert sorted(path.name for path in left) == ["clock", "lock"]


def test_the_next_build_clears_away_what_a_killed_one_was_making(tmp_path: Path, builder: Builder) -> None:
    making = tmp_path / LAYOUT / "making"
    with leased(tmp_path / LAYOUT):
        assert len(list(making.iterdir())) == 1  # of a build that runs
    builder.kill()
    with leased(tmp_path / LAYOUT):
        assert list(making.iterdir()) == []


def elsewhere(root: Path, age: float, *keys: str) -> Path:
    """A lease of another machine, whose locks can't be seen here, last touched ``age`` seconds ago."""
    folder = root / LAYOUT / "leases"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "0123456789ab-77-01234567"
    file.write_text("".join(f"{key}\n" for key in keys))
    os.utime(file, (time.time() - age,) * 2)
    return file


@pytest.mark.parametrize(
    ("age", "stays"),
    [
        (10.0, [A]),
        (LIFETIME - 60, [A]),
        (-1e7, [A]),  # its clock goes before ours, or ours was set back
        (LIFETIME + 60, []),
    ],
)
def test_another_machines_lease_holds_as_long_as_it_is_touched(tmp_path: Path, age: float, stays: list[str]) -> None:
    keep(tmp_path, A)
    keep(tmp_path, B, b"other frames")
    file = elsewhere(tmp_path, age, A)
    collect(tmp_path, keep=0)
    assert kept(tmp_path, A, B) == stays
    assert file.exists() == bool(stays)


def test_a_lease_whose_list_could_not_be_written_needs_all_there_is(tmp_path: Path) -> None:
    keep(tmp_path, A)
    elsewhere(tmp_path, 10.0)
    assert collect(tmp_path, keep=0).items == ()
    assert kept(tmp_path, A) == [A]


def test_what_was_not_used_for_longest_goes_first_whatever_the_clock_says(tmp_path: Path) -> None:
    for key in (A, B, C):
        keep(tmp_path, key, key.encode())
    store = Store(tmp_path)
    clock = store.root / "clock"
    os.utime(clock, (clock.stat().st_mtime + 3e7,) * 2)  # the machine's clock was set back by a year since
    store.mark_used([B])
    store.mark_used([A])
    one = sum(item.size for item in contents(tmp_path).items) // 3
    collect(tmp_path, keep=2 * one + 10)
    assert kept(tmp_path, A, B, C) == [A, B]
    collect(tmp_path, keep=one + 10)
    assert kept(tmp_path, A, B, C) == [A]


def test_records_of_one_content_go_and_stay_together(tmp_path: Path) -> None:
    path = keep(tmp_path, A)
    assert keep(tmp_path, B) == path
    with leased(tmp_path / LAYOUT) as lease:
        lease.pin([B])
        collect(tmp_path, keep=0)
        assert kept(tmp_path, A, B) == [A, B]
    collect(tmp_path, keep=0)
    assert not path.exists()


def test_content_that_was_made_anew_stays_while_anybody_may_still_read_it(tmp_path: Path) -> None:
    old = keep(tmp_path, A)
    with leased(tmp_path / LAYOUT) as lease:
        lease.pin([A])
        keep(tmp_path, A, b"made anew, otherwise")
        collect(tmp_path, keep=0)
        assert old.exists()
    collect(tmp_path)
    assert not old.exists() and kept(tmp_path, A) == [A]


def test_gc_without_a_size_takes_only_what_nobody_needs(tmp_path: Path) -> None:
    keep(tmp_path, A)
    short = keep(tmp_path, B, b"cut short")
    short.write_bytes(b"cut")
    keep(tmp_path, C, b"no record").unlink()
    orphan = tmp_path / LAYOUT / "content" / "dd" / ("dd" * 32 + ".npz")
    orphan.parent.mkdir()
    orphan.write_bytes(b"nobody's")
    forgotten = tmp_path / "training" / ".key-x1.safetensors"
    forgotten.parent.mkdir()
    forgotten.write_bytes(b"temporary")
    fresh = forgotten.with_name(".key-x2.safetensors")
    fresh.write_bytes(b"just now")
    os.utime(forgotten, (time.time() - LEFT_BEHIND - 60,) * 2)
    freed = collect(tmp_path)
    assert freed.items == () and freed.litter > 0
    assert kept(tmp_path, A, B, C) == [A]
    assert not any(path.exists() for path in (short, orphan, forgotten)) and fresh.exists()


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A cache folder with something of everything."""
    keep(tmp_path, A)
    for part in ("encodings", "training", "sampling"):
        (tmp_path / part).mkdir()
        (tmp_path / part / f"{C}.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    drawn = tmp_path / "catalogs" / "miniature-1"
    drawn.mkdir(parents=True)
    (drawn / "clip.mp4").write_bytes(b"clip")
    (tmp_path / "detector").mkdir()
    (tmp_path / "detector" / "yolo11n.onnx").write_bytes(b"weights")
    (tmp_path / "planner-usage.jsonl").write_text("{}\n")
    return tmp_path


def test_everything_in_the_folder_is_known_and_the_users_own_stays(whole: Path) -> None:
    found = contents(whole)
    assert sorted({item.part for item in found.items}) == ["catalogs", "encodings", "results", "sampling", "training"]
    assert sorted(found.others) == ["detector", "planner-usage.jsonl"]
    with leased(whole / LAYOUT) as lease:
        assert collect(whole, keep=0).items == ()  # it has not said yet what it needs
        lease.pin([B])
        assert {item.part for item in collect(whole, keep=0).items} == {"results"}
        assert (whole / "catalogs" / "miniature-1" / "clip.mp4").exists()
    collect(whole, keep=0)
    assert contents(whole).items == ()
    assert (whole / "detector" / "yolo11n.onnx").exists() and (whole / "planner-usage.jsonl").exists()


def test_verify_names_what_is_damaged_and_changes_nothing(whole: Path) -> None:
    flipped = keep(whole, B, b"other frames")
    flipped.write_bytes(b"other framez")
    keep(whole, C, b"cut short").write_bytes(b"cut")
    (whole / "encodings" / f"{C}.safetensors").write_bytes(b"\xff\xff")
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    *_, checked = verify(whole)
    assert checked.sound == 3
    assert checked.damaged == {
        f"v1/results/bb/{B}.json": "its render is not what was kept",
        f"v1/results/cc/{C}.json": "its render is cut short (3 of 9 bytes)",
        f"encodings/{C}.safetensors": "cut short, or not a safetensors file",
    }
    assert {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("leads", ["nowhere", "itself"])
@pytest.mark.parametrize(
    "place", ["results/aa/{}.json", "results/dd/{}.json", "content/dd/{}.npz", "content/aa/{}.npz"]
)
def test_links_that_lead_nowhere_are_litter_and_neither_builds_nor_cleaning_stop_at_them(
    tmp_path: Path, place: str, leads: str
) -> None:
    made = keep(tmp_path, A)
    link = tmp_path / LAYOUT / place.format(A if "results" in place else made.stem)
    if place.startswith("content/aa"):
        link = made
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(link if leads == "itself" else "gone")
    [*_, checked] = verify(tmp_path)
    assert checked.sound == ("/dd/" in place) and len(checked.damaged) == (not place.startswith("content/dd"))
    assert (Store(tmp_path).find(A) is None) is ("/aa/" in place)
    contents(tmp_path)
    collect(tmp_path)
    assert not link.is_symlink()
    keep(tmp_path, A)
    assert Store(tmp_path).find(A) is not None


def test_verify_names_an_encoding_that_lies_in_anothers_place(whole: Path) -> None:
    head = json.dumps({"__metadata__": {"key": A}}).encode()
    for name in (A, B):
        (whole / "encodings" / f"{name}.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    *_, checked = verify(whole)
    assert checked.sound == 5 and checked.damaged == {f"encodings/{B}.safetensors": "kept under another name"}


def test_the_commands_say_it(whole: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(whole))
    assert main(["cache", "list"]) == 0
    listed = capsys.readouterr().out
    assert "1 render" in listed and "detector, planner-usage.jsonl" in listed
    assert main(["cache", "verify"]) == 0
    assert capsys.readouterr().out == "4 sound, 0 damaged\n"
    keep(whole, B, b"other frames").write_bytes(b"other framez")
    assert main(["cache", "verify"]) == 3
    assert f"v1/results/bb/{B}.json: its render is not what was kept" in capsys.readouterr().out
    assert main(["cache", "gc", "--keep", "0"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("freed ") and "the rest is the user's own" in said.err


def test_a_dry_cleaning_says_what_it_would_do_and_takes_nothing(
    whole: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(whole))
    keep(whole, C, b"cut short").write_bytes(b"cut")
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert main(["cache", "gc", "--keep", "0", "--dry-run"]) == 0
    foreseen = capsys.readouterr().out
    assert foreseen.startswith("would free ") and "would be left" in foreseen
    assert {path: path.read_bytes() for path in before if path.is_file()} == before
    assert main(["cache", "gc", "--keep", "0"]) == 0
    assert capsys.readouterr().out == foreseen.replace("would free", "freed").replace("would be left", "are left")


@pytest.mark.parametrize(
    ("text", "bytes"), [("20GB", 20 * 10**9), ("1.5G", 1_500_000_000), ("500MB", 500_000_000), ("7B", 7), ("0", 0)]
)
def test_sizes_as_people_write_them(text: str, bytes: int) -> None:
    from dreamrunner.cli.commands.cache import amount

    assert amount(text) == bytes


@pytest.mark.parametrize("text", ["5", "1.5", "20 gigs", "-1GB", "", "9" * 19 + "B", "9" * 400 + "GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    from dreamrunner.cli.commands.cache import amount

    with pytest.raises(ArgumentTypeError, match="write it like"):
        amount(text)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1700, "1.7 KB"), (20_000_000, "20 MB"), (1.3e12, "1.3 TB")]
)
def test_sizes_for_people(count: float, text: str) -> None:
    from dreamrunner.files.wording import size

    assert size(int(count)) == text
