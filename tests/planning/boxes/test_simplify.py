"""Key frames that say nothing new, left out: the box is where it was at every time."""

from __future__ import annotations

import random

import pytest

from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.planning.boxes.simplify import without_rests
from dreamrunner.planning.keyframes import box_at

PLACES = [Box(left / 10, 0.2, left / 10 + 0.3, 0.9) for left in range(3)]


@pytest.mark.parametrize(
    ("places", "kept"),
    [
        ("000000", [0]),
        ("0", [0]),
        ("001122", [0, 1, 2, 3, 4]),
        ("0001", [0, 2, 3]),
        ("0111", [0, 1]),
        ("0101", [0, 1, 2, 3]),
        ("", []),
    ],
)
def test_a_rest_is_told_where_it_begins_and_ends(places: str, kept: list[int]) -> None:
    frames = [KeyFrame(float(at), PLACES[int(place)]) for at, place in enumerate(places)]
    assert [int(frame.at) for frame in without_rests(frames)] == kept


def test_the_box_is_where_it_was_at_every_time() -> None:
    chance = random.Random(1)
    for _ in range(200):
        frames = [KeyFrame(at * 0.7, chance.choice(PLACES)) for at in range(chance.randint(1, 9))]
        for at in range(70):
            assert box_at(without_rests(frames), at / 10) == box_at(frames, at / 10)
