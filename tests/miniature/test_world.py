"""The small world: clips are drawn as described, and nothing that is held out slips into training."""

import numpy as np
import pytest

from dreamrunner.miniature import world
from dreamrunner.miniature.sprites import COLOURS, HELD_OUT_KINDS, HELD_OUT_LOOKS, KINDS
from dreamrunner.miniature.world import Clip, Figure, backdrop, bounds, caption, draw, sample_clip, state


def clip_of(**facts) -> Clip:
    return Clip("garden", (Figure(**{"kind": "witch", "position": "left", "x": 20.0, **facts}),))


def touched(clip: Clip, frame: int, frames: int = 17) -> np.ndarray:
    """Pixels of a frame that are not background, bool (64, 96)."""
    picture = draw(clip, frames)[frame].astype(int)
    return np.abs(picture - backdrop(clip.background)).max(-1) > 8


def test_the_vocabulary_is_as_large_as_promised_and_holds_enough_back():
    assert len(KINDS) >= 10 and len(world.MOTIONS) >= 10 and len(world.BACKGROUNDS) >= 8
    assert min(len(HELD_OUT_KINDS), len(HELD_OUT_LOOKS), len(world.HELD_OUT_MOTIONS)) >= 4
    assert not set(KINDS) & set(HELD_OUT_KINDS) and not set(world.MOTIONS) & set(world.HELD_OUT_MOTIONS)


def test_nothing_held_out_is_ever_drawn_for_training():
    rng = np.random.default_rng(0)
    clips = [sample_clip(rng) for _ in range(3000)]
    figures = [figure for clip in clips for figure in clip.figures]
    assert {figure.kind for figure in figures} == set(KINDS) | set(world.PROPS)
    assert {figure.motion for figure in figures} == set(world.MOTIONS)
    assert {figure.look for figure in figures} == {""}
    assert {len(clip.figures) for clip in clips} == {0, 1, 2, 3}
    for clip in clips:
        assert len({figure.position for figure in clip.figures}) == len(clip.figures)


def test_the_same_seed_draws_the_same_pixels():
    first, second = (draw(sample_clip(np.random.default_rng(5)), 9) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("kind", [*KINDS, *HELD_OUT_KINDS, *world.PROPS])
def test_a_figure_stands_where_its_position_says(kind):
    for position, third in (("left", 0), ("center", 1), ("right", 2)):
        clip = Clip("garden", (Figure(kind=kind, position=position, x=world.POSITIONS[position]),))
        columns = touched(clip, 0, 1).sum(0)
        assert columns[third * 32 : third * 32 + 32].sum() > 0.85 * columns.sum()


def test_every_pair_of_kinds_looks_different():
    pictures = [draw(clip_of(kind=kind, colour="red"), 1)[0].astype(int) for kind in [*KINDS, *HELD_OUT_KINDS]]
    for i, first in enumerate(pictures):
        for second in pictures[:i]:
            assert (np.abs(first - second).max(-1) > 40).sum() > 60


def test_strollers_travel_and_jumpers_leave_the_ground():
    right, left = (clip_of(motion=f"strolls {way}", x=48.0) for way in ("rightwards", "leftwards"))
    for clip, sign in ((right, 1), (left, -1)):
        columns = [np.average(np.arange(96), weights=touched(clip, frame).sum(0)) for frame in (0, 16)]
        assert sign * (columns[1] - columns[0]) == pytest.approx(16 * world.STROLL, abs=1.5)
    jump = clip_of(motion="jumps")
    lowest = [np.flatnonzero(touched(jump, frame).any(1)).max() for frame in (0, 4)]
    assert lowest[0] - lowest[1] == pytest.approx(15, abs=1.5)


@pytest.mark.parametrize("motion", [*world.MOTIONS, *world.HELD_OUT_MOTIONS])
def test_bounds_hold_what_is_drawn(motion):
    clip = clip_of(motion=motion, x=40.0)
    for frame in (0, 6, 16):
        x0, y0, x1, y1 = bounds(clip.figures[0], frame)
        rows, columns = np.nonzero(touched(clip, frame))
        assert columns.min() >= x0 * 96 - 1.5 and columns.max() <= x1 * 96 + 1.5
        assert rows.min() >= y0 * 64 - 1.5 and rows.max() <= y1 * 64 + 1.5


def test_a_squashed_figure_keeps_its_feet_on_the_ground():
    standing, sitting = (clip_of(motion=motion) for motion in ("stands", "sits"))
    rows = [np.flatnonzero(touched(clip, 0, 1).any(1)) for clip in (standing, sitting)]
    assert abs(rows[0].max() - rows[1].max()) <= 2
    assert rows[1].min() > rows[0].min() + 3


def test_captions_say_every_fact_unless_they_may_vary():
    clip = Clip(
        "beach",
        (
            Figure(kind="cat", position="left", motion="sits", colour="red", size="small"),
            Figure(kind="pot", position="right"),
        ),
    )
    assert caption(clip) == "a small red cat on the left sits and a pot on the right in the beach"
    varied = {caption(clip, np.random.default_rng(seed)) for seed in range(50)}
    assert len(varied) > 15 and any("left" not in text for text in varied)


def test_colours_reach_the_picture():
    for name, shade in COLOURS.items():
        picture = draw(clip_of(colour=name), 1)[0].astype(int)
        assert (np.abs(picture - shade).max(-1) < 12).sum() > 40, name


def test_motions_start_where_the_pose_says():
    assert state(Figure("cat", "left", "flies"), 0)[2] == 17
    assert state(Figure("cat", "left", "stands"), 9) == state(Figure("cat", "left", "stands"), 0)
