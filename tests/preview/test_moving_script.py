"""What a drag makes of a box, as the page's script works it out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from dreamrunner.preview import serve


@pytest.fixture(scope="module")
def script() -> MiniRacer:
    engine = MiniRacer()
    module = (Path(serve.__file__).parent / "page" / "moving.js").read_text(encoding="utf-8")
    # The engine runs scripts; nothing is left of a module but its exports.
    engine.eval(re.sub("^export ", "", module, flags=re.MULTILINE))
    return engine


EDGE = st.integers(0, 1000).map(lambda value: value / 1000)
BOXES = st.tuples(EDGE, EDGE, EDGE, EDGE).filter(lambda box: box[2] - box[0] > 0.01 and box[3] - box[1] > 0.01)
WAY = st.floats(-2, 2, allow_subnormal=False)


@settings(max_examples=80, deadline=None)
@given(BOXES, WAY, WAY)
def test_a_moved_box_keeps_its_size_and_goes_no_farther_than_it_may(
    script: MiniRacer, box: tuple, right: float, down: float
) -> None:
    x0, y0, x1, y1 = script.call("moveBox", list(box), right, down)
    assert -1 <= x0 < x1 <= 2 and -1 <= y0 < y1 <= 2
    assert (x1 - x0, y1 - y0) == pytest.approx((box[2] - box[0], box[3] - box[1]), abs=1e-4)
    if box[0] + right > -0.99 and box[2] + right < 1.99:
        assert x0 == pytest.approx(box[0] + right, abs=0.0051)


@settings(max_examples=80, deadline=None)
@given(BOXES, st.sampled_from(["nw", "ne", "sw", "se"]), WAY, WAY)
def test_a_pulled_corner_moves_two_edges_alone(
    script: MiniRacer, box: tuple, corner: str, right: float, down: float
) -> None:
    x0, y0, x1, y1 = script.call("sizeBox", list(box), corner, right, down)
    assert -1 <= x0 < x1 <= 2 and -1 <= y0 < y1 <= 2
    assert (x1 if "w" in corner else x0) == pytest.approx(box[2 if "w" in corner else 0], abs=1e-4)
    assert (y1 if "n" in corner else y0) == pytest.approx(box[3 if "n" in corner else 1], abs=1e-4)
    assert x1 - x0 >= min(0.04, box[2] - box[0]) - 1e-4


BEAT = {"start": 1, "end": 5, "keyframes": [[1, 0, 0, 0.5, 0.5], [3.02, 0, 0, 0.6, 0.6]]}
STILL = {"start": 1, "end": 5, "keyframes": [[1, 0, 0, 0.5, 0.5]]}


@pytest.mark.parametrize(
    ("beat", "time", "fresh", "at"),
    [
        (BEAT, 1, False, 1),
        (BEAT, 3, False, 3.02),
        (BEAT, 2.0049, False, 2),
        (BEAT, 4.999999, False, 5),
        (STILL, 4, False, 1),
        (STILL, 4, True, 4),
        (STILL, 1, True, 1),
    ],
)
def test_which_key_frame_a_move_is_for(script: MiniRacer, beat: dict, time: float, fresh: bool, at: float) -> None:
    assert script.call("timeOfMove", beat, time, fresh) == at


def test_a_key_frame_takes_its_place_among_the_others(script: MiniRacer) -> None:
    box = [0.1, 0.1, 0.2, 0.2]
    assert script.call("withKeyframe", BEAT, 2, box)["keyframes"] == [
        BEAT["keyframes"][0],
        [2, *box],
        BEAT["keyframes"][1],
    ]
    assert script.call("withKeyframe", BEAT, 1, box)["keyframes"] == [[1, *box], BEAT["keyframes"][1]]


ROW = {
    "duration": 6,
    "beats": [
        {"entity": "cat", "start": 0, "end": 2},
        {"entity": "witch", "start": 0, "end": 6},
        {"entity": "cat", "start": 3, "end": 5},
    ],
}


def test_a_beat_has_room_between_the_others_of_its_row(script: MiniRacer) -> None:
    assert [script.call("roomOf", ROW, number) for number in range(3)] == [[0, 3], [0, 6], [2, 6]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40), st.sampled_from(["move", "start", "end"]), st.floats(-20, 20))
def test_a_dragged_beat_stays_in_its_room(script: MiniRacer, first: int, length: int, part: str, by: float) -> None:
    start, end = first / 10, (first + length) / 10
    beat = {"start": start, "end": end, "keyframes": []}
    low, high = start - 1, end + 1
    made = script.call("dragBeat", beat, part, by, [low, high])
    assert low - 1e-6 <= made[0] < made[1] <= high + 1e-6
    if part == "move":
        assert made[1] - made[0] == pytest.approx(end - start, abs=2e-3)
    else:
        assert made[part == "start"] == (end if part == "start" else start)
