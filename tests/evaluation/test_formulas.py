"""The paper's formulas by hand, and the frame between two."""

import numpy as np
import pytest

from dreamrunner.evaluation.flow import FlowInterpolator
from dreamrunner.evaluation.formulas import Smoothness, likeness, looks, steadiness, text_match

A, B, C = np.array([1.0, 0, 0]), np.array([0.6, 0.8, 0]), np.array([0, 0, 1.0])


def test_likeness_is_the_mean_over_all_pairs() -> None:
    assert likeness(np.stack([A, B]), np.stack([A, C])) == pytest.approx(100 * (1 + 0 + 0.6 + 0) / 4)


def test_text_is_the_mean_over_frames_and_neighbours_are_pairs() -> None:
    assert text_match(np.stack([A, B, C]), A) == pytest.approx(100 * (1 + 0.6 + 0) / 3)
    assert steadiness(np.stack([A, B, C])) == pytest.approx(100 * (0.6 + 0) / 2)


def test_looks_are_a_linear_mark_of_ten() -> None:
    assert looks(np.stack([A, B]), np.array([1.0, 2.0, 3.0]), 4.0) == pytest.approx(10 * ((1 + 4) + (2.2 + 4)) / 2)


class Before:
    """Takes the frame before for the one between."""

    name = "before"

    def between(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        return before


@pytest.mark.parametrize(
    ("levels", "errors"),
    [((0, 10, 0, 40, 7), [10, 40]), ((0, 10, 0, 40), [10]), ((5, 5), []), ((0, 255, 0), [255])],
)
def test_smoothness_compares_odd_frames_that_lie_between_two(levels: tuple[int, ...], errors: list[float]) -> None:
    smoothness = Smoothness(Before())
    for level in levels:
        smoothness.see(np.full((4, 6, 3), level, np.uint8))
    assert smoothness.errors == errors
    wanted = 100 * (1 - sum(errors) / len(errors) / 255) if errors else None
    assert smoothness.share() == (None if wanted is None else pytest.approx(wanted))


def test_the_frame_between_is_half_way_and_nothing_moves_where_nothing_does() -> None:
    down, across = np.mgrid[0:64, 0:96]
    plane = 128 + 60 * np.sin(across / 7) + 50 * np.cos(down / 6)
    frames = [np.repeat(np.roll(plane, step, 1)[..., None], 3, 2).astype(np.uint8) for step in (0, 2, 4)]
    made = FlowInterpolator().between(frames[0], frames[2])[:, 10:-10].astype(float)
    error = np.abs(made - frames[1][:, 10:-10]).mean()
    assert error < 1.5 < np.abs((frames[0].astype(float) + frames[2]) / 2 - frames[1])[:, 10:-10].mean()
    assert np.abs(FlowInterpolator().between(frames[0], frames[0]).astype(int) - frames[0]).max() <= 1
    small = FlowInterpolator().between(np.full((4, 4, 3), 10, np.uint8), np.full((4, 4, 3), 20, np.uint8))
    assert (small == 15).all()
