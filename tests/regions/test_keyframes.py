"""Time and rounding: which second a token frame stands for, and which tokens a box is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.language.sides import filmed
from dreamrunner.regions import Grid, box_at, rectangle_of, step_times, steps_of_span


def grid(frames: int, *, compression: int = 4, patch: int = 1) -> Grid:
    latents = (frames - 1) // compression + 1
    return Grid(
        frames=frames,
        steps=-(-latents // patch),
        rows=8,
        columns=12,
        temporal_compression=compression,
        temporal_patch=patch,
    )


def test_first_latent_frame_stands_for_one_picture_and_the_others_for_four():
    # nine pictures in nine seconds: 0 | 1 2 3 4 | 5 6 7 8
    assert step_times(grid(9), 9.0) == pytest.approx((0.5, 3.0, 7.0))


def test_the_frames_are_spread_over_the_scene_whatever_their_number():
    short, long = step_times(grid(17), 6.0), step_times(grid(49), 6.0)
    assert len(short) == 5 and len(long) == 13
    assert short[-1] == pytest.approx(15 / 17 * 6) and long[-1] == pytest.approx(47 / 49 * 6)


def test_a_patch_over_time_joins_latent_frames_and_pads_the_first():
    # three latent frames in pairs: (padding, 0) | (1 2 3 4, 5 6 7 8)
    assert step_times(grid(9, patch=2), 9.0) == pytest.approx((0.5, 5.0))
    # four come out even: (0, 1 2 3 4) | (5 .. 12)
    assert step_times(grid(13, patch=2), 13.0) == pytest.approx((2.5, 9.0))


@given(st.integers(0, 30), st.integers(1, 3), st.floats(0.1, 100))
def test_times_ascend_within_the_scene(clips, patch, duration):
    times = step_times(grid(clips * 4 + 1, patch=patch), duration)
    assert list(times) == sorted(set(times))
    assert times[0] > 0 and times[-1] < duration


def test_a_span_takes_the_steps_inside_it():
    times = (0.5, 1.5, 2.5, 3.5)
    assert steps_of_span(times, 1.0, 3.0) == range(1, 3)
    assert steps_of_span(times, 0.0, 1.5) == range(0, 1), "the end is exclusive"


def test_a_span_between_two_steps_takes_the_nearest():
    assert steps_of_span((0.5, 1.5, 2.5), 1.6, 1.9) == range(1, 2)
    assert steps_of_span((0.5, 1.5, 2.5), 9.0, 9.5) == range(2, 3)


MOVING = (KeyFrame(1.0, Box(0.0, 0.0, 0.2, 0.4)), KeyFrame(3.0, Box(0.4, 0.2, 0.8, 1.0)))


@pytest.mark.parametrize(
    ("time", "linear", "hold"),
    [
        (0.0, Box(0.0, 0.0, 0.2, 0.4), Box(0.0, 0.0, 0.2, 0.4)),
        (2.0, Box(0.2, 0.1, 0.5, 0.7), Box(0.0, 0.0, 0.2, 0.4)),
        (2.5, Box(0.3, 0.15, 0.65, 0.85), Box(0.0, 0.0, 0.2, 0.4)),
        (3.0, Box(0.4, 0.2, 0.8, 1.0), Box(0.4, 0.2, 0.8, 1.0)),
        (9.0, Box(0.4, 0.2, 0.8, 1.0), Box(0.4, 0.2, 0.8, 1.0)),
    ],
)
def test_boxes_between_key_frames(time, linear, hold):
    for interpolation, wanted in (("linear", linear), ("hold", hold)):
        box = box_at(MOVING, time, interpolation)
        assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((wanted.x0, wanted.y0, wanted.x1, wanted.y1))


@pytest.mark.parametrize(
    ("box", "tokens"),
    [
        (Box(0.0, 0.0, 1.0, 1.0), (0, 10, 0, 20)),
        (Box(0.5, 0.0, 1.0, 0.5), (0, 5, 10, 20)),
        (Box(0.52, 0.0, 0.97, 0.54), (0, 5, 10, 19)),
        (Box(0.501, 0.501, 0.502, 0.502), (5, 6, 10, 11)),
        (Box(0.999, 0.999, 1.0, 1.0), (9, 10, 19, 20)),
        (Box(-0.3, -0.2, 0.1, 0.1), (0, 1, 0, 2)),
        (Box(-0.3, 0.5, 0.024, 1.0), None),
        (Box(-0.3, 0.5, 0.026, 1.0), (5, 10, 0, 1)),
        (Box(1.2, 1.2, 1.5, 1.5), None),
        (Box(-1.0, -1.0, 2.0, 2.0), (0, 10, 0, 20)),
        (Box(-0.3, 0.0, 0.0, 1.0), None),
        (Box(1.0, 0.0, 1.3, 1.0), None),
    ],
)
def test_rounding(box, tokens):
    r = rectangle_of(box, rows=10, columns=20)
    assert (r and (r.row0, r.row1, r.column0, r.column1)) == tokens


edges = st.floats(-1.0, 2.0)


@given(edges, edges, edges, edges, st.integers(1, 60), st.integers(1, 90))
def test_a_box_is_nothing_only_outside_and_never_reaches_there(a, b, c, d, rows, columns):
    box = Box(min(a, b), min(c, d), max(a, b), max(c, d))
    r, seen = rectangle_of(box, rows, columns), filmed(box)
    if r is None:
        width, height = (seen.x1 - seen.x0, seen.y1 - seen.y0) if seen is not None else (0.0, 0.0)
        assert box != seen and (width * columns < 1 or height * rows < 1)
    else:
        assert 0 <= r.row0 < r.row1 <= rows and 0 <= r.column0 < r.column1 <= columns


@given(st.floats(0.1, 0.9), st.integers(10, 90))
def test_boxes_that_touch_neither_overlap_nor_leave_a_gap(edge, columns):
    left, right = rectangle_of(Box(0, 0, edge, 1), 1, columns), rectangle_of(Box(edge, 0, 1, 1), 1, columns)
    assert left.column1 == right.column0
