"""Clips at a backbone's size: which frames, and which part of the picture."""

import numpy as np
import pytest

from dreamrunner.backbones import describe
from dreamrunner.datasets import Attributes, Segment, VideoError, given_clips
from dreamrunner.priors import read_clip
from dreamrunner.priors.clips import window
from tests.material.videos import number_of, stripes, write


@pytest.fixture(scope="module")
def miniature():
    return describe("miniature")


def test_a_clip_is_read_from_its_beginning_at_the_rate(tmp_path, miniature):
    file = write(tmp_path / "a.mp4", stripes(24), rate=8)
    clip = read_clip(Segment(file=file, digest="d", start=0.5, end=3.0, caption="waving"), miniature, 8.0)
    assert clip.frames.shape == (17, 64, 96, 3) and clip.frames.dtype == np.uint8 and clip.caption == "waving"
    assert [number_of(frame) for frame in clip.frames] == list(range(4, 21))


def test_a_short_one_is_spread_over_all_frames(tmp_path, miniature):
    file = write(tmp_path / "a.mp4", stripes(16), rate=8)
    clip = read_clip(Segment(file=file, digest="d", start=0.0, end=2.0), miniature, 8.0)
    numbers = [number_of(frame) for frame in clip.frames]
    assert len(numbers) == 17 and numbers[0] == 0 and numbers[-1] == 15 and numbers == sorted(numbers)


def test_a_window_is_cut_out(tmp_path, miniature):
    file = write(tmp_path / "a.mp4", stripes(24), rate=8)
    segment = Segment(file=file, digest="d", start=0.0, end=3.0, crop=(0.5, 0.5, 1.0, 1.0))
    assert (read_clip(segment, miniature, 8.0).frames[:, :, 4:] > 250).all(), "only the white half"


@pytest.mark.parametrize(
    ("crop", "video", "expected"),
    [
        (None, (720, 480), (0, 0, 1, 1)),
        (None, (480, 720), (0, 5 / 18, 1, 13 / 18)),  # upright: its middle, 480 x 320
        (None, (960, 480), (1 / 8, 0, 7 / 8, 1)),  # wide: 720 x 480 of it
        ((0.2, 0.2, 0.5, 0.5), (720, 480), (0.2, 0.2, 0.5, 0.5)),
        ((0.7, 0.1, 1.0, 0.4), (480, 720), (0.325, 0.1, 1.0, 0.4)),  # grown to the left, where there is room
        ((0.0, 0.0, 0.2, 0.4), (960, 480), (0, 0, 0.3, 0.4)),  # grown sideways, but not out of the picture
    ],
)
def test_the_window_keeps_proportions_and_the_person(crop, video, expected):
    width, height = video
    attributes = Attributes(width=width, height=height, rate=8, frames=8, duration=1)
    x0, y0, x1, y1 = window(crop, attributes, (96, 64))
    assert (x1 - x0) * width / ((y1 - y0) * height) == pytest.approx(1.5)
    assert min(x0, y0) >= 0 and max(x1, y1) <= 1 + 1e-9
    assert (x0, y0, x1, y1) == pytest.approx(expected)


def test_two_people_of_one_video_are_two_contents(tmp_path):
    one = Segment(file=tmp_path / "a.mp4", digest="d", start=0.0, end=3.0, crop=(0.0, 0.0, 0.5, 0.5))
    other = one.model_copy(update={"crop": (0.5, 0.5, 1.0, 1.0)})
    moved = one.model_copy(update={"file": tmp_path / "b.mp4", "caption": "another", "score": 0.5})
    assert one.content == moved.content != other.content


def test_clips_given_by_hand(tmp_path):
    good = write(tmp_path / "waving_hello-01.mp4", stripes(24), rate=8)
    told = write(tmp_path / "told.mp4", stripes(25), rate=8)
    (tmp_path / "told.txt").write_text("a king waves")
    part = write(tmp_path / "part.mp4", stripes(26), rate=8)
    (tmp_path / "part.json").write_text('{"caption": "a cat waves", "start": 1, "end": 3.125}')
    short = write(tmp_path / "short.mp4", stripes(8), rate=8)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(good.read_bytes()[:2000])
    twice = tmp_path / "twice.mp4"
    twice.write_bytes(good.read_bytes())
    segments, broken = given_clips([good, told, part, short, cut, twice, tmp_path / "gone.mp4"], least_seconds=2.0)
    assert [(one.caption, one.start, round(one.end, 3)) for one in segments] == [
        ("waving hello 01", 0.0, 3.0),
        ("a king waves", 0.0, 3.125),
        ("a cat waves", 1.0, 3.125),
    ]
    assert len({one.digest for one in segments}) == 3
    reasons = {item.place: item.why for item in broken}
    assert reasons[str(short)] == "lasts 1 s, and at least 2 s are needed"
    assert "not a video that can be read" in reasons[str(cut)]
    assert reasons[str(twice)] == "is the same clip again"
    assert reasons[str(tmp_path / "gone.mp4")] == "no such file"


def test_a_clip_that_went_away_is_said(tmp_path, miniature):
    with pytest.raises(VideoError, match="no such file"):
        read_clip(Segment(file=tmp_path / "gone.mp4", digest="d", start=0.0, end=3.0), miniature, 8.0)
