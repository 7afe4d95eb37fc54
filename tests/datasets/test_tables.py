"""Sources: what each kind says, and rows that cannot be used."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from pathlib import Path

import polars
import pytest

from dreamrunner.datasets.captions import LONGEST_CAPTION, Broken, Row, SourceError
from dreamrunner.datasets.tables import open_source


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


def test_a_folder_takes_every_ending_of_cameras_and_discs(tmp_path: Path) -> None:
    names = [f"{number}.{ending}" for number, ending in enumerate("m2ts 3g2 dv vob f4v mxf m2v divx MTS".split())]
    for name in (*names, "._clip.mp4", "clip.mp4.part", "clip.crdownload"):
        (tmp_path / name).write_bytes(b"x")
    assert [row.video for row in rows(tmp_path) if isinstance(row, Row)] == names


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
        (b'{"id": "a", "caption": "pot", "end": Infinity}', "is not JSON"),
        (b'{"id": "a", "caption": NaN}', "has no caption"),
        (b'{"id": "a", "caption": "pot", "end": 1e999}', "is not JSON"),
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


def table(folder: Path, columns: str, *cells: object, separator: str = ",", ending: str = "csv", **how: str) -> Path:
    """A table of one row."""
    content = io.StringIO(newline="")
    writer = csv.writer(content, delimiter=separator, lineterminator=how.get("lines", "\r\n"))
    writer.writerows([columns.split("|"), cells])
    (file := folder / f"clips.{ending}").write_bytes(
        (how.get("first", "") + content.getvalue()).encode(how.get("encoding", "utf-8"))
    )
    return file


PAIRS = [["0:00:00.000", "0:00:02.500"], ["0:00:02.500", "0:00:06.000"]]
TWICE = [(0.0, 2.5, "one"), (2.5, 6.0, "it's two")]


@pytest.mark.parametrize(
    ("columns", "cells", "clips"),
    [
        ("videoID|timestamp|caption", [str(PAIRS), str(["one", "it's two"])], TWICE),
        ("videoID|timestamp|caption", [json.dumps(PAIRS), json.dumps(["one", "it's two"])], TWICE),
        ("id|start|end|caption", ["[0, 2.5]", "[2.5, 6]", str(["one", "it's two"])], TWICE),
        ("id|caption|span", [str(["one"]), "['0:01', '0:04']"], [(1, 4, "one")]),
        ("id|caption|segment", ["one", "(1.5, 4)"], [(1.5, 4, "one")]),
        ("id|caption|timestamp", ["one", "00:00:01.5 - 00:00:04"], [(1.5, 4, "one")]),
        ("id|caption|timestamps", ["one", str(PAIRS)], [(0, 2.5, "one"), (2.5, 6, "one")]),
        ("id|start|end|caption", ["1", "4", str(["one", "two"])], [(1, 4, "one"), (1, 4, "two")]),
        ("id|caption", ["[laughs]"], [(0, None, "[laughs]")]),
        ("id|caption", ["[1] a witch [2]"], [(0, None, "[1] a witch [2]")]),
        (
            "id|timestamp|caption",
            [str(PAIRS), str(["one", "two", "three"])],
            "has 3 in caption and 2 in start and 2 in end as lists",
        ),
        ("id|timestamp|caption", ["2021-03-04 12:00", "one"], "has a timestamp that is not a start and an end"),
        ("id|timestamp|caption", ["[1, 2, 3]", "one"], "has a timestamp that is not a start and an end"),
        ("id|timestamp|start|end|caption", ["2021-03-04", "1", "4", "one"], [(1, 4, "one")]),
    ],
)
def test_cells_of_several_clips_are_unfolded(tmp_path: Path, columns: str, cells: list[str], clips: object) -> None:
    found = rows(table(tmp_path, columns, "a", *cells))
    if isinstance(clips, str):
        assert found == [Broken("line 2", clips)]
    else:
        assert found == [Row("a", True, start, end, caption) for start, end, caption in clips]


def test_lists_of_parquet_and_json_are_unfolded_too(tmp_path: Path) -> None:
    told = {"video_id": "a", "timestamp": [[0.0, 2.5], [2.5, 6.0]], "caption": ["one", "it's two"]}
    polars.DataFrame([told]).write_parquet(tmp_path / "clips.parquet")
    (tmp_path / "clips.json").write_text(json.dumps([told, 7]))
    (tmp_path / "wrapped.json").write_text(json.dumps({"version": 1, "clips": [told]}))
    wanted = [Row("a", True, start, end, caption) for start, end, caption in TWICE]
    assert rows(tmp_path / "clips.parquet") == rows(jsonl(tmp_path, told)) == rows(tmp_path / "wrapped.json") == wanted
    assert rows(tmp_path / "clips.json") == [*wanted, Broken("entry 2", "is not a JSON object")]


@pytest.mark.parametrize(
    ("columns", "cells", "wanted", "unread"),
    [
        ("caption|description|id", ["one", "two", "a"], Row("a", True, 0, None, "one"), ["description"]),
        ("text|caption|id", ["two", "one", "a"], Row("a", True, 0, None, "one"), ["text"]),
        ("video_id|id|caption|score", ["b", "a", "one", "1"], Row("a", True, 0, None, "one"), ["video_id", "score"]),
        ("id|caption|start_sec|end_sec", ["a", "one", "1.5", "4"], Row("a", True, 1.5, 4, "one"), []),
        ("id|caption|begin|stop", ["a", "one", "1.5", "4"], Row("a", True, 1.5, 4, "one"), []),
        ("id|caption|Start MS|end-ms", ["a", "one", "1500", "4000"], Row("a", True, 1.5, 4, "one"), []),
        (
            "id|caption|start_frame|end_frame|fps",
            ["a", "one", "15", "40", "10"],
            Row("a", True, 1.5, 4, "one", rate=10),
            [],
        ),
        (
            "id|caption|start_time|start_frame|end_time",
            ["a", "one", "1", "15", "4"],
            Row("a", True, 1, 4, "one"),
            ["start_frame"],
        ),
        (
            "id|caption|start_frame",
            ["a", "one", "15"],
            "has a start as a frame, but no rate: a column `fps` is needed",
            [],
        ),
        (
            "videoid|contentUrl|page_dir|name",
            ["7", "https://x/7.mp4", "0", "one"],
            Row("7", True, 0, None, "one"),
            ["contentUrl", "page_dir"],
        ),
        ("id|name|text", ["a", "clip 1", "one"], Row("a", True, 0, None, "one"), ["name"]),
        ("id|title|name", ["a", "one", "clip 1"], Row("a", True, 0, None, "one"), ["name"]),
        ("id|caption|first_seen", ["a", "one", "1"], Row("a", True, 0, None, "one"), ["first_seen"]),
        ("id|caption|start|end", ["a.mp4", "one", "nan", "NaN"], Row("a", True, 0, None, "one"), []),
        ("id|caption|end", ["a.WEBM", "one", "4,5"], Row("a", True, 0, 4.5, "one"), []),
        ("id|caption|end", ["12.0", "one", "00:00:04,500"], Row("12", True, 0, 4.5, "one"), []),
        ("id|caption|end", ["a", "one", "1,500"], "has an end that is not a number", []),
        (
            "id|caption",
            ["https://www.youtube.com/watch?v=AbCdEf-1234&t=3", "one"],
            Row("AbCdEf-1234", True, 0, None, "one"),
            [],
        ),
        ("id|caption", ["https://youtu.be/AbCdEf-1234", "one"], Row("AbCdEf-1234", True, 0, None, "one"), []),
    ],
)
def test_the_main_name_of_a_column_wins_and_what_is_not_read_is_named(
    tmp_path: Path, columns: str, cells: list[str], wanted: Row | str, unread: list[str]
) -> None:
    file = table(tmp_path, columns, *cells)
    assert rows(file) == [Broken("line 2", wanted) if isinstance(wanted, str) else wanted]
    assert list(open_source(file).unread) == unread
    named = dict(zip(columns.split("|"), cells, strict=True))
    assert list(open_source(jsonl(tmp_path, named)).unread) == unread


def test_numbers_that_are_none_are_nothing_in_json_as_in_csv(tmp_path: Path) -> None:
    file = jsonl(tmp_path, {**GOOD, "Aesthetic_Score": math.nan, "start": math.nan})
    assert b'"start": NaN' in file.read_bytes()
    listed = tmp_path / "clips.json"
    listed.write_bytes(b"[" + file.read_bytes() + b"]")
    assert rows(file) == rows(listed) == [Row("a", True, 0.0, 4.0, "pot")]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="two columns for the same, 'Caption' and 'caption'"):
        open_source(table(tmp_path, "id|Caption|caption", "a", "one", "two"))
    (found,) = rows(jsonl(tmp_path, {"id": "a", "Caption": "one", "caption": "two"}))
    assert isinstance(found, Broken) and "two columns" in found.why


@pytest.mark.parametrize(
    "how",
    [
        {"separator": ";"},
        {"separator": "\t"},
        {"separator": "\t", "ending": "tsv"},
        {"separator": ",", "ending": "tsv"},
        {"separator": "|"},
        {"lines": "\r"},
        {"lines": "\n"},
        {"encoding": "utf-8-sig"},
        {"encoding": "utf-16"},
        {"encoding": "utf-16", "separator": "\t", "ending": "tsv"},
        {"first": "sep=,\r\n"},
        {"first": "sep=:\r\n", "separator": ":"},
        {"first": "\ufeffsep=;\r\n", "separator": ";"},
    ],
    ids=repr,
)
def test_separators_line_ends_and_encodings(tmp_path: Path, how: dict[str, str]) -> None:
    file = table(tmp_path, "id|end|caption", "a", "4", 'Sie rührt;\n"im" Topf, lang', **how)
    assert rows(file) == [Row("a", True, 0, 4, 'Sie rührt; "im" Topf, lang')]


def test_what_is_not_utf8_is_told_row_by_row(tmp_path: Path) -> None:
    (found,) = rows(table(tmp_path, "id|caption", "a", "Frau rührt", encoding="cp1252"))
    assert isinstance(found, Broken) and "not UTF-8" in found.why


def test_two_lists_are_captions_and_videos(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    for name in "ab":
        (tmp_path / "videos" / f"{name}.mp4").write_bytes(b"x")
    (tmp_path / "prompts.txt").write_bytes(b"a witch\r\na cat\r\n")
    (tmp_path / "videos.txt").write_text("videos/a.mp4\nvideos/b.mp4\n\n")
    found = rows(tmp_path)
    assert [(row.video, row.caption) for row in found if isinstance(row, Row)] == [
        ("videos/a.mp4", "a witch"),
        ("videos/b.mp4", "a cat"),
    ]
    (tmp_path / "videos.txt").write_text("videos/a.mp4\n")
    with pytest.raises(SourceError, match="has 2 lines"):
        rows(tmp_path)


def test_a_table_in_a_folder_of_videos_is_named(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.json", "metadata.jsonl"):
        (tmp_path / name).write_text("{}")
    assert open_source(tmp_path).unread == ("metadata.jsonl",)


def test_a_caption_of_a_megabyte_is_cut(tmp_path: Path) -> None:
    (found,) = rows(jsonl(tmp_path, {"id": "a", "caption": "pot " * 250_000}))
    assert isinstance(found, Row) and found.caption.startswith("pot pot") and len(found.caption) <= LONGEST_CAPTION


def test_a_line_without_end_is_one_broken_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dreamrunner.datasets.text_tables.LONGEST_ROW", 1000)
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
