"""Long scenes: windows cover every latent frame, blend to one, and each sees the boxes of its own time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.long_scenes import seams
from dreamrunner.backbones import Grid
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.planning.plan import PlannedBeat
from dreamrunner.regions import lower, masks
from dreamrunner.rendering.windows import Window, blend_weights, overlap_of, window_starts, windowed, windows_of
from tests.material.films import scene


@given(st.integers(1, 80), st.integers(3, 20))
def test_windows_cover_the_scene_and_overlap(total: int, length: int) -> None:
    starts = window_starts(total, length)
    if total <= length:
        assert starts == (0,)
        return
    assert starts[0] == 0 and starts[-1] + length == total and len(set(starts)) == len(starts)
    assert all(0 < b - a <= length - overlap_of(length) for a, b in itertools.pairwise(starts))
    weights = blend_weights(starts, length, total)
    torch.testing.assert_close(weights.sum(0), torch.ones(total))
    assert (weights >= 0).all()
    for number, start in enumerate(starts):
        assert (weights[number, :start] == 0).all() and (weights[number, start + length :] == 0).all()


def test_in_an_overlap_the_later_window_comes_in_step_by_step() -> None:
    weights = blend_weights((0, 3), 5, 8)
    torch.testing.assert_close(weights[1, 3:5], torch.tensor([1 / 3, 2 / 3]))
    torch.testing.assert_close(weights[0, :3], torch.ones(3))


def test_a_grid_grows_with_the_scene_at_the_same_rate() -> None:
    clip = Grid(frames=49, steps=13, rows=30, columns=45)
    assert clip.spanning(6.0) is clip and clip.spanning(2.0) is clip
    long = clip.spanning(12.0)
    assert (long.steps, long.frames) == (25, 97) and long.continues(clip)
    assert clip.spanning(6.2).steps == 15  # in pairs
    assert [clip.spanning(seconds).steps for seconds in (7.0, 7.1, 24.0)] == [15, 17, 49]
    patched = Grid(frames=81, steps=11, rows=48, columns=85, temporal_patch=2)
    assert patched.spanning(20.0) is patched
    assert not Grid(frames=97, steps=25, rows=30, columns=44).continues(clip)
    assert not Grid(frames=45, steps=12, rows=30, columns=45).continues(clip)


class Counting(torch.nn.Module):
    """A transformer that answers with its input times the number of its window, and notes what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict] = []

    def forward(self, hidden_states: torch.Tensor, **named: object) -> tuple[torch.Tensor]:
        self.seen.append(named)
        return (hidden_states * len(self.seen),)


def test_predictions_are_mixed_by_their_weights_against_a_naive_sum() -> None:
    model, video = Counting(), torch.randn(2, 8, 3, 2, 2)
    windows = [Window(0), Window(3)]
    angles = torch.arange(8 * 6, dtype=torch.float32)[:, None]
    with windowed(model, FAMILY, windows, 5, 8):
        (mixed,) = model(hidden_states=video, image_rotary_emb=(angles, -angles), return_dict=False)
    weights = blend_weights((0, 3), 5, 8)
    naive = torch.zeros_like(video)
    for number, start in enumerate((0, 3)):
        for frame in range(5):
            naive[:, start + frame] += weights[number, start + frame] * (number + 1) * video[:, start + frame]
    torch.testing.assert_close(mixed, naive)
    # Both windows have the positions of a clip's own five latent frames.
    assert all(named["image_rotary_emb"][0].tolist() == angles[:30].tolist() for named in model.seen)
    (again,) = model(hidden_states=video)
    torch.testing.assert_close(again, video * 3)


def test_each_window_has_its_own_rows() -> None:
    rows: dict = {"witch": "first"}
    seen = []

    class Looking(torch.nn.Module):
        def forward(self, hidden_states: torch.Tensor, **_: object) -> tuple[torch.Tensor]:
            seen.append(rows["witch"])
            return (hidden_states,)

    model = Looking()
    with windowed(
        model, FAMILY, [Window(0, None, {"witch": "first"}), Window(3, None, {"witch": "second"})], 5, 8, rows
    ):
        model(torch.zeros(1, 8, 1, 1, 1))
        model(torch.zeros(1, 8, 1, 1, 1))
    assert seen == ["first", "second"] * 2


@pytest.mark.parametrize("length", [5, 13])
def test_a_part_of_a_program_is_the_program_of_that_time(length: int) -> None:
    clip = Grid(frames=(length - 1) * 4 + 1, steps=length, rows=8, columns=12)
    walk = PlannedBeat(
        entity="witch",
        motion="walking",
        start=2,
        end=14,
        description="a witch walks",
        keyframes=(KeyFrame(2, Box(0, 0.3, 0.3, 1)), KeyFrame(13, Box(0.7, 0.3, 1, 1))),
    )
    program = lower(scene("a", 15.0, beats=(walk,)), clip.spanning(15.0))
    whole = masks(program).reshape(len(program.conditions), program.grid.steps, 8, 12)
    for start, part in windows_of(program, length):
        assert part.grid == clip and len(part.conditions) == len(program.conditions)
        np.testing.assert_array_equal(
            masks(part).reshape(len(program.conditions), length, 8, 12), whole[:, start : start + length]
        )


def test_a_hook_that_was_there_before_is_there_again() -> None:
    model, calls = Counting(), []
    plain = model.forward

    def hooked(*arguments: object, **named: object) -> tuple[torch.Tensor]:
        calls.append(1)
        return plain(*arguments, **named)

    model.forward = hooked
    with windowed(model, FAMILY, [Window(0), Window(3)], 5, 8):
        model(torch.zeros(1, 8, 1, 1, 1))
    assert len(calls) == 2 and model.forward is hooked


def test_the_benchmark_finds_a_cut_where_windows_begin_or_end() -> None:
    pixels = np.zeros((29, 4, 6, 3), np.uint8)  # eight latent frames: 0, 1-4, 5-8, ...
    pixels[9:] += 10  # the second of two windows begins with the fourth
    pixels[17:] += 20  # the first one ends before the sixth
    at, elsewhere = seams(pixels, (0, 3), 5)
    assert (at, elsewhere) == (15.0, 0.0)
    pixels[5:] += 6
    assert seams(pixels, (0, 3), 5) == (15.0, 1.2)  # one of five other borders
