"""The small world's own watcher, on drawings, which show what their scripts say."""

import numpy as np
import pytest

from dreamrunner.checking.drawn import DrawnWatcher, Facts, facts_of, motions_of
from dreamrunner.checking.marks import Mark
from dreamrunner.checking.script import Subject, script_of
from dreamrunner.checking.verdict import mark
from dreamrunner.language.parts import Box
from dreamrunner.miniature.world import Clip, Figure, bounds, draw
from tests.checking.test_script import beat, scene

FRAMES, SECONDS = 17, 6.0
WITCH = Figure("witch", "left", "jumps", "purple", x=20.0)
ROBOT = Figure("robot", "right", "strolls leftwards", "red", x=78.0)


@pytest.fixture(scope="module")
def watcher() -> DrawnWatcher:
    return DrawnWatcher()


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return draw(Clip("snow", (WITCH, ROBOT)), FRAMES)


def told(figure: Figure, *, shift: float = 0.0):
    frames = []
    for second in range(7):
        x0, y0, x1, y1 = bounds(figure, second / SECONDS * FRAMES)
        frames.append((float(second), Box(x0 + shift, y0, x1 + shift, y1)))
    return beat(figure.kind, 0.0, SECONDS, *frames, motion=figure.motion.replace(" ", "-"))


def most(watcher: DrawnWatcher, pixels: np.ndarray, beats: list, looks: dict[str, str]) -> dict[str, Mark]:
    """Of every entity the mark that it has most often."""
    script = script_of(scene(*beats), [Subject(name, text) for name, text in looks.items()])
    marks = mark("s", script, watcher.watch(pixels, script), watcher.name)
    return {each.entity: max(set(each.marks), key=each.marks.count) for each in marks.entities}


LOOKS = {"witch": "a witch in a violet dress", "robot": "a red robot"}


@pytest.mark.parametrize(
    ("beats", "looks", "expected"),
    [
        ([told(WITCH), told(ROBOT)], LOOKS, {"witch": "right", "robot": "right"}),
        ([told(WITCH), told(ROBOT)], LOOKS | {"robot": "a green robot"}, {"witch": "right", "robot": "unlike"}),
        ([told(WITCH), told(ROBOT)], LOOKS | {"robot": "a red mermaid"}, {"witch": "right", "robot": "missing"}),
        ([told(WITCH, shift=0.35), told(ROBOT)], LOOKS, {"witch": "elsewhere", "robot": "right"}),
        ([told(WITCH, shift=3.0), told(ROBOT)], LOOKS, {"witch": "lingers", "robot": "right"}),
        ([told(WITCH), told(ROBOT)], LOOKS | {"witch": "an ambassador"}, {"robot": "right"}),
    ],
)
def test_drawings_are_marked_by_what_they_show(watcher, pixels, beats, looks, expected) -> None:
    found = most(watcher, pixels, beats, looks)
    assert {name: found[name] for name in expected} == expected


def test_a_motion_is_seen_and_another_is_not(watcher: DrawnWatcher, pixels: np.ndarray) -> None:
    lied = told(ROBOT).model_copy(update={"motion": "sleeping"})
    for beats, does in (([told(WITCH), told(ROBOT)], [True, True]), ([told(WITCH), lied], [True, False])):
        script = script_of(scene(*beats), [Subject(name, text) for name, text in LOOKS.items()])
        marks = mark("s", script, watcher.watch(pixels, script), watcher.name)
        assert [act.done for act in marks.acts] == does


@pytest.mark.parametrize(
    ("name", "looks", "facts"),
    [
        ("a", "a girl witch in a violet dress", Facts(frozenset({"witch"}), frozenset({"purple"}), frozenset())),
        ("a", "a witch with a black cat", Facts(frozenset({"witch"}), frozenset({"black"}), frozenset())),
        ("a", "a kitten with a red dog", Facts(frozenset({"cat"}), frozenset({"red"}), frozenset())),
        ("a", "a spotted dog", Facts(frozenset({"dog"}), frozenset(), frozenset({"spotted"}))),
        ("old-king", "very old", Facts(frozenset({"king"}), frozenset(), frozenset())),
        ("a", "an ambassador", Facts(frozenset(), frozenset(), frozenset())),
    ],
)
def test_looks_are_read_as_the_world_has_them(name: str, looks: str, facts: Facts) -> None:
    assert facts_of(Subject(name, looks)) == facts


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("walking", ("strolls leftwards", "strolls rightwards")),
        ("walking leftwards", ("strolls leftwards",)),
        ("sitting", ("sits",)),
        ("filing taxes", ()),
    ],
)
def test_motions_are_read_as_the_world_has_them(phrase: str, names: tuple[str, ...]) -> None:
    assert motions_of(phrase) == names
