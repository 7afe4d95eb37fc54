"""Sources: what each kind says, and rows that cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars
import pytest

from dreamrunner.datasets.captions import LONGEST_CAPTION, Broken, Row
from dreamrunner.datasets.tables import SourceError, open_source


def rows(path: Path, videos: Path | None = None) -> list[Row | Broken]:
    return list(open_source(path, videos).rows())


def jsonl(folder: Path, *lines: object) -> Path:
    file = folder / "clips.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return file


INTERNVID = {
    "YoutubeID": "-1a_B.c",
    "Start_timestamp": "00:05:15.714",
    "End_timestamp": "01:05:19.190",
    "Caption": "a person is\n stirring \x07 a pot",
    "size": "1280x720",
    "FPS": 29.97,
}
EXPECTED = Row("-1a_B.c", True, 315.714, 3919.19, "a person is stirring a pot", 1280, 720, 29.97)


def test_the_three_tables_say_the_same(tmp_path: Path) -> None:
    assert rows(jsonl(tmp_path, INTERNVID)) == [EXPECTED]
    (tmp_path / "clips.csv").write_text(
        "\ufeff"
        + ",".join(INTERNVID)
        + '\n-1a_B.c,00:05:15.714,01:05:19.190,"a person is\n stirring \x07 a pot",1280x720,29.97\n'
    )
    assert rows(tmp_path / "clips.csv") == [EXPECTED]
    polars.DataFrame([INTERNVID]).write_parquet(tmp_path / "clips.parquet")
    assert rows(tmp_path / "clips.parquet") == [EXPECTED]


def test_a_folder_takes_captions_from_beside_its_videos_or_their_names(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a_man-walks.mp4", "b.mp4", "deep/c.webm", "d.MOV", ".hidden.mp4", "notes.pdf"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "b.txt").write_text("a cat sleeps\n")
    (tmp_path / "deep" / "c.webm.json").write_text(
        '{"caption": "a dog", "start": 1, "end": 3.5, "path": "/etc/passwd"}'
    )
    (tmp_path / "d.txt").write_bytes(b"\xff\xfe\xff")
    found = rows(tmp_path)
    assert [(row.video, row.caption, row.start, row.end) for row in found if isinstance(row, Row)] == [
        ("a_man-walks.mp4", "a man walks", 0.0, None),
        ("b.mp4", "a cat sleeps", 0.0, None),
        ("deep/c.webm", "a dog", 1.0, 3.5),
    ]
    assert [row for row in found if isinstance(row, Broken)] == [
        Broken("d.MOV", "d.txt is not text that can be read (UTF-8)")
    ]


GOOD = {"id": "a", "caption": "pot", "start": 0, "end": 4}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1]", "is not a JSON object"),
        (b'{"id": "a", "caption": "\xff"}', "is not UTF-8"),
        ({**GOOD, "caption": None}, "has no caption"),
        ({**GOOD, "caption": 7}, "has a caption that is not text"),
        ({**GOOD, "caption": " \n\x00 "}, "has an empty caption"),
        (b'{"id": "a", "caption": "\\ud800"}', "has a caption that is not UTF-8"),
        ({"caption": "pot"}, "has neither id nor path"),
        ({**GOOD, "id": "../../etc/passwd"}, "has an id with other characters"),
        ({**GOOD, "id": "a;rm -rf ~"}, "has an id with other characters"),
        ({**GOOD, "id": "a\n"}, "has an id with other characters"),
        ({**GOOD, "id": True}, "has neither id nor path"),
        ({**GOOD, "path": "../secret.mp4"}, "leaves the folder of videos"),
        ({**GOOD, "path": "/etc/passwd"}, "leaves the folder of videos"),
        ({**GOOD, "path": "link.mp4"}, "is a link that leaves the folder of videos"),
        ({**GOOD, "path": "way/secret.mp4"}, "is a link that leaves the folder of videos"),
        ({**GOOD, "path": "gone\x1b[2J.mp4"}, "gone?[2J.mp4: there is no such video"),
        ({**GOOD, "path": "a\0b"}, "has a path that is not one"),
        ({**GOOD, "path": "x" * 5000}, "there is no such video"),
        ({**GOOD, "start": "soon"}, "has a start that is not a number"),
        ({**GOOD, "start": -1}, "has a start of -1 s"),
        (b'{"id": "a", "caption": "pot", "start": NaN}', "has a start that is not a number"),
        (b'{"id": "a", "caption": "pot", "end": 1e999}', "has an end that is not a number"),
        ({**GOOD, "start": 5}, "ends at 4 s, before it starts"),
        ({**GOOD, "width": 0}, "has a width of 0"),
        ({**GOOD, "height": 1.5}, "has a height of 1.5"),
        ({**GOOD, "fps": 0}, "has a rate of 0 frames a second"),
    ],
)
def test_a_broken_row_is_named_and_the_next_one_read(tmp_path: Path, row: object, why: str) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    (tmp_path / "secret.mp4").write_bytes(b"x")
    (videos / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    (videos / "way").symlink_to(tmp_path)
    broken, good = rows(jsonl(tmp_path, row, GOOD), videos)
    assert isinstance(broken, Broken) and broken.place == "line 1"
    assert why in broken.why
    assert good == Row("a", True, 0.0, 4.0, "pot")


def test_a_caption_of_a_megabyte_is_cut(tmp_path: Path) -> None:
    (found,) = rows(jsonl(tmp_path, {"id": "a", "caption": "pot " * 250_000}))
    assert isinstance(found, Row) and found.caption.startswith("pot pot") and len(found.caption) <= LONGEST_CAPTION


def test_a_line_without_end_is_one_broken_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dreamrunner.datasets.tables.LONGEST_ROW", 1000)
    found = rows(jsonl(tmp_path, b"x" * 10_000, {"id": "a", "caption": "pot"}))
    assert [type(row) for row in found] == [Broken, Row]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("id,caption\na,pot,more\nb,dog\n", ["line 2"]),
        ('id,caption\na,"po"t"\nb,dog\n', ["line 2"]),
        ("id,caption\na,\udcff\nb,dog\n", ["line 2"]),
    ],
)
def test_broken_lines_of_csv(tmp_path: Path, text: str, broken: list[str]) -> None:
    (tmp_path / "clips.csv").write_text(text, encoding="utf-8", errors="surrogateescape")
    found = rows(tmp_path / "clips.csv")
    assert [row.place for row in found if isinstance(row, Broken)] == broken
    assert [row.video for row in found if isinstance(row, Row)] == ["b"]


def test_sources_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "clips.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "clips.xlsx").write_bytes(b"")
    (tmp_path / "clips.csv").write_text("title,words\n")
    for name, said in [
        ("none.jsonl", "no such folder or file"),
        ("clips.parquet", "cannot be read as Parquet"),
        ("clips.xlsx", "neither a folder of videos nor a table"),
        ("clips.csv", "names no column `caption`"),
    ]:
        with pytest.raises(SourceError, match=said):
            rows(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SourceError, match="neither a folder"):
        rows(tmp_path / "pipe.csv")
