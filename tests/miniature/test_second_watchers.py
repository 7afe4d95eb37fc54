"""The second edition's judge, what it looks at, and how it learns, at toy size; and likeness to drawings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from dreamrunner.miniature.second import likeness
from dreamrunner.miniature.second.backgrounds import backdrop
from dreamrunner.miniature.second.judge import (
    FACTS,
    KIND_NAMES,
    OUTSIDE,
    OWN,
    PLACE_NAMES,
    SIZE,
    Judge,
    Network,
    Sight,
    apart,
    blobs,
    cut_out,
    lifted,
    windows,
)
from dreamrunner.miniature.second.training import judge as judging
from dreamrunner.miniature.second.training.judge import SKIP, labels
from dreamrunner.miniature.second.training.learning import keep_half, rate_at
from dreamrunner.miniature.second.training.sights import covered, sample_sight, track
from dreamrunner.miniature.second.world import FRAMES, Act, Clip, Figure, Key, draw

STILL = np.tile([0.25, 0.25, 0.5, 0.75], (FRAMES, 1))


def walker(*acts: Act, colour: str = "red", end: float = 150.0) -> Figure:
    return Figure("dog", (Key(0, 30, 110, 50), Key(48, end, 110, 50)), acts, colour)


def test_a_window_has_one_size_and_follows_its_box_smoothly():
    found = windows(STILL)
    assert found.shape == (FRAMES, 3)
    assert found[:, :2] == pytest.approx(np.tile([0.375 * 192, 0.5 * 128], (FRAMES, 1)))
    assert found[:, 2] == pytest.approx(1.35 * 64)
    bobbing = STILL + np.where(np.arange(FRAMES) % 2, 0.1, -0.1)[:, None] * np.array([0, 1, 0, 1])
    assert np.ptp(windows(bobbing)[8:-8, 1]) < 0.25 * np.ptp(bobbing[:, 1] * 128)


def test_a_window_goes_on_where_there_is_no_box_for_a_while():
    gone = STILL.copy()
    gone[:10] = np.nan
    assert windows(gone) == pytest.approx(windows(STILL))
    with pytest.raises(ValueError, match="in no frame"):
        windows(np.full((FRAMES, 4), np.nan))


def test_what_lies_outside_of_the_picture_is_one_grey():
    frames = np.zeros((2, 128, 192, 3), np.uint8)
    corner = cut_out(frames, np.array([[0.0, 0.0, 96.0]] * 2))
    assert corner.shape == (2, SIZE, SIZE, 3)
    assert (corner[:, : SIZE // 2] == OUTSIDE).all() and (corner[:, SIZE // 2 :, SIZE // 2 :] == 0).all()
    assert (cut_out(frames, np.array([[-200.0, 60.0, 50.0]] * 2)) == OUTSIDE).all()


def test_a_place_is_taken_away_and_who_is_there_stays():
    place = ("snow", False)
    figure = walker(Act("stands"), end=30.0)
    frames = draw(Clip(*place, (figure,)), 2)
    assert (lifted(frames[:1] * 0 + backdrop(*place), place) == OUTSIDE).all()
    clear, (x0, y0, x1, y1) = lifted(frames, place), track(figure)[0]
    outside = np.ones((128, 192), bool)
    outside[int(y0 * 128) - 2 : int(y1 * 128) + 3, int(x0 * 192) - 2 : int(x1 * 192) + 3] = False
    assert (clear[0][outside] == OUTSIDE).all()
    red = np.abs(frames[0].astype(int) - (218, 44, 52)).sum(-1) < 9
    assert red.sum() > 50 and np.abs(clear[0][red].astype(int) - frames[0][red]).max() <= 2


def test_a_colour_of_ones_own_is_asked_where_it_is_like_no_named_one():
    ghost, frog = (Figure(kind, (Key(0, 90, 110, 50),), (Act("stands"),)) for kind in ("ghost", "frog"))
    assert judging.close_to_named("frog")
    assert (labels(frog, track(frog), np.zeros(FRAMES))["colour"] == SKIP).all()
    if not judging.close_to_named("ghost"):
        assert set(labels(ghost, track(ghost), np.zeros(FRAMES))["colour"]) == {FACTS["colour"].index(OWN)}


def test_how_much_of_a_box_others_cover():
    half = STILL + np.array([0.125, 0, 0.125, 0])
    away = np.full((FRAMES, 4), np.nan)
    assert covered(STILL, [half]) == pytest.approx(np.full(FRAMES, 0.5))
    assert covered(STILL, [away]) == pytest.approx(np.zeros(FRAMES))
    assert covered(STILL, []) == pytest.approx(np.zeros(FRAMES))


def test_nobody_is_where_nobody_is():
    rng = np.random.default_rng(0)
    left = np.tile([0.0, 0.0, 0.5, 1.0], (FRAMES, 1))
    found = [judging.nowhere(rng, [left]) for _ in range(20)]
    assert any(boxes is not None for boxes in found)
    assert all(covered(boxes, [left]).max() < 0.06 for boxes in found if boxes is not None)
    assert judging.nowhere(rng, [left, left + np.array([0.5, 0, 0.5, 0])]) is None


def test_strangers_turn_up_among_what_watchers_see():
    rng = np.random.default_rng(1)
    clips = [sample_sight(rng) for _ in range(60)]
    figures = [figure for clip in clips for figure in clip.figures]
    assert {"dragon", "penguin", "astronaut", "pirate"} <= {figure.kind for figure in figures}
    assert any(figure.look for figure in figures)
    assert {"spins", "bows", "rolls", "stretches"} <= {act.motion for figure in figures for act in figure.acts}


def test_the_rate_goes_up_and_down():
    assert rate_at(0, 1000, 1.0) == pytest.approx(0.01)
    assert rate_at(99, 1000, 1.0) > 0.9
    assert rate_at(1000, 1000, 1.0) == pytest.approx(0.01)


def test_a_sight_answers_with_the_likeliest_over_its_frames():
    chances = np.zeros((4, len(KIND_NAMES)))
    chances[:2, 3], chances[2:, 5] = 0.9, 0.8
    sight = Sight({"kind": chances})
    assert sight.most("kind", range(4)) == KIND_NAMES[3]
    assert sight.most("kind", [2]) == sight.most("kind", [1, 2, 3]) == KIND_NAMES[5]


def test_the_judge_says_what_its_network_says(tmp_path):
    torch.manual_seed(0)
    keep_half(Network().eval(), tmp_path / "judge.safetensors")
    judge = Judge.load(tmp_path / "judge.safetensors")
    frames = draw(Clip("snow", False, (walker(Act("walks")),)))
    sight = judge.look(frames, STILL)
    shapes = {fact: each.shape for fact, each in sight.chances.items()}
    assert shapes == {fact: (FRAMES, len(names)) for fact, names in FACTS.items()}
    assert all(np.allclose(each.sum(1), 1, atol=1e-4) for each in sight.chances.values())
    assert judge.place(frames) in PLACE_NAMES
    found = judge.find(frames[[0, 40]], ("snow", False))
    assert [len(each) for each in found] == [1, 1]
    for each, frame in zip(found, (0, 40), strict=True):
        assert each[0].box == pytest.approx(track(walker(Act("walks")))[frame], abs=0.02)
    assert judge.find(draw(Clip("snow"), 1), ("snow", False)) == [[]]


def test_what_is_asked_of_a_figure_is_what_can_be_seen():
    figure = walker(Act("walks"))
    hidden = np.zeros(FRAMES)
    hidden[40:] = 0.9
    found = labels(figure, track(figure), hidden)
    assert (found["kind"][:40] == KIND_NAMES.index("dog")).all() and (found["kind"][40:] == SKIP).all()
    assert (found["colour"][:40] == FACTS["colour"].index("red")).all()
    leaving = walker(Act("walks"), end=300.0)
    outside = labels(leaving, track(leaving), np.zeros(FRAMES))
    assert outside["kind"][0] == KIND_NAMES.index("dog") and outside["kind"][-1] == SKIP


def test_a_judge_that_was_stopped_goes_on_as_it_would_have(tmp_path):
    toy = {"steps": 2, "clips": 2, "rate": 1e-3, "every": 0}
    whole = judging.train(tmp_path / "whole", **toy)
    judging.train(tmp_path / "parts", **toy, until=1)
    parts = judging.train(tmp_path / "parts", **toy)
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, parts.state_dict()[name]), name


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Only a few motions are drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "NAMES", ("walks", "waves", "climbs", "falls", "grows", "shrinks"))
        likeness.drawings.cache_clear()
        yield
        likeness.drawings.cache_clear()


@pytest.mark.parametrize("motion", ["walks", "waves", "climbs", "falls", "grows", "shrinks"])
def test_what_is_done_is_most_like_its_drawing(quick, motion):
    up = {"climbs": -40, "falls": 40}.get(motion, 0)
    tall = {"grows": 70, "shrinks": 32}.get(motion, 48)
    path = (Key(0, 60, 75 - up / 2, 48), Key(48, 130, 75 + up / 2, tall))
    figure = Figure("dog", path, (Act(motion, 0, 1e6, facing=-1, phase=2.3),), "red", rope=motion == "climbs")
    clip = Clip("snow", False, (figure,))
    frames = draw(clip, 20)
    shares = apart(frames, ("snow", False))
    boxes = track(figure)[:20]
    rope = motion == "climbs"
    unlike = likeness.unlikeness(
        ("dog", "red", "", rope), likeness.forms_of(frames, shares, boxes, range(8, 16), rope=rope)
    )
    assert likeness.NAMES[int(unlike.argmin())] == motion
    assert likeness.forms_of(frames, shares, boxes, range(8, 12)) == []  # too short
    assert likeness.forms_of(frames, shares // 8, boxes, range(8, 16)) == []  # hardly anything is seen


def test_stretches_are_frames_in_a_row():
    assert likeness.stretches_of([0, 1, 2, 3, 4, 6]) == []
    assert likeness.stretches_of(range(3, 10)) == [[3, 4, 5, 6, 7, 8], [4, 5, 6, 7, 8, 9]]


def test_a_form_says_neither_where_nor_how_large():
    shares = np.zeros((2, 6, 128, 192), np.uint8)
    for frame in range(6):
        shares[0, frame, 40:60, 30 + 4 * frame : 40 + 4 * frame] = 255
        shares[1, frame, 30:70, 140 - 6 * frame : 160 - 6 * frame] = 255
    pixels = np.full((6, 128, 192, 3), 200, np.uint8)
    (one, slow), (other, still) = (likeness.settled(each, pixels) for each in shares)
    assert np.abs(one - other).mean() < 0.02 and slow == pytest.approx(still, abs=1e-4)
    assert likeness.settled(np.zeros((6, 128, 192), np.uint8), pixels) is None


def test_what_others_have_is_not_ones_own():
    share = np.full((128, 192), 255, np.uint8)
    own = likeness.own_share(
        share, np.array([0.25, 0.25, 0.5, 0.75]), [np.array([0.4, 0.0, 0.6, 1.0]), np.full(4, np.nan)]
    )
    assert own[64, 60] == 255 and own[64, 90] == 0 and own[64, 10] == 0


def test_who_hangs_on_a_rope_is_found_without_it():
    share = np.zeros((128, 192), np.uint8)
    share[:118, 99:102], share[40:80, 90:112], share[100:104, 20:24] = 255, 255, 255
    assert blobs(share) == [(90 / 192, 40 / 128, 112 / 192, 80 / 128)]  # and a speck is nobody


def test_a_rope_is_taken_away_and_arms_stay():
    share = np.zeros((128, 192), np.uint8)
    share[:118, 99:102], share[40:80, 90:112], share[50:54, 86:90] = 255, 255, 255
    bare = likeness.untied(share)
    assert (bare[:36] == 0).all() and (bare[90:] == 0).all()
    assert (bare[40:80, 90:112] == 255).all() and bare[52, 88] == 255
