"""``catalog index``, ``catalog search`` and ``retrieve`` as processes: what they print, refuse and leave behind."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.retrieval import Catalog
from tests.material import warm
from tests.material.videos import stripes, write


def dreamrunner(*arguments: str | Path, at: Path) -> subprocess.CompletedProcess[str]:
    return warm.run([*warm.PROGRAM, *arguments], cwd=at, env=warm.environment(), text=True)


def test_index_and_search(tmp_path: Path) -> None:
    write(tmp_path / "a_man-stirs.mp4", stripes(24))
    (tmp_path / "no\x1b[31m\nvideo.mp4").write_bytes(b"nothing")
    ran = dreamrunner("catalog", "index", ".", "-o", "../catalog", at=tmp_path)
    assert ran.returncode == 0 and "1 clip " in ran.stdout and "1 new, 0 as before, 0 gone, 1 skipped" in ran.stdout
    assert "skipped no?[31m?video.mp4: " in ran.stderr and "\x1b" not in ran.stderr + ran.stdout
    listed = (tmp_path.parent / "catalog" / "broken.csv").read_text().splitlines()
    assert len(listed) == 2 and "video.mp4" in listed[1]
    ran = dreamrunner("catalog", "search", "../catalog", "person is stirring a pot", at=tmp_path)
    assert ran.returncode == 0 and len(ran.stdout.splitlines()) == 1 and "a_man-stirs.mp4 0.00..3.00" in ran.stdout
    ran = dreamrunner("catalog", "search", "../catalog", "zebra", at=tmp_path)
    assert ran.returncode == 0 and ran.stdout == "" and "no caption shares a word" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["catalog", "index", "none.csv", "-o", "out"], "none.csv: no such folder or file"),
        (["catalog", "index", "notes.txt", "-o", "out"], "neither a folder of videos nor a table"),
        (["catalog", "index", "clips.jsonl", "-o", "notes.txt"], "the catalog notes.txt cannot be used"),
        (
            ["catalog", "index", "clips.jsonl", "-o", "out", "--videos", "none"],
            "none: there is no such folder of videos",
        ),
        (["catalog", "search", "none", "pot"], "none is not a catalog: make one with `dreamrunner catalog index"),
        (["retrieve", "stirring", "--catalog", "none"], "none is not a catalog"),
        (["retrieve", "stirring", "--story", "broken.story"], "broken.story has errors"),
        (["retrieve", "stirring", "--story", "far.story"], "leaves the story's folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "clips.jsonl").write_text("")
    (tmp_path / "broken.story").write_text('story "A"\n  catalog\n')
    (tmp_path / "far.story").write_text('story "A"\n  language 1\n  catalog "../far"\n')
    ran = dreamrunner(*arguments, at=tmp_path)
    assert ran.returncode == 1 and said in ran.stderr and len(ran.stderr.splitlines()) == 1
    assert "Traceback" not in ran.stderr and not (tmp_path / "out" / "captions").exists()


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ("1e20", "'1e20' is not a whole number"),
        ("-1", "'-1' is not a whole number"),
        ("0", "must be at least 1"),
        ("nan", "'nan' is not a whole number"),
        ("9" * 30, "is too large a number"),
        ("9" * 5000, "is too large a number"),
        ("4000000000", ""),
        ("9" * 18, ""),
    ],
)
def test_any_number_of_clips_can_be_asked_for(
    tmp_path: Path, count: str, said: str, capfd: pytest.CaptureFixture
) -> None:
    (tmp_path / "clips.jsonl").write_text('{"id": "a", "start": 0, "end": 1, "caption": "a man walks"}\n')
    assert main(["catalog", "index", str(tmp_path / "clips.jsonl"), "-o", str(tmp_path / "catalog")]) == 0
    capfd.readouterr()
    code = main(["catalog", "search", str(tmp_path / "catalog"), "walking", f"--count={count}"])
    told = capfd.readouterr()
    assert (code, len(told.out.splitlines())) == ((2, 0) if said else (0, 1)) and said in told.err


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", " =", "\uff1d", "'="])
def test_no_spreadsheet_runs_what_a_stranger_wrote(tmp_path: Path, sign: str, capfd: pytest.CaptureFixture) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    (videos / f"{sign}HYPERLINK(A1).mp4").write_bytes(b"nothing")
    (videos / "plain.mp4").write_bytes(b"nothing")
    assert main(["catalog", "index", str(videos), "-o", str(tmp_path / "catalog")]) == 0
    with open(tmp_path / "catalog" / "broken.csv", newline="", encoding="utf-8") as file:
        cells = [cell for row in list(csv.reader(file))[1:] for cell in row]
    assert len(cells) == 6 and "plain.mp4" in cells
    assert all(cell.lstrip()[:1] not in ("=", "+", "-", "@", "\uff1d") for cell in cells)
    assert any("HYPERLINK" in cell for cell in cells)


def test_an_interrupted_index_goes_on(tmp_path: Path) -> None:
    rows = ({"id": f"v{number}", "caption": f"person {number} is walking"} for number in range(60_000))
    (tmp_path / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    environment = warm.environment()
    arguments = [*warm.PROGRAM, "catalog", "index", "clips.jsonl", "-o", "catalog"]
    running = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    while not _rows(tmp_path / "catalog") and running.poll() is None:
        time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    assert "run the same command again" in running.communicate(timeout=300)[1] and running.returncode == 130
    kept = _rows(tmp_path / "catalog")
    assert 0 < kept < 60_000
    ran = dreamrunner("catalog", "index", "clips.jsonl", "-o", "catalog", at=tmp_path)
    assert f"({60_000 - kept:,} new, {kept:,} as before" in ran.stdout
    assert len(Catalog(tmp_path / "catalog").search("59999", 5)) == 1


def _rows(folder: Path) -> int:
    if not (folder / "catalog.sqlite").exists():
        return 0
    catalog = Catalog(folder)
    try:
        return len(catalog)
    finally:
        catalog.close()


def test_the_command_and_the_front_door_load_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "clips.jsonl").write_text('{"id": "a", "caption": "pot"}\n')
    code = """
import sys
from dreamrunner.cli import main
main(["catalog", "index", "clips.jsonl", "-o", "catalog"])
main(["catalog", "search", "catalog", "pot"])
print(sorted({"torch", "av", "ultralytics", "open_clip", "transformers", "cv2", "polars"} & set(sys.modules)))
"""
    environment = warm.environment()
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr
