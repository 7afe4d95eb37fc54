"""Frames as players show them: the right one at every moment, whatever the container, and as the file says to show
it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dreamrunner.datasets.video import VideoError, read_attributes, read_frames
from tests.material.videos import ffmpeg

COUNT, RATE = 60, 25

X264 = "-c:v libx264 -preset fast -bf 3 -g 12 -crf 8 -pix_fmt yuv420p"
CONTAINERS = {
    "plain.mp4": X264,
    "film.mov": X264,
    "film.mkv": X264,
    "broadcast.ts": X264,
    "camcorder.mts": f"{X264} -f mpegts -mpegts_m2ts_mode 1",
    "web.flv": X264,
    "old.avi": X264,
    "older.avi": "-c:v mpeg4 -q:v 2 -bf 2 -g 12",
    "phone.3gp": "-c:v mpeg4 -q:v 2 -bf 2 -g 12",
    "disc.mpg": "-c:v mpeg2video -q:v 2 -bf 2 -g 12",
    "disc.vob.mpg": "-c:v mpeg2video -q:v 2 -bf 2 -g 12 -f vob",
    "program.ts": "-c:v mpeg2video -q:v 2 -bf 2 -g 12",
    "first.mpeg": "-c:v mpeg1video -q:v 2 -g 12",
    "windows.wmv": "-c:v wmv2 -q:v 2 -g 12",
    "page.webm": "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 12 -crf 10 -b:v 0",
    "free.ogv": "-c:v libtheora -q:v 9 -g 12",
    "open_gop.mp4": "-c:v libx265 -preset ultrafast -crf 8 -tag:v hvc1"
    " -x265-params log-level=none:open-gop=1:keyint=12:bframes=4",
}
"""By the name of a video, what ffmpeg writes it with."""


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw frames whose brightness is four times their number."""
    file = tmp_path_factory.mktemp("counting") / "frames.rgb"
    frames = np.repeat(np.arange(COUNT, dtype=np.uint8) * 4, 96 * 64 * 3)
    file.write_bytes(frames.tobytes())
    return file


def raw(file: Path, rate: int = RATE, size: str = "96x64") -> list[str | Path]:
    return ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(rate), "-i", file]


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_moment_gives_the_frame_that_is_shown_then(name: str, counting: Path, tmp_path: Path) -> None:
    video = tmp_path / name
    ffmpeg(*raw(counting), *CONTAINERS[name].split(), video)
    assert read_attributes(video).frames == COUNT
    for start in (0.0, 0.5, 1.3, 2.2):
        shown = read_frames(video, start=start, end=start + 0.1, rate=RATE)[:, 32, 48].mean(-1) / 4
        wanted = np.arange(len(shown)) + int(start * RATE + 1e-6)
        assert np.abs(shown - wanted).max() < 0.8, (start, shown)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bare.h264", "is a bare stream, whose frames have no times; put it into a container: ffmpeg -i FILE -c copy"),
        ("studio.mxf", "is in a form \\(container\\) that is not read here; MP4, MOV, MKV, WebM, AVI"),
        ("old.rm", "is in a form \\(container\\) that is not read here"),
    ],
)
def test_what_is_not_read_is_told_for_what_it_is(name: str, said: str, counting: Path, tmp_path: Path) -> None:
    video = tmp_path / name
    codec = {".h264": "libx264", ".mxf": "mpeg2video"}.get(video.suffix)
    ffmpeg(*raw(counting), *(["-c:v", codec] if codec else []), video)
    with pytest.raises(VideoError, match=said):
        read_attributes(video)


@pytest.mark.parametrize("options", ["-q:v 2 -g 12", "-g 12", "-b:v 8M -bf 2"])
def test_a_long_program_stream_loses_no_frame(options: str, tmp_path: Path) -> None:
    """A program stream keeps times for some of its frames only."""
    number = np.arange(375)
    frames = np.zeros((len(number), 64, 96, 3), np.uint8)
    frames[:, :32, :48] = (number // 16 * 10 + 5)[:, None, None, None]
    frames[:, :32, 48:] = (number % 16 * 15 + 5)[:, None, None, None]
    frames[:, 32:] = np.random.default_rng(0).integers(0, 160, (len(number), 32, 96, 3))
    file, video = tmp_path / "frames.rgb", tmp_path / "long.mpg"
    file.write_bytes(frames.tobytes())
    ffmpeg(*raw(file), *"-c:v mpeg1video".split(), *options.split(), video)
    for start in (0.0, 8.0):
        shown = read_frames(video, start=start, end=15.0, rate=RATE)[:, 16].mean(-1)
        found = np.round((shown[:, 24] - 5) / 10) * 16 + np.round((shown[:, 72] - 5) / 15)
        assert np.array_equal(found, number[round(start * RATE) :])


def test_what_an_edit_list_leaves_out_is_not_there(counting: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg(*raw(counting), *X264.replace("-g 12", "-g 1000").split(), whole)
    ffmpeg("-ss", "1.6", "-i", whole, "-c", "copy", cut)  # the key frame is 40 frames before
    attributes = read_attributes(cut)
    assert attributes.frames == 20 and attributes.duration == pytest.approx(0.8)
    shown = read_frames(cut)[:, 32, 48].mean(-1) / 4
    assert np.abs(shown - np.arange(40, 60)).max() < 0.8


@pytest.fixture(scope="module")
def corners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that tells its corners apart: red and green above, blue and white below; as a film of ten frames."""
    file = tmp_path_factory.mktemp("corners") / "corners.rgb"
    picture = np.full((64, 96, 3), 230, np.uint8)
    picture[:32, :48], picture[:32, 48:], picture[32:, :48] = (200, 0, 0), (0, 160, 0), (0, 0, 200)
    file.write_bytes(np.tile(picture, (10, 1, 1, 1)).tobytes())
    return file


def film(corners: Path, video: Path, *options: str) -> Path:
    ffmpeg(*raw(corners, 10), *options, "-c:v", "libx264", "-crf", "8", "-pix_fmt", "yuv420p", video)
    return video


def corner_names(pixels: np.ndarray) -> str:
    """The corners' colours, above before below, left before right: ``rgbw`` as drawn."""
    colours = {"r": (200, 0, 0), "g": (0, 160, 0), "b": (0, 0, 200), "w": (230, 230, 230), "k": (0, 0, 0)}
    height, width = pixels.shape[:2]
    return "".join(
        min(colours, key=lambda name: np.abs(pixels[y, x].astype(int) - colours[name]).sum())
        for y in (height // 4, 3 * height // 4)
        for x in (width // 4, 3 * width // 4)
    )


@pytest.mark.parametrize(
    ("how", "shown", "size"),
    [
        (["-display_rotation", "90"], "gwrb", (64, 96)),
        (["-display_rotation", "180"], "wbgr", (96, 64)),
        (["-display_hflip"], "grwb", (96, 64)),
        (["-display_vflip"], "bwrg", (96, 64)),
    ],
)
def test_turned_and_mirrored_pictures_stand_as_they_are_shown(
    how: list[str], shown: str, size: tuple[int, int], corners: Path, tmp_path: Path
) -> None:
    plain, turned = film(corners, tmp_path / "plain.mp4"), tmp_path / "turned.mp4"
    ffmpeg(*how, "-i", plain, "-c", "copy", turned)
    attributes = read_attributes(turned)
    pixels = read_frames(turned, count=1)[0]
    assert corner_names(pixels) == shown
    assert (attributes.width, attributes.height) == size == (pixels.shape[1], pixels.shape[0])


def test_pixels_that_are_not_square_are_made_square(corners: Path, tmp_path: Path) -> None:
    video = film(corners, tmp_path / "wide.mp4", "-vf", "setsar=4/3")
    attributes = read_attributes(video)
    assert (attributes.width, attributes.height) == (128, 64)
    assert read_frames(video, count=1).shape[1:3] == (64, 128)


def test_of_several_tracks_the_one_that_players_show_counts(corners: Path, tmp_path: Path) -> None:
    main, small, both = film(corners, tmp_path / "main.mp4"), tmp_path / "small.mp4", tmp_path / "both.mp4"
    ffmpeg("-i", main, "-vf", "scale=48:32", small)
    tracks = ["-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "0", "-disposition:v:1", "default"]
    ffmpeg("-i", small, "-i", main, *tracks, both)
    assert read_attributes(both).width == 96


def test_a_song_with_a_cover_is_no_film(tmp_path: Path) -> None:
    song = tmp_path / "song.mp4"
    sources = ["-f", "lavfi", "-i", "sine=d=2", "-f", "lavfi", "-i", "color=red:s=96x96:d=0.04"]
    cover = ["-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-disposition:v:0", "attached_pic"]
    ffmpeg(*sources, "-map", "0", "-map", "1", *cover, song)
    with pytest.raises(VideoError, match="only sound"):
        read_attributes(song)


@pytest.mark.parametrize(
    ("filters", "options"),
    [
        (
            "zscale=tin=709:t=smpte2084:pin=709:p=2020:min=709:m=2020_ncl:rin=full:r=limited:npl=100",
            "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
        ),
        (
            "zscale=tin=709:t=arib-std-b67:pin=709:p=2020:min=709:m=2020_ncl:rin=full:r=limited:npl=100",
            "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc",
        ),
    ],
    ids=["pq", "hlg"],
)
def test_hdr_is_mapped_to_what_it_was_made_from(filters: str, options: str, corners: Path, tmp_path: Path) -> None:
    video = tmp_path / "hdr.mp4"
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "4", "-x265-params", f"log-level=none:{options}"]
    ffmpeg(*raw(corners, 10), "-vf", f"{filters},format=yuv420p10le", *codec, video)
    pixels = read_frames(video, count=1)[0].astype(int)
    for (y, x), colour in {
        (16, 24): (200, 0, 0),
        (16, 72): (0, 160, 0),
        (48, 24): (0, 0, 200),
        (48, 72): (230,) * 3,
    }.items():
        assert np.abs(pixels[y, x] - colour).max() <= 16, (pixels[y, x], colour)


@pytest.mark.parametrize("range_", ["pc", "tv", "unknown"])
@pytest.mark.parametrize("codec", ["libx264", "ffv1"])
def test_grey_has_the_range_that_it_says_or_else_its_codecs_own(codec: str, range_: str, tmp_path: Path) -> None:
    levels = [0, 16, 60, 128, 200, 235, 255]
    stretched = [0, 0, 51, 130, 214, 255, 255]  # (level - 16) * 255 / 219, as the standard of H.264 has it
    steps, video = tmp_path / "steps.grey", tmp_path / "grey.mkv"
    steps.write_bytes(np.tile(np.repeat(np.uint8(levels), 12), (10, 64, 1)).tobytes())
    written = ["-vf", f"setparams=range={range_}", "-c:v", codec, "-pix_fmt", "gray"]
    plain = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "84x64", "-r", "10", "-i", steps]
    ffmpeg(*plain, *written, *(["-crf", "1"] if codec == "libx264" else []), video)
    found = read_frames(video)[5, 32, 6::12]
    wanted = stretched if codec == "libx264" and range_ != "pc" else levels
    assert (found.min(-1) == found.max(-1)).all() and np.abs(found[:, 0].astype(int) - wanted).max() <= 2, found


def test_what_is_transparent_shows_black_and_not_its_hidden_colour(corners: Path, tmp_path: Path) -> None:
    for name, codec in {
        "alpha.webm": ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0", "-crf", "4", "-b:v", "0"],
        "alpha.mov": ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"],
    }.items():
        holes = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*lt(X,48)'"
        ffmpeg(*raw(corners, 10), "-vf", holes, *codec, tmp_path / name)
        assert corner_names(read_frames(tmp_path / name, count=1)[0]) == "rkbk"


def test_two_fields_do_not_mix_two_moments(tmp_path: Path) -> None:
    bars = np.zeros((20, 64, 96, 3), np.uint8)
    for number in range(20):
        bars[number, :, number * 4 : number * 4 + 8] = 255
    (tmp_path / "bars.rgb").write_bytes(bars.tobytes())
    video = tmp_path / "interlaced.mp4"
    fields = ["-flags", "+ilme+ildct", "-x264opts", "tff=1", "-crf", "4", "-pix_fmt", "yuv420p"]
    ffmpeg(*raw(tmp_path / "bars.rgb", 20), "-vf", "tinterlace=4", "-c:v", "libx264", *fields, video)
    for picture in read_frames(video):
        row = picture.mean((0, 2))
        assert (row > 60).sum() <= 10, row  # one bar of eight pixels, not two beside one another
