"""Reading videos: what they are, which frame is on at which moment, and files that are none."""

from __future__ import annotations

import weakref
from pathlib import Path
from random import Random

import av
import numpy as np
import pytest

from dreamrunner.datasets.video import VideoError, digest_of, frames_one_by_one, read_attributes, read_frames
from tests.material.videos import ffmpeg, number_of, stripes, write


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write(tmp_path / "clip.mp4", stripes(24))


def test_attributes_are_those_of_the_file(clip: Path) -> None:
    known = read_attributes(clip)
    assert (known.width, known.height, known.frames, known.rotation) == (96, 64, 24, 0)
    assert known.rate == pytest.approx(8) and known.duration == pytest.approx(3)


@pytest.mark.parametrize("name", ["clip.flv", "clip.wmv", "clip.asf"])
def test_the_last_frame_lasts_where_the_container_does_not_say_for_how_long(tmp_path: Path, name: str) -> None:
    clip = tmp_path / name
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("flv" if name.endswith("flv") else "wmv2", rate=8)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for pixels in stripes(8):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    known = read_attributes(clip)
    assert known.rate == pytest.approx(8) and known.duration == pytest.approx(1)
    assert [number_of(picture) for picture in read_frames(clip, count=8)] == list(range(8))


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, list(range(24))),
        ({"start": 1.0, "end": 2.0}, list(range(8, 16))),
        ({"rate": 2.0}, [0, 4, 8, 12, 16, 20]),
        ({"rate": 4.0, "start": 2.0, "end": 3.0}, [16, 18, 20, 22]),
        ({"rate": 16.0, "start": 0.5, "end": 1.0}, [4, 4, 5, 5, 6, 6, 7, 7]),
        ({"count": 4}, [3, 9, 15, 21]),
        ({"count": 2, "start": 1.0, "end": 2.0}, [10, 14]),
        ({"count": 2, "start": 2.5, "end": 9.0}, [23, 23]),
    ],
)
def test_a_moment_gives_the_frame_that_is_on_then(clip: Path, asked: dict, numbers: list[int]) -> None:
    assert [number_of(picture) for picture in read_frames(clip, **asked)] == numbers


@pytest.mark.parametrize("asked", [{}, {"count": 5}, {"rate": 12.0, "start": 0.5}, {"end": 1.0, "size": (10, 8)}])
def test_frames_come_one_by_one_and_none_is_held(clip: Path, asked: dict) -> None:
    last, count = None, 0
    for wanted, frame in zip(read_frames(clip, **asked), frames_one_by_one(clip, **asked), strict=True):
        assert last is None or last() is None
        assert (frame == wanted).all()
        last, count = weakref.ref(frame), count + 1
        del frame
    assert count >= 5
    with pytest.raises(VideoError, match="shows nothing from 9 s on"):
        next(frames_one_by_one(clip, start=9.0))


def test_frames_of_a_variable_rate_are_found_by_their_times(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.2, 1.0, 2.0, 2.1, 2.9]
    clip = write(tmp_path / "odd.mkv", stripes(7), times=times)
    shown = [number_of(picture) for picture in read_frames(clip, rate=4.0, start=0.0, end=3.0)]
    assert shown == [max(n for n, at in enumerate(times) if at <= moment + 1e-6) for moment in np.arange(0, 3, 0.25)]
    assert read_attributes(clip).frames == 7


def test_a_window_is_cut_out_and_scaled(clip: Path) -> None:
    right = read_frames(clip, count=1, crop=(0.5, 0.0, 1.0, 1.0))
    assert right.shape == (1, 64, 48, 3) and right.min() > 240
    assert read_frames(clip, count=1, crop=(0.99, 0.99, 0.995, 0.995)).shape[1:3] == (1, 1)
    small = read_frames(clip, count=3, size=(24, 16))
    assert small.shape == (3, 16, 24, 3) and [number_of(picture) for picture in small] == [4, 12, 20]


@pytest.mark.parametrize(("turn", "shape"), [(90, (96, 64)), (180, (64, 96)), (270, (96, 64))])
def test_a_turned_video_is_read_as_it_is_shown(clip: Path, tmp_path: Path, turn: int, shape: tuple[int, int]) -> None:
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", str(turn), "-i", clip, "-c", "copy", turned)
    known = read_attributes(turned)
    assert (known.height, known.width) == shape and known.rotation == (360 - turn) % 360
    np.testing.assert_array_equal(
        read_frames(turned, count=1)[0], np.rot90(read_frames(clip, count=1)[0], turn // 90)
    )  # fmt: skip


@pytest.mark.parametrize("size", [(97, 65), (2, 2), (16, 240)])
def test_odd_sizes_are_read(tmp_path: Path, size: tuple[int, int]) -> None:
    clip = write(tmp_path / "odd.mp4", stripes(3, size))
    assert (read_attributes(clip).width, read_attributes(clip).height) == size
    assert read_frames(clip).shape == (3, size[1], size[0], 3)


def broken(tmp_path: Path, kind: str) -> Path:
    file, whole = tmp_path / f"{kind}.mp4", write(tmp_path / "whole.mp4", stripes(60))
    if kind == "cut off":
        ffmpeg("-i", whole, "-c", "copy", "-movflags", "+faststart", tmp_path / "fast.mp4")
        content = (tmp_path / "fast.mp4").read_bytes()
        file.write_bytes(content[: content.index(b"mdat") + (len(content) - content.index(b"mdat")) // 3])
    elif kind == "without an index":
        file.write_bytes(whole.read_bytes()[:2000])
    elif kind == "an unknown codec":
        content = whole.read_bytes()
        assert content.count(b"avc1") >= 1
        file.write_bytes(content.replace(b"avc1", b"zzz9").replace(b"avcC", b"zzzC"))
    elif kind == "sound alone":
        ffmpeg("-f", "lavfi", "-i", "sine=duration=1", file)
    elif kind == "a picture":
        ffmpeg("-i", whole, "-frames:v", "1", tmp_path / "one.png")
        file.write_bytes((tmp_path / "one.png").read_bytes())
    elif kind == "a playlist":
        file.write_text(f"#EXTM3U\n#EXTINF:1,\n{whole}\n#EXT-X-ENDLIST\n")
    elif kind == "a list of files":
        file.write_text(f"ffconcat version 1.0\nfile {whole}\n")
    elif kind == "words":
        file.write_text("not a video\n" * 200)
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "a folder":
        file.mkdir()
    return file


@pytest.mark.parametrize(
    "kind",
    ["cut off", "without an index", "an unknown codec", "sound alone", "a picture", "a playlist", "a list of files",
     "words", "empty", "a folder", "missing"],
)  # fmt: skip
def test_what_is_no_video_says_so_in_one_line(tmp_path: Path, kind: str) -> None:
    file = broken(tmp_path, kind)
    for read in (read_attributes, lambda file: read_frames(file, count=2)):
        with pytest.raises(VideoError) as caught:
            read(file)
        assert str(file) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("container", ["mp4", "mkv", "avi", "ts"])
def test_a_damaged_video_is_read_or_told(tmp_path: Path, container: str) -> None:
    source = write(tmp_path / "source.mp4", stripes(6, (32, 32)))
    ffmpeg("-i", source, "-c", "copy", tmp_path / f"whole.{container}")
    content, random = (tmp_path / f"whole.{container}").read_bytes(), Random(7)
    for number in range(40):
        damaged = bytearray(content)
        for _ in range(8):
            # Heads are at the beginning, in MP4 at the end.
            place = random.randrange(min(900, len(content)))
            damaged[place if number % 2 else -place - 1] = random.choice([0, 1, 127, 255, random.randrange(256)])
        file = tmp_path / f"{number}.{container}"
        file.write_bytes(damaged)
        for read in (read_attributes, lambda file: read_frames(file, count=2)):
            try:
                read(file)
            except VideoError as told:
                assert str(told).startswith(str(file)) and "\n" not in str(told) and "Error" not in str(told)


def test_a_file_named_like_an_address_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "plain.mp4", stripes(3))
    (tmp_path / "plain.mp4").rename(tmp_path / "http:x.mp4")
    assert read_attributes(Path("http:x.mp4")).frames == 3


def test_the_digest_is_the_contents(clip: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clip.read_bytes())
    assert digest_of(copy) == digest_of(clip)
    copy.write_bytes(clip.read_bytes() + b"x")
    assert digest_of(copy) != digest_of(clip)
    with pytest.raises(VideoError):
        digest_of(tmp_path / "none.mp4")
