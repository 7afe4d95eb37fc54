"""The judge of the miniature's films, on drawings: what it has to know before it may judge anything generated."""

from __future__ import annotations

import numpy as np
import pytest

from dreamrunner.miniature.judge import Judge
from dreamrunner.miniature.sprites import HELD_OUT_KINDS, KINDS
from dreamrunner.miniature.world import Clip, Figure, bounds, draw


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.load()


def looks(judge: Judge, clip: Clip, which: int = 0):
    boxes = np.array([bounds(clip.figures[which], frame) for frame in range(17)])
    return judge.look(draw(clip, 17), boxes)


def test_it_knows_characters_and_their_colours_also_those_the_generator_never_saw(judge: Judge) -> None:
    right = colours = 0
    for index, kind in enumerate(names := [*KINDS, *HELD_OUT_KINDS]):
        other = Figure(names[index - 1], "right", x=76.0)
        figure = Figure(kind, "left", colour=("red", "blue", "yellow")[index % 3], x=22.0)
        verdict = looks(judge, Clip("garden", (figure, other)))
        right += verdict.best("kind") == kind
        colours += verdict.best("colour") == figure.colour
    assert right >= len(names) - 2 and colours >= len(names) - 2


def test_an_empty_box_holds_nothing(judge: Judge) -> None:
    clip = Clip("beach", (Figure("cat", "left", x=20.0),))
    assert judge.look(draw(clip, 17), np.array([0.6, 0.3, 0.9, 0.9])).best("kind") == "nothing"


@pytest.mark.parametrize("motion", ["strolls rightwards", "jumps", "sleeps", "stirs", "spins", "rolls"])
def test_it_knows_motions(judge: Judge, motion: str) -> None:
    right = 0
    for kind in ("witch", "robot", "king", "rabbit"):
        figure = Figure(kind, "center", motion, x=40.0)
        boxes = np.array([bounds(figure, frame) for frame in range(17)])
        hull = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])
        right += judge.look(draw(Clip("snow", (figure,)), 17), hull).best("motion") == motion
    assert right >= 3


def test_chances_sum_to_one(judge: Judge) -> None:
    verdict = looks(judge, Clip("night", (Figure("frog", "center"),)))
    for what in ("kind", "colour", "look", "motion"):
        assert sum(getattr(verdict, what).values()) == pytest.approx(1)
