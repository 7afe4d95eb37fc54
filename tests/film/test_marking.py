"""Marks on pictures: what stands there, and what has no room."""

import numpy as np
import pytest
from PIL import Image

from dreamrunner.checking.marks import ActMark
from dreamrunner.film.marking import mark_picture, scored, worded
from dreamrunner.film.storyboard import sized_font
from tests.checking.test_said import MOMENTS, marks

WALKS = ActMark(entity="cat", motion="walking-home", start=0.0, end=2.0, done=False)


def rows_written(found, time: float, size: tuple[int, int] = (240, 160)) -> int:
    """How many marks stand on a black picture: stretches of rows that are not black at the left."""
    image = Image.new("RGB", size)
    mark_picture(image, found, time, {}, sized_font)
    lit = np.asarray(image)[:, 10].any(1)
    return int((lit[1:] & ~lit[:-1]).sum())


def test_who_is_judged_in_that_second_has_a_mark() -> None:
    found = marks(("king", "rm--"), ("cat", "r-rr"))
    assert [rows_written(found, moment) for moment in MOMENTS] == [2, 1, 1, 1]
    assert rows_written(found, 99.0) == 1
    assert rows_written(found, 0.0, (240, 30)) == 1 and rows_written(found, 0.0, (240, 10)) == 0


@pytest.mark.parametrize(
    ("mark", "act", "text"),
    [
        ("right", None, "✓ cat"),
        ("right", WALKS, "✗ cat not walking home"),
        ("lingers", None, "✗ cat still seen"),
        ("unlike", None, "✗ cat not as it should look"),
    ],
)
def test_marks_in_words(mark, act, text) -> None:
    assert worded("cat", mark, act) == text


def test_an_act_that_was_not_seen_is_no_tick() -> None:
    plain, lied = (Image.new("RGB", (240, 160)) for _ in range(2))
    mark_picture(plain, marks(("cat", "rrrr")), 0.0, {}, sized_font)
    mark_picture(lied, marks(("cat", "rrrr"), acts=(WALKS,)), 0.0, {}, sized_font)
    assert np.asarray(plain).tolist() != np.asarray(lied).tolist()


@pytest.mark.parametrize(("score", "text"), [(None, ""), (0.5, ", right: 50%"), (1.0, ", right: 100%")])
def test_a_scene_says_how_much_is_right(score, text) -> None:
    assert scored(marks(("cat", "rrrr"), score=score)) == text
    assert scored(None) == ""
