"""The second edition's judge and scout, and how they learn, at toy size."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dreamrunner.miniature.second.judge import (
    FACTS,
    KIND_NAMES,
    MOTION_NAMES,
    OUTSIDE,
    OWN,
    SIZE,
    Judge,
    Network,
    Sight,
    cut_out,
    windows,
)
from dreamrunner.miniature.second.scout import FOUND_NAMES, Found, Scout, peaks
from dreamrunner.miniature.second.scout import Network as ScoutNetwork
from dreamrunner.miniature.second.training import judge as judging
from dreamrunner.miniature.second.training import scout as scouting
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


def test_a_sight_answers_with_the_likeliest_over_its_frames():
    chances = np.zeros((4, len(MOTION_NAMES)))
    chances[:2, 3], chances[2:, 5] = 0.9, 0.8
    sight = Sight({"motion": chances})
    assert sight.most("motion", range(4)) == MOTION_NAMES[3]
    assert sight.most("motion", [2]) == sight.most("motion", [1, 2, 3]) == MOTION_NAMES[5]


def test_the_judge_says_what_its_network_says(tmp_path):
    torch.manual_seed(0)
    network = Network(width=160).eval()
    keep_half(network, tmp_path / "judge.safetensors")
    judge = Judge.load(tmp_path / "judge.safetensors")
    frames = draw(Clip("snow", False, (walker(Act("walks")),)))
    sight = judge.look(frames, STILL)
    assert {fact: each.shape for fact, each in sight.chances.items()} == {
        fact: (FRAMES, len(names)) for fact, names in FACTS.items()
    }
    assert all(np.allclose(each.sum(1), 1, atol=1e-4) for each in sight.chances.values())
    name, night = judge.place(frames)
    assert isinstance(name, str) and isinstance(night, bool)


def test_what_is_asked_of_a_figure_is_what_can_be_seen():
    figure = walker(Act("walks", 0, 20), Act("waves", 20, 1e6))
    boxes = track(figure)
    hidden = np.zeros(FRAMES)
    hidden[40:] = 0.9
    found = labels(figure, boxes, hidden)
    assert (found["kind"][:40] == KIND_NAMES.index("dog")).all() and (found["kind"][40:] == SKIP).all()
    assert (found["motion"][:18] == MOTION_NAMES.index("walks")).all()
    assert (found["motion"][18:22] == SKIP).all()
    assert (found["motion"][22:40] == MOTION_NAMES.index("waves")).all()
    assert (found["colour"][:40] == FACTS["colour"].index("red")).all()
    outside = labels(walker(Act("walks"), end=300.0), track(walker(Act("walks"), end=300.0)), np.zeros(FRAMES))
    assert outside["kind"][0] == KIND_NAMES.index("dog") and outside["kind"][-1] == SKIP


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


def test_a_judge_that_was_stopped_goes_on_as_it_would_have(tmp_path):
    toy = {"steps": 2, "size": 1, "rate": 1e-3, "material": {"clips": 1, "every": 0, "kept": 2}}
    whole = judging.train(tmp_path / "whole", **toy)
    judging.train(tmp_path / "parts", **toy, until=1)
    parts = judging.train(tmp_path / "parts", **toy)
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, parts.state_dict()[name]), name


def test_the_scout_learns_step_by_step(tmp_path):
    toy = {"steps": 2, "size": 2, "rate": 1e-3, "every": 0}
    whole = scouting.train(tmp_path / "whole", **toy)
    scouting.train(tmp_path / "parts", **toy, until=1)
    parts = scouting.train(tmp_path / "parts", **toy)
    assert all(torch.equal(weight, parts.state_dict()[name]) for name, weight in whole.state_dict().items())
    found = Scout(whole).find(np.zeros((2, 128, 192, 3), np.uint8), least=0.0)
    assert len(found) == 2


def test_what_the_scout_is_to_say():
    clip = Clip("snow", False, (Figure("dog", (Key(0, 96, 100, 50),), (Act("stands"),)),))
    found = scouting.target(clip, 0)
    assert found.shape == (len(FOUND_NAMES), 16, 24)
    row, column = np.unravel_index(found[FOUND_NAMES.index("dog")].argmax(), (16, 24))
    x0, y0, x1, y1 = track(clip.figures[0])[0]
    assert abs((column + 0.5) / 24 - (x0 + x1) / 2) < 1 / 24 and abs((row + 0.5) / 16 - (y0 + y1) / 2) < 1 / 16
    assert found[FOUND_NAMES.index("cat")].max() == 0
    gone = Clip("snow", False, (Figure("dog", (Key(0, 400, 100, 50),), (Act("stands"),)),))
    assert np.isnan(scouting.target(gone, 0)[FOUND_NAMES.index("dog")]).all()


def test_what_is_right_costs_the_scout_less_than_what_is_wrong():
    truth = torch.zeros(1, 2, 3, 3)
    truth[0, 0, 1, 1], truth[0, 1] = 1.0, float("nan")
    right = torch.full((1, 2, 3, 3), -6.0)
    right[0, 0, 1, 1] = 6.0
    assert scouting.loss_of(right, truth) < 1e-4 < 1 < scouting.loss_of(-right, truth)


def test_peaks_are_where_nothing_near_is_surer():
    chances = torch.zeros(1, len(FOUND_NAMES), 16, 24)
    chances[0, 0, 4, 4], chances[0, 0, 5, 5], chances[0, 0, 4, 20], chances[0, 1, 0, 0] = 0.9, 0.8, 0.7, 0.3
    assert peaks(chances, 0.4) == [
        [
            Found(FOUND_NAMES[0], 4.5 / 24, 4.5 / 16, pytest.approx(0.9)),
            Found(FOUND_NAMES[0], 20.5 / 24, 4.5 / 16, pytest.approx(0.7)),
        ]
    ]


def test_a_scout_is_read_as_it_was_kept(tmp_path):
    torch.manual_seed(0)
    network = ScoutNetwork().eval()
    keep_half(network, tmp_path / "scout.safetensors")
    again = Scout.load(tmp_path / "scout.safetensors").network.state_dict()
    assert all(torch.allclose(weight, again[name], atol=1e-2) for name, weight in network.state_dict().items())


def test_the_rate_goes_up_and_down():
    assert rate_at(0, 1000, 1.0) == pytest.approx(0.01)
    assert rate_at(99, 1000, 1.0) > 0.9
    assert rate_at(1000, 1000, 1.0) == pytest.approx(0.01)
